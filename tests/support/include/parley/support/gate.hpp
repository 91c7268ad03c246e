// A gate before a TCP server: it lets connections through, or fails them in the ways that networks do.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace parley::support
{

enum class GateMode : std::uint8_t
{
    open,
    refuse,      // New connections are closed at once, those that exist are cut.
    hang,        // Nothing passes in either direction; connections stay.
    cut_answers, // What the client says still reaches the server, but instead of the answer the client gets a reset: it cannot
                 // know what was done.
    cut_commits, // As cut_answers, but only in place of the word that a transaction was committed.
};

// Listens on a free port of 127.0.0.1 from its construction on. One thread of its own.
class Gate
{
  public:
    explicit Gate(std::uint16_t server_port);
    ~Gate();
    Gate(Gate const&) = delete;
    Gate& operator=(Gate const&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    void set(GateMode mode) noexcept { mode_ = mode; }
    // How many connections were cut in place of an answer.
    [[nodiscard]] int answers_cut() const noexcept { return answers_cut_; }

  private:
    struct Link; // A client's connection and the one to the server.

    void run();
    void accept_one();
    bool forward(Link& link, short client_events, short server_events);

    std::uint16_t server_port_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<GateMode> mode_ = GateMode::open;
    std::atomic<int> answers_cut_ = 0;
    std::atomic<bool> over_ = false;
    std::vector<std::unique_ptr<Link>> links_; // Of the thread.
    std::thread thread_;
};

} // namespace parley::support
