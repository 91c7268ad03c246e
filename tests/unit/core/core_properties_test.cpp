// What holds for every value: JSON, times, texts and UUIDs come back as they went out.
#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"
#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include "parley/support/properties.hpp"

#include <cctype>

namespace parley
{
namespace
{

using support::any_bytes;
using support::any_moment;
using support::any_text;

// ---- JSON

std::string any_number()
{
    auto const digits = [](int most) { return std::to_string(*rc::gen::inRange(0, most)); };
    std::string number = *rc::gen::element(std::string(), std::string("-"));
    number += digits(1'000'000'000);
    if (*rc::gen::arbitrary<bool>()) number += "." + digits(1'000'000);
    if (*rc::gen::arbitrary<bool>())
        number += *rc::gen::element(std::string("e"), std::string("E+"), std::string("e-")) + digits(300);
    return number;
}

// A compact JSON text; the keys of an object differ.
std::string any_json(int depth)
{
    switch (*rc::gen::inRange(0, depth > 0 ? 6 : 4))
    {
    case 0:
        return *rc::gen::element(std::string("null"), std::string("true"), std::string("false"));
    case 1:
    case 2:
        return any_number();
    case 3:
        return json::to_string_literal(*any_text());
    case 4:
    {
        std::string array = "[";
        for (int left = *rc::gen::inRange(0, 4); left > 0; --left)
            array.append(any_json(depth - 1)).append(left > 1 ? "," : "");
        return array + "]";
    }
    default:
    {
        std::string object = "{";
        for (int left = *rc::gen::inRange(0, 4); left > 0; --left)
        {
            object += json::to_string_literal(std::to_string(left) + *any_text()) + ":";
            object.append(any_json(depth - 1)).append(left > 1 ? "," : "");
        }
        return object + "}";
    }
    }
}

RC_GTEST_PROP(JsonProperties, a_compact_text_is_written_as_it_was_read, ())
{
    auto const text = any_json(4);
    auto const document = json::Document::parse(text);
    RC_ASSERT(document.has_value());
    std::string written;
    json::append_compact(written, document->root());
    RC_ASSERT(written == text);
}

RC_GTEST_PROP(JsonProperties, white_space_between_values_changes_nothing, ())
{
    auto const text = any_json(3);
    std::string spaced;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        bool const is_escaped = in_string && text[i] == '\\';
        if (text[i] == '"') in_string = !in_string;
        bool const is_mark = !in_string && std::string_view("[]{}:,").find(text[i]) != std::string_view::npos;
        if (is_mark) spaced += " \n";
        spaced += text[i];
        if (is_escaped) spaced += text[++i];
        if (is_mark) spaced += "\t\r";
    }
    auto const document = json::Document::parse(spaced);
    RC_ASSERT(document.has_value());
    std::string written;
    json::append_compact(written, document->root());
    RC_ASSERT(written == text);
}

RC_GTEST_PROP(JsonProperties, every_text_comes_out_of_its_literal, ())
{
    auto const text = *any_text();
    auto const literal = json::to_string_literal(text);
    auto const document = json::Document::parse(literal);
    RC_ASSERT(document.has_value());
    RC_ASSERT(document->root().text() == text);
    RC_ASSERT(!document->root().has_lone_surrogate());
    for (char const c : literal)
        RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
}

RC_GTEST_PROP(JsonProperties, an_error_stands_within_the_text, ())
{
    auto const text = *any_bytes();
    auto const document = json::Document::parse(text);
    if (document) return;
    RC_ASSERT(document.error().offset <= text.size());
    RC_ASSERT(document.error().line >= 1U);
    RC_ASSERT(document.error().column >= 1U);
}

// ---- Times

RC_GTEST_PROP(TimestampProperties, every_moment_is_read_as_it_was_written, ())
{
    auto const moment = *any_moment();
    RC_ASSERT(parse_timestamp(format_timestamp(moment)) == moment);
}

RC_GTEST_PROP(TimestampProperties, texts_are_in_the_order_of_their_moments, ())
{
    auto const early = std::chrono::floor<std::chrono::seconds>(*any_moment());
    auto const late = std::chrono::floor<std::chrono::seconds>(*any_moment());
    RC_ASSERT((format_timestamp(early) < format_timestamp(late)) == (early < late));
}

RC_GTEST_PROP(TimestampProperties, an_offset_moves_by_itself, ())
{
    auto const moment = *any_moment();
    auto const minutes = *rc::gen::inRange(-1439, 1440);
    auto text = format_timestamp(moment);
    auto const two_digits = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    auto const offset = (minutes < 0 ? "-" : "+") + two_digits(std::abs(minutes) / 60) + ":" + two_digits(std::abs(minutes) % 60);
    text.replace(text.size() - 1, 1, offset);
    auto const read = parse_timestamp(text);
    auto const expected = moment - std::chrono::minutes(minutes);
    // What an offset leads out of the years that can be written is no moment.
    if (read) RC_ASSERT(*read == expected);
    RC_ASSERT(read.has_value() == (parse_timestamp(format_timestamp(expected)) == expected));
}

RC_GTEST_PROP(TimestampProperties, what_is_read_can_be_written, ())
{
    auto const digits = *rc::gen::container<std::string>(20, rc::gen::inRange('0', static_cast<char>('9' + 1)));
    auto const text = digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 2) + "T" + digits.substr(8, 2) +
                      ":" + digits.substr(10, 2) + ":" + digits.substr(12, 2) + "Z";
    auto const read = parse_timestamp(text);
    if (read) RC_ASSERT(format_timestamp(*read) == text);
}

// ---- Texts and identifiers

RC_GTEST_PROP(TextProperties, percent_encoding_is_undone_by_decoding, ())
{
    auto const bytes = *any_bytes();
    std::string encoded;
    append_percent_encoded(encoded, bytes);
    RC_ASSERT(percent_decode(encoded, true) == bytes);
    for (char const c : encoded)
        RC_ASSERT(c > 0x20 && c < 0x7F);
}

RC_GTEST_PROP(TextProperties, a_text_is_well_formed_up_to_the_first_fault, ())
{
    auto const bytes = *any_bytes();
    auto const bad = find_invalid_utf8(bytes);
    if (!bad) return;
    RC_ASSERT(*bad < bytes.size());
    RC_ASSERT(!find_invalid_utf8(std::string_view(bytes).substr(0, *bad)));
}

RC_GTEST_PROP(TextProperties, code_points_are_counted_whole, ())
{
    auto const points = *rc::gen::container<std::vector<std::uint32_t>>(support::any_code_point());
    std::string text;
    for (auto const point : points)
        support::append_code_point(text, point);
    RC_ASSERT(!find_invalid_utf8(text));
    RC_ASSERT(count_code_points(text) == points.size());
}

RC_GTEST_PROP(TextProperties, trimming_takes_white_space_only_and_all_of_it, ())
{
    auto const text = *any_text();
    auto const left = trim(text);
    RC_ASSERT(trim(left) == left);
    RC_ASSERT(text.find(left) != std::string::npos);
    RC_ASSERT(is_blank(text) == left.empty());
}

RC_GTEST_PROP(UuidProperties, every_spelling_is_the_same_id, ())
{
    std::array<std::uint8_t, 16> bytes{};
    for (auto& byte : bytes)
        byte = *rc::gen::arbitrary<std::uint8_t>();
    auto const id = Uuid::from_bytes(bytes);
    std::string text(id.text());
    RC_ASSERT(Uuid::parse(text) == id);
    RC_ASSERT(Uuid::parse("{" + text + "}") == id);
    RC_ASSERT(Uuid::parse("urn:uuid:" + text) == id);
    for (auto& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    RC_ASSERT(Uuid::parse(text) == id);
    std::erase(text, '-');
    RC_ASSERT(Uuid::parse(text) == id);
}

} // namespace
} // namespace parley
