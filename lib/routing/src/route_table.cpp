#include "parley/routing/route_table.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <utility>

namespace parley::routing
{

namespace
{

constexpr std::size_t segments_max = 8; // More than any resource has: a longer path is unknown.

// The parts between the slashes, views into the path. "/api/docs/" has three, the last of them empty.
class Segments
{
  public:
    // False where the path does not begin with a slash or is too long to be anybody's.
    [[nodiscard]] bool split(std::string_view path) noexcept
    {
        if (path.empty() || path.front() != '/') return false;
        path.remove_prefix(1);
        while (true)
        {
            auto const slash = path.find('/');
            if (!push(path.substr(0, slash))) return false;
            if (slash == std::string_view::npos) return true;
            path.remove_prefix(slash + 1);
        }
    }

    bool push(std::string_view segment) noexcept
    {
        if (size_ == parts_.size()) return false;
        parts_[size_++] = segment;
        return true;
    }

    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept { return parts_[i]; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::string_view back() const noexcept { return parts_[size_ - 1]; }

  private:
    std::array<std::string_view, segments_max> parts_;
    std::size_t size_ = 0;
};

bool is_placeholder(std::string_view segment) noexcept
{
    return !segment.empty() && segment.front() == '{';
}

bool is_written(std::string_view segment, std::string_view literal)
{
    if (segment == literal) return true;
    return segment.find('%') != std::string_view::npos && percent_decode(segment, false) == literal;
}

// A byte that is not UTF-8 becomes the three characters %XX, so that every id is text and can be shown.
std::string shown(std::string bytes_given)
{
    auto bad = find_invalid_utf8(bytes_given);
    if (!bad) return bytes_given;
    std::string_view bytes = bytes_given;
    std::string out;
    while (bad)
    {
        out.append(bytes.substr(0, *bad));
        append_percent_encoded(out, bytes.substr(*bad, 1));
        bytes.remove_prefix(*bad + 1);
        bad = find_invalid_utf8(bytes);
    }
    return out.append(bytes);
}

std::string decode_segment(std::string_view segment)
{
    return shown(percent_decode(segment, false));
}

// /api/v1/... is the surface of /api/...: which segment to pass over, or none.
std::size_t version_segment(Segments const& path) noexcept
{
    constexpr std::size_t none = segments_max;
    return path.size() > 2 && is_written(path[0], "api") && is_written(path[1], "v1") ? 1 : none;
}

// Whether the path is one of the pattern's; parameter gets the decoded segment that stands in the placeholder.
bool fits(Segments const& path, std::size_t skipped, std::span<std::string_view const> pattern, std::string& parameter)
{
    std::size_t const length = skipped < path.size() ? path.size() - 1 : path.size();
    if (length != pattern.size()) return false;
    std::string_view placed;
    for (std::size_t i = 0; i < length; ++i)
    {
        std::string_view const segment = path[i < skipped ? i : i + 1];
        if (is_placeholder(pattern[i]))
        {
            if (segment.empty()) return false;
            placed = segment;
        }
        else if (!is_written(segment, pattern[i]))
        {
            return false;
        }
    }
    if (placed.empty()) return true;
    parameter = decode_segment(placed);
    return parameter.find('/') == std::string::npos; // %2F is no separator and no part of an id.
}

// Where to go for the slash. Every part is decoded and encoded anew, and the first is never empty: whatever came in, this is a
// path on this host and holds no control character.
std::string location_with_slash(Segments const& path, std::string_view query)
{
    std::string location;
    for (std::size_t i = 0; i < path.size(); ++i)
    {
        location += '/';
        append_percent_encoded(location, decode_segment(path[i]), ":@&+$,!*'()");
    }
    if (!query.empty())
    {
        location += '?';
        append_percent_encoded(location, query, "/#%[]=:;$&()+,!?*@'");
    }
    return location;
}

Operation const* find_operation(Resource const& resource, http::Method method) noexcept
{
    auto const find = [&](http::Method wanted) -> Operation const*
    {
        auto const found = std::find_if(resource.operations.begin(), resource.operations.end(),
                                        [&](Operation const& operation) { return operation.method == wanted; });
        return found == resource.operations.end() ? nullptr : &*found;
    };
    Operation const* const operation = find(method);
    if (operation == nullptr && method == http::Method::head) return find(http::Method::get);
    return operation;
}

// ---- Accept and ?format=

// Whether a media range of an Accept field takes the type. Parameters, q among them, do not matter: the API speaks one type only,
// so there is nothing to weigh.
bool takes(std::string_view range, std::string_view type) noexcept
{
    range = trim(range.substr(0, range.find(';')));
    auto const slash = range.find('/');
    if (slash == std::string_view::npos) return false;
    auto const middle = type.find('/');
    auto const is_taken = [](std::string_view wanted, std::string_view offered)
    { return wanted == "*" || equal_ignoring_case(wanted, offered); };
    return is_taken(range.substr(0, slash), type.substr(0, middle)) && is_taken(range.substr(slash + 1), type.substr(middle + 1));
}

bool accepts(std::string_view field, std::string_view type) noexcept
{
    while (true)
    {
        auto const comma = field.find(',');
        if (takes(field.substr(0, comma), type)) return true;
        if (comma == std::string_view::npos) return false;
        field.remove_prefix(comma + 1);
    }
}

// No Accept field takes everything; several are read as one list.
bool is_acceptable(http::Request const& request, std::string_view type) noexcept
{
    bool asked = false;
    for (http::Field const& field : request.fields)
    {
        if (!equal_ignoring_case(field.name, "accept")) continue;
        if (accepts(field.value, type)) return true;
        asked = true;
    }
    return !asked;
}

// ?format=json is the only one there is, and an empty one asks for nothing. The last of several counts.
bool is_known_format(std::string_view query)
{
    if (query.find("format") == std::string_view::npos && query.find('%') == std::string_view::npos) return true;
    bool known = true;
    for (QueryParameter const& parameter : parse_query(query))
    {
        if (parameter.name == "format") known = parameter.value.empty() || parameter.value == "json";
    }
    return known;
}

} // namespace

RouteTable::RouteTable(std::vector<Resource> resources) : resources_(std::move(resources))
{
    patterns_.reserve(resources_.size());
    for (Resource const& resource : resources_)
    {
        Segments segments;
        if (!segments.split(resource.path)) throw std::invalid_argument("not a resource's path: " + std::string(resource.path));
        std::vector<std::string_view>& pattern = patterns_.emplace_back();
        for (std::size_t i = 0; i < segments.size(); ++i)
            pattern.push_back(segments[i]);
    }
}

Result<Match> RouteTable::match(http::Request const& request) const
{
    Segments path;
    if (!path.split(request.path)) return Problem{ProblemCode::path_unknown};
    std::size_t const skipped = version_segment(path);

    std::string parameter;
    auto const find = [&]() -> Resource const*
    {
        for (std::size_t i = 0; i < patterns_.size(); ++i)
        {
            if (fits(path, skipped, patterns_[i], parameter)) return &resources_[i];
        }
        return nullptr;
    };

    if (Resource const* const resource = find())
    {
        return Match{
            .resource = resource, .operation = find_operation(*resource, request.method), .parameter = std::move(parameter)};
    }
    if (!path.back().empty() && path.push({}) && find() != nullptr)
    {
        return Problem{ProblemCode::slash_missing, location_with_slash(path, request.query)};
    }
    return Problem{ProblemCode::path_unknown};
}

std::optional<Problem> RouteTable::negotiate(Match const& match, http::Request const& request) const
{
    assert(match.resource != nullptr && "negotiate comes after match");
    std::string_view const type = match.resource->produces;
    if (type == "*") return std::nullopt;
    if (!is_known_format(request.query)) return Problem{ProblemCode::format_unknown};
    if (!is_acceptable(request, type)) return Problem{ProblemCode::not_acceptable};
    return std::nullopt;
}

} // namespace parley::routing
