#include "parley/http/json_body.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace parley::http
{

namespace
{

// Takes the next parameter off the front of ";name=value;...". A semicolon in quotes is part of a value.
std::string_view take_parameter(std::string_view& rest)
{
    rest.remove_prefix(1);
    bool quoted = false;
    std::size_t end = 0;
    for (; end < rest.size() && (quoted || rest[end] != ';'); ++end)
    {
        if (rest[end] == '\\' && quoted && end + 1 < rest.size())
            ++end;
        else if (rest[end] == '"')
            quoted = !quoted;
    }
    std::string_view const parameter = rest.substr(0, end);
    rest.remove_prefix(end);
    return parameter;
}

bool is_utf8_or_other_parameter(std::string_view parameter)
{
    auto const equals = parameter.find('=');
    if (equals == std::string_view::npos || !equal_ignoring_case(trim(parameter.substr(0, equals)), "charset")) return true;
    std::string_view charset = trim(parameter.substr(equals + 1));
    if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') charset = charset.substr(1, charset.size() - 2);
    return equal_ignoring_case(charset, "utf-8") || equal_ignoring_case(charset, "utf8");
}

// A field's value as text: bytes that are not UTF-8 are Latin-1, the character set fields once had.
std::string shown(std::string_view value)
{
    if (!find_invalid_utf8(value)) return std::string(value);
    std::string text;
    for (char const c : value)
    {
        auto const byte = static_cast<unsigned char>(c);
        if (byte < 0x80)
        {
            text += c;
            continue;
        }
        text += static_cast<char>(0xC0 | byte >> 6);
        text += static_cast<char>(0x80 | (byte & 0x3F));
    }
    return text;
}

Problem invalid_data(std::string_view sentence)
{
    std::string body = R"({"non_field_errors":[)";
    json::append_string(body, sentence);
    body += "]}";
    return Problem{.code = ProblemCode::field_invalid, .body = std::move(body)};
}

} // namespace

bool is_json_type(std::string_view content_type)
{
    std::string_view rest = content_type;
    std::string_view const type = trim(rest.substr(0, rest.find(';')));
    auto const slash = type.find('/');
    if (slash == std::string_view::npos) return false;
    std::string_view const main = type.substr(0, slash);
    std::string_view const sub = type.substr(slash + 1);
    if (main != "*" && !equal_ignoring_case(main, "application")) return false;
    if (sub != "*" && !equal_ignoring_case(sub, "json")) return false;

    rest.remove_prefix(std::min(rest.size(), rest.find(';')));
    while (!rest.empty())
    {
        if (!is_utf8_or_other_parameter(take_parameter(rest))) return false;
    }
    return true;
}

boost::asio::awaitable<Result<json::Document>> read_json(Request const& request, std::size_t depth_max)
{
    Result<std::string_view> const body = co_await request.body->read();
    if (!body) co_return body.error();

    std::string_view text = *body;
    if (text.empty())
    {
        text = "{}";
    }
    else
    {
        std::string_view const* const type = request.find("content-type");
        if (type == nullptr || !is_json_type(*type))
        {
            std::string const value = type == nullptr ? std::string() : shown(*type);
            co_return Problem{ProblemCode::media_type_unsupported, "Unsupported media type \"" + value + "\" in request."};
        }
    }

    auto parsed = json::Document::parse(text, depth_max);
    if (!parsed) co_return Problem{ProblemCode::body_malformed, "JSON parse error - " + parsed.error().sentence()};
    co_return std::move(*parsed);
}

std::optional<Problem> refuse_other_than_object(json::Value body)
{
    if (body.is_object()) return std::nullopt;
    if (body.is_null()) return invalid_data("No data provided");
    return invalid_data("Invalid data. Expected a dictionary, but got " + std::string(body.type_word()) + ".");
}

} // namespace parley::http
