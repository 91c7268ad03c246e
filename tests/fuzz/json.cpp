// The reader and the writer of JSON, held against Boost.JSON.
#include "boost_reading.hpp"
#include "promise.hpp"

#include "parley/core/text.hpp"

namespace parley::fuzz
{
namespace
{

constexpr std::size_t depth_max = 100;

bool has_lone_surrogate(json::Value value)
{
    if (value.is_string()) return value.has_lone_surrogate();
    if (value.is_array())
        for (json::Value const element : value)
            if (has_lone_surrogate(element)) return true;
    if (value.is_object())
        for (auto member = value.begin(); member != value.end(); ++member)
            if (member.key_has_lone_surrogate() || has_lone_surrogate(member.value())) return true;
    return false;
}

void require_sound(json::Value value)
{
    if (value.is_string()) require(value.has_lone_surrogate() == find_invalid_utf8(value.text()).has_value(), "a text is UTF-8");
    std::size_t size = 0;
    if (value.is_array())
        for (json::Value const element : value)
        {
            ++size;
            require_sound(element);
        }
    if (value.is_object())
        for (auto member = value.begin(); member != value.end(); ++member)
        {
            ++size;
            require(value.find(member.key()).has_value(), "a member is found by its name");
            require_sound(member.value());
        }
    require(size == value.size(), "a value has as many parts as it says");
}

void read_refused(std::string_view text, json::ParseError const& error)
{
    require(error.offset <= text.size() && error.line >= 1 && error.column >= 1, "an error stands within the text");
    require(!error.reason.empty(), "an error has a reason");
    bool const is_bound = error.reason == "Nested too deeply" || error.reason.starts_with("An integer of more");
    if (is_bound) return;
    require(!read_by_boost(text, depth_max).value, "what Boost.JSON reads is read here too", error.sentence());
}

void require_same_when_written(json::Value value, std::string_view text)
{
    std::string written;
    json::append_compact(written, value);
    auto const again = json::Document::parse(written, depth_max);
    require(again.has_value(), "what is written is JSON", written);
    std::string twice;
    json::append_compact(twice, again->root());
    require(twice == written, "what is written is read as it was", written);
    require(json::find_flaw(again->root()) <= json::find_flaw(value), "writing adds no flaw", written);

    auto const left = read_by_boost(text, depth_max);
    if (left.is_beyond) return;
    require(left.value.has_value(), "what is read here Boost.JSON reads too", text);
    auto const right = read_by_boost(written, depth_max);
    require(right.value && are_same(*left.value, *right.value), "Boost.JSON reads the same before and after", written);
}

void read_accepted(std::string_view text, json::Document const& document)
{
    auto const root = document.root();
    require_sound(root);
    bool const is_flawed = has_lone_surrogate(root);
    require(is_flawed == (json::find_flaw(root) == json::Flaw::lone_surrogate), "a lone surrogate is found");
    if (is_flawed) return;
    require_same_when_written(root, text);

    std::string dropped;
    json::append_compact(dropped, root, json::ControlCharacters::drop);
    require(json::Document::parse(dropped, depth_max).has_value(), "what is written without control characters is JSON", dropped);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    auto const text = fuzz::text_of(data, size);
    auto const document = json::Document::parse(text, fuzz::depth_max);
    if (document)
        fuzz::read_accepted(text, *document);
    else
        fuzz::read_refused(text, document.error());

    // Any well-formed text comes back out of its literal.
    if (find_invalid_utf8(text)) return 0;
    auto const literal = json::to_string_literal(text);
    auto const read = json::Document::parse(literal);
    fuzz::require(read.has_value() && read->root().is_string() && read->root().text() == text, "a literal is the text", literal);
    return 0;
}
