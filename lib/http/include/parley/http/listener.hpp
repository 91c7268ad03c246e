// Takes connections at one address and serves each to its end with one handler.
#pragma once

#include "parley/http/connection_counts.hpp"
#include "parley/http/message.hpp"
#include "parley/http/settings.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace parley::http
{

// One address, any number of I/O threads (see Spread). A connection lives and dies on one thread.
//
// Handler and Telemetry must outlive the io_contexts (pending connections are destroyed with them); the Listener may go before
// them.
class Listener
{
  public:
    // Each io_context must be run by exactly one thread.
    Listener(std::vector<std::reference_wrapper<boost::asio::io_context>> const& threads, ListenerSettings const& settings,
             Handler& handler, telemetry::Telemetry& telemetry, std::shared_ptr<ConnectionCounts> counts);
    ~Listener();
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    // Takes the address and returns the port. Throws std::runtime_error with a sentence for the operator: not an address, in use
    // by another process (checked, although SO_REUSEPORT would allow it), not permitted. Clients may connect from now on and
    // wait.
    std::uint16_t bind();

    // Begins to accept. Once, after bind, before or after the threads run.
    void start();

    // The rest may be called on any thread, any number of times.

    // Takes what the kernel has queued and then refuses new connections. Those that are open go on.
    void stop_accepting();

    // From now on every answer says "Connection: close", and connections that stay idle for TimeLimits::drain_idle are closed.
    void begin_drain();

    // Connections being served, on all threads. After stop_accepting and begin_drain it falls to 0.
    [[nodiscard]] std::size_t open_connections() const noexcept;

    // "http://127.0.0.1:8080", after bind.
    [[nodiscard]] std::string const& url() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::http
