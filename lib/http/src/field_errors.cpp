#include "parley/http/field_errors.hpp"

#include "parley/core/json.hpp"

#include <algorithm>

namespace parley::http
{

std::string to_json_array(std::initializer_list<std::string_view> sentences)
{
    std::string out = "[";
    for (std::string_view const one : sentences)
    {
        if (out.size() > 1) out += ',';
        json::append_string(out, one);
    }
    out += ']';
    return out;
}

bool FieldErrors::has(std::string_view field) const noexcept
{
    return std::any_of(errors_.begin(), errors_.end(), [&](auto const& error) { return error.first == field; });
}

std::string FieldErrors::to_json() const
{
    std::string out = "{";
    for (auto const& [field, json] : errors_)
    {
        if (out.size() > 1) out += ',';
        json::append_string(out, field);
        out += ':';
        out += json;
    }
    out += '}';
    return out;
}

Problem error_problem(std::string_view one_sentence, ProblemCode code)
{
    std::string body = R"({"error":)";
    json::append_string(body, one_sentence);
    body += '}';
    return Problem{.code = code, .body = std::move(body)};
}

} // namespace parley::http
