// POST /o/token/
#include "client_authentication.hpp"
#include "endpoints.hpp"
#include "id_token.hpp"
#include "pkce.hpp"
#include "redirect_uri.hpp"
#include "scope.hpp"

#include "parley/core/json.hpp"

#include <memory>
#include <utility>

namespace parley::oauth
{

namespace
{

namespace asio = boost::asio;

constexpr OAuthError invalid_grant{.error = "invalid_grant"};
constexpr OAuthError invalid_scope{.error = "invalid_scope"};
constexpr OAuthError unauthorized_client{.error = "unauthorized_client"};
constexpr OAuthError mismatching_redirect{.error = "invalid_request", .description = "Mismatching redirect URI."};

// The tokens as the client gets them; the store gets their digests.
struct Secrets
{
    std::string access = make_secret();
    std::string refresh = make_secret();
};

http::Response token_answer(Workplace const& place, std::string_view access, std::string_view scope, std::string_view refresh,
                            std::string_view id_token)
{
    http::Response response;
    response.body = "{\"access_token\":" + json::to_string_literal(access);
    response.body += ",\"expires_in\":" + std::to_string(place.settings.access_token_lifetime.count());
    response.body += ",\"token_type\":\"Bearer\",\"scope\":" + json::to_string_literal(scope);
    if (!refresh.empty()) response.body += ",\"refresh_token\":" + json::to_string_literal(refresh);
    if (!id_token.empty()) response.body += ",\"id_token\":" + json::to_string_literal(id_token);
    response.body += '}';
    response.add("Cache-Control", "no-store");
    response.add("Pragma", "no-cache");
    return response;
}

// The ID token, or an empty text where the scope asks for none.
asio::awaitable<Result<std::string>> id_token(Workplace& place, routing::Call const& call, IdTokenFacts const& facts,
                                              Standing const& standing)
{
    if (!has_scope(facts.scope, "openid") || !standing.user) co_return std::string();
    auto claims = id_token_claims(facts, standing);
    co_return co_await place.with.keys.sign(std::move(claims), call.deadline);
}

// ---- authorization_code

// What decides over a code. A copy of its own: it runs on a thread of the store.
struct CodeJudge
{
    std::string verifier_challenge; // The verifier's, by S256; empty: no well-formed verifier.
    std::string redirect_uri;       // Empty: not sent, which is right where only one is registered.
    bool may_omit_redirect = false;
    NewTokens tokens;
    Timestamp now;
    std::shared_ptr<OAuthError> refusal; // Says why.

