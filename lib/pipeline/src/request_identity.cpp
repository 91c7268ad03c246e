#include "request_identity.hpp"

#include "parley/core/identifier.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace parley::pipeline
{

namespace
{

constexpr std::size_t request_id_bytes_max = 128;

bool is_lower_hex(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_all_zero(std::string_view text) noexcept
{
    return text.find_first_not_of('0') == std::string_view::npos;
}

void append_hex(std::string& out, std::uint64_t number)
{
    auto const digits = to_hex(number);
    out.append(digits.data(), digits.size());
}

} // namespace

bool is_sane_request_id(std::string_view id) noexcept
{
    if (id.empty() || id.size() > request_id_bytes_max) return false;
    return std::all_of(id.begin(), id.end(),
                       [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                                  c == '_' || c == '-';
                       });
}

std::string make_request_id()
{
    std::string id;
    id.reserve(32);
    append_hex(id, draw_number());
    append_hex(id, draw_number());
    return id;
}

TraceContext parse_traceparent(std::string_view value) noexcept
{
    // version "-" trace-id "-" parent-id "-" flags; a later version may go on behind another dash.
    if (value.size() < 55 || value[2] != '-' || value[35] != '-' || value[52] != '-') return {};
    auto const version = value.substr(0, 2);
    auto const trace_id = value.substr(3, 32);
    auto const parent_id = value.substr(36, 16);
    auto const flags = value.substr(53, 2);
    if (!is_lower_hex(version) || !is_lower_hex(trace_id) || !is_lower_hex(parent_id) || !is_lower_hex(flags)) return {};
    if (version == "ff" || is_all_zero(trace_id) || is_all_zero(parent_id)) return {};
    bool const fits = version == "00" ? value.size() == 55 : value.size() == 55 || value[55] == '-';
    if (!fits) return {};
    return {.trace_id = trace_id, .parent_id = parent_id, .flags = flags};
}

bool is_sampled(TraceContext const& context) noexcept
{
    // The lowest bit of the flags.
    return context.flags.size() == 2 && std::string_view("13579bdf").find(context.flags[1]) != std::string_view::npos;
}

SpanId make_span_id()
{
    return to_hex(std::max<std::uint64_t>(draw_number(), 1)); // An id of zeros would be invalid.
}

std::string make_traceparent(TraceContext const& context, SpanId const& span_id)
{
    std::string value;
    value.reserve(55);
    value.append("00-").append(context.trace_id).push_back('-');
    value.append(span_id.data(), span_id.size()).append("-").append(context.flags);
    return value;
}

} // namespace parley::pipeline
