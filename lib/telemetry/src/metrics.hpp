// Every metric of Parley in one place. Names are parley_<room>_<what>_<unit>; the list is held against
// tests/unit/telemetry/metric_names.txt.
#pragma once

#include "children.hpp"
#include "process_figures.hpp"

#include "parley/telemetry/telemetry.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace parley::telemetry
{

class Metrics
{
  public:
    Metrics(TelemetrySettings const& settings, std::function<double()> log_lines_dropped);

    void count(RequestAnswered const& fact);
    void count(ConnectionOpened const& fact);
    void count(ConnectionClosed const& fact);
    void count(ConnectionRefused const& fact);
    void count(RequestRefusedAtGate const& fact);
    void count(CredentialResolved const& fact);
    void count(KeyNearExpiry const& fact);
    void count(KeyExpiryMeasured const& fact);
    void count(RateDecided const& fact);
    void count(RateSharingFailed const& fact);
    void count(BatchRun const& fact);
    void count(JobRefused const& fact);
    void count(QueueMeasured const& fact);
    void count(DatabaseUp const& fact);
    void count(DatabaseDown const& fact);
    void count(LaneEnded const& fact);

    void count_spans_exported(std::size_t spans);
    void count_spans_dropped(std::string_view reason, std::size_t spans);
    void count_span_export_failure(std::string_view reason);

    [[nodiscard]] std::string expose() const;

  private:
    enum class LaneState : std::uint8_t
    {
        never_up,
        up,
        down,
    };
    void set_lane(int lane, LaneState state);

    prometheus::Registry registry_;
    ProcessCollector process_;
    std::function<double()> log_lines_dropped_;

    Children<prometheus::Counter, 3> requests_;
    Children<prometheus::Histogram, 1> request_seconds_;
    prometheus::Gauge& connections_open_;
    prometheus::Counter& connections_accepted_;
    Children<prometheus::Counter, 1> connections_refused_;
    Children<prometheus::Counter, 1> gate_refusals_;
    Children<prometheus::Counter, 3> credentials_;
    Children<prometheus::Counter, 1> keys_near_expiry_;
    prometheus::Gauge& key_expiry_;
    Children<prometheus::Counter, 2> rate_decisions_;
    prometheus::Counter& rate_sharing_failures_;
    Children<prometheus::Counter, 2> batches_;
    Children<prometheus::Histogram, 1> batch_jobs_;
    Children<prometheus::Histogram, 1> queue_seconds_;
    Children<prometheus::Histogram, 1> statement_seconds_;
    Children<prometheus::Counter, 2> jobs_refused_;
    prometheus::Gauge& queue_jobs_;
    prometheus::Gauge& queue_jobs_max_;
    prometheus::Gauge& database_up_;
    prometheus::Gauge& lanes_up_;
    prometheus::Counter& reconnects_;
    prometheus::Counter& spans_exported_;
    Children<prometheus::Counter, 1> spans_dropped_;
    Children<prometheus::Counter, 1> span_export_failures_;

    std::mutex lanes_mutex_;       // Guards lanes_.
    std::vector<LaneState> lanes_; // By lane; at most lanes_max.
};

} // namespace parley::telemetry
