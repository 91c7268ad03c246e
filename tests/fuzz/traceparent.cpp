// traceparent and X-Request-Id: the names under which a request is found again.
#include "promise.hpp"

#include "request_identity.hpp"

#include <algorithm>

namespace parley::fuzz
{
namespace
{

bool is_lower_hex(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void read_trace(std::string_view value)
{
    auto const context = pipeline::parse_traceparent(value);
    if (context.trace_id.empty())
        return require(context.flags.empty() && context.parent_id.empty(), "no trace has no flags and no parent", value);
    require(context.parent_id.size() == 16 && is_lower_hex(context.parent_id), "a parent's id is 16 digits", value);
    require(context.trace_id.size() == 32 && is_lower_hex(context.trace_id), "a trace's id is 32 digits", value);
    require(context.flags.size() == 2 && is_lower_hex(context.flags), "flags are 2 digits", value);
    require(context.trace_id.find_first_not_of('0') != std::string_view::npos, "a trace's id is not zero", value);
    auto const ours = pipeline::make_traceparent(context, pipeline::make_span_id());
    auto const again = pipeline::parse_traceparent(ours);
    require(again.trace_id == context.trace_id && again.flags == context.flags, "our part belongs to the same trace", ours);
}

void read_request_id(std::string_view value)
{
    if (!pipeline::is_sane_request_id(value)) return;
    require(value.size() <= 128 && is_visible_ascii(value), "a request's id can stand in a field and a log", value);
    require(value.find_first_of("\"\\,;<>&'") == std::string_view::npos, "a request's id needs no escaping", value);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    parley::fuzz::read_trace(parley::fuzz::text_of(data, size));
    parley::fuzz::read_request_id(parley::fuzz::text_of(data, size));
    return 0;
}