    std::optional<NewTokens> operator()(Grant const& grant, Standing const& standing) const
    {
        *refusal = invalid_grant;
        if (grant.expires <= now || !standing.is_live() || !standing.user) return std::nullopt;
        if (grant.code_challenge_method != "S256" || verifier_challenge.empty()) return std::nullopt;
        if (!equal_in_constant_time(grant.code_challenge, verifier_challenge)) return std::nullopt;
        if (redirect_uri.empty() ? !may_omit_redirect : redirect_uri != grant.redirect_uri)
        {
            *refusal = mismatching_redirect;
            return std::nullopt;
        }
        NewTokens granted = tokens;
        granted.scope = grant.scope;
        granted.refresh_scope = grant.scope;
        return granted;
    }
};

CodeJudge make_code_judge(Workplace const& place, Application const& application, Form const& form, Secrets const& secrets)
{
    auto const now = place.with.clock.now();
    auto const& verifier = form.value("code_verifier");
    return {.verifier_challenge = is_code_verifier(verifier) ? challenge_of(verifier) : std::string(),
            .redirect_uri = form.value("redirect_uri"),
            .may_omit_redirect = application.redirect_uris.size() == 1,
            .tokens = {.access = sha256(secrets.access),
                       .refresh = sha256(secrets.refresh),
                       .access_expires = now + place.settings.access_token_lifetime},
            .now = now,
            .refusal = std::make_shared<OAuthError>(invalid_grant)};
}

// A code without its verifier is not burnt: the request is at fault, whatever the code. But a code that is none is said to be
// none.
Answer answer_missing_verifier(Workplace& place, routing::Call const& call, Application const& application, Form const& form)
{
    auto const is_known =
        co_await place.with.store.has_grant(sha256(form.value("code")), application.id, place.with.clock.now(), call.deadline);
    if (!is_known) co_return is_known.error();
    if (!*is_known) co_return to_response(invalid_grant);
    co_return to_response(OAuthError{.error = "invalid_request", .description = "Code verifier required."});
}

Answer exchange_code(Workplace& place, routing::Call const& call, ApplicationPtr application, Form const& form)
{
    if (application->grant != ClientGrant::authorization_code) co_return to_response(unauthorized_client);
    if (!form.has("code_verifier")) co_return co_await answer_missing_verifier(place, call, *application, form);

    Secrets const secrets;
    auto const judge = make_code_judge(place, *application, form, secrets);
    CodeDecision decide = judge;
    auto const exchange = co_await place.with.store.exchange_code(sha256(form.value("code")), application->id, std::move(decide),
                                                                  judge.now, call.deadline);
    if (!exchange) co_return exchange.error();
    if (exchange->outcome == Exchange::reused) place.forget_credentials();
    if (exchange->outcome == Exchange::refused) co_return to_response(*judge.refusal);
    if (exchange->outcome != Exchange::issued) co_return to_response(invalid_grant);

    Grant const& grant = exchange->grant;
    IdTokenFacts const facts{.issuer = call.base_url,
                             .client_id = application->client_id,
                             .nonce = grant.nonce,
                             .access_token = secrets.access,
                             .scope = grant.scope,
                             .now = judge.now,
                             .expires = judge.tokens.access_expires,
                             .auth_time = grant.auth_time ? grant.auth_time : exchange->standing.user->last_login};
    auto const signed_token = co_await id_token(place, call, facts, exchange->standing);
    if (!signed_token) co_return signed_token.error();
    co_return token_answer(place, secrets.access, grant.scope, secrets.refresh, *signed_token);
}

// ---- refresh_token

struct RefreshJudge
{
    std::vector<std::string> wanted;    // Empty: what there is.
    std::vector<std::string> grantable; // What the application may have today.
    NewTokens tokens;
    Timestamp now;
    std::chrono::seconds lifetime;
    std::shared_ptr<OAuthError> refusal;
    std::shared_ptr<std::string> scope; // What was given.

