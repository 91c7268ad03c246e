#include "oauth_bench.hpp"

namespace parley::oauth
{
namespace
{

class LoginEndpoint : public OAuthBench
{
  protected:
    static std::string cookie_of(http::Response const& response)
    {
        auto const at = response.fields.find("Set-Cookie: sessionid=");
        if (at == std::string::npos) return {};
        auto const begin = at + std::string_view("Set-Cookie: sessionid=").size();
        return response.fields.substr(begin, response.fields.find(';', begin) - begin);
    }
};

TEST_F(LoginEndpoint, the_page_says_what_it_wants)
{
    auto const response = get("/accounts/login/", {{"next", "/o/authorize/?a=\"><b>"}});
    EXPECT_EQ(response.status, 200);
    for (auto const* const part :
         {"<html lang=\"en\">", "<label for=\"login\">", "<label for=\"password\">", "autocomplete=\"current-password\"", "<h1>"})
        EXPECT_NE(response.body.find(part), std::string::npos) << part;
    EXPECT_EQ(response.body.find("\"><b>"), std::string::npos);
    EXPECT_EQ(field(response, "Content-Security-Policy"),
              "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    auto const set = field(response, "Set-Cookie");
    auto const token = set.substr(10, set.find(';') - 10);
    EXPECT_NE(response.body.find("name=\"csrfmiddlewaretoken\" value=\"" + token + "\""), std::string::npos);
    EXPECT_NE(set.find("; Secure"), std::string::npos);
}

TEST_F(LoginEndpoint, the_pages_policy_lets_the_login_lead_on_to_the_client)
{
    auto const response = get("/accounts/login/", {{"next", "/o/authorize/?" + encode(request())}});
    EXPECT_NE(field(response, "Content-Security-Policy").find("form-action 'self' https://client.example;"), std::string::npos);
    auto const evil =
        get("/accounts/login/", {{"next", "/o/authorize/?" + encode(request({{"redirect_uri", "https://evil.example/"}}))}});
    EXPECT_NE(field(evil, "Content-Security-Policy").find("form-action 'self';"), std::string::npos);
}

TEST_F(LoginEndpoint, the_right_password_opens_a_session_and_leads_on)
{
    auto const response = log_in(" Owner@Alpha.example ", "a-secret", "/o/authorize/?x=1");
    ASSERT_EQ(response.status, 302) << response.body;
    EXPECT_EQ(field(response, "Location"), "/o/authorize/?x=1");
    auto const cookie = cookie_of(response);
    EXPECT_EQ(cookie.size(), 43U);
    EXPECT_TRUE(store.sessions.contains(sha256(cookie)));
    EXPECT_EQ(field(response, "Set-Cookie"), "sessionid=" + cookie + "; Path=/; Max-Age=1209600; HttpOnly; Secure; SameSite=Lax");
    EXPECT_NE(response.fields.find("csrftoken="), std::string::npos) << "a token that was fixed before is worth nothing";
    EXPECT_EQ(store.users.at(owner).user.last_login, clock.now());
    EXPECT_EQ(authorize(request(), cookie).status, 200);
}

TEST_F(LoginEndpoint, a_login_renews_the_session)
{
    auto const response =
        post("/accounts/login/", {{"login", "owner@alpha.example"}, {"password", "a-secret"}, {"csrfmiddlewaretoken", csrf}},
             {{"Cookie", std::string("sessionid=cookie-owner; csrftoken=") + csrf}});
    EXPECT_EQ(response.status, 302);
    EXPECT_FALSE(store.sessions.contains(sha256("cookie-owner")));
    EXPECT_NE(cookie_of(response), "cookie-owner");
}

TEST_F(LoginEndpoint, cookies_are_not_secure_on_plain_loopback)
{
    auto const is_secure = [&](std::string url)
    {
        base_url = std::move(url);
        auto const answer = log_in("owner@alpha.example", "a-secret");
        return answer.fields.find("sessionid=") != std::string::npos && answer.fields.find("; Secure") != std::string::npos;
    };
    for (auto const* const here : {"http://127.0.0.1", "http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"})
        EXPECT_FALSE(is_secure(here)) << here;
    for (auto const* const elsewhere : {"https://auth.example", "http://auth.example", "http://127.0.0.1.evil.example",
                                        "http://localhost.example", "http://10.0.0.1:8080", "https://127.0.0.1"})
        EXPECT_TRUE(is_secure(elsewhere)) << elsewhere;
}

TEST_F(LoginEndpoint, all_failures_look_alike)
{
    store.users.at(dual).password_hash.clear();
    auto const failure = [&](std::string const& login, std::string const& password)
    {
        auto const response = log_in(login, password);
        EXPECT_EQ(response.status, 200) << login;
        EXPECT_EQ(cookie_of(response), "") << login;
        auto body = response.body;
        if (auto const at = body.find("value=\"" + login + "\""); at != std::string::npos) body.erase(at, login.size() + 8);
        return body;
    };
    auto const wrong = failure("owner@alpha.example", "wrong");
    EXPECT_NE(wrong.find("role=\"alert\""), std::string::npos);
    EXPECT_NE(wrong.find("aria-describedby=\"error\""), std::string::npos);
    EXPECT_EQ(failure("nobody@alpha.example", "a-secret"), wrong);
    EXPECT_EQ(failure("inactive@alpha.example", "a-secret"), wrong);
    EXPECT_EQ(failure("dual@both.example", ""), wrong);
    EXPECT_EQ(failure("owner@alpha.example", ""), wrong);
    EXPECT_EQ(failure("owner@alpha.example", "a-secret "), wrong);
    EXPECT_EQ(failure("owner@alpha.example", std::string(2000, 'x')), wrong);
    EXPECT_EQ(window.address, 7);
    EXPECT_EQ(window.accounts["user:owner@alpha.example"], 4);
}

TEST_F(LoginEndpoint, an_unknown_user_costs_as_much_as_a_wrong_password)
{
    auto const time_of = [&](std::string const& login)
    {
        auto const begin = std::chrono::steady_clock::now();
        log_in(login, "wrong");
        return std::chrono::steady_clock::now() - begin;
    };
    time_of("owner@alpha.example");
    EXPECT_GT(time_of("nobody@alpha.example") * 4, time_of("owner@alpha.example")) << "a hash is computed in either case";
}

TEST_F(LoginEndpoint, when_the_window_is_used_up_nothing_is_tried)
{
    window.limit = 2;
    log_in("owner@alpha.example", "wrong");
    log_in("owner@alpha.example", "wrong");
    auto const response = log_in("owner@alpha.example", "a-secret");
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(field(response, "Retry-After"), "20");
    EXPECT_EQ(cookie_of(response), "");
    window.address = 0;
    EXPECT_EQ(log_in("OWNER@alpha.example", "a-secret").status, 429) << "per account, whatever its case";
    EXPECT_EQ(log_in("dual@both.example", "a-secret").status, 302);
}

TEST_F(LoginEndpoint, the_form_must_be_ours)
{
    Parameters parameters{{"login", "owner@alpha.example"}, {"password", "a-secret"}};
    EXPECT_EQ(post("/accounts/login/", parameters).status, 403);
    parameters.emplace_back("csrfmiddlewaretoken", csrf);
    EXPECT_EQ(post("/accounts/login/", parameters).status, 403);
    EXPECT_EQ(
        post("/accounts/login/", parameters, {{"Cookie", std::string("csrftoken=") + csrf}, {"Origin", "https://evil.example"}})
            .status,
        403);
    EXPECT_EQ(window.address, 0);
}

TEST_F(LoginEndpoint, next_stays_on_this_site)
{
    for (auto const* const next : {"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""})
        EXPECT_EQ(field(log_in("owner@alpha.example", "a-secret", next), "Location"), "/accounts/login/") << next;
}

TEST_F(LoginEndpoint, a_password_from_django_is_hashed_anew)
{
    store.users.at(owner).password_hash = "pbkdf2_sha256$1000$fixedsalt$a6EJ1CVyW144N6WbSnQlp9NLkGkP9v5wVQG+1QogINU=";
    EXPECT_EQ(log_in("owner@alpha.example", "a-secret").status, 302);
    EXPECT_TRUE(store.users.at(owner).password_hash.starts_with("$argon2id$"));
    EXPECT_EQ(log_in("owner@alpha.example", "a-secret").status, 302);
}

TEST_F(LoginEndpoint, who_is_signed_in_can_sign_out)
{
    Fields const fields{{"Cookie", std::string("sessionid=cookie-owner; csrftoken=") + csrf}};
    auto const page = get("/accounts/login/", {}, fields);
    EXPECT_NE(page.body.find("owner@alpha.example"), std::string::npos);
    EXPECT_EQ(get("/accounts/logout/", {}, fields).status, 200);
    EXPECT_TRUE(store.sessions.contains(sha256("cookie-owner"))) << "a link signs nobody out";
    EXPECT_EQ(post("/accounts/logout/", {}, fields).status, 403);
    auto const response = post("/accounts/logout/", {{"csrfmiddlewaretoken", csrf}}, fields);
    EXPECT_EQ(response.status, 200);
    EXPECT_NE(field(response, "Set-Cookie").find("sessionid=; Path=/; Max-Age=0"), std::string::npos);
    EXPECT_FALSE(store.sessions.contains(sha256("cookie-owner")));
}

TEST_F(LoginEndpoint, what_the_store_cannot_do_now_is_a_page_that_says_so)
{
    store.failure = Problem{ProblemCode::store_unavailable};
    auto const response = log_in("owner@alpha.example", "a-secret");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
    EXPECT_EQ(field(response, "Retry-After"), "1");
}

} // namespace
} // namespace parley::oauth
