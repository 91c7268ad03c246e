// What the fuzz targets share: how a broken promise is told, and the input as text.
#pragma once

#include "parley/core/json.hpp"
#include "parley/core/result.hpp"
#include "parley/http/message.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace parley::fuzz
{

// A promise that does not hold ends the process: libFuzzer keeps the input that broke it.
inline void require(bool holds, char const* promise, std::string_view shown = {})
{
    if (holds) return;
    std::fprintf(stderr, "broken promise: %s\n%.*s\n", promise, static_cast<int>(shown.size()), shown.data());
    std::abort();
}

inline std::string_view text_of(std::uint8_t const* bytes, std::size_t size)
{
    return {reinterpret_cast<char const*>(bytes), size}; // A null pointer only where size is 0.
}

// The text up to the separator, which is taken off the front with it; all of it where there is none.
inline std::string_view take_until(std::string_view& text, char separator)
{
    auto const end = text.find(separator);
    auto const part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

inline bool is_visible_ascii(std::string_view text)
{
    for (char const c : text)
    {
        if (c <= 0x20 || c >= 0x7F) return false;
    }
    return true;
}

// Every refusal has the API's own shape: 4xx, and an object of sentences. Ours are no answers to any input: 5xx breaks the
// promise.
inline void require_refusal(http::Response const& response)
{
    require(response.status >= 400 && response.status < 500, "hostile input is the caller's mistake (4xx)", response.body);
    auto const document = json::Document::parse(response.body);
    require(document.has_value(), "a refusal is JSON", response.body);
    auto const root = document->root();
    require(root.is_object() && root.size() > 0, "a refusal is an object that says something", response.body);
    for (auto member = root.begin(); member != root.end(); ++member)
    {
        auto const value = member.value();
        bool const is_sentence = value.is_string() || value.is_array() || value.is_object();
        require(is_sentence, "a refusal names its reasons as texts, lists or objects", response.body);
    }
}

inline void require_refusal(Problem const& problem)
{
    require_refusal(http::to_response(problem));
}

// Lines "Name: value" as fields that the gate would let through; the others are left out.
[[nodiscard]] std::vector<http::Field> read_fields(std::string_view lines);

// A request that has nothing but these fields.
[[nodiscard]] inline http::Request request_with(std::vector<http::Field> const& fields)
{
    http::Request request;
    request.method_name = "GET";
    request.path = "/";
    request.fields = fields;
    return request;
}

} // namespace parley::fuzz
