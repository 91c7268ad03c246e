#include "span_exporter.hpp"

#include "parley/core/identifier.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace parley::telemetry
{

namespace
{

using std::chrono::milliseconds;

// OpenTelemetry's own batches have so many spans at most.
constexpr std::size_t batch_spans_max = 512;
constexpr milliseconds gathering{1'000};
constexpr milliseconds first_retry_wait{1'000};

SpanResource make_resource(TelemetrySettings const& settings)
{
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host.front() = '\0';
    return {.service_name = settings.spans.service_name,
            .version = settings.version,
            .instance_id = make_uuid(SystemClock().now()).str(),
            .host_name = host.data(),
            .process_id = ::getpid()};
}

std::string_view failure_of(PostOutcome const& outcome) noexcept
{
    switch (outcome.kind)
    {
    case PostOutcome::Kind::unreachable:
        return "unreachable";
    case PostOutcome::Kind::timed_out:
        return "timeout";
    case PostOutcome::Kind::malformed:
        return "malformed";
    case PostOutcome::Kind::answered:
        break;
    }
    if (outcome.status / 100 == 2) return {};
    return outcome.status / 100 == 5 ? "5xx" : outcome.status / 100 == 4 ? "4xx" : "other_status";
}

bool is_worth_another_attempt(PostOutcome const& outcome) noexcept
{
    if (outcome.kind != PostOutcome::Kind::answered) return outcome.kind != PostOutcome::Kind::malformed;
    return outcome.status == 429 || outcome.status == 502 || outcome.status == 503 || outcome.status == 504;
}

} // namespace

ExportVerdict judge(PostOutcome const& outcome, int attempt, double jitter) noexcept
{
    auto const failure = failure_of(outcome);
    if (failure.empty()) return {.is_exported = true};
    if (!is_worth_another_attempt(outcome)) return {.failure = failure, .dropped = "refused"};
    if (attempt >= export_attempts_max) return {.failure = failure, .dropped = "unreachable"};
    // Each time twice as long, and not all replicas at once; or as long as the collector says.
    auto const longest = first_retry_wait * (1 << (attempt - 1));
    auto const wait = std::chrono::duration_cast<milliseconds>(longest * (0.5 + jitter / 2));
    return {.failure = failure, .wait = std::min(std::max<milliseconds>(wait, outcome.retry_after), retry_wait_max)};
}

SpanExporter::SpanExporter(TelemetrySettings const& settings, Metrics& metrics, Notify notify)
    : settings_(settings.spans), resource_(make_resource(settings)), metrics_(metrics), notify_(std::move(notify)),
      queue_(settings_.queue_spans_max), connection_(read_otlp_endpoint(settings_.endpoint), "parleyd/" + settings.version)
{
    taken_.reserve(settings_.queue_spans_max); // Now, when running out of memory still has somebody to tell.
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "spans");
}

SpanExporter::~SpanExporter()
{
    if (!thread_.joinable()) return;
    connection_.give_up_at(OtlpConnection::clock::now());
    queue_.close();
    thread_.join();
}

void SpanExporter::offer(RequestAnswered const& fact) noexcept
{
    auto const kept = keep(fact, std::chrono::system_clock::now().time_since_epoch());
    if (!queue_.push(kept)) drop(kept.count(), "queue_full");
}

void SpanExporter::stop(milliseconds limit)
{
    if (!thread_.joinable()) return;
    connection_.give_up_at(OtlpConnection::clock::now() + limit);
    queue_.close();
    thread_.join();
    if (spans_cut_off_ > 0)
        notify_(Notice::Level::warning, std::to_string(spans_cut_off_) + " spans could not be sent before the end");
}

void SpanExporter::run() noexcept
{
    while (queue_.take(taken_, batch_spans_max, gathering))
        for (std::span<RequestSpans const> left = taken_; !left.empty();)
        {
            std::size_t count = 0;
            std::size_t spans = 0;
            while (count < left.size() && (count == 0 || spans + left[count].count() <= batch_spans_max))
                spans += left[count++].count();
            send_or_drop(left.first(count), spans);
            queue_.settle(spans);
            left = left.subspan(count);
        }
}

// What is thrown is memory, or threads, running out.
void SpanExporter::send_or_drop(std::span<RequestSpans const> batch, std::size_t spans) noexcept
{
    try
    {
        send(batch, spans);
    }
    catch (...)
    {
        drop(spans, "failed");
    }
}

void SpanExporter::send(std::span<RequestSpans const> batch, std::size_t spans)
{
    if (connection_.has_given_up()) return drop(spans, "shutdown");
    body_.clear();
    append_export_request(body_, resource_, batch, draw_number);
    for (int attempt = 1;; ++attempt)
    {
        auto const outcome = connection_.post(body_, OtlpConnection::clock::now() + settings_.timeout);
        if (connection_.has_given_up() && outcome.kind != PostOutcome::Kind::answered) return drop(spans, "shutdown");
        constexpr double drawn_max = 1U << 16U;
        auto const verdict = judge(outcome, attempt, static_cast<double>(draw_number() & 0xffffU) / drawn_max);
        tell(verdict);
        if (!verdict.failure.empty()) metrics_.count_span_export_failure(verdict.failure);
        if (verdict.is_exported)
        {
            auto const rejected = std::min<std::size_t>(rejected_spans(outcome.body), spans);
            metrics_.count_spans_exported(spans - rejected);
            if (rejected > 0) drop(rejected, "refused");
            return;
        }
        if (!verdict.dropped.empty()) return drop(spans, verdict.dropped);
        if (!queue_.rest(*verdict.wait)) return drop(spans, "shutdown");
    }
}

void SpanExporter::drop(std::size_t spans, std::string_view reason)
{
    metrics_.count_spans_dropped(reason, spans);
    if (reason == "shutdown") spans_cut_off_ += spans;
}

// A line when it begins to fail and one when it works again: what happens between is counted.
void SpanExporter::tell(ExportVerdict const& verdict)
{
    if (verdict.is_exported == !is_failing_) return;
    is_failing_ = !verdict.is_exported;
    if (is_failing_)
        notify_(Notice::Level::warning, "spans are not taken at " + settings_.endpoint + " (" + std::string(verdict.failure) +
                                            "): they are dropped, requests are served");
    else
        notify_(Notice::Level::info, "spans are taken again at " + settings_.endpoint);
}

} // namespace parley::telemetry
