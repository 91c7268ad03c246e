#include "list_request.hpp"

#include "parley/api/cursor.hpp"

#include "parley/core/text.hpp"
#include "parley/http/field_errors.hpp"
#include "parley/schema/limits.hpp"

#include <algorithm>
#include <optional>

namespace parley::api
{

namespace
{

using Parameters = std::vector<routing::QueryParameter>;

// Of a repeated parameter the last counts.
std::string const* find_last(Parameters const& parameters, std::string_view name) noexcept
{
    auto const found =
        std::find_if(parameters.rbegin(), parameters.rend(), [&](auto const& parameter) { return parameter.name == name; });
    return found == parameters.rend() ? nullptr : &found->value;
}

// ASCII digits, padded with spaces at most. Whatever else stands there asks for nothing.
int decode_page_size(std::string_view text) noexcept
{
    auto const first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return schema::page_size_default;
    text = text.substr(first, text.find_last_not_of(' ') - first + 1);
    int size = 0;
    for (char const c : text)
    {
        if (c < '0' || c > '9') return schema::page_size_default;
        size = std::min(size * 10 + (c - '0'), schema::page_size_max); // A longer number stays at the most.
    }
    return size == 0 ? schema::page_size_default : size;
}

// Calls take with each part of a comma list until it answers true.
template <class Take>
void each_of(std::string_view list, Take take)
{
    while (true)
    {
        auto const comma = list.find(',');
        if (take(list.substr(0, comma)) || comma == std::string_view::npos) return;
        list.remove_prefix(comma + 1);
    }
}

domain::Order decode_order(std::string_view text)
{
    auto order = domain::Order::newest_first;
    each_of(text,
            [&](std::string_view term)
            {
                term = trim(term);
                if (term == "created_at") order = domain::Order::oldest_first;
                return term == "created_at" || term == "-created_at";
            });
    return order;
}

// A filter by names. An empty parameter is no filter; one with no name in it matches nothing, since no tag has an empty name.
std::optional<std::vector<std::string>> decode_names(Parameters const& parameters, std::string_view field,
                                                     http::FieldErrors& errors)
{
    std::string const* const text = find_last(parameters, field);
    if (text == nullptr || text->empty()) return std::nullopt;
    if (text->find('\0') != std::string::npos) errors.add(field, http::sentence::nul_character);
    std::vector<std::string> names;
    each_of(*text,
            [&](std::string_view name)
            {
                if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
                return false;
            });
    return names;
}

std::optional<Uuid> decode_experiment(Parameters const& parameters, http::FieldErrors& errors)
{
    constexpr std::string_view field = "experiment";
    std::string const* const text = find_last(parameters, field);
    if (text == nullptr || text->empty()) return std::nullopt;
    std::optional<Uuid> const experiment = Uuid::parse(*text);
    if (!experiment) errors.add(field, "\"" + *text + "\" is not a valid UUID.");
    return experiment;
}

// As application/x-www-form-urlencoded.
void append_form_encoded(std::string& out, std::string_view text)
{
    while (true)
    {
        auto const space = text.find(' ');
        append_percent_encoded(out, text.substr(0, space));
        if (space == std::string_view::npos) return;
        out += '+';
        text.remove_prefix(space + 1);
    }
}

} // namespace

Result<domain::ListQuery> decode_list_query(Parameters const& parameters, domain::TeamId team)
{
    domain::ListQuery query;
    query.team_id = team;

    http::FieldErrors errors;
    query.experiment = decode_experiment(parameters, errors);
    query.tags = decode_names(parameters, "tags", errors);
    query.versions = decode_names(parameters, "versions", errors);
    if (!errors.empty()) return errors.to_problem();

    std::string const* const size = find_last(parameters, "page_size");
    query.page_size = size == nullptr ? schema::page_size_default : decode_page_size(*size);
    if (std::string const* const order = find_last(parameters, "ordering")) query.order = decode_order(*order);

    std::string const* const cursor = find_last(parameters, "cursor");
    query.with_count = cursor == nullptr; // Whoever follows links has the count already; an empty cursor says so too.
    if (cursor == nullptr || cursor->empty()) return query;
    query.cursor = decode_cursor(*cursor);
    if (!query.cursor) return Problem{ProblemCode::cursor_invalid, "Invalid cursor"};
    return query;
}

std::string page_url(std::string_view base_url, std::string_view path, Parameters const& parameters, domain::Cursor const& cursor)
{
    routing::QueryParameter const place{"cursor", encode_cursor(cursor)};
    std::vector<routing::QueryParameter const*> sorted{&place};
    for (routing::QueryParameter const& parameter : parameters)
    {
        if (parameter.name != place.name) sorted.push_back(&parameter);
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](auto const* a, auto const* b) { return a->name < b->name; });

    std::string url(base_url);
    url += path;
    char separator = '?';
    for (routing::QueryParameter const* const parameter : sorted)
    {
        url += separator;
        append_form_encoded(url, parameter->name);
        url += '=';
        append_form_encoded(url, parameter->value);
        separator = '&';
    }
    return url;
}

} // namespace parley::api
