// match: from a request line to the operation that answers it. Pure: no I/O, no state.
#pragma once

#include "parley/auth/principal.hpp"
#include "parley/core/clock.hpp"
#include "parley/core/result.hpp"
#include "parley/http/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::routing
{

struct Resource;

// An identified, admitted request to one operation.
struct Call
{
    auth::Principal const& principal;
    http::Request const& request;
    std::string const& parameter; // The decoded {id} of the path; empty where the path has none.
    std::string const& base_url;  // "https://host": where links begin (no slash at the end).
    Deadline deadline;
    boost::asio::ip::address client = {}; // The client's address, seen through the trusted proxies.
    // Further fields of the answer, whether it is a Response or a Problem; each "Name: value\r\n". Never null on the road.
    std::string* fields = nullptr;
};

using OperationHandler = std::function<boost::asio::awaitable<Result<http::Response>>(Call const&)>;

// Whether anybody may call it.
enum class Access : std::uint8_t
{
    identified, // A credential, permission and a place in the team's rate window are needed.
    open,       // Documentation: none of these.
};

// One promised endpoint. Its id names everything of it, down to the SQL file.
struct Operation
{
    std::string_view id; // The OpenAPI operationId, for example "session_add_tags".
    http::Method method = http::Method::get;
    OperationHandler handle;
};

// Which window a call counts against before its handler runs.
enum class Counting : std::uint8_t
{
    team,        // The team's window "api" (identified resources).
    credentials, // The client address's window "credentials": every call of the token endpoints.
    none,        // None, or the handler counts by itself (the widget's endpoints).
};

// A path and its operations.
struct Resource
{
    std::string_view path;  // "/api/sessions/{id}/tags/", a literal; {id} takes one segment without '/'.
    std::string_view allow; // The Allow field: "POST, DELETE, OPTIONS".
    Access access = Access::identified;
    std::string_view produces = "application/json"; // What Accept is held against. "*": whatever it says.
    std::vector<Operation> operations;              // OPTIONS too. HEAD is answered by the GET operation unless listed.
    Counting counting = Counting::team;
    std::string_view fields = {}; // Of every answer, refusals included, each "Name: value\r\n": CORS. A literal.
};

struct Match
{
    Resource const* resource = nullptr;
    Operation const* operation =
        nullptr;           // nullptr: the resource has no such method, answered 405 after identify, permit and admit.
    std::string parameter; // Decoded; a byte that is not UTF-8 becomes the three characters %XX (upper case).
};

// The resources are fixed at construction; matching is thread-safe.
class RouteTable
{
  public:
    explicit RouteTable(std::vector<Resource> resources);

    // The resource of the request's path: /api/... and /api/v1/... are one surface. Problems: path_unknown, slash_missing (detail
    // is the relative location, with the query). Paths are not normalised: "/api/sessions/./" is the session "."; %2F matches no
    // path.
    [[nodiscard]] Result<Match> match(http::Request const& request) const;

    // Whether the answer can be what the client asks for: ?format= and Accept (API behaviour, 3). not_acceptable, format_unknown,
    // or nothing.
    [[nodiscard]] std::optional<Problem> negotiate(Match const& match, http::Request const& request) const;

    [[nodiscard]] std::vector<Resource> const& resources() const noexcept { return resources_; }

  private:
    std::vector<Resource> resources_;
    std::vector<std::vector<std::string_view>> patterns_; // The segments of each resource's path, views into it.
};

// The decoded parameters of a query string, in order ("a=1&a=2&b" is three); '+' is a space. At most 1,000 are read. What is not
// UTF-8 becomes U+FFFD, so names and values are well-formed text.
struct QueryParameter
{
    std::string name;
    std::string value;
};
[[nodiscard]] std::vector<QueryParameter> parse_query(std::string_view query);

} // namespace parley::routing
