// Sends the spans of requests to a collector, from a thread of its own. Requests never wait for it.
#pragma once

#include "metrics.hpp"
#include "otlp_connection.hpp"
#include "otlp_json.hpp"
#include "span_queue.hpp"

#include "parley/telemetry/telemetry.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace parley::telemetry
{

// What follows from the outcome of an attempt, as the OTLP specification has it: 429, 502, 503, 504 and a collector that is away
// are tried again, anything else that is not 2xx is not.
struct ExportVerdict
{
    bool is_exported = false;
    std::string_view failure = {};                 // The label of what went wrong; empty: nothing.
    std::string_view dropped = {};                 // Why the batch is given up, as a label; empty: it is not.
    std::optional<std::chrono::milliseconds> wait; // Then again.
};

inline constexpr int export_attempts_max = 4;
inline constexpr std::chrono::milliseconds retry_wait_max{30'000};

// attempt: from 1. jitter: from 0 to 1.
[[nodiscard]] ExportVerdict judge(PostOutcome const& outcome, int attempt, double jitter) noexcept;

class SpanExporter
{
  public:
    using Notify = std::function<void(Notice::Level, std::string)>;

    // notify: for the log; called when exporting begins to fail, when it works again, and at the end. Throws
    // std::invalid_argument.
    SpanExporter(TelemetrySettings const& settings, Metrics& metrics, Notify notify);
    ~SpanExporter();
    SpanExporter(SpanExporter const&) = delete;
    SpanExporter& operator=(SpanExporter const&) = delete;

    // Any thread. Copies what it needs and returns; what does not fit is dropped and counted.
    void offer(RequestAnswered const& fact) noexcept;

    // Sends what waits, for so long at most; what is left is dropped and counted. Nothing is taken any more.
    void stop(std::chrono::milliseconds limit);

    [[nodiscard]] bool samples(std::uint64_t random) const noexcept { return is_sampled(random, settings_.sample_per_million); }

  private:
    void run() noexcept;
    void send_or_drop(std::span<RequestSpans const> batch, std::size_t spans) noexcept;
    void send(std::span<RequestSpans const> batch, std::size_t spans);
    void drop(std::size_t spans, std::string_view reason);
    void tell(ExportVerdict const& verdict);

    SpanSettings settings_;
    SpanResource resource_;
    Metrics& metrics_;
    Notify notify_;
    SpanQueue queue_;
    OtlpConnection connection_;
    // Of the thread.
    std::vector<RequestSpans> taken_;
    std::string body_;
    bool is_failing_ = false;
    std::size_t spans_cut_off_ = 0;
    std::thread thread_;
};

} // namespace parley::telemetry
