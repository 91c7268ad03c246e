// A request's target: its path against the routes, its query against every reader of queries.
#include "promise.hpp"

#include "api/api_bench.hpp"
#include "list_request.hpp"
#include "poll_query.hpp"

#include "parley/core/text.hpp"

namespace parley::fuzz
{
namespace
{

std::vector<routing::QueryParameter> all_but_cursor(std::vector<routing::QueryParameter> parameters)
{
    std::erase_if(parameters, [](auto const& parameter) { return parameter.name == "cursor"; });
    std::stable_sort(parameters.begin(), parameters.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
    return parameters;
}

bool are_same(std::vector<routing::QueryParameter> const& left, std::vector<routing::QueryParameter> const& right)
{
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](auto const& a, auto const& b) { return a.name == b.name && a.value == b.value; });
}

http::Request get(std::string_view path, std::string_view query)
{
    http::Request request;
    request.method = http::Method::get;
    request.method_name = "GET";
    request.path = path;
    request.query = query;
    return request;
}

void require_possible(std::string_view id)
{
    require(!id.empty() && id.find('/') == std::string_view::npos, "an id is one segment", id);
    require(!find_invalid_utf8(id), "an id is text", id);
}

void follow(routing::RouteTable const& routes, std::string const& location)
{
    require(location.starts_with('/') && !location.starts_with("//"), "a redirect stays on this host", location);
    require(is_visible_ascii(location), "a redirect is one field of visible ASCII", location);
    std::string_view rest = location;
    auto const path = take_until(rest, '?');
    auto const match = routes.match(get(path, rest));
    require(match.has_value(), "a redirect leads to a resource", location);
    if (match->resource->path.find('{') != std::string_view::npos) require_possible(match->parameter);
}

void read_path(routing::RouteTable const& routes, std::string_view path, std::string_view query)
{
    auto const request = get(path, query);
    auto const match = routes.match(request);
    if (match)
    {
        if (match->resource->path.find('{') != std::string_view::npos) require_possible(match->parameter);
        if (auto const refused = routes.negotiate(*match, request)) require_refusal(*refused);
        return;
    }
    if (match.error().code == ProblemCode::slash_missing)
        follow(routes, match.error().detail);
    else
        require_refusal(match.error());
}

void read_list_query(std::vector<routing::QueryParameter> const& parameters)
{
    auto const query = api::decode_list_query(parameters, 7);
    if (!query) return require_refusal(query.error());
    require(query->page_size >= 1, "a page has a size");
    domain::Cursor place;
    place.created_at = Timestamp(std::chrono::seconds(1'700'000'000));
    place.id = "s-1";
    auto const url = api::page_url("https://parley.test", "/api/sessions/", parameters, place);
    require(is_visible_ascii(url), "a link is visible ASCII", url);
    std::string_view rest = url;
    take_until(rest, '?');
    auto const again = routing::parse_query(rest);
    require(are_same(all_but_cursor(again), all_but_cursor(parameters)) || parameters.size() >= 1000,
            "a link to another page asks with the same parameters", url);
    auto const next = api::decode_list_query(again, 7);
    require(next.has_value(), "a link to another page is taken", url);
    require(next->cursor == place, "a link to another page leads there", url);
    require(next->page_size == query->page_size && next->order == query->order && next->tags == query->tags &&
                next->versions == query->versions && next->experiment == query->experiment,
            "a link to another page asks for the same", url);
}

void read_poll_query(std::string_view query)
{
    auto const read = chat::read_poll_query(query);
    if (!read) return require_refusal(read.error());
    require(read->limit >= 1 && read->limit <= chat::poll_limit_max, "a limit is bounded");
    if (!read->since) return;
    auto const text = format_timestamp(*read->since);
    require(parse_timestamp(text) == *read->since, "a time that is taken can be written down", text);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    static api::test::ApiBench const bench;
    auto rest = fuzz::text_of(data, size);
    auto const path = fuzz::take_until(rest, '?');
    fuzz::read_path(bench.routes, path, rest);

    auto const parameters = routing::parse_query(rest);
    fuzz::require(parameters.size() <= 1000, "the number of parameters is bounded");
    for (auto const& parameter : parameters)
        fuzz::require(!find_invalid_utf8(parameter.name) && !find_invalid_utf8(parameter.value), "parameters are text");
    fuzz::read_list_query(parameters);
    fuzz::read_poll_query(rest);
    return 0;
}
