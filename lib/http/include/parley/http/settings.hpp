// What an operator can set about connections. Each value bounds memory or time: raising one costs what its comment says.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace parley::http
{

// Bounds of a request head. A connection's read buffer grows up to head_bytes_max.
struct GateLimits
{
    std::size_t request_line_bytes_max = 8 * 1024; // With its CRLF; beyond it 414. RFC 9112, 3 recommends at least 8,000.
    std::size_t head_bytes_max = 16 * 1024;        // Request line and fields; beyond it 431. At least request_line_bytes_max.
    std::size_t fields_max = 100;                  // Beyond it 431.
};

// How long a connection may stay in each phase. Checked a few times a second, so a phase may last a quarter of a second longer.
struct TimeLimits
{
    std::chrono::milliseconds head{10'000}; // From the first byte of a head to its last; then 408.
    std::chrono::milliseconds idle{75'000}; // Between requests and before the first; then a silent close.
    std::chrono::milliseconds body{30'000}; // For a body, plus the time its bytes take at body_bytes_per_second_min; then 408.
    std::size_t body_bytes_per_second_min = 8 * 1024;
    std::chrono::milliseconds write{30'000};   // Without a byte of the answer leaving; then the connection is cut.
    std::chrono::milliseconds linger{2'000};   // How long a refused client may go on sending before the close.
    std::chrono::milliseconds drain_idle{500}; // While draining: how long an idle connection may still bring a request.
};

// How connections come to the I/O threads.
enum class Spread : std::uint8_t
{
    by_kernel, // An acceptor for each thread (SO_REUSEPORT), chosen by a hash: no thread waits for another, but few connections
               // spread unevenly.
    in_turn,   // The first thread accepts for all, evenly. Also what happens where the system has no SO_REUSEPORT.
};

// What of a listener's connections becomes metrics.
enum class Traffic : std::uint8_t
{
    clients, // Connections opened, refused, and heads that break the rules: parley_http_*.
    probes,  // Nothing: the operator's own tools come and go.
};

struct ListenerSettings
{
    std::string address = "127.0.0.1:8080"; // "address:port" or "[address]:port"; port 0 takes a free one.
    int backlog = 4096;                     // Connections the kernel holds for us; it caps this at net.core.somaxconn.
    Spread spread = Spread::by_kernel;
    GateLimits gate{};
    TimeLimits time{};
    std::size_t body_bytes_max = 10 * 1024 * 1024; // Beyond it 413. A caller with permission makes us hold this much.
    Traffic traffic = Traffic::clients;
};

struct ConnectionCountsSettings
{
    std::size_t connections_max = 8192; // In the whole process; each costs a file descriptor and 4 to 16 KiB.
    // From one address (IPv6: one /64). Behind a load balancer all connections share its address: keep it above what that opens.
    // 0: no bound.
    std::size_t connections_per_address_max = 1024;
};

} // namespace parley::http
