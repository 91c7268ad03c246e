// GET and POST /o/userinfo/ (OpenID Connect Core, 5.3).
#include "endpoints.hpp"
#include "id_token.hpp"
#include "scope.hpp"

#include "parley/core/text.hpp"

namespace parley::oauth
{

namespace
{

constexpr OAuthError invalid_token{.error = "invalid_token",
                                   .description =
                                       "The access token provided is expired, revoked, malformed, or invalid for other reasons.",
                                   .status = 401};

// The one word behind "Bearer"; empty where there is none.
std::string_view bearer_of(http::Request const& request) noexcept
{
    auto const* const field = request.find("Authorization");
    if (field == nullptr) return {};
    auto const value = trim_ows(*field);
    auto const space = value.find(' ');
    if (space == std::string_view::npos || !equal_ignoring_case(value.substr(0, space), "bearer")) return {};
    auto const word = trim_ows(value.substr(space + 1));
    return word.find_first_of(" \t") == std::string_view::npos ? word : std::string_view();
}

} // namespace

Answer answer_userinfo(Workplace& place, routing::Call const& call)
{
    std::string token(bearer_of(call.request));
    if (call.request.method == http::Method::post)
    {
        auto const read = co_await read_form(call); // RFC 6750, 2.2. A token in the query counts nowhere (RFC 9700, 4.3.2).
        if (!read.value) co_return read.refusal;
        auto const times = read.value->count("access_token");
        if (times > 1 || (times == 1 && !token.empty())) co_return to_response(OAuthError{.error = "invalid_request"});
        if (times == 1) token = read.value->value("access_token");
    }
    if (token.empty()) co_return to_response(invalid_token);
    auto const found = co_await place.with.store.find_access_token(sha256(token), call.deadline);
    if (!found) co_return found.error();
    bool const is_good = *found && (*found)->expires > place.with.clock.now() && (*found)->standing.is_live() &&
                         (*found)->standing.user && has_scope((*found)->scope, "openid");
    if (!is_good) co_return to_response(invalid_token);
    http::Response response;
    response.body = user_claims((*found)->scope, (*found)->standing);
    response.add("Cache-Control", "no-store");
    co_return response;
}

} // namespace parley::oauth
