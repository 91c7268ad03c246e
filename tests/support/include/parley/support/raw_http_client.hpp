// A blocking HTTP client that can send any bytes and reads answers strictly: what it accepts is what a careful client accepts.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::support
{

struct HttpAnswer
{
    int status = 0;
    std::string reason;
    std::vector<std::pair<std::string, std::string>> fields; // In order, names as sent.
    std::string body;

    // The value of a field (any case of its name); several fields of one name are joined by line feeds. Nothing where there is
    // none.
    [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
};

struct HttpRequest
{
    std::string method = "GET";
    std::string target = "/"; // As sent, with the query.
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::optional<std::string> body = std::nullopt;
    std::string host = "parley.test";
};

// The bytes of a request: Host first, then the fields, Content-Length where there is a body or the method usually has one.
[[nodiscard]] std::string to_bytes(HttpRequest const& request);

// An answer that breaks the rules of HTTP, an end in the middle of one, or silence beyond the timeout.
class HttpBroken : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

// One connection. Not thread-safe; movable.
class RawHttpClient
{
  public:
    // Throws HttpBroken where nobody listens.
    RawHttpClient(std::string const& address, std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::seconds(15));
    ~RawHttpClient();
    RawHttpClient(RawHttpClient&& other) noexcept;
    RawHttpClient& operator=(RawHttpClient&& other) noexcept;

    // Sends all bytes. Throws HttpBroken when the other side is gone.
    void send(std::string_view bytes);
    // As send, but whether it worked: for tests in which the server closes early.
    bool try_send(std::string_view bytes) noexcept;

    // The next answer, or nothing when the connection ended properly before its first byte. Interim answers (1xx) are answers
    // too. Throws HttpBroken.
    std::optional<HttpAnswer> read_answer(std::string_view to_method = "GET");

    // send and read_answer; throws HttpBroken where there is no answer.
    HttpAnswer exchange(HttpRequest const& request);

    // Whether the other side closes the connection within the time (what it sends until then is thrown away).
    bool closes_within(std::chrono::milliseconds time);

    void finish_sending() noexcept; // Half-close.
    void reset() noexcept;          // Ends the connection by RST, as a killed client does.

  private:
    bool fill(std::chrono::steady_clock::time_point end); // More bytes into the buffer; false at the end of the stream.
    std::string take_line(std::chrono::steady_clock::time_point end);
    std::string take(std::size_t size, std::chrono::steady_clock::time_point end);
    std::string take_chunks(std::chrono::steady_clock::time_point end);

    int socket_ = -1;
    std::chrono::milliseconds timeout_;
    std::string buffer_;
};

} // namespace parley::support
