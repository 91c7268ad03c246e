// Goal: whatever is wrong with a request to the authorization server gets the error that its RFC names, gives nothing away and
// sends nobody to an address that is not the client's.
// Method: one thing at a time is made wrong, missing, doubled or made to contradict something else in a request that is good
// otherwise, and is sent to the real parleyd. Every answer is held against the OpenAPI document too.
#include "parley/support/api_client.hpp"
#include "parley/support/oauth_client.hpp"
#include "parley/support/promised_exchange.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace parley::e2e
{
namespace
{

using support::FormFields;
using support::with;
using support::without;

std::string const machine = support::basic("oracle-machine-client", "machine-secret-0123456789");
std::string const confidential = support::basic("oracle-confidential-client", "conf-secret-0123456789");
std::string const authorize_path = "/o/authorize/";

// A form with one field twice.
FormFields doubled(FormFields fields, std::string const& name)
{
    auto const found = std::ranges::find(fields, name, &FormFields::value_type::first);
    fields.emplace_back(name, found == fields.end() ? "" : found->second);
    return fields;
}

class OAuthRefusal : public testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        service_ = support::start_with_world(support::recorded_world_path(), {"--rate-limit-enforce", "false"});
    }
    static void TearDownTestSuite() { service_.reset(); }

    static support::HttpAnswer send(support::HttpRequest const& request)
    {
        auto answer = service_->exchange(request);
        auto const broken = support::validate_exchange(request.method, request.target, answer.status, answer.body);
        EXPECT_FALSE(broken) << *broken;
        return answer;
    }

    // A refusal for programs: JSON with the error, not to be kept, with a challenge where it is 401.
    static void expect_error(support::HttpRequest const& request, int status, std::string_view error)
    {
        auto const answer = send(request);
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(support::member_of(answer.body, "error"), error) << answer.body;
        EXPECT_EQ(answer.find("Content-Type"), "application/json");
        EXPECT_EQ(answer.find("Cache-Control"), "no-store");
        EXPECT_EQ(answer.find("WWW-Authenticate").has_value(), status == 401);
        EXPECT_FALSE(answer.find("Location"));
    }

    static std::string code() { return support::obtain_code(*service_); }
    static support::HttpRequest ask(FormFields const& query, std::string_view cookies = support::owner_cookies)
    {
        return {.target = authorize_path + "?" + support::encode_form(query), .fields = {{"Cookie", std::string(cookies)}}};
    }
    static FormFields consent(FormFields const& changes = {})
    {
        auto form = with(support::authorization_form(),
                         {{"allow", "Authorize"}, {"csrfmiddlewaretoken", std::string(support::csrf_token)}});
        return with(form, changes);
    }
    static support::HttpRequest answer_with(FormFields const& form,
                                            FormFields fields = {{"Cookie", std::string(support::owner_cookies)}})
    {
        return support::form_request(authorize_path, form, std::move(fields));
    }

    // A page for the person, and nobody is sent anywhere.
    static void expect_page(support::HttpRequest const& request, int status)
    {
        auto const answer = send(request);
        EXPECT_EQ(answer.status, status);
        EXPECT_FALSE(answer.find("Location")) << answer.find("Location").value_or("");
        EXPECT_EQ(answer.find("Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(answer.find("X-Frame-Options"), "DENY");
        EXPECT_NE(answer.find("Content-Security-Policy").value_or("").find("default-src 'none'"), std::string::npos);
    }

    // The error goes to the client's address, with what it needs to know whose answer it is.
    static void expect_redirect(support::HttpRequest const& request, std::string_view error, std::string_view state = "st&te")
    {
        auto const answer = send(request);
        auto const location = answer.find("Location").value_or("");
        EXPECT_EQ(answer.status, 302);
        EXPECT_TRUE(location.starts_with(std::string(support::public_client_redirect) + "?")) << location;
        EXPECT_EQ(support::query_parameter(location, "error"), error) << location;
        EXPECT_EQ(support::query_parameter(location, "state"), state) << location;
        EXPECT_EQ(support::query_parameter(location, "iss"), "http://parley.test");
        EXPECT_EQ(support::query_parameter(location, "code"), "");
        EXPECT_EQ(answer.count("Location"), 1U);
    }

    static inline std::unique_ptr<support::ParleydProcess> service_;
};

struct Refused
{
    char const* name;
    FormFields form;
    FormFields fields = {};
    int status = 400;
    char const* error = "invalid_request";
};

TEST_F(OAuthRefusal, of_a_code_says_why_and_keeps_it_from_others)
{
    auto const good = [] { return support::code_form(code()); };
    FormFields const as_confidential{{"Authorization", confidential}};
    Refused const cases[] = {
        {"no grant type", without(good(), "grant_type"), {}, 400, "unsupported_grant_type"},
        {"grant type in another case", with(good(), {{"grant_type", "Authorization_Code"}}), {}, 400, "unsupported_grant_type"},
        {"two grant types",
         [&]
         {
             auto form = good();
             form.emplace_back("grant_type", "refresh_token");
             return form;
         }()},
        {"no code", without(good(), "code")},
        {"empty code", with(good(), {{"code", ""}})},
        {"unknown code", with(good(), {{"code", "nope"}}), {}, 400, "invalid_grant"},
        {"code with a space more", with(good(), {{"code", code() + " "}}), {}, 400, "invalid_grant"},
        {"doubled code", doubled(good(), "code")},
        {"no client", without(good(), "client_id"), {}, 401, "invalid_client"},
        {"unknown client", with(good(), {{"client_id", "nobody"}}), {}, 401, "invalid_client"},
        {"doubled client", doubled(good(), "client_id")},
        {"a secret where there is none", with(good(), {{"client_secret", "x"}}), {}, 401, "invalid_client"},
        {"another client's code", without(good(), "client_id"), as_confidential, 400, "invalid_grant"},
        {"a machine's client", without(good(), "client_id"), {{"Authorization", machine}}, 400, "unauthorized_client"},
        {"two clients", good(), as_confidential},
        {"no verifier", without(good(), "code_verifier")},
        {"wrong verifier", with(good(), {{"code_verifier", std::string(43, 'x')}}), {}, 400, "invalid_grant"},
        {"the challenge as verifier",
         with(good(), {{"code_verifier", std::string(support::pkce_challenge)}}),
         {},
         400,
         "invalid_grant"},
        {"short verifier", with(good(), {{"code_verifier", "short"}}), {}, 400, "invalid_grant"},
        {"long verifier", with(good(), {{"code_verifier", std::string(129, 'x')}}), {}, 400, "invalid_grant"},
        {"verifier with a bad character",
         with(good(), {{"code_verifier", std::string(42, 'x') + "!"}}),
         {},
         400,
         "invalid_grant"},
        {"doubled verifier", doubled(good(), "code_verifier")},
        {"another redirect uri", with(good(), {{"redirect_uri", "https://client.example/other"}})},
        {"redirect uri with a slash more", with(good(), {{"redirect_uri", "https://client.example/callback/"}})},
        {"doubled redirect uri", doubled(good(), "redirect_uri")},
        {"doubled unknown parameter", doubled(with(good(), {{"x", "1"}}), "x")},
    };
    for (auto const& one : cases)
    {
        SCOPED_TRACE(one.name);
        expect_error(support::form_request("/o/token/", one.form, one.fields), one.status, one.error);
    }
    // The code itself is good until it is burnt: by a wrong verifier, and by nothing that another client does.
    auto const form = good();
    expect_error(support::form_request("/o/token/", without(form, "client_id"), as_confidential), 400, "invalid_grant");
    expect_error(support::form_request("/o/token/", without(form, "code_verifier")), 400, "invalid_request");
    EXPECT_EQ(send(support::form_request("/o/token/", form)).status, 200);
    auto const burnt = good();
    expect_error(support::form_request("/o/token/", with(burnt, {{"code_verifier", std::string(43, 'x')}})), 400,
                 "invalid_grant");
    expect_error(support::form_request("/o/token/", burnt), 400, "invalid_grant");
}

TEST_F(OAuthRefusal, of_a_refresh_token_or_a_machine_says_why)
{
    auto const tokens = send(support::form_request("/o/token/", support::code_form(code()))).body;
    auto const refresh = support::refresh_form(support::member_of(tokens, "refresh_token"));
    FormFields const as_machine{{"Authorization", machine}};
    FormFields const good{{"grant_type", "client_credentials"}, {"scope", "sessions:read"}};
    auto const guess = [](std::string_view secret) {
        return FormFields{{"Authorization", support::basic("oracle-machine-client", secret)}};
    };
    Refused const cases[] = {
        {"no refresh token", without(refresh, "refresh_token")},
        {"unknown refresh token", with(refresh, {{"refresh_token", "nope"}}), {}, 400, "invalid_grant"},
        {"an access token",
         with(refresh, {{"refresh_token", support::member_of(tokens, "access_token")}}),
         {},
         400,
         "invalid_grant"},
        {"another client's", without(refresh, "client_id"), {{"Authorization", confidential}}, 400, "invalid_grant"},
        {"a wider scope", with(refresh, {{"scope", "sessions:read chatbots:read"}}), {}, 400, "invalid_scope"},
        {"an unknown scope", with(refresh, {{"scope", "nope"}}), {}, 400, "invalid_scope"},
        {"doubled refresh token", doubled(refresh, "refresh_token")},
        {"no client at all", without(refresh, "client_id"), {}, 401, "invalid_client"},
        {"machine: no secret", with(good, {{"client_id", "oracle-machine-client"}}), {}, 401, "invalid_client"},
        {"machine: wrong secret", good, guess("machine-secret-0123456780"), 401, "invalid_client"},
        {"machine: empty secret", good, guess(""), 401, "invalid_client"},
        {"machine: secret and more", good, guess("machine-secret-0123456789 "), 401, "invalid_client"},
        {"machine: endless secret", good, guess(std::string(700, 'x')), 401, "invalid_client"},
        {"machine: basic is no base64", good, {{"Authorization", "Basic %%%"}}, 401, "invalid_client"},
        {"machine: bearer in place of basic", good, {{"Authorization", "Bearer x"}}, 401, "invalid_client"},
        {"machine: another secret in the body", with(good, {{"client_secret", "x"}}), as_machine},
        {"machine: another client in the body", with(good, {{"client_id", "oracle-machine-beta"}}), as_machine},
        {"machine: no scope", without(good, "scope"), as_machine, 400, "invalid_scope"},
        {"machine: unknown scope", with(good, {{"scope", "nope"}}), as_machine, 400, "invalid_scope"},
        {"machine: a user's scope", with(good, {{"scope", "openid"}}), as_machine, 400, "invalid_scope"},
        {"machine: doubled scope", doubled(good, "scope"), as_machine},
        {"a code client as a machine", good, {{"Authorization", confidential}}, 400, "unauthorized_client"},
        {"a public client as a machine",
         with(good, {{"client_id", std::string(support::public_client)}}),
         {},
         400,
         "unauthorized_client"},
        {"a password",
         {{"grant_type", "password"}, {"username", "owner@alpha.example"}, {"password", "oracle-password-owner"}},
         {{"Authorization", confidential}},
         400,
         "unauthorized_client"},
        {"implicit", with(good, {{"grant_type", "implicit"}}), as_machine, 400, "unsupported_grant_type"},
    };
    for (auto const& one : cases)
    {
        SCOPED_TRACE(one.name);
        expect_error(support::form_request("/o/token/", one.form, one.fields), one.status, one.error);
    }
    EXPECT_EQ(send(support::form_request("/o/token/", refresh)).status, 200) << "nothing above touched the refresh token";
}

TEST_F(OAuthRefusal, forms_are_read_strictly)
{
    std::string const good = "grant_type=client_credentials&scope=sessions%3Aread";
    auto const post = [](std::string target, std::string type, std::string body)
    {
        return support::HttpRequest{.method = "POST",
                                    .target = std::move(target),
                                    .fields = {{"Content-Type", std::move(type)}, {"Authorization", machine}},
                                    .body = std::move(body)};
    };
    std::string const form = "application/x-www-form-urlencoded";
    EXPECT_EQ(send(post("/o/token/", form, good)).status, 200);
    std::string many = good;
    for (int i = 0; i < 200; ++i)
        many += "&p" + std::to_string(i) + "=";
    for (auto const& body : {good + "&x=%", good + "&x=%4", good + "&x=%zz", good + "&x=%00", good + "&x=%ff", many,
                             good + "&x=" + std::string(70'000, 'x')})
        expect_error(post("/o/token/", form, body), 400, "invalid_request");
    expect_error(post("/o/token/?client_secret=x", form, good), 400, "invalid_request");
    expect_error(post("/o/token/", "application/json", R"({"grant_type":"client_credentials","scope":"sessions:read"})"), 400,
                 "unsupported_grant_type");
    expect_error(post("/o/token/", "multipart/form-data; boundary=x", good), 400, "unsupported_grant_type");
    for (auto const* const path : {"/o/token/", "/o/revoke_token/", "/o/introspect/"})
    {
        EXPECT_EQ(send({.target = path}).status, 405) << path;
        auto request = post(path, form, good);
        request.fields.emplace_back("Authorization", machine);
        EXPECT_EQ(send(request).status, 400) << path << ": two Authorization fields";
    }
}

// Anybody may post there: what is beyond any form is not even read.
TEST_F(OAuthRefusal, nobody_makes_the_service_hold_megabytes)
{
    struct Place
    {
        char const* path;
        std::size_t bytes;
    };
    constexpr Place places[] = {{"/o/token/", 200'000},         {"/o/revoke_token/", 200'000},  {"/o/introspect/", 200'000},
                                {"/o/userinfo/", 200'000},      {"/o/authorize/", 200'000},     {"/accounts/login/", 200'000},
                                {"/accounts/logout/", 200'000}, {"/api/chat/start/", 2'000'000}};
    for (auto const& [path, bytes] : places)
    {
        SCOPED_TRACE(path);
        auto const head = std::string("POST ") + path + " HTTP/1.1\r\nHost: parley.test\r\n";
        auto announced = service_->connect();
        announced.send(head + "Expect: 100-continue\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n");
        EXPECT_EQ(announced.read_answer("POST").value().status, 413);
        EXPECT_TRUE(announced.closes_within(std::chrono::seconds(5)));

        auto chunked = service_->connect();
        chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n186a0\r\n"); // 100,000 bytes each.
        for (std::size_t sent = 0; sent < bytes; sent += 100'000)
            if (!chunked.try_send(std::string(100'000, 'x') + "\r\n186a0\r\n")) break;
        EXPECT_EQ(chunked.read_answer("POST").value().status, 413);
    }
    EXPECT_EQ(support::ApiClient(*service_, support::recorded_key("owner_rw"))
                  .post("/api/sessions/", R"({"experiment":"000000e1-0000-4000-8000-000000000001","state":{"a":")" +
                                              std::string(2'000'000, 'x') + "\"}}")
                  .status,
              201)
        << "who may, may";
}

TEST_F(OAuthRefusal, nothing_is_sent_to_an_address_that_is_not_the_clients)
{
    auto const good = support::authorization_form();
    auto const back_to = [&](std::string uri) { return with(good, {{"redirect_uri", std::move(uri)}}); };
    FormFields const cases[] = {
        {},
        without(good, "client_id"),
        with(good, {{"client_id", ""}}),
        with(good, {{"client_id", "nobody"}}),
        with(good, {{"client_id", "Oracle-Public-Client"}}),
        doubled(good, "client_id"),
        doubled(good, "redirect_uri"),
        back_to("https://evil.example/callback"),
        back_to("https://client.example.evil.example/callback"),
        back_to("https://client.example@evil.example/callback"),
        back_to("https://client.example:444/callback"),
        back_to("https://client.example/callback/"),
        back_to("https://client.example/callback/../evil"),
        back_to("https://client.example/Callback"),
        back_to("https://client.example/callback?x=1"),
        back_to("https://client.example/callback#x"),
        back_to("https://client.example/callback%2f"),
        back_to("HTTPS://client.example/callback"),
        back_to("http://client.example/callback"),
        back_to("//client.example/callback"),
        back_to("/callback"),
        back_to("javascript:alert(1)"),
        back_to("data:text/html,x"),
        back_to("https://client.example/callback\r\nX: y"),
        back_to("http://127.0.0.1/callback"),
        without(with(good, {{"client_id", "oracle-confidential-client"}}), "redirect_uri"), // It has two.
        with(good, {{"client_id", "oracle-machine-client"}}),
    };
    for (auto const& one : cases)
    {
        SCOPED_TRACE(support::encode_form(one));
        expect_page(ask(one), 400);
        expect_page(ask(with(one, {{"prompt", "none"}}), "a=b"), 400); // Nobody signed in, and no page wanted: no exception.
        auto form = one;
        form.emplace_back("allow", "Authorize");
        form.emplace_back("csrfmiddlewaretoken", support::csrf_token);
        expect_page(answer_with(form), 400);
    }
    for (auto const* const query : {"client_id=%", "client_id=%zz", "client_id=%ff", "client_id=%00"})
        expect_page({.target = authorize_path + "?" + query, .fields = {{"Cookie", std::string(support::owner_cookies)}}}, 400);
}

TEST_F(OAuthRefusal, every_other_error_goes_to_the_client)
{
    auto const good = support::authorization_form();
    struct Case
    {
        FormFields form;
        char const* error = "invalid_request";
    };
    Case const cases[] = {
        {without(good, "response_type")},
        {with(good, {{"response_type", "token"}}), "unauthorized_client"},
        {with(good, {{"response_type", "id_token token"}}), "unauthorized_client"},
        {with(good, {{"response_type", "Code"}}), "unsupported_response_type"},
        {doubled(good, "response_type")},
        {with(good, {{"scope", "nope"}}), "invalid_scope"},
        {with(good, {{"scope", "sessions:read nope"}}), "invalid_scope"},
        {with(good, {{"scope", "sessions:read\tsessions:write"}}), "invalid_scope"},
        {doubled(good, "scope")},
        {without(good, "code_challenge")},
        {without(good, "code_challenge_method")},
        {without(without(good, "code_challenge"), "code_challenge_method")},
        {with(good, {{"code_challenge_method", "plain"}})},
        {with(good, {{"code_challenge_method", "s256"}})},
        {with(good, {{"code_challenge", "short"}})},
        {with(good, {{"code_challenge", std::string(support::pkce_challenge) + "="}})},
        {with(good, {{"code_challenge", std::string(43, '/')}})},
        {doubled(good, "code_challenge")},
        {doubled(good, "code_challenge_method")},
        {with(good, {{"prompt", "none consent"}})},
        {with(good, {{"prompt", "dance"}})},
        {with(good, {{"max_age", "-1"}})},
        {with(good, {{"max_age", "1e9"}})},
        {with(good, {{"max_age", "99999999999999999999"}})},
        {with(good, {{"response_mode", "fragment"}})},
        {with(good, {{"response_mode", "form_post"}})},
        {with(good, {{"request", "eyJ"}}), "request_not_supported"},
        {with(good, {{"request_uri", "https://client.example/r"}}), "request_uri_not_supported"},
        {with(good, {{"nonce", std::string(3000, 'n')}})},
        {doubled(with(good, {{"nonce", "n"}}), "nonce")},
    };
    for (auto const& one : cases)
    {
        SCOPED_TRACE(support::encode_form(one.form));
        expect_redirect(ask(one.form), one.error);
        auto form = one.form;
        form.emplace_back("allow", "Authorize");
        form.emplace_back("csrfmiddlewaretoken", support::csrf_token);
        expect_redirect(answer_with(form), one.error);
    }
    expect_redirect(ask(doubled(good, "state")), "invalid_request", "");
    expect_redirect(ask(with(good, {{"prompt", "none"}}), "a=b"), "login_required");
    expect_redirect(ask(good, "sessionid=oraclebrowsersessionoutsider0000"), "access_denied");
}

TEST_F(OAuthRefusal, a_state_that_would_break_a_field_comes_back_encoded)
{
    std::string const state = "a\r\nSet-Cookie: sessionid=x\r\n\r\n<script>\"'\\&=#?%00 \xc3\xa9";
    expect_redirect(ask(with(support::authorization_form("nope"), {{"state", state}})), "invalid_scope", state);
    auto const answer = send(answer_with(consent({{"state", state}})));
    auto const location = answer.find("Location").value_or("");
    EXPECT_EQ(support::query_parameter(location, "state"), state);
    EXPECT_NE(support::query_parameter(location, "code"), "");
    EXPECT_FALSE(answer.find("Set-Cookie"));
    // And on the page it stays text.
    auto const page = send(ask(with(support::authorization_form(), {{"state", state}})));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body.find("<script>"), std::string::npos);
}

TEST_F(OAuthRefusal, consent_counts_only_from_a_page_of_this_site)
{
    auto const cookies = [](std::string_view text) { return FormFields{{"Cookie", std::string(text)}}; };
    auto const from = [&](char const* field, char const* value)
    {
        auto fields = cookies(support::owner_cookies);
        fields.emplace_back(field, value);
        return fields;
    };
    std::string const session = "sessionid=oraclebrowsersessionowner0000000";
    expect_page(answer_with(without(consent(), "csrfmiddlewaretoken")), 403);
    expect_page(answer_with(consent({{"csrfmiddlewaretoken", std::string(33, 'x')}})), 403);
    expect_page(answer_with(consent(), cookies(session)), 403);
    expect_page(answer_with(consent({{"csrfmiddlewaretoken", "short"}}), cookies(session + "; csrftoken=short")), 403);
    expect_page(answer_with(consent({{"csrfmiddlewaretoken", ""}}), cookies(session + "; csrftoken=")), 403);
    for (auto const* const origin :
         {"null", "https://evil.example", "http://parley.test.evil.example", "https://parley.test", ""})
        expect_page(answer_with(consent(), from("Origin", origin)), 403);
    for (auto const* const referer :
         {"https://evil.example/", "http://parley.test.evil.example/", "http://parley.test@evil.example/"})
        expect_page(answer_with(consent(), from("Referer", referer)), 403);
    for (auto const* const site : {"cross-site", "same-site"})
        expect_page(answer_with(consent(), from("Sec-Fetch-Site", site)), 403);
    EXPECT_EQ(send(answer_with(consent(), from("Origin", "http://parley.test"))).status, 302);

    expect_redirect(answer_with(without(consent(), "allow")), "access_denied");
    for (auto const* const no : {"", "0", "false", "False"})
        expect_redirect(answer_with(consent({{"allow", no}})), "access_denied");
    // The form and the address must not contradict each other.
    auto request = answer_with(consent());
    request.target += "?scope=sessions%3Aread";
    expect_page(request, 400);
}

TEST_F(OAuthRefusal, a_team_must_be_one_of_the_users)
{
    FormFields const changes{{"client_id", "oracle-global-client"}};
    for (FormFields const& team : {FormFields{}, {{"team_slug", ""}}, {{"team_slug", "beta"}}, {{"team_slug", "ALPHA"}}})
        expect_page(answer_with(with(consent(changes), team)), 200);
    auto const answer = send(answer_with(with(consent(changes), {{"team_slug", "alpha"}})));
    EXPECT_NE(support::query_parameter(answer.find("Location").value_or(""), "code"), "");
}

TEST_F(OAuthRefusal, of_revocation_and_introspection_needs_the_client)
{
    std::string const token = support::recorded_token("read"); // Of the confidential client.
    for (std::string const path : {"/o/revoke_token/", "/o/introspect/"})
    {
        SCOPED_TRACE(path);
        FormFields const form{{"token", token}};
        auto const as = [&](std::string const& authorization, FormFields const& sent) {
            return support::form_request(path, sent, {{"Authorization", authorization}});
        };
        expect_error(support::form_request(path, form), 401, "invalid_client");
        expect_error(as("Bearer " + token, form), 401, "invalid_client");
        expect_error(as(support::basic("oracle-confidential-client", "wrong"), form), 401, "invalid_client");
        expect_error(as(support::basic("nobody", "conf-secret-0123456789"), form), 401, "invalid_client");
        expect_error(as(confidential, {}), 400, "invalid_request");
        expect_error(as(confidential, {{"token", ""}}), 400, "invalid_request");
        expect_error(as(confidential, doubled(form, "token")), 400, "invalid_request");
        expect_error(as(confidential, with(form, {{"client_id", "oracle-machine-client"}})), 400, "invalid_request");
        auto request = as(confidential, form);
        request.target += "?token=x";
        expect_error(request, 400, "invalid_request");
    }
    auto const introspect = [&](std::string const& authorization, std::string const& shown) {
        return send(support::form_request("/o/introspect/", {{"token", shown}}, {{"Authorization", authorization}})).body;
    };
    // Another client neither sees nor ends it.
    EXPECT_EQ(introspect(machine, token), R"({"active":false})");
    EXPECT_EQ(send(support::form_request("/o/revoke_token/", {{"token", token}}, {{"Authorization", machine}})).status, 200);
    EXPECT_NE(introspect(confidential, token), R"({"active":false})");
    for (auto const* const dead : {"expired", "inactive_both", "outsider_both"})
        EXPECT_EQ(introspect(confidential, support::recorded_token(dead)), R"({"active":false})") << dead;
    EXPECT_EQ(introspect(confidential, support::recorded_key("owner_rw")), R"({"active":false})");
    expect_error(support::form_request("/o/introspect/", {{"token", token}, {"client_id", std::string(support::public_client)}}),
                 401, "invalid_client");
}

TEST_F(OAuthRefusal, userinfo_is_for_users_tokens_with_openid)
{
    auto const bearer = [](std::string const& token) { return FormFields{{"Authorization", "Bearer " + token}}; };
    auto const get = [](FormFields fields, std::string target = "/o/userinfo/")
    { return support::HttpRequest{.target = std::move(target), .fields = std::move(fields)}; };
    auto const good = support::recorded_token("openid");
    EXPECT_EQ(send(get(bearer(good))).status, 200);
    expect_error(get({}), 401, "invalid_token");
    expect_error(get({}, "/o/userinfo/?access_token=" + good), 401, "invalid_token");
    expect_error(get({{"Authorization", good}}), 401, "invalid_token");
    expect_error(get({{"Authorization", "Basic " + good}}), 401, "invalid_token");
    expect_error(get({{"Authorization", "Bearer " + good + " x"}}), 401, "invalid_token");
    expect_error(get({{"Cookie", std::string(support::owner_cookies)}}), 401, "invalid_token");
    expect_error(get({{"X-api-key", support::recorded_key("owner_rw")}}), 401, "invalid_token");
    for (auto const* const other : {"read", "expired", "machine_both", "inactive_both", "outsider_both"})
        expect_error(get(bearer(support::recorded_token(other))), 401, "invalid_token");
    expect_error(get(bearer(support::recorded_key("owner_rw"))), 401, "invalid_token");
    expect_error(support::form_request("/o/userinfo/", {{"access_token", good}}, bearer(good)), 400, "invalid_request");
    expect_error(support::form_request("/o/userinfo/", {{"access_token", good}, {"access_token", good}}), 400, "invalid_request");
    EXPECT_EQ(send(support::form_request("/o/userinfo/", {{"access_token", good}})).status, 200);
}

TEST_F(OAuthRefusal, an_id_token_opens_nothing)
{
    auto const code = support::obtain_code(*service_, "openid sessions:read");
    auto const id_token = support::member_of(send(support::form_request("/o/token/", support::code_form(code))).body, "id_token");
    ASSERT_EQ(std::ranges::count(id_token, '.'), 2);
    FormFields const bearer{{"Authorization", "Bearer " + id_token}};
    EXPECT_EQ(send({.target = "/api/sessions/", .fields = bearer}).status, 401);
    expect_error({.target = "/o/userinfo/", .fields = bearer}, 401, "invalid_token");
}

TEST_F(OAuthRefusal, a_login_leads_nowhere_else)
{
    auto const log_in = [](std::string const& next, std::string const& password)
    {
        return send(support::form_request("/accounts/login/",
                                          {{"login", "owner@alpha.example"},
                                           {"password", password},
                                           {"next", next},
                                           {"csrfmiddlewaretoken", std::string(support::csrf_token)}},
                                          {{"Cookie", "csrftoken=" + std::string(support::csrf_token)}}));
    };
    for (auto const* const evil :
         {"//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/",
          "https:evil.example", "javascript:alert(1)", "http://parley.test@evil.example/", "http://parley.test.evil.example/",
          "http://parley.test//evil.example", "/\t/evil.example", "/x\r\nLocation: https://evil.example", "\t//evil.example",
          " //evil.example", "evil.example"})
        EXPECT_EQ(log_in(evil, "oracle-password-owner").find("Location"), "/accounts/login/") << evil;
    auto const good = log_in("/o/authorize/?client_id=x", "oracle-password-owner");
    EXPECT_EQ(good.find("Location"), "/o/authorize/?client_id=x");
    EXPECT_EQ(good.count("Set-Cookie"), 2U);
    auto const wrong = log_in("/o/authorize/", "wrong");
    EXPECT_EQ(wrong.status, 200);
    EXPECT_FALSE(wrong.find("Set-Cookie"));
}

// Guesses of every kind share the address's window; while it is full nothing is tried, and who has a good key or session goes on.
TEST(OAuthLimits, guesses_end_and_what_is_known_goes_on)
{
    auto const service = support::start_with_world(support::recorded_world_path(), {"--rate-limit-credentials", "4/1h"});
    auto const log_in = [&](std::string const& password)
    {
        return service->exchange(support::form_request(
            "/accounts/login/",
            {{"login", "owner@alpha.example"}, {"password", password}, {"csrfmiddlewaretoken", std::string(support::csrf_token)}},
            {{"Cookie", "csrftoken=" + std::string(support::csrf_token)}}));
    };
    auto const get_token = [&]
    {
        return service->exchange(support::form_request(
            "/o/token/", {{"grant_type", "client_credentials"}, {"scope", "sessions:read"}}, {{"Authorization", machine}}));
    };
    EXPECT_EQ(log_in("oracle-password-owner").status, 302) << "a right password is no guess";
    EXPECT_EQ(log_in("wrong").status, 200);
    EXPECT_EQ(log_in("wrong again").status, 200);
    EXPECT_EQ(get_token().status, 200);
    EXPECT_EQ(service->exchange({.target = "/api/sessions/", .fields = {{"X-api-key", "Nobody00.guess"}}}).status, 401);

    auto const refused = log_in("oracle-password-owner");
    EXPECT_EQ(refused.status, 429);
    EXPECT_TRUE(refused.find("Retry-After"));
    EXPECT_FALSE(refused.find("Set-Cookie"));
    for (auto const* const path : {"/o/token/", "/o/revoke_token/", "/o/introspect/"})
    {
        auto const answer = service->exchange(support::form_request(path, {{"token", "x"}}, {{"Authorization", machine}}));
        EXPECT_EQ(answer.status, 429) << path;
        EXPECT_FALSE(support::validate_exchange("POST", path, answer.status, answer.body)) << answer.body;
    }
    EXPECT_EQ(service->exchange({.target = "/api/sessions/", .fields = {{"X-api-key", "Nobody00.guess"}}}).status, 429);
    EXPECT_EQ(
        service->exchange({.target = "/api/sessions/", .fields = {{"X-api-key", support::recorded_key("owner_rw")}}}).status,
        200);
    EXPECT_NE(support::obtain_code(*service), "") << "who is signed in goes on";
}

} // namespace
} // namespace parley::e2e
