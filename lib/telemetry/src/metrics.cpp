#include "metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace parley::telemetry
{

namespace
{

constexpr std::size_t lanes_max = 1024;

// From a cached retrieve (tens of microseconds) to the longest deadline.
std::vector<double> latency_buckets()
{
    return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

std::vector<double> batch_buckets()
{
    return {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
}

prometheus::Family<prometheus::Counter>& counter(prometheus::Registry& registry, char const* name, char const* help)
{
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Gauge>& gauge(prometheus::Registry& registry, char const* name, char const* help)
{
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Histogram>& histogram(prometheus::Registry& registry, char const* name, char const* help)
{
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

double seconds(Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

std::string_view class_of(int status)
{
    switch (status / 100)
    {
    case 1:
        return "1xx";
    case 2:
        return "2xx";
    case 3:
        return "3xx";
    case 4:
        return "4xx";
    case 5:
        return "5xx";
    default:
        return "other";
    }
}

// The caller may hand on what the client sent; a label may not.
std::string_view bounded_method(std::string_view method)
{
    static constexpr std::array<std::string_view, 8> known{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"};
    return std::find(known.begin(), known.end(), method) != known.end() ? method : std::string_view("other");
}

} // namespace

Metrics::Metrics(TelemetrySettings const& settings, std::function<double()> log_lines_dropped)
    : log_lines_dropped_(std::move(log_lines_dropped)),
      requests_(counter(registry_, "parley_http_requests_total", "Requests answered."), {"operation", "method", "status_class"}),
      request_seconds_(
          histogram(registry_, "parley_http_request_seconds", "From the last byte of the head to the answer, by operation."),
          {"operation"}, latency_buckets()),
      connections_open_(gauge(registry_, "parley_http_connections_open", "Client connections that are open now.").Add({})),
      connections_accepted_(counter(registry_, "parley_http_connections_accepted_total", "Client connections accepted.").Add({})),
      connections_refused_(counter(registry_, "parley_http_connections_refused_total",
                                   "Client connections closed at once, by the bound that was met."),
                           {"reason"}),
      gate_refusals_(
          counter(registry_, "parley_http_gate_refusals_total", "Heads and bodies that the gate refused before the road."),
          {"problem"}),
      credentials_(counter(registry_, "parley_auth_credentials_total", "Credentials looked at, by scheme and what came of it."),
                   {"scheme", "outcome", "source"}),
      keys_near_expiry_(counter(registry_, "parley_auth_keys_near_expiry_total",
                                "Look-ups in the database of API keys in use that end within seven days."),
                        {"scheme"}),
      key_expiry_(gauge(registry_, "parley_auth_key_expiry_timestamp_seconds",
                        "When the next API key ends, since the epoch; 0 while none has an end.")
                      .Add({})),
      rate_decisions_(counter(registry_, "parley_rate_limit_decisions_total", "Decisions of the limiter."), {"scope", "outcome"}),
      rate_sharing_failures_(counter(registry_, "parley_rate_limit_sharing_failures_total",
                                     "Rounds in which counts could not be shared with other replicas.")
                                 .Add({})),
      batches_(counter(registry_, "parley_store_batches_total", "Batches run by the lanes."), {"verb", "outcome"}),
      batch_jobs_(histogram(registry_, "parley_store_batch_jobs", "Jobs that were run together in one statement."), {"verb"},
                  batch_buckets()),
      queue_seconds_(histogram(registry_, "parley_store_queue_seconds", "The longest wait of a batch's jobs for a lane."),
                     {"verb"}, latency_buckets()),
      statement_seconds_(
          histogram(registry_, "parley_store_statement_seconds", "From sending a batch to the database to its last row."),
          {"verb"}, latency_buckets()),
      jobs_refused_(counter(registry_, "parley_store_jobs_refused_total", "Jobs answered without being run."),
                    {"verb", "reason"}),
      queue_jobs_(gauge(registry_, "parley_store_queue_jobs", "Jobs that wait in the fullest of the verbs' queues.").Add({})),
      queue_jobs_max_(
          gauge(registry_, "parley_store_queue_jobs_max", "The bound of each verb's queue; beyond it jobs are refused.").Add({})),
      database_up_(gauge(registry_, "parley_store_database_up", "1 while at least one lane is connected, else 0.").Add({})),
      lanes_up_(gauge(registry_, "parley_store_lanes_up", "Lanes that are connected to the database.").Add({})),
      reconnects_(
          counter(registry_, "parley_store_database_reconnects_total", "Connections to the database made again after a loss.")
              .Add({})),
      spans_exported_(counter(registry_, "parley_telemetry_spans_exported_total", "Spans that the collector has taken.").Add({})),
      spans_dropped_(
          counter(registry_, "parley_telemetry_spans_dropped_total", "Spans that no collector has taken, by the reason."),
          {"reason"}),
      span_export_failures_(counter(registry_, "parley_telemetry_span_export_failures_total",
                                    "Attempts to send a batch of spans that failed, by what went wrong."),
                            {"reason"})
{
    gauge(registry_, "parley_build_info", "Always 1; the labels say what is running.")
        .Add({{"version", settings.version}, {"revision", settings.revision}})
        .Set(1);
    // They are there from the beginning: what has just appeared is not seen to grow.
    for (auto const* reason : {"queue_full", "unreachable", "refused", "shutdown", "failed"})
        count_spans_dropped(reason, 0);
    for (auto const* reason : {"unreachable", "timeout", "malformed", "4xx", "5xx", "other_status"})
        (void)span_export_failures_.of({reason});
}

void Metrics::count(RequestAnswered const& fact)
{
    requests_.of({fact.operation, bounded_method(fact.method), class_of(fact.status)}).Increment();
    request_seconds_.of({fact.operation}).Observe(seconds(fact.duration));
}

void Metrics::count(ConnectionOpened const&)
{
    connections_accepted_.Increment();
    connections_open_.Increment();
}

void Metrics::count(ConnectionClosed const&)
{
    connections_open_.Decrement();
}

void Metrics::count(ConnectionRefused const& fact)
{
    connections_refused_.of({fact.reason}).Increment();
}

void Metrics::count(RequestRefusedAtGate const& fact)
{
    gate_refusals_.of({fact.problem}).Increment();
}

void Metrics::count(CredentialResolved const& fact)
{
    credentials_.of({fact.scheme, fact.outcome, fact.from_cache ? "cache" : "store"}).Increment();
}

void Metrics::count(KeyNearExpiry const& fact)
{
    keys_near_expiry_.of({fact.scheme}).Increment();
}

void Metrics::count(KeyExpiryMeasured const& fact)
{
    key_expiry_.Set(fact.next ? std::chrono::duration<double>(fact.next->time_since_epoch()).count() : 0);
}

void Metrics::count(RateDecided const& fact)
{
    rate_decisions_.of({fact.scope, fact.outcome}).Increment();
}

void Metrics::count(RateSharingFailed const&)
{
    rate_sharing_failures_.Increment();
}

void Metrics::count(BatchRun const& fact)
{
    batches_.of({fact.verb, fact.outcome}).Increment();
    batch_jobs_.of({fact.verb}).Observe(static_cast<double>(fact.jobs));
    queue_seconds_.of({fact.verb}).Observe(seconds(fact.queued));
    statement_seconds_.of({fact.verb}).Observe(seconds(fact.took));
}

void Metrics::count(JobRefused const& fact)
{
    jobs_refused_.of({fact.verb, fact.reason}).Increment();
}

void Metrics::count(QueueMeasured const& fact)
{
    queue_jobs_.Set(static_cast<double>(fact.jobs));
    queue_jobs_max_.Set(static_cast<double>(fact.jobs_max));
}

void Metrics::count(DatabaseUp const& fact)
{
    set_lane(fact.lane, LaneState::up);
}

void Metrics::count(DatabaseDown const& fact)
{
    set_lane(fact.lane, LaneState::down);
}

void Metrics::count(LaneEnded const& fact)
{
    set_lane(fact.lane, LaneState::down);
}

void Metrics::set_lane(int lane, LaneState state)
{
    auto const index = static_cast<std::size_t>(std::max(lane, 0));
    if (index >= lanes_max) return;
    std::lock_guard const lock(lanes_mutex_);
    if (index >= lanes_.size()) lanes_.resize(index + 1, LaneState::never_up);
    if (state == LaneState::up && lanes_[index] == LaneState::down) reconnects_.Increment();
    lanes_[index] = state;
    auto const up = std::count(lanes_.begin(), lanes_.end(), LaneState::up);
    lanes_up_.Set(static_cast<double>(up));
    database_up_.Set(up > 0 ? 1 : 0);
}

void Metrics::count_spans_exported(std::size_t spans)
{
    spans_exported_.Increment(static_cast<double>(spans));
}

void Metrics::count_spans_dropped(std::string_view reason, std::size_t spans)
{
    spans_dropped_.of({reason}).Increment(static_cast<double>(spans));
}

void Metrics::count_span_export_failure(std::string_view reason)
{
    span_export_failures_.of({reason}).Increment();
}

std::string Metrics::expose() const
{
    auto families = registry_.Collect();
    prometheus::ClientMetric dropped;
    dropped.counter.value = log_lines_dropped_();
    families.push_back({"parley_telemetry_log_lines_dropped_total",
                        "Log lines overwritten because the queue was full.",
                        prometheus::MetricType::Counter,
                        {dropped}});
    auto process = process_.Collect();
    std::move(process.begin(), process.end(), std::back_inserter(families));
    return prometheus::TextSerializer().Serialize(families);
}

} // namespace parley::telemetry
