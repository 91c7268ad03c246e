#include "parley/http/text_field.hpp"

#include "parley/http/field_errors.hpp"

#include "parley/core/text.hpp"

#include <cstdint>

namespace parley::http
{

namespace
{

// "D800": the first lone surrogate, which stands in the text in three bytes beginning with ED.
std::string first_surrogate(std::string_view text)
{
    static constexpr char hex[] = "0123456789ABCDEF";
    auto const bad = find_invalid_utf8(text);
    if (!bad || *bad + 2 >= text.size()) return {};
    auto const byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[*bad + i])); };
    std::uint32_t const point = 0xD000 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    std::string code;
    for (int i = 4; i-- > 0;)
        code += hex[point >> (4 * i) & 15];
    return code;
}

TextField refused(std::string_view one_sentence)
{
    return TextField{.text = std::nullopt, .errors = to_json_array({one_sentence})};
}

void append_sentence(std::string& array, std::string_view one_sentence)
{
    if (array.empty())
        array = "[";
    else
        array.back() = ',';
    json::append_string(array, one_sentence);
    array += ']';
}

} // namespace

TextField decode_text(std::optional<json::Value> value, std::size_t characters_max)
{
    if (!value) return {};
    if (value->is_null()) return refused(sentence::null);
    if (!value->is_string() && !value->is_number()) return refused(sentence::not_a_string);
    std::string_view const text = trim(value->text());
    if (text.empty()) return refused(sentence::blank);

    TextField field;
    if (text.size() > characters_max && count_code_points(text) > characters_max)
    {
        append_sentence(field.errors, "Ensure this field has no more than " + std::to_string(characters_max) + " characters.");
    }
    if (text.find('\0') != std::string_view::npos) append_sentence(field.errors, sentence::nul_character);
    if (value->is_string() && value->has_lone_surrogate())
    {
        append_sentence(field.errors, "Surrogate characters are not allowed: U+" + first_surrogate(text) + ".");
    }
    if (field.errors.empty()) field.text = text;
    return field;
}

} // namespace parley::http
