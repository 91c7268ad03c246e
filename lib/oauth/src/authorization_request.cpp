#include "authorization_request.hpp"

#include "pkce.hpp"
#include "redirect_uri.hpp"
#include "scope.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace parley::oauth
{

namespace
{

constexpr std::size_t text_bytes_max = 2000; // Of state and nonce.

std::optional<std::chrono::seconds> parse_seconds(std::string_view text)
{
    std::int32_t seconds = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) return std::nullopt;
    return std::chrono::seconds(seconds);
}

std::optional<OAuthError> judge_response_type(std::string_view type)
{
    constexpr std::array<std::string_view, 6> others{"token",      "id_token",      "id_token token",
                                                     "code token", "code id_token", "code id_token token"};
    if (type == "code") return std::nullopt;
    if (type.empty()) return OAuthError{.error = "invalid_request", .description = "Missing response_type parameter."};
    bool const is_other = std::find(others.begin(), others.end(), type) != others.end();
    return OAuthError{.error =
                          is_other ? std::string_view("unauthorized_client") : std::string_view("unsupported_response_type")};
}

std::optional<OAuthError> judge_challenge(Form const& form)
{
    auto const& challenge = form.value("code_challenge");
    if (challenge.empty()) return OAuthError{.error = "invalid_request", .description = "Code challenge required."};
    // RFC 7636, 4.3: without a method it is "plain", which shows the verifier to whoever reads the request.
    if (form.value("code_challenge_method") != "S256")
        return OAuthError{.error = "invalid_request", .description = "Transform algorithm not supported."};
    if (!is_code_challenge(challenge))
        return OAuthError{.error = "invalid_request", .description = "The code challenge is malformed."};
    return std::nullopt;
}

// What OpenID Connect lets a client ask for and Parley does not speak.
std::optional<OAuthError> judge_extensions(Form const& form)
{
    if (form.has("request")) return OAuthError{.error = "request_not_supported"};
    if (form.has("request_uri")) return OAuthError{.error = "request_uri_not_supported"};
    auto const& mode = form.value("response_mode");
    if (!mode.empty() && mode != "query")
        return OAuthError{.error = "invalid_request", .description = "Only response_mode=query is supported."};
    return std::nullopt;
}

std::optional<OAuthError> read_wishes(Form const& form, AuthorizationRequest& request)
{
    auto const prompt = parse_prompt(form.value("prompt"));
    if (!prompt) return OAuthError{.error = "invalid_request", .description = "The prompt is not supported."};
    request.prompt = *prompt;
    if (form.has("max_age"))
    {
        request.max_age = parse_seconds(form.value("max_age"));
        if (!request.max_age)
            return OAuthError{.error = "invalid_request", .description = "max_age must be a number of seconds."};
    }
    if (form.value("nonce").size() > text_bytes_max)
        return OAuthError{.error = "invalid_request", .description = "The nonce is too long."};
    request.nonce = form.value("nonce");
    request.code_challenge = form.value("code_challenge");
    request.may_skip_consent = form.value("approval_prompt") == "auto";
    request.wanted_team = form.value("team");
    return std::nullopt;
}

// Everything but client and redirect URI, in the order in which clients know the errors.
std::optional<OAuthError> judge_rest(Form const& form, AuthorizationRequest& request)
{
    if (form.doubled()) return OAuthError{.error = "invalid_request", .description = "A parameter stands twice."};
    if (auto const error = judge_extensions(form)) return error;
    if (auto const error = judge_response_type(form.value("response_type"))) return error;
    if (request.application->grant != ClientGrant::authorization_code) return OAuthError{.error = "unauthorized_client"};
    if (auto const error = judge_challenge(form)) return error;
    auto scopes = choose_scopes(*request.application, form.value("scope"));
    if (!scopes) return OAuthError{.error = "invalid_scope"};
    request.scopes = std::move(*scopes);
    return read_wishes(form, request);
}

std::string finish_redirect(AuthorizationRequest const& request, std::string query, std::string_view issuer)
{
    append_parameter(query, "state", request.state);
    append_parameter(query, "iss", issuer);
    return with_query(request.redirect_uri, query);
}

} // namespace

std::optional<Prompt> parse_prompt(std::string_view text)
{
    Prompt prompt;
    auto const words = split_scope(text);
    for (auto const& word : words)
    {
        if (word == "none")
            prompt.none = true;
        else if (word == "login" || word == "select_account")
            prompt.login = true;
        else if (word == "consent")
            prompt.consent = true;
        else
            return std::nullopt;
    }
    if (prompt.none && words.size() > 1) return std::nullopt;
    return prompt;
}

boost::asio::awaitable<Result<JudgedRequest>> judge_authorization_request(Workplace& place, Form const& form, Deadline deadline)
{
    JudgedRequest judged;
    auto const& client_id = form.value("client_id");
    if (client_id.empty() || form.count("client_id") > 1 || form.count("redirect_uri") > 1)
    {
        judged.error =
            OAuthError{.error = "invalid_request", .description = "The link does not say which application it is for."};
        co_return judged;
    }
    auto const application = co_await place.applications.find(place.with.store, client_id, deadline);
    if (!application) co_return application.error();
    if (!*application)
    {
        judged.error = OAuthError{.error = "invalid_request", .description = "The application of this link is not known here."};
        co_return judged;
    }
    auto redirect = choose_redirect((*application)->redirect_uris, form.value("redirect_uri"));
    if (!redirect)
    {
        judged.error = OAuthError{.error = "invalid_request",
                                  .description = "The address to return to is not registered for this application."};
        co_return judged;
    }
    judged.is_redirectable = true;
    judged.request.application = *application;
    judged.request.redirect_uri = std::move(*redirect);
    if (form.count("state") == 1 && form.value("state").size() <= text_bytes_max) judged.request.state = form.value("state");
    if (form.value("state").size() > text_bytes_max)
        judged.error = OAuthError{.error = "invalid_request", .description = "The state is too long."};
    else
        judged.error = judge_rest(form, judged.request);
    co_return judged;
}

std::string error_redirect(AuthorizationRequest const& request, OAuthError const& error, std::string_view issuer)
{
    std::string query;
    append_parameter(query, "error", error.error);
    append_parameter(query, "error_description", error.description);
    return finish_redirect(request, std::move(query), issuer);
}

std::string code_redirect(AuthorizationRequest const& request, std::string_view code, std::string_view issuer)
{
    std::string query;
    append_parameter(query, "code", code);
    return finish_redirect(request, std::move(query), issuer);
}

} // namespace parley::oauth
