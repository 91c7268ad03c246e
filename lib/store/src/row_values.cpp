#include "row_values.hpp"

#include "session_rows.hpp"

#include "parley/store/error.hpp"

#include "parley/core/json.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace parley::store
{

namespace
{

constexpr Timestamp last_moment{std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)};
constexpr Timestamp first_moment{std::chrono::sys_days(std::chrono::year(1) / 1 / 1)};

json::Document parse_array(std::string_view text)
{
    auto document = json::Document::parse(text);
    if (!document) throw StoreError("the database gave an array that is not JSON");
    return std::move(*document);
}

} // namespace

Timestamp to_moment(std::string_view postgres)
{
    if (postgres == "infinity") return last_moment;
    return parse_timestamp(to_api_time(postgres)).value_or(first_moment);
}

std::optional<Timestamp> to_moment(std::optional<std::string_view> postgres)
{
    if (!postgres) return std::nullopt;
    return to_moment(*postgres);
}

Uuid to_uuid(std::string_view postgres) noexcept
{
    return Uuid::parse(postgres).value_or(Uuid());
}

std::vector<std::string> texts_at(std::string_view json_array)
{
    auto const document = parse_array(json_array);
    std::vector<std::string> result;
    for (auto const element : document.root())
        result.emplace_back(element.text());
    return result;
}

std::vector<std::int64_t> numbers_at(std::string_view json_array)
{
    auto const document = parse_array(json_array);
    std::vector<std::int64_t> result;
    for (auto const element : document.root())
    {
        auto const spelling = element.text();
        auto& number = result.emplace_back();
        std::from_chars(spelling.data(), spelling.data() + spelling.size(), number);
    }
    return result;
}

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    while (!text.empty())
    {
        auto const end = std::min(text.find(separator), text.size());
        if (end != 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

ArrayParameter to_parameter(std::optional<Timestamp> moment)
{
    ArrayParameter array(Oid::timestamptz);
    if (moment)
        array.add(*moment);
    else
        array.add_null();
    return array;
}

} // namespace parley::store
