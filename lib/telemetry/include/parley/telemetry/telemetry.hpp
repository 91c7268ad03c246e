// Facts worth noticing. Code states them; this room decides what becomes a log line and what a metric.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace parley::telemetry
{

using Duration = std::chrono::steady_clock::duration;

// No Observation carries a secret, a message text or a session state.

// The place of a request in its trace: what its spans need beside the observation itself.
struct RequestTrace
{
    std::string_view span_id;   // 16 hexadecimal digits: ours.
    std::string_view parent_id; // The caller's span; empty where the trace begins here.
    std::string_view route;     // "/api/sessions/{id}/", a literal; empty where no path matched.
    std::string_view scheme;    // "http" or "https", as the client sees us; a literal.
    std::chrono::steady_clock::time_point began;
    std::span<StoreVisit const> store_visits;
};

struct RequestAnswered
{
    std::string_view operation; // The operationId, or "none" where no path matched.
    std::string_view method;    // A known method's name, or "other".
    int status = 0;
    std::string_view problem = {}; // name_of(code), or empty.
    std::string_view team;         // The team's slug, or empty.
    std::string_view request_id;
    std::string_view trace_id; // 32 hexadecimal digits (W3C Trace Context), or empty.
    std::size_t request_bytes = 0;
    std::size_t response_bytes = 0;
    Duration duration{};
    Duration store_queue{}; // Of this, waiting for a lane of the store; zero where the store was not asked.
    Duration store_sql{};   // Of this, from there to the store's answers.
    // Of requests whose spans are wanted; then trace_id is there, and operation and problem are literals. Else nullptr.
    RequestTrace const* trace = nullptr;
};

struct ConnectionOpened
{
};
struct ConnectionClosed
{
};
struct ConnectionRefused
{
    std::string_view reason; // "process_limit", "address_limit"
};
// A head or body that never became a Request on the road.
struct RequestRefusedAtGate
{
    std::string_view problem; // name_of(code)
};

struct CredentialResolved
{
    std::string_view scheme;  // name_of(auth::Scheme), or "none".
    std::string_view outcome; // "ok", or name_of(code).
    bool from_cache = false;
};

// An API key that is in use and ends within seven days; stated when the key is looked up in the database.
struct KeyNearExpiry
{
    std::string_view scheme; // name_of(auth::Scheme)
};

// When the next API key ends, of those that open something now; stated every half minute.
struct KeyExpiryMeasured
{
    std::optional<Timestamp> next; // None: no key has an end.
};

struct RateDecided
{
    std::string_view scope;
    std::string_view outcome; // "admitted", "refused", "over_but_not_enforced".
};
struct RateSharingFailed
{
};

struct BatchRun
{
    std::string_view verb; // The SQL file's name.
    std::size_t jobs = 0;
    Duration queued{}; // The longest wait of a job in it.
    Duration took{};
    std::string_view outcome; // "ok", "retried_alone", "failed", "connection_lost"
};
struct JobRefused
{
    std::string_view verb;
    std::string_view reason; // "queue_full", "expired", "database_away"
};

// How full the fullest of the verbs' queues is; stated many times a second.
struct QueueMeasured
{
    std::size_t jobs = 0;     // That wait.
    std::size_t jobs_max = 0; // Beyond it jobs are refused.
};

struct DatabaseUp
{
    int lane = 0;
};
struct DatabaseDown
{
    int lane = 0;
    std::string reason; // A short reason of ours, never the connection string.
};
// A lane has closed its connection because the store stops.
struct LaneEnded
{
    int lane = 0;
};

// Something for the operator to read; in the log only. text must be free of secrets.
struct Notice
{
    enum class Level : std::uint8_t
    {
        info,
        warning,
        error
    } level = Level::info;
    std::string text;
};

// The export of spans by OTLP/HTTP.
struct SpanSettings
{
    std::string endpoint = {};                // As read_otlp_endpoint takes it. Empty: no spans.
    std::string service_name = "parleyd";     // The resource attribute service.name.
    std::int64_t sample_per_million = 10'000; // Of the requests that come without a trace.
    std::size_t queue_spans_max = 8192; // Those being sent included. Beyond it spans are dropped rather than a request delayed.
    std::chrono::milliseconds timeout{10'000}; // For one batch to be sent and answered.
};

struct TelemetrySettings
{
    std::string log_level = "info";         // trace, debug, info, warning, error, off.
    std::size_t log_queue_lines_max = 8192; // Beyond it the oldest lines are overwritten rather than a request delayed.
    std::string log_file = {};              // Empty: standard error.
    std::string version = "unknown";        // Labels of parley_build_info.
    std::string revision = "unknown";
    SpanSettings spans = {};
};

// Thread-safe; observing never blocks and never throws. Logs are one JSON object a line.
class Telemetry
{
  public:
    // Throws std::runtime_error when the log file cannot be opened or the level is unknown, std::invalid_argument when the
    // endpoint of spans is no address.
    explicit Telemetry(TelemetrySettings const& settings);
    ~Telemetry();

    void observe(RequestAnswered const& fact) noexcept;
    void observe(ConnectionOpened const& fact) noexcept;
    void observe(ConnectionClosed const& fact) noexcept;
    void observe(ConnectionRefused const& fact) noexcept;
    void observe(RequestRefusedAtGate const& fact) noexcept;
    void observe(CredentialResolved const& fact) noexcept;
    void observe(KeyNearExpiry const& fact) noexcept;
    void observe(KeyExpiryMeasured const& fact) noexcept;
    void observe(RateDecided const& fact) noexcept;
    void observe(RateSharingFailed const& fact) noexcept;
    void observe(BatchRun const& fact) noexcept;
    void observe(JobRefused const& fact) noexcept;
    void observe(QueueMeasured const& fact) noexcept;
    void observe(DatabaseUp const& fact) noexcept;
    void observe(DatabaseDown const& fact) noexcept;
    void observe(LaneEnded const& fact) noexcept;
    void observe(Notice const& fact) noexcept;

    // All metrics in the Prometheus text format (0.0.4). Any thread.
    [[nodiscard]] std::string expose() const;

    // Changes the level (a word of TelemetrySettings::log_level) while running. False for an unknown word.
    bool set_log_level(std::string_view level) noexcept;
    [[nodiscard]] std::string_view log_level() const noexcept; // The word for the level in force.

    // Whether requests leave spans. The same for as long as it lives.
    [[nodiscard]] bool exports_spans() const noexcept;
    // Whether the spans of a request that comes without a trace are wanted, by a number drawn for it.
    [[nodiscard]] bool samples(std::uint64_t random) const noexcept;

    // Sends and writes out what is queued, in a bounded time. Called once at shutdown.
    void flush() noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::telemetry
