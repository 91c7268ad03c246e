#include "oauth_bench.hpp"

namespace parley::oauth
{
namespace
{

class AuthorizeEndpoint : public OAuthBench
{
  protected:
    static constexpr char back[] = "https://client.example/callback?";

    // A redirect to the client with this error, its state, and our name.
    void expect_refusal(http::Response const& response, std::string_view error, std::string_view what,
                        std::string_view state = "st&te")
    {
        EXPECT_EQ(response.status, 302) << what;
        EXPECT_TRUE(field(response, "Location").starts_with(back)) << what << ' ' << field(response, "Location");
        EXPECT_EQ(parameter(response, "error"), error) << what;
        EXPECT_EQ(parameter(response, "state"), state) << what;
        EXPECT_EQ(parameter(response, "iss"), "https://auth.example") << what;
        EXPECT_EQ(parameter(response, "code"), "") << what;
    }

    void expect_page(http::Response const& response, int status, std::string_view what)
    {
        EXPECT_EQ(response.status, status) << what;
        EXPECT_EQ(response.content_type, "text/html; charset=utf-8") << what;
        EXPECT_EQ(field(response, "Location"), "") << what;
    }

    Parameters allowed(Parameters parameters, std::string team = "alpha")
    {
        parameters.emplace_back("allow", "Authorize");
        parameters.emplace_back("team_slug", std::move(team));
        return parameters;
    }
};

TEST_F(AuthorizeEndpoint, somebody_unknown_signs_in_first)
{
    auto const response = send({.path = "/o/authorize/", .query = "client_id=a%2Fb&state=x"});
    EXPECT_EQ(response.status, 302);
    EXPECT_EQ(field(response, "Location"), "/accounts/login/?next=/o/authorize/%3Fclient_id%3Da%252Fb%26state%3Dx");
    EXPECT_EQ(field(get("/o/authorize/"), "Location"), "/accounts/login/?next=/o/authorize/");
}

TEST_F(AuthorizeEndpoint, a_good_request_shows_the_consent_page)
{
    auto const response = authorize(request());
    expect_page(response, 200, "consent");
    EXPECT_EQ(field(response, "Content-Security-Policy"), "default-src 'none'; style-src 'self'; form-action 'self' "
                                                          "https://client.example; frame-ancestors 'none'; base-uri 'none'");
    EXPECT_NE(response.body.find("Public &lt;App&gt;"), std::string::npos) << "names are escaped";
    EXPECT_EQ(response.body.find("<App>"), std::string::npos);
    EXPECT_NE(response.body.find("Read sessions and their messages"), std::string::npos);
    EXPECT_EQ(response.body.find("<script"), std::string::npos);
    EXPECT_NE(field(response, "Set-Cookie").find("csrftoken="), std::string::npos);
}

TEST_F(AuthorizeEndpoint, consent_gives_a_code_for_the_applications_team)
{
    auto const response = consent(allowed(request()));
    EXPECT_EQ(response.status, 302);
    EXPECT_TRUE(field(response, "Location").starts_with(std::string(back) + "code=")) << field(response, "Location");
    EXPECT_EQ(parameter(response, "state"), "st&te");
    EXPECT_EQ(parameter(response, "iss"), "https://auth.example");
    auto const& grant = store.grants.at(sha256(parameter(response, "code"))).grant;
    EXPECT_EQ(grant.team_id, 10);
    EXPECT_EQ(grant.user_id, owner);
    EXPECT_EQ(grant.expires, clock.now() + std::chrono::seconds(60));
    EXPECT_EQ(field(response, "Cache-Control"), "no-store");
}

TEST_F(AuthorizeEndpoint, the_request_may_stand_in_the_address_as_well_or_only_there)
{
    Fields const fields{{"Cookie", std::string("sessionid=cookie-owner; csrftoken=") + csrf},
                        {"Content-Type", "application/x-www-form-urlencoded"},
                        {"Origin", base_url}};
    auto const post_to = [&](Parameters const& query, Parameters body)
    {
        body.emplace_back("csrfmiddlewaretoken", csrf);
        return send({.method = http::Method::post,
                     .path = "/o/authorize/",
                     .query = encode(query),
                     .fields = fields,
                     .body = encode(body)});
    };
    EXPECT_NE(parameter(post_to(request(), allowed(request())), "code"), "");
    EXPECT_NE(parameter(post_to(request(), {{"allow", "Authorize"}}), "code"), "");
    expect_page(post_to(request({{"state", "other"}}), allowed(request())), 400, "a contradiction");
}

TEST_F(AuthorizeEndpoint, what_is_not_allowed_is_denied)
{
    expect_refusal(consent(request()), "access_denied", "no button");
    for (auto const* const word : {"false", "False", "0"})
        expect_refusal(consent(request({{"allow", word}})), "access_denied", word);
    EXPECT_TRUE(store.grants.empty());
}

TEST_F(AuthorizeEndpoint, the_form_must_be_ours)
{
    auto parameters = allowed(request());
    expect_page(post("/o/authorize/", parameters, {{"Cookie", "sessionid=cookie-owner"}}), 403, "no token");
    parameters.emplace_back("csrfmiddlewaretoken", csrf);
    expect_page(post("/o/authorize/", parameters, {{"Cookie", "sessionid=cookie-owner"}}), 403, "no cookie");
    Fields fields{{"Cookie", std::string("sessionid=cookie-owner; csrftoken=") + csrf}, {"Origin", "null"}};
    expect_page(post("/o/authorize/", parameters, fields), 403, "another site");
    fields.back().second = "https://auth.example";
    EXPECT_NE(parameter(post("/o/authorize/", parameters, fields), "code"), "");
}

TEST_F(AuthorizeEndpoint, a_form_of_somebody_signed_out_comes_back_after_the_login_without_its_answer)
{
    auto const response = consent(allowed(request()), "gone");
    EXPECT_TRUE(field(response, "Location").starts_with("/accounts/login/?next=/o/authorize/%3F"));
    auto const next = parameter(response, "next");
    EXPECT_EQ(next.find("allow"), std::string::npos);
    EXPECT_EQ(next.find(csrf), std::string::npos);
    EXPECT_NE(next.find("state=st%26te"), std::string::npos);
}

TEST_F(AuthorizeEndpoint, the_user_picks_one_of_their_teams_where_the_application_has_none)
{
    auto const page = authorize(request({}, "global"), "cookie-dual");
    EXPECT_NE(page.body.find("<option value=\"beta\">Beta &amp; &lt;Co&gt;</option>"), std::string::npos) << page.body;
    auto const wanted = authorize(request({{"team", "beta"}}, "global"), "cookie-dual");
    EXPECT_NE(wanted.body.find("<option value=\"beta\" selected>"), std::string::npos);

    auto const response = consent(allowed(request({}, "global"), "beta"), "cookie-dual");
    EXPECT_EQ(store.grants.at(sha256(parameter(response, "code"))).grant.team_id, 20);

    expect_page(consent(allowed(request({}, "global"), "gamma"), "cookie-dual"), 200, "not theirs");
    expect_page(consent(allowed(request({}, "global"), ""), "cookie-dual"), 200, "none");
    expect_page(consent(allowed(request({}, "global"), "beta"), "cookie-owner"), 200, "another's");
    EXPECT_EQ(store.grants.size(), 1U);
}

TEST_F(AuthorizeEndpoint, who_is_not_in_the_team_is_denied)
{
    expect_refusal(authorize(request(), "cookie-outsider"), "access_denied", "get");
    expect_refusal(consent(allowed(request()), "cookie-outsider"), "access_denied", "post");
    expect_refusal(authorize(request({}, "global"), "cookie-outsider"), "access_denied", "no team at all");
}

TEST_F(AuthorizeEndpoint, an_inactive_user_is_nobody)
{
    EXPECT_TRUE(field(authorize(request(), "cookie-inactive"), "Location").starts_with("/accounts/login/"));
}

TEST_F(AuthorizeEndpoint, prompt_none_never_shows_a_page)
{
    auto const silent = [&](std::string const& cookie, Parameters changes = {}, std::string client = "public")
    {
        changes.emplace_back("prompt", "none");
        return authorize(request(changes, std::move(client)), cookie);
    };
    expect_refusal(silent(""), "login_required", "nobody");
    expect_refusal(silent("gone"), "login_required", "an old cookie");
    expect_refusal(silent("cookie-owner"), "consent_required", "never asked");
    consent(allowed(request()));
    EXPECT_NE(parameter(silent("cookie-owner"), "code"), "");
    expect_refusal(silent("cookie-owner", {{"scope", "sessions:read usage:read"}}), "consent_required", "more than before");
    expect_refusal(silent("cookie-outsider"), "access_denied", "not in the team");
    clock.advance(std::chrono::seconds(100));
    expect_refusal(silent("cookie-owner", {{"max_age", "100"}}), "login_required", "signed in too long ago");

    consent(allowed(request({}, "global"), "alpha"), "cookie-dual");
    EXPECT_NE(parameter(silent("cookie-dual", {}, "global"), "code"), "");
    consent(allowed(request({}, "global"), "beta"), "cookie-dual");
    expect_refusal(silent("cookie-dual", {}, "global"), "interaction_required", "two teams");
    EXPECT_NE(parameter(silent("cookie-dual", {{"team", "beta"}}, "global"), "code"), "");

    expect_page(silent("", {{"redirect_uri", "https://evil.example/"}}), 400, "unchecked redirect");
    expect_page(silent("", {{"client_id", "nobody"}}), 400, "unknown client");
}

TEST_F(AuthorizeEndpoint, approval_prompt_auto_skips_the_page_after_a_consent_to_as_much)
{
    Parameters const automatic{{"approval_prompt", "auto"}};
    expect_page(authorize(request(automatic)), 200, "the first time");
    consent(allowed(request()));
    EXPECT_NE(parameter(authorize(request(automatic)), "code"), "");
    expect_page(authorize(request()), 200, "without auto");
    expect_page(authorize(request({{"approval_prompt", "auto"}, {"prompt", "consent"}})), 200, "prompt=consent");
    expect_page(authorize(request({{"approval_prompt", "auto"}, {"scope", "sessions:write"}})), 200, "another scope");
    sign_in("cookie-other", dual);
    expect_page(authorize(request(automatic), "cookie-other"), 200, "another user");
}

// RFC 8252, 8.6.
TEST_F(AuthorizeEndpoint, any_program_can_claim_to_be_a_native_app_so_its_user_is_asked_each_time)
{
    auto const native = [&](Parameters changes)
    {
        changes.emplace_back("redirect_uri", "http://127.0.0.1:51234/cb");
        return request(changes, "native");
    };
    ASSERT_NE(parameter(consent(allowed(native({}))), "code"), "");
    expect_page(authorize(native({{"approval_prompt", "auto"}})), 200, "auto");
    EXPECT_EQ(parameter(authorize(native({{"prompt", "none"}})), "error"), "consent_required");
    store.applications.at("native").type = ClientType::confidential;
    EXPECT_NE(parameter(authorize(native({{"approval_prompt", "auto"}})), "code"), "") << "its secret proves it";
}

TEST_F(AuthorizeEndpoint, a_consent_in_one_team_is_none_in_the_wanted_one)
{
    consent(allowed(request({}, "global"), "alpha"), "cookie-dual");
    Parameters const automatic{{"approval_prompt", "auto"}, {"team", "beta"}};
    expect_page(authorize(request(automatic, "global"), "cookie-dual"), 200, "the page offers it");
    expect_refusal(authorize(request({{"prompt", "none"}, {"team", "beta"}}, "global"), "cookie-dual"), "consent_required",
                   "none");
    EXPECT_NE(parameter(authorize(request({{"prompt", "none"}, {"team", "alpha"}}, "global"), "cookie-dual"), "code"), "");
}

TEST_F(AuthorizeEndpoint, prompt_login_asks_for_the_password_once)
{
    auto const response = authorize(request({{"prompt", "login"}}));
    EXPECT_TRUE(field(response, "Location").starts_with("/accounts/login/?next=/o/authorize/"));
    EXPECT_EQ(parameter(response, "next").find("prompt"), std::string::npos);
    EXPECT_NE(parameter(authorize(request({{"prompt", "login consent"}})), "next").find("prompt=consent"), std::string::npos);
    clock.advance(std::chrono::seconds(100));
    EXPECT_TRUE(field(authorize(request({{"max_age", "99"}})), "Location").starts_with("/accounts/login/"));
    EXPECT_TRUE(field(authorize(request({{"max_age", "0"}})), "Location").starts_with("/accounts/login/"));
    expect_page(authorize(request({{"max_age", "101"}})), 200, "young enough");
}

TEST_F(AuthorizeEndpoint, a_native_app_may_listen_on_any_port)
{
    auto parameters = allowed(request({{"redirect_uri", "http://127.0.0.1:51234/cb"}}, "native"));
    auto const response = consent(parameters);
    EXPECT_TRUE(field(response, "Location").starts_with("http://127.0.0.1:51234/cb?code=")) << field(response, "Location");
    expect_page(authorize(request({{"redirect_uri", "http://127.0.0.1:51234/other"}}, "native")), 400, "another path");
}

TEST_F(AuthorizeEndpoint, a_session_is_over_after_a_week_unused_and_after_two_in_any_case)
{
    clock.advance(std::chrono::hours(24 * 6));
    expect_page(authorize(request()), 200, "six days");
    clock.advance(std::chrono::hours(24 * 6));
    expect_page(authorize(request()), 200, "twelve days");
    clock.advance(std::chrono::hours(24 * 2));
    EXPECT_EQ(authorize(request()).status, 302) << "fourteen days";
    EXPECT_FALSE(store.sessions.contains(sha256("cookie-owner")));
    EXPECT_EQ(authorize(request(), "cookie-dual").status, 302) << "unused for fourteen";
}

TEST_F(AuthorizeEndpoint, nothing_is_sent_to_an_address_that_is_not_the_clients)
{
    struct Case
    {
        char const* name;
        Parameters parameters;
    };
    auto const doubled = [&](std::string name, std::string value)
    {
        auto all = request();
        all.emplace_back(std::move(name), std::move(value));
        return all;
    };
    Case const cases[] = {
        {"no parameters", {}},
        {"no client", request({{"client_id", ""}})},
        {"unknown client", request({{"client_id", "nobody"}})},
        {"doubled client", doubled("client_id", "public")},
        {"another host", request({{"redirect_uri", "https://evil.example/callback"}})},
        {"another path", request({{"redirect_uri", "https://client.example/callback2"}})},
        {"another scheme", request({{"redirect_uri", "http://client.example/callback"}})},
        {"a query more", request({{"redirect_uri", "https://client.example/callback?x=1"}})},
        {"a fragment", request({{"redirect_uri", "https://client.example/callback#x"}})},
        {"a user name", request({{"redirect_uri", "https://client.example@evil.example/callback"}})},
        {"script", request({{"redirect_uri", "javascript:alert(1)"}})},
        {"doubled redirect", doubled("redirect_uri", "https://client.example/callback")},
        {"no redirect where there are two", request({{"redirect_uri", ""}}, "conf")},
        {"no redirect where there is none", request({{"redirect_uri", ""}}, "machine")},
    };
    for (Case const& one : cases)
    {
        expect_page(authorize(one.parameters), 400, one.name);
        expect_page(consent(allowed(one.parameters)), 400, one.name);
    }
    expect_page(send({.path = "/o/authorize/", .query = "client_id=%", .fields = {{"Cookie", "sessionid=cookie-owner"}}}), 400,
                "malformed");
    EXPECT_TRUE(store.grants.empty());
}

TEST_F(AuthorizeEndpoint, every_other_error_goes_to_the_client)
{
    struct Case
    {
        char const* name;
        Parameters parameters;
        char const* error;
    };
    auto const doubled = [&](std::string name, std::string value)
    {
        auto all = request();
        all.emplace_back(std::move(name), std::move(value));
        return all;
    };
    Case const cases[] = {
        {"no response type", request({{"response_type", ""}}), "invalid_request"},
        {"token", request({{"response_type", "token"}}), "unauthorized_client"},
        {"id_token", request({{"response_type", "id_token"}}), "unauthorized_client"},
        {"id_token token", request({{"response_type", "id_token token"}}), "unauthorized_client"},
        {"code token", request({{"response_type", "code token"}}), "unauthorized_client"},
        {"code id_token", request({{"response_type", "code id_token"}}), "unauthorized_client"},
        {"unknown response type", request({{"response_type", "foo"}}), "unsupported_response_type"},
        {"response type in another case", request({{"response_type", "Code"}}), "unsupported_response_type"},
        {"unknown scope", request({{"scope", "nope"}}), "invalid_scope"},
        {"a known and an unknown scope", request({{"scope", "sessions:read nope"}}), "invalid_scope"},
        {"no challenge", request({{"code_challenge", ""}, {"code_challenge_method", ""}}), "invalid_request"},
        {"plain challenge", request({{"code_challenge_method", "plain"}}), "invalid_request"},
        {"no method", request({{"code_challenge_method", ""}}), "invalid_request"},
        {"method in another case", request({{"code_challenge_method", "s256"}}), "invalid_request"},
        {"short challenge", request({{"code_challenge", "abc"}}), "invalid_request"},
        {"padded challenge", request({{"code_challenge", real_challenge() + "="}}), "invalid_request"},
        {"doubled scope", doubled("scope", "sessions:read"), "invalid_request"},
        {"doubled response type", doubled("response_type", "code"), "invalid_request"},
        {"doubled challenge", doubled("code_challenge", real_challenge()), "invalid_request"},
        {"doubled unknown parameter", request({{"x", "1"}}), ""},
        {"prompt none with another", request({{"prompt", "none login"}}), "invalid_request"},
        {"unknown prompt", request({{"prompt", "dance"}}), "invalid_request"},
        {"max_age no number", request({{"max_age", "soon"}}), "invalid_request"},
        {"max_age negative", request({{"max_age", "-1"}}), "invalid_request"},
        {"request object", request({{"request", "eyJ"}}), "request_not_supported"},
        {"request uri", request({{"request_uri", "https://client.example/r"}}), "request_uri_not_supported"},
        {"form_post", request({{"response_mode", "form_post"}}), "invalid_request"},
        {"long nonce", request({{"nonce", std::string(3000, 'n')}}), "invalid_request"},
    };
    for (Case const& one : cases)
    {
        if (*one.error == '\0')
            expect_page(authorize(one.parameters), 200, one.name);
        else
            expect_refusal(authorize(one.parameters), one.error, one.name);
    }
    expect_refusal(authorize(doubled("state", "x")), "invalid_request", "doubled state", "");
    expect_refusal(authorize(request({{"state", std::string(3000, 's')}})), "invalid_request", "long state", "");
    EXPECT_EQ(
        field(authorize(request({{"code_challenge", ""}})), "Location"),
        std::string(back) +
            "error=invalid_request&error_description=Code+challenge+required.&state=st%26te&iss=https%3A%2F%2Fauth.example");
    EXPECT_TRUE(store.grants.empty());
}

} // namespace
} // namespace parley::oauth
