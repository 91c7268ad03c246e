// The endpoints, one file each, and what they share.
#pragma once

#include "form.hpp"
#include "remembered.hpp"

#include "parley/http/message.hpp"
#include "parley/oauth/resources.hpp"
#include "parley/routing/route_table.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace parley::oauth
{

// What every endpoint works with. One per server, shared by all threads.
struct Workplace
{
    Collaborators with;
    OAuthSettings settings;
    RememberedApplications applications;
    RememberedSecrets secrets;

    void forget_credentials() const
    {
        if (with.forget_credentials) with.forget_credentials();
    }
};

using Answer = boost::asio::awaitable<Result<http::Response>>;

[[nodiscard]] Answer answer_token(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_revocation(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_introspection(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_userinfo(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_authorization(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_consent(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer show_login(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_login(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer show_logout(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_logout(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_openid_configuration(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_server_metadata(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_key_set(Workplace& place, routing::Call const& call);
[[nodiscard]] Answer answer_stylesheet(Workplace& place, routing::Call const& call);

// An error of RFC 6749, 5.2 (or of the RFCs beside it).
struct OAuthError
{
    std::string_view error;
    std::string_view description = {};
    int status = 400;
};

inline constexpr OAuthError invalid_client{.error = "invalid_client", .description = {}, .status = 401};

// {"error":...,"error_description":...}; a 401 carries WWW-Authenticate: Bearer error=...
[[nodiscard]] http::Response to_response(OAuthError const& error);

// A value, or the answer that ends the call.
template <class T>
struct Either
{
    std::optional<T> value;
    http::Response refusal;
};

// The form in the body of a call to /o/token/ and its sisters: another media type is an empty form. Refused: a query (secrets
// belong in no URL), a malformed form, a doubled parameter other than tolerated.
[[nodiscard]] boost::asio::awaitable<Either<Form>> read_endpoint_form(routing::Call const& call,
                                                                      std::string_view tolerated_double = {});

// The same without judgement on queries and doubles. Nothing where it is malformed.
[[nodiscard]] boost::asio::awaitable<Either<Form>> read_form(routing::Call const& call);

} // namespace parley::oauth