    std::optional<NewTokens> operator()(RefreshGrant const& grant, Standing const& standing) const
    {
        *refusal = invalid_grant;
        if (!standing.is_live() || !standing.user || grant.created_at + lifetime <= now) return std::nullopt;
        *refusal = invalid_scope;
        auto const had = split_scope(grant.scope);
        if (!is_subset(wanted, had)) return std::nullopt;
        auto given = wanted.empty() ? had : wanted;
        std::erase_if(given, [&](std::string const& name) { return !is_subset({&name, 1}, grantable); });
        if (given.empty() && !had.empty()) return std::nullopt;
        NewTokens granted = tokens;
        granted.scope = join_scope(given);
        granted.refresh_scope = grant.scope; // The refresh token keeps what it had (RFC 6749, 6).
        *scope = granted.scope;
        return granted;
    }
};

Answer exchange_refresh_token(Workplace& place, routing::Call const& call, ApplicationPtr application, Form const& form)
{
    Secrets const secrets;
    auto const now = place.with.clock.now();
    RefreshJudge const judge{.wanted = split_scope(form.value("scope")),
                             .grantable = grantable_scopes(*application),
                             .tokens = {.access = sha256(secrets.access),
                                        .refresh = sha256(secrets.refresh),
                                        .access_expires = now + place.settings.access_token_lifetime},
                             .now = now,
                             .lifetime = place.settings.refresh_token_lifetime,
                             .refusal = std::make_shared<OAuthError>(invalid_grant),
                             .scope = std::make_shared<std::string>()};
    RefreshDecision decide = judge;
    auto const exchange = co_await place.with.store.exchange_refresh_token(sha256(form.value("refresh_token")), application->id,
                                                                           std::move(decide), now, call.deadline);
    if (!exchange) co_return exchange.error();
    if (exchange->outcome == Exchange::refused) co_return to_response(*judge.refusal);
    if (exchange->outcome == Exchange::unknown) co_return to_response(invalid_grant);
    place.forget_credentials();
    if (exchange->outcome == Exchange::reused) co_return to_response(invalid_grant);

    IdTokenFacts const facts{.issuer = call.base_url,
                             .client_id = application->client_id,
                             .nonce = {}, // OpenID Connect Core, 12.2.
                             .access_token = secrets.access,
                             .scope = *judge.scope,
                             .now = now,
                             .expires = judge.tokens.access_expires,
                             .auth_time =
                                 exchange->grant.auth_time ? exchange->grant.auth_time : exchange->standing.user->last_login};
    auto const signed_token = co_await id_token(place, call, facts, exchange->standing);
    if (!signed_token) co_return signed_token.error();
    co_return token_answer(place, secrets.access, *judge.scope, secrets.refresh, *signed_token);
}

// ---- client_credentials

Answer give_machine_token(Workplace& place, routing::Call const& call, ApplicationPtr application, Form const& form)
{
    bool const is_machine =
        application->grant == ClientGrant::client_credentials && application->type == ClientType::confidential;
    if (!is_machine || !application->team) co_return to_response(unauthorized_client);
    auto const scopes = choose_scopes(*application, form.value("scope"));
    if (!scopes) co_return to_response(invalid_scope);
    auto const scope = join_scope(*scopes);
    auto const access = make_secret();
    auto const now = place.with.clock.now();
    auto const saved =
        co_await place.with.store.save_machine_token(sha256(access), application->id, application->team->id, scope,
                                                     now + place.settings.access_token_lifetime, now, call.deadline);
    if (!saved) co_return saved.error();
    co_return token_answer(place, access, scope, {}, {});
}

Answer refuse_password_grant(Workplace& /*place*/, routing::Call const& /*call*/, ApplicationPtr /*application*/,
                             Form const& /*form*/)
{
    co_return to_response(unauthorized_client); // No application is registered for it (RFC 9700, 2.4).
}

struct GrantType
{
    std::string_view name;
    std::string_view parameter; // Without it the request is invalid.
    OAuthError missing;
    Answer (*answer)(Workplace&, routing::Call const&, ApplicationPtr, Form const&);
};

GrantType const* find_grant_type(std::string_view name) noexcept
{
    static constexpr GrantType types[] = {
        {"authorization_code", "code", {"invalid_request", "Missing code parameter."}, exchange_code},
        {"refresh_token", "refresh_token", {"invalid_request", "Missing refresh token parameter."}, exchange_refresh_token},
        {"client_credentials", "", {}, give_machine_token},
        {"password", "username", {"invalid_request", "Request is missing username parameter."}, refuse_password_grant},
    };
    for (GrantType const& type : types)
    {
        if (type.name == name) return &type;
    }
    return nullptr;
}

bool names_two_grant_types(Form const& form)
{
    for (Form::Parameter const& one : form.parameters())
    {
        if (one.name == "grant_type" && one.value != form.value("grant_type")) return true;
    }
    return false;
}

} // namespace

Answer answer_token(Workplace& place, routing::Call const& call)
{
    // The same grant type twice is let through, as clients know it.
    auto const read = co_await read_endpoint_form(call, "grant_type");
    if (!read.value) co_return read.refusal;
    Form const& form = *read.value;
    if (names_two_grant_types(form))
        co_return to_response(OAuthError{.error = "invalid_request", .description = "A parameter stands twice."});
    auto const* const type = find_grant_type(form.value("grant_type"));
    if (type == nullptr) co_return to_response(OAuthError{.error = "unsupported_grant_type"});
    if (!type->parameter.empty() && !form.has(type->parameter)) co_return to_response(type->missing);

    auto const client = co_await authenticate_client(place, call, form);
    if (!client.value) co_return client.refusal;
    co_return co_await type->answer(place, call, *client.value, form);
}

} // namespace parley::oauth
