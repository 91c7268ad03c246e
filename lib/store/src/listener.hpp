// The LISTEN connection: hears of changes made by administrators, checks the schema, and cancels statements on behalf of the
// watch.
#pragma once

#include "connection_string.hpp"
#include "lane_state.hpp"
#include "socket_guard.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace parley::store
{

class Connection;

class Listener
{
  public:
    using Call = std::function<void(std::string_view what)>;

    // left is counted up when the server turns out to take no writes any more.
    Listener(ConnectionSettings settings, ServersLeft& left);
    ~Listener();
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    void on_change(Call call);

    // Cancels the statement that this server process runs, then calls done (also when it cannot).
    void cancel(int server_process, std::function<void()> done);

    // The number of the newest migration in the database; -1: not known.
    [[nodiscard]] int schema_number() const noexcept { return schema_number_; }

    // Whether the server has left a question unanswered for longer than any sane one does: it hangs, or its host does. It is
    // asked once a second.
    [[nodiscard]] bool hears_nothing(std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) const noexcept;
    // Whether it waits for an answer now, or for a connection, for longer than the server should need.
    [[nodiscard]] bool waits_in_vain(std::chrono::steady_clock::time_point now) const noexcept;
    [[nodiscard]] bool is_listening() const noexcept { return is_listening_; }

    // For the watch: frees this thread from a host that is gone.
    [[nodiscard]] SocketGuard& socket() noexcept { return socket_; }

    // Ends the thread: tells it, and waits until it has ended. The time it takes is that of an attempt to connect at most.
    void begin_stop() noexcept;
    void stop();

  private:
    void run();
    void listen_until_lost();
    void ask_schema(Connection& connection);
    void note_question() noexcept;
    void note_answer() noexcept;
    void run_cancels(Connection& connection);
    void drop_cancels();
    void tell(std::string_view what);
    void wait(int socket, std::chrono::milliseconds timeout) const;
    void wake() const noexcept;

    ConnectionSettings settings_;
    ServersLeft& left_;
    std::atomic<bool> is_stopping_{false};
    std::atomic<bool> is_listening_{false};
    std::atomic<int> schema_number_{-1};
    std::atomic<std::chrono::steady_clock::time_point> heard_{std::chrono::steady_clock::now()}; // The last answer.
    // When the question was asked that has had no answer yet; the epoch: there is none.
    std::atomic<std::chrono::steady_clock::time_point> asked_{std::chrono::steady_clock::time_point{}};
    SocketGuard socket_;
    int wake_fd_ = -1;
    std::mutex mutex_; // Guards the two below.
    std::vector<Call> calls_;
    std::vector<std::pair<int, std::function<void()>>> cancels_;
    std::thread thread_;
};

} // namespace parley::store
