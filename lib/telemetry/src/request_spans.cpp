#include "request_spans.hpp"

namespace parley::telemetry
{

namespace
{

constexpr std::int64_t million = 1'000'000;

std::int64_t to_ns(Duration duration) noexcept
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

// The caller's text may be gone when the span is written: the same name among the known ones.
std::string_view known_method(std::string_view method) noexcept
{
    static constexpr std::array<std::string_view, 8> known{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"};
    auto const* const found = std::find(known.begin(), known.end(), method);
    return found != known.end() ? *found : std::string_view("_OTHER"); // The semantic conventions' word.
}

} // namespace

std::size_t RequestSpans::count() const noexcept
{
    std::size_t spans = 1 + visits_kept;
    for (std::size_t i = 0; i < visits_kept; ++i)
        spans += visits[i].sql_ns > 0 ? 1 : 0;
    return spans;
}

RequestSpans keep(RequestAnswered const& fact, std::chrono::nanoseconds ended) noexcept
{
    auto const& trace = *fact.trace;
    RequestSpans spans;
    spans.operation = fact.operation;
    spans.method = known_method(fact.method);
    spans.route = trace.route;
    spans.scheme = trace.scheme;
    spans.problem = fact.problem;
    spans.trace_id = KeptText<32>(fact.trace_id);
    spans.span_id = KeptText<16>(trace.span_id);
    spans.parent_id = KeptText<16>(trace.parent_id);
    spans.team = KeptText<64>(fact.team);
    spans.request_id = KeptText<128>(fact.request_id);
    spans.status = fact.status;
    spans.request_bytes = static_cast<std::int64_t>(fact.request_bytes);
    spans.response_bytes = static_cast<std::int64_t>(fact.response_bytes);
    spans.duration_ns = to_ns(fact.duration);
    spans.began_unix_ns = ended.count() - spans.duration_ns;
    for (auto const& visit : trace.store_visits)
        if (spans.visits_kept < spans.visits.size())
            spans.visits[spans.visits_kept++] = {.verb = visit.verb,
                                                 .asked_after_ns = to_ns(visit.asked - trace.began),
                                                 .queue_ns = to_ns(visit.queue),
                                                 .sql_ns = to_ns(visit.sql)};
    return spans;
}

bool is_sampled(std::uint64_t random, std::int64_t per_million) noexcept
{
    return static_cast<std::int64_t>(random % million) < per_million;
}

} // namespace parley::telemetry
