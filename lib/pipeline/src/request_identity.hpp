// The names under which a request is found again in logs: its own id, and the trace it belongs to.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley::pipeline
{

// 1 to 128 letters, digits, '.', '_' and '-': what may be taken over from X-Request-Id.
[[nodiscard]] bool is_sane_request_id(std::string_view id) noexcept;

// 32 hexadecimal digits, unique in practice but no secret: from a generator of the calling thread, seeded by the system's.
[[nodiscard]] std::string make_request_id();

// W3C Trace Context, https://www.w3.org/TR/trace-context/.
struct TraceContext
{
    std::string_view trace_id;  // 32 hexadecimal digits, or empty where the request belongs to no trace.
    std::string_view parent_id; // 16 hexadecimal digits: the caller's span.
    std::string_view flags;     // 2 hexadecimal digits.
};

// Empty for anything that is not a valid traceparent: a broken one is as good as none.
[[nodiscard]] TraceContext parse_traceparent(std::string_view value) noexcept;

// Whether the caller keeps its own spans of the trace.
[[nodiscard]] bool is_sampled(TraceContext const& context) noexcept;

using SpanId = std::array<char, 16>; // Hexadecimal digits.
[[nodiscard]] SpanId make_span_id();

// The traceparent under which our own part of the trace is known.
[[nodiscard]] std::string make_traceparent(TraceContext const& context, SpanId const& span_id);

} // namespace parley::pipeline
