// One client's connection, from its first byte to its close.
#pragma once

#include "io_thread.hpp"
#include "read_buffer.hpp"

#include "parley/http/chunked.hpp"
#include "parley/http/gate.hpp"
#include "parley/http/message.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parley::http
{

// Lives in the frame of the coroutine that serves it, on one thread. Requests are answered strictly in order. Answers to requests
// that stand complete in the buffer are gathered and leave in one write.
class Connection final : public BodySource
{
  public:
    Connection(IoThread& thread, Socket socket, boost::asio::ip::address const& peer);
    ~Connection() override;
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    // Serves requests until either side ends the connection.
    boost::asio::awaitable<void> serve();

    // Answers without a request, for a client beyond the limits, and ends the connection.
    boost::asio::awaitable<void> turn_away(Problem problem);

    // The body of the current request.
    boost::asio::awaitable<Result<std::string_view>> read() override;
    void lower_limit(std::size_t bytes_max) noexcept override;

    // By IoThread, a few times a second.
    void check_time(SteadyClock::time_point now) noexcept;
    void begin_drain() noexcept;
    void move_to_place(std::size_t place) noexcept { place_ = place; }

  private:
    // Heads.
    boost::asio::awaitable<void> receive_head();
    void settle_failed_read(boost::system::error_code failure, bool head_has_begun);
    void refuse_head(Problem const& problem);

    // Requests and answers.
    boost::asio::awaitable<void> answer();
    boost::asio::awaitable<Response> ask_handler();
    void open_request();
    void close_request();
    [[nodiscard]] bool must_close_after(Response const& response) const noexcept;
    void put_answer(Response const& response, bool closes);
    [[nodiscard]] std::string_view body_sent_apart(Response const& response) const noexcept;

    // Bodies.
    bool take_buffered_body();
    void take_buffered_chunks(std::string* into);
    boost::asio::awaitable<void> receive_body();
    boost::asio::awaitable<void> receive_body_in_place(std::size_t bytes);
    boost::asio::awaitable<void> receive_long_body(std::size_t bytes);
    boost::asio::awaitable<void> receive_chunks(std::string* into, std::size_t bytes_max);
    boost::asio::awaitable<std::size_t> receive(boost::asio::mutable_buffer place); // 0: it failed, and body_ says why.
    bool skip_buffered_body();
    boost::asio::awaitable<void> skip_body();
    [[nodiscard]] std::string_view buffered_behind_head() const noexcept;
    [[nodiscard]] bool can_skip_body() const noexcept;
    boost::asio::mutable_buffer scratch();

    // Sending. Most answers fit into the socket's buffer: they leave without a wait.
    bool send_now(std::string_view body = {}); // False: send_rest must follow.
    boost::asio::awaitable<void> send_rest();
    void take_sent(std::size_t bytes) noexcept;
    void break_off() noexcept;

    // The end.
    boost::asio::awaitable<void> part();

    enum class BodyStage : std::uint8_t
    {
        untouched,
        complete,
        failed,
    };

    IoThread& thread_;
    Socket socket_;
    boost::asio::ip::address peer_;
    std::size_t place_ = 0;

    ReadBuffer buffer_;
    Gate gate_;
    Request request_;
    SteadyClock::time_point received_{}; // When the head of the current request, or the last, was complete.

    // The body of the current request.
    BodyStage body_stage_ = BodyStage::untouched;
    std::optional<Result<std::string_view>> body_; // What read() said.
    std::string body_bytes_;                       // A body that has no place in buffer_, or came in chunks.
    std::size_t body_bytes_max_ = 0;               // How much of this body is taken.
    std::size_t body_buffered_ = 0;                // How many bytes behind the head in buffer_ belong to it.
    std::optional<ChunkedDecoder> decoder_;
    std::unique_ptr<char[]> scratch_; // For chunks; as large as buffer_ may become.
    std::string carried_over_;        // What came behind the last chunk: the next request.
    SteadyClock::time_point body_deadline_{};
    bool owes_continue_ = false; // The client waits for "100 Continue".

    std::string out_;              // Answers that are to be sent.
    std::size_t answers_held_ = 0; // How many there are in out_.
    std::array<boost::asio::const_buffer, 2> unsent_;

    SteadyClock::time_point deadline_ = SteadyClock::time_point::max(); // Of the wait in progress.
    SteadyClock::time_point head_deadline_ = SteadyClock::time_point::max();
    bool is_idle_ = false;   // Waiting for the first byte of a request.
    bool is_ending_ = false; // No further request is taken.
    bool is_broken_ = false; // The client cannot be reached any more.
    bool lingers_ = false; // The client may still be sending: a plain close would destroy the answer on its way (RFC 9112, 9.6).
};

} // namespace parley::http
