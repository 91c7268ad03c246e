// The one error vocabulary of Parley, from the store to HTTP.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace parley
{

// Why a request cannot be answered as asked. http::to_response holds the one table that gives each code its status.
enum class ProblemCode : std::uint16_t
{
    // 1xx: the request itself.
    path_unknown = 100,       // No resource has this path.
    slash_missing = 101,      // The path exists with a slash at its end; detail is the location to go to.
    not_acceptable = 102,     // The Accept field excludes JSON.
    format_unknown = 103,     // The parameter format names something else than json.
    method_not_allowed = 104, // The resource has no such method.
    media_type_unsupported = 105,
    body_malformed = 106, // The body is not JSON; detail says where.
    body_too_large = 107,
    field_invalid = 108, // A field or parameter is at fault; body says which and why.
    cursor_invalid = 109,
    head_malformed = 110, // The request head or its framing breaks RFC 9112; the connection is closed.
    head_too_large = 111,
    host_refused = 112,        // The Host is not among the allowed hosts.
    request_timeout = 113,     // The client was too slow.
    coding_unsupported = 114,  // A transfer coding that is not chunked.
    expectation_failed = 115,  // An Expect field other than 100-continue.
    version_unsupported = 116, // Not HTTP/1.x.
    target_too_long = 117,     // The request line is longer than we read (RFC 9112, 3: 414).
    idempotency_key_invalid = 118,
    idempotency_key_reused = 119, // It stands for another request.
    idempotency_key_in_use = 120, // The request that it stands for is being answered.

    // 2xx: who asks, and what they may do.
    credentials_missing = 200,
    credential_invalid = 201,
    token_expired = 202, // As credential_invalid to the client, but WWW-Authenticate says it has expired.
    user_inactive = 203,
    membership_missing = 204, // A good credential of someone who is not (any more) in the team.
    permission_denied = 205,

    // 3xx: limits.
    rate_exceeded = 300, // retry_after says when the window ends.

    // 4xx: sessions.
    session_unknown = 400,
    experiment_unknown = 401,   // No such chatbot in any team, or it is archived.
    experiment_elsewhere = 402, // The chatbot is another team's.

    // 5xx: the store and ourselves.
    store_overloaded = 500,  // The queue is full: come back later.
    deadline_passed = 501,   // The answer would have come too late. A write with this code was not made.
    store_unavailable = 502, // The database is away.
    internal = 503,          // Our mistake.
    draining = 504,          // This replica is shutting down.
    store_refused =
        505, // The database refused this very input (for example a character it cannot hold): our decoder let it through.
};

// An answerable failure. What is in it may be shown to the client: no secret, no text of the database.
struct Problem
{
    ProblemCode code;
    std::string detail = {}; // The sentence for the client; empty: the default sentence of the code.
    std::string body = {};   // A whole JSON body that replaces {"detail": ...}, for errors that name fields.
    int retry_after = 0;     // Seconds, for 429 and 503; 0: the default of the code.

    friend bool operator==(Problem const&, Problem const&) = default;
};

// The name of a code for logs, metrics and test output, for example "session_unknown".
[[nodiscard]] std::string_view name_of(ProblemCode code) noexcept;

// A value, or the Problem that stood in its way.
template <class T>
using Result = boost::system::result<T, Problem>;

// Thrown only by Result::value() on a Problem, which is a mistake of ours: ask has_value() first.
class ProblemIgnored : public std::logic_error
{
  public:
    explicit ProblemIgnored(Problem problem)
        : std::logic_error("a Problem was taken for a value: " + std::string(name_of(problem.code))), problem_(std::move(problem))
    {
    }
    [[nodiscard]] Problem const& problem() const noexcept { return problem_; }

  private:
    Problem problem_;
};

[[noreturn]] void throw_exception_from_error(Problem const& problem, boost::source_location const& where);

} // namespace parley
