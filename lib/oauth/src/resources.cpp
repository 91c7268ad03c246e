#include "parley/oauth/resources.hpp"

#include "endpoints.hpp"

#include <utility>

namespace parley::oauth
{

namespace
{

using Endpoint = Answer (*)(Workplace&, routing::Call const&);

routing::OperationHandler at(Workplace& place, Endpoint endpoint)
{
    return [&place, endpoint](routing::Call const& call) { return endpoint(place, call); };
}

// The pipeline adds Allow to every answer.
Answer answer_options(Workplace& /*place*/, routing::Call const& /*call*/)
{
    co_return http::Response();
}

// What all have in common: open to anybody, no negotiation, and OPTIONS.
routing::Resource make_resource(Workplace& place, std::string_view path, std::string_view allow, routing::Counting counting,
                                std::string_view options_id, std::vector<routing::Operation> operations)
{
    operations.push_back({.id = options_id, .method = http::Method::options, .handle = at(place, answer_options)});
    return {.path = path,
            .allow = allow,
            .access = routing::Access::open,
            .produces = "*",
            .operations = std::move(operations),
            .counting = counting};
}

} // namespace

struct AuthorizationServer::Impl
{
    Workplace place;
};

AuthorizationServer::AuthorizationServer(Collaborators collaborators, OAuthSettings settings)
    : impl_(new Impl{.place = {.with = std::move(collaborators),
                               .settings = settings,
                               .applications = RememberedApplications(settings.application_memory),
                               .secrets = RememberedSecrets(settings.secret_memory)}})
{
}

AuthorizationServer::~AuthorizationServer() = default;

void AuthorizationServer::forget() noexcept
{
    impl_->place.applications.forget();
    impl_->place.with.keys.forget();
}

std::vector<routing::Resource> AuthorizationServer::resources()
{
    using http::Method;
    using routing::Counting;
    constexpr std::string_view post_only = "POST, OPTIONS";
    constexpr std::string_view get_only = "GET, HEAD, OPTIONS";
    constexpr std::string_view get_and_post = "GET, POST, HEAD, OPTIONS";
    Workplace& place = impl_->place;
    auto const post = [&](std::string_view id, Endpoint endpoint)
    { return routing::Operation{.id = id, .method = Method::post, .handle = at(place, endpoint)}; };
    auto const get = [&](std::string_view id, Endpoint endpoint)
    { return routing::Operation{.id = id, .method = Method::get, .handle = at(place, endpoint)}; };

    return {
        make_resource(place, "/o/authorize/", get_and_post, Counting::none, "oauth_authorize_options",
                      {get("oauth_authorize", answer_authorization), post("oauth_consent", answer_consent)}),
        make_resource(place, "/o/token/", post_only, Counting::credentials, "oauth_token_options",
                      {post("oauth_token", answer_token)}),
        make_resource(place, "/o/revoke_token/", post_only, Counting::credentials, "oauth_revoke_options",
                      {post("oauth_revoke", answer_revocation)}),
        make_resource(place, "/o/introspect/", post_only, Counting::credentials, "oauth_introspect_options",
                      {post("oauth_introspect", answer_introspection)}),
        make_resource(place, "/o/userinfo/", get_and_post, Counting::none, "oauth_userinfo_options",
                      {get("oauth_userinfo", answer_userinfo), post("oauth_userinfo_post", answer_userinfo)}),
        make_resource(place, "/.well-known/openid-configuration", get_only, Counting::none, "openid_configuration_options",
                      {get("openid_configuration", answer_openid_configuration)}),
        make_resource(place, "/.well-known/oauth-authorization-server", get_only, Counting::none, "oauth_server_metadata_options",
                      {get("oauth_server_metadata", answer_server_metadata)}),
        make_resource(place, "/.well-known/jwks.json", get_only, Counting::none, "oauth_key_set_options",
                      {get("oauth_key_set", answer_key_set)}),
        make_resource(place, "/accounts/login/", get_and_post, Counting::none, "login_options",
                      {get("login_page", show_login), post("login", answer_login)}),
        make_resource(place, "/accounts/logout/", get_and_post, Counting::none, "logout_options",
                      {get("logout_page", show_logout), post("logout", answer_logout)}),
        make_resource(place, "/o/assets/page.css", get_only, Counting::none, "oauth_stylesheet_options",
                      {get("oauth_stylesheet", answer_stylesheet)}),
    };
}

} // namespace parley::oauth
