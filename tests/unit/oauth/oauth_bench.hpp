// An authorization server over a small world in memory, and a client and a browser to try it with.
#pragma once

#include "map_oauth_store.hpp"

#include "form.hpp"
#include "pkce.hpp"
#include "parley/core/json.hpp"
#include "parley/oauth/resources.hpp"
#include "parley/support/run_coro.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace parley::oauth
{

class CountingWindow final : public CredentialWindow
{
  public:
    std::map<std::string, int, std::less<>> accounts;
    int address = 0;
    int limit = 1'000'000;

    WindowStanding look_at_address(boost::asio::ip::address const&) override
    {
        return {.is_refused = address >= limit, .reset_seconds = 20};
    }
    WindowStanding look_at_account(std::string_view account) override
    {
        auto const found = accounts.find(account);
        return {.is_refused = found != accounts.end() && found->second >= limit, .reset_seconds = 20};
    }
    void count_address(boost::asio::ip::address const&) override { ++address; }
    void count_account(std::string_view account) override { ++accounts[std::string(account)]; }
};

class TextBody final : public http::BodySource
{
  public:
    explicit TextBody(std::string text) : text_(std::move(text)) {}
    boost::asio::awaitable<Result<std::string_view>> read() override { co_return std::string_view(text_); }

  private:
    std::string text_;
};

using Fields = std::vector<std::pair<std::string, std::string>>;
using Parameters = std::vector<std::pair<std::string, std::string>>;

inline std::string encode(Parameters const& parameters)
{
    std::string text;
    for (auto const& [name, value] : parameters)
    {
        if (value.empty())
            text.append(text.empty() ? "" : "&").append(name).append("=");
        else
            append_parameter(text, name, value);
    }
    return text;
}

// A request as a person writes it down.
struct Sent
{
    http::Method method = http::Method::get;
    std::string path;
    std::string query;
    Fields fields;
    std::string body;
};

constexpr char verifier[] = "a-verifier-0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
constexpr char csrf[] = "csrfToken0123456789abcdefghijklmn";

class OAuthBench : public testing::Test
{
  protected:
    static constexpr std::int64_t owner = 1;
    static constexpr std::int64_t dual = 2;
    static constexpr std::int64_t outsider = 3;
    static constexpr std::int64_t inactive = 4;

    OAuthBench()
    {
        auth::Team const alpha{.id = 10, .slug = "alpha", .name = "Alpha"};
        auth::Team const beta{.id = 20, .slug = "beta", .name = "Beta & <Co>"};
        store.teams = {{10, alpha}, {20, beta}};
        add_user(owner, "owner@alpha.example", "Olive Owner", {alpha});
        add_user(dual, "dual@both.example", "Du Al", {alpha, beta});
        add_user(outsider, "outsider@nowhere.example", "Out Sider", {});
        add_user(inactive, "inactive@alpha.example", "In Active", {alpha});
        store.users.at(inactive).user.is_active = false;

        std::string const back = "https://client.example/callback";
        store.applications["public"] = {
            .id = 1, .client_id = "public", .name = "Public <App>", .team = alpha, .redirect_uris = {back}};
        store.applications["conf"] = {.id = 2,
                                      .client_id = "conf",
                                      .name = "Confidential",
                                      .secret_hash = secret_hash(),
                                      .type = ClientType::confidential,
                                      .team = alpha,
                                      .redirect_uris = {back, "https://client.example/other"}};
        store.applications["global"] = {.id = 3,
                                        .client_id = "global",
                                        .name = "Global",
                                        .secret_hash = secret_hash(),
                                        .type = ClientType::confidential,
                                        .redirect_uris = {back}};
        store.applications["machine"] = {.id = 4,
                                         .client_id = "machine",
                                         .name = "Machine",
                                         .secret_hash = secret_hash(),
                                         .type = ClientType::confidential,
                                         .grant = ClientGrant::client_credentials,
                                         .team = alpha};
        store.applications["native"] = {
            .id = 5, .client_id = "native", .name = "Native", .team = alpha, .redirect_uris = {"http://127.0.0.1/cb"}};
        sign_in("cookie-owner", owner);
        sign_in("cookie-dual", dual);
        sign_in("cookie-outsider", outsider);
        sign_in("cookie-inactive", inactive);
    }

    // Hashed once: argon2 is slow on purpose.
    static std::string const& secret_hash()
    {
        static std::string const hash = auth::hash_password("a-secret");
        return hash;
    }

    void add_user(std::int64_t id, std::string email, std::string name, std::vector<auth::Team> teams)
    {
        store.users[id] = {.user = {.id = id, .email = std::move(email), .full_name = std::move(name), .email_verified = true},
                           .password_hash = secret_hash(),
                           .teams = std::move(teams)};
    }

    void sign_in(std::string_view cookie, std::int64_t user)
    {
        store.sessions[sha256(cookie)] = {
            .user_id = user, .created_at = clock.now(), .last_seen_at = clock.now(), .authenticated_at = clock.now()};
    }

    http::Response send(Sent const& exchange)
    {
        std::vector<http::Field> fields;
        for (auto const& [name, value] : exchange.fields)
            fields.push_back({name, value});
        TextBody body(exchange.body);
        http::Request const request{.method = exchange.method,
                                    .method_name = "X",
                                    .path = exchange.path,
                                    .query = exchange.query,
                                    .host = "auth.example",
                                    .fields = fields,
                                    .body = &body};
        auto const match = routes.match(request);
        EXPECT_TRUE(match && match->operation != nullptr) << exchange.path;
        auth::Principal const nobody;
        routing::Call const call{.principal = nobody,
                                 .request = request,
                                 .parameter = match->parameter,
                                 .base_url = base_url,
                                 .deadline = Deadline::after(std::chrono::seconds(30)),
                                 .client = boost::asio::ip::make_address("192.0.2.1")};
        auto answer = support::run_coro(match->operation->handle(call));
        return answer ? std::move(*answer) : http::to_response(answer.error());
    }

    http::Response post(std::string path, Parameters const& parameters, Fields fields = {})
    {
        fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        // As a browser does that posts a form of ours.
        auto const is_origin = [](auto const& field) { return field.first == "Origin"; };
        if (std::none_of(fields.begin(), fields.end(), is_origin)) fields.emplace_back("Origin", base_url);
        return send(
            {.method = http::Method::post, .path = std::move(path), .fields = std::move(fields), .body = encode(parameters)});
    }

    http::Response get(std::string path, Parameters const& query = {}, Fields fields = {})
    {
        return send({.path = std::move(path), .query = encode(query), .fields = std::move(fields)});
    }

    http::Response authorize(Parameters const& query, std::string const& cookie = "cookie-owner")
    {
        return get("/o/authorize/", query, cookie.empty() ? Fields{} : Fields{{"Cookie", "sessionid=" + cookie}});
    }

    http::Response consent(Parameters parameters, std::string const& cookie = "cookie-owner")
    {
        parameters.emplace_back("csrfmiddlewaretoken", csrf);
        return post("/o/authorize/", parameters, {{"Cookie", "sessionid=" + cookie + "; csrftoken=" + csrf}});
    }

    http::Response log_in(std::string const& login, std::string const& password, std::string const& next = "")
    {
        return post("/accounts/login/", {{"login", login}, {"password", password}, {"next", next}, {"csrfmiddlewaretoken", csrf}},
                    {{"Cookie", std::string("csrftoken=") + csrf}});
    }

    // A good authorization request, changed: an empty value takes the parameter away.
    static Parameters request(Parameters const& changes = {}, std::string client = "public")
    {
        Parameters all{{"response_type", "code"},
                       {"client_id", std::move(client)},
                       {"redirect_uri", "https://client.example/callback"},
                       {"scope", "sessions:read"},
                       {"state", "st&te"},
                       {"code_challenge", real_challenge()},
                       {"code_challenge_method", "S256"}};
        for (auto const& [name, value] : changes)
        {
            std::erase_if(all, [&name = name](auto const& one) { return one.first == name; });
            if (!value.empty()) all.emplace_back(name, value);
        }
        return all;
    }
    static std::string const& real_challenge()
    {
        static std::string const challenge = challenge_of(verifier);
        return challenge;
    }

    // A code for the owner in alpha, given by the consent page.
    std::string code(std::string const& client = "public", std::string const& scope = "sessions:read sessions:write")
    {
        auto parameters = request({{"scope", scope}}, client);
        parameters.emplace_back("allow", "Authorize");
        parameters.emplace_back("team_slug", "alpha");
        return parameter(consent(parameters), "code");
    }

    Parameters code_exchange(std::string const& of_code, Parameters const& changes = {}, std::string const& client = "public")
    {
        Parameters all{{"grant_type", "authorization_code"},
                       {"code", of_code},
                       {"redirect_uri", "https://client.example/callback"},
                       {"client_id", client},
                       {"code_verifier", verifier}};
        for (auto const& [name, value] : changes)
        {
            std::erase_if(all, [&name = name](auto const& one) { return one.first == name; });
            if (!value.empty()) all.emplace_back(name, value);
        }
        return all;
    }

    static std::string field(http::Response const& response, std::string const& name)
    {
        auto const at = response.fields.find(name + ": ");
        if (at == std::string::npos) return {};
        auto const begin = at + name.size() + 2;
        return response.fields.substr(begin, response.fields.find('\r', begin) - begin);
    }

    // A parameter of the address that the answer redirects to.
    static std::string parameter(http::Response const& response, std::string const& name)
    {
        auto const location = field(response, "Location");
        auto const question = location.find('?');
        if (question == std::string::npos) return {};
        return Form::parse(location.substr(question + 1)).value().value(name);
    }

    // A member of the answer's JSON object.
    static std::string member(http::Response const& response, std::string_view name)
    {
        auto const document = json::Document::parse(response.body);
        if (!document || !document->root().is_object()) return {};
        auto const value = document->root().find(name);
        if (!value) return {};
        std::string text;
        if (value->is_string()) return std::string(value->text());
        json::append_compact(text, *value);
        return text;
    }

    bool is_live(std::string_view access_token) const { return store.tokens.contains(sha256(access_token)); }

    ManualClock clock{Timestamp(std::chrono::seconds(1'800'000'000))};
    MapOAuthStore store;
    CountingWindow window;
    telemetry::Telemetry telemetry{{.log_level = "off"}};
    PasswordWorkers workers{{.threads = 1}};
    SigningKeys keys{store, workers, clock, {}};
    int forgotten = 0;
    std::string base_url = "https://auth.example";
    AuthorizationServer server{
        {.store = store,
         .keys = keys,
         .workers = workers,
         .window = window,
         .clock = clock,
         .telemetry = telemetry,
         .forget_credentials = [this] { ++forgotten; }},
        {.failed_login_time = std::chrono::milliseconds(0), .application_memory = std::chrono::seconds(0)}};
    routing::RouteTable routes{server.resources()};
};

} // namespace parley::oauth
