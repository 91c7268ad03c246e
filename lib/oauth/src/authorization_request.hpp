// The parameters of /o/authorize/ (RFC 6749, 4.1.1; OpenID Connect Core, 3.1.2.1), judged.
#pragma once

#include "endpoints.hpp"
#include "form.hpp"

#include <chrono>
#include <cstdint>

namespace parley::oauth
{

// What `prompt` asks for.
struct Prompt
{
    bool none = false;
    bool login = false; // Also select_account: the login page is where accounts are selected.
    bool consent = false;
};

struct AuthorizationRequest
{
    ApplicationPtr application;
    std::string redirect_uri; // Checked.
    std::string state;
    std::vector<std::string> scopes;
    std::string nonce;
    std::string code_challenge;
    Prompt prompt;
    std::optional<std::chrono::seconds> max_age;
    bool may_skip_consent = false; // approval_prompt=auto
    std::string wanted_team;       // The slug in `team`; empty: none.
};

// What became of the parameters. Without an application nothing may be redirected anywhere.
struct JudgedRequest
{
    AuthorizationRequest
        request; // Complete where there is no error; application, redirect_uri and state are there where it can be redirected.
    std::optional<OAuthError> error;
    bool is_redirectable = false; // The error may go to request.redirect_uri.
};

// Problems of the store.
[[nodiscard]] boost::asio::awaitable<Result<JudgedRequest>> judge_authorization_request(Workplace& place, Form const& form,
                                                                                        Deadline deadline);

[[nodiscard]] std::optional<Prompt> parse_prompt(std::string_view text);

// Where to send the browser with an error or a code: state and iss are added (RFC 9207).
[[nodiscard]] std::string error_redirect(AuthorizationRequest const& request, OAuthError const& error, std::string_view issuer);
[[nodiscard]] std::string code_redirect(AuthorizationRequest const& request, std::string_view code, std::string_view issuer);

} // namespace parley::oauth
