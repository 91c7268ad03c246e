// Goal: nobody gets through a door that the API's documentation closes, and nobody who may is kept out.
// Method: every operation is asked with every kind of credential there can be: scheme x state (live, expired, revoked, of an
// inactive user, of somebody who left the team) x role x read-only x scope x team, for what is the team's own and what is
// another's. The real parleyd answers, on a world made for it. What must come out is derived here, from rules that were read in
// the API's documentation; nothing of the service's own code is asked.
#include "parley/support/oauth_client.hpp"
#include "parley/support/postgres_server.hpp"
#include "parley/support/promised_exchange.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace parley::e2e
{
namespace
{

// ---- The world: what there is to ask with.

enum class Scheme
{
    none,
    api_key,        // X-api-key
    bearer_key,     // the same key as a bearer
    user_token,     // an access token of a user
    machine_token,  // an access token of client credentials
    cookie,         // a signed-in browser
    embed_key,      // a widget's
    unknown_key,    // a key of nobody
    unknown_bearer, // a bearer of nobody
};

enum class State
{
    live,
    expired,
    revoked,
    user_inactive,
    left_the_team,
};

struct Role
{
    std::string name;
    std::set<std::string, std::less<>> permissions;
};

std::array<Role, 6> const roles{{{"Everything", {"view", "add", "change", "delete"}},
                                 {"Viewer", {"view"}},
                                 {"Adder", {"view", "add"}},
                                 {"Changer", {"change"}},
                                 {"Deleter", {"delete"}},
                                 {"Nothing", {}}}};

std::array<std::string, 5> const scopes{"sessions:read sessions:write", "sessions:read", "sessions:write", "chatbots:read", ""};

// Of whom: "alpha" or "beta".
struct Credential
{
    Scheme scheme = Scheme::none;
    State state = State::live;
    std::string team = "alpha";
    Role const* role = nullptr; // Of its user; none: a machine, or nobody.
    bool is_read_only = false;
    std::string scope;
    std::string secret;
    std::string name;
};

std::string_view name_of(State state)
{
    constexpr std::array<std::string_view, 5> names{"live", "expired", "revoked", "inactive", "left"};
    return names[static_cast<std::size_t>(state)];
}

constexpr std::array states{State::live, State::expired, State::revoked, State::user_inactive, State::left_the_team};

// A user for each role in each of the states that are a user's.
std::string user_of(std::string const& team, Role const& role, State state)
{
    auto const kind = state == State::user_inactive || state == State::left_the_team ? name_of(state) : std::string_view("live");
    return team + "-" + role.name + "-" + std::string(kind);
}

std::vector<Credential> all_credentials()
{
    std::vector<Credential> all;
    auto const add = [&](Credential one, std::string secret)
    {
        one.name = std::to_string(all.size()) + " " + one.team + " " + std::string(name_of(one.state)) + " " +
                   (one.role == nullptr ? "no role" : one.role->name) + (one.is_read_only ? " read-only" : "") + " [" +
                   one.scope + "]";
        one.secret = std::move(secret);
        all.push_back(std::move(one));
    };
    for (auto const* const team : {"alpha", "beta"})
    {
        for (Role const& role : roles)
        {
            if (team == std::string_view("beta") && &role != &roles.front()) continue; // The same again would prove nothing.
            for (State const state : states)
            {
                for (bool const is_read_only : {false, true})
                {
                    auto const number = std::to_string(10'000'000 + all.size()); // A prefix is eight characters long.
                    Credential key{
                        .scheme = Scheme::api_key, .state = state, .team = team, .role = &role, .is_read_only = is_read_only};
                    add(key, number + ".0123456789abcdef0123456789abcdef");
                    key.scheme = Scheme::bearer_key;
                    add(key, number + ".0123456789abcdef0123456789abcdef");
                }
                for (auto const& scope : scopes)
                    add({.scheme = Scheme::user_token, .state = state, .team = team, .role = &role, .scope = scope},
                        "usertoken" + std::to_string(all.size()));
            }
        }
        for (State const state : {State::live, State::expired, State::revoked})
            for (auto const& scope : scopes)
                add({.scheme = Scheme::machine_token, .state = state, .team = team, .scope = scope},
                    "machinetoken" + std::to_string(all.size()));
    }
    add({.scheme = Scheme::none}, "");
    add({.scheme = Scheme::cookie}, "browserofalphasfirstuser00000000");
    add({.scheme = Scheme::embed_key}, "embed-key-of-the-widget");
    add({.scheme = Scheme::unknown_key}, "Nobody00.0123456789abcdef0123456789abcdef");
    add({.scheme = Scheme::unknown_bearer}, "tokenofnobody");
    return all;
}

std::vector<Credential> const& credentials()
{
    static auto const all = all_credentials();
    return all;
}

constexpr std::string_view machine_secret = "machine-secret-0123456789";
constexpr std::string_view client_secret = "client-secret-0123456789";

std::string chatbot_of(std::string_view team)
{
    return team == "alpha" ? "0acce550-0000-4000-8000-00000000000a" : "0acce550-0000-4000-8000-00000000000b";
}

std::string session_of(std::string_view team)
{
    return team == "alpha" ? "session-of-alpha" : "session-of-beta_";
}
constexpr std::string_view session_of_nobody = "session-of-nobody";

std::string as_json(std::string_view text)
{
    return "\"" + std::string(text) + "\"";
}

// Rows of a JSON list.
class Rows
{
  public:
    void add(std::string const& row) { text_ += (text_.empty() ? "" : ",\n") + row; }
    [[nodiscard]] std::string list() const { return "[" + text_ + "]"; }

  private:
    std::string text_;
};

std::string timestamp(State state)
{
    return state == State::expired ? "\"2025-01-01T00:00:00Z\"" : "\"2099-01-01T00:00:00Z\"";
}

void add_users(Rows& users, Rows& memberships)
{
    for (auto const* const team : {"alpha", "beta"})
        for (Role const& role : roles)
            for (State const state : {State::live, State::user_inactive, State::left_the_team})
            {
                auto const user = user_of(team, role, state);
                users.add(R"({"key":")" + user + R"(","email":")" + user +
                          R"(@users.example","first_name":"","last_name":"","is_active":)" +
                          (state == State::user_inactive ? "false" : "true") + R"(,"email_verified":true,"password_hash":""})");
                if (state == State::left_the_team) continue;
                memberships.add(R"({"team":")" + std::string(team) + R"(","user":")" + user + R"(","roles":[)" +
                                as_json(role.name) + "]}");
            }
}

void add_credentials(Rows& keys, Rows& tokens)
{
    for (Credential const& one : credentials())
    {
        if (one.scheme == Scheme::api_key)
            keys.add(R"({"name":)" + as_json(one.name) + R"(,"prefix":)" + as_json(one.secret.substr(0, 8)) + R"(,"key":)" +
                     as_json(one.secret) + R"(,"user":)" + as_json(user_of(one.team, *one.role, one.state)) + R"(,"team":)" +
                     as_json(one.team) + R"(,"read_only":)" + (one.is_read_only ? "true" : "false") + R"(,"revoked":)" +
                     (one.state == State::revoked ? "true" : "false") + R"(,"expiry":)" + timestamp(one.state) + "}");
        bool const is_user = one.scheme == Scheme::user_token;
        if (is_user || one.scheme == Scheme::machine_token)
            tokens.add(R"({"name":)" + as_json(one.name) + R"(,"token":)" + as_json(one.secret) + R"(,"app":)" +
                       as_json(is_user ? "client" : "machine-" + one.team) + R"(,"user":)" +
                       (is_user ? as_json(user_of(one.team, *one.role, one.state)) : "null") + R"(,"team":)" + as_json(one.team) +
                       R"(,"scope":)" + as_json(one.scope) + R"(,"expires":)" + timestamp(one.state) + "}");
    }
}

std::string application(std::string const& key, std::string_view secret, char const* grant, std::string const& team)
{
    return R"({"key":)" + as_json(key) + R"(,"client_id":)" + as_json(key) + R"(,"client_secret":)" + as_json(secret) +
           R"(,"client_type":"confidential","grant":)" + as_json(grant) + R"(,"team":)" + team +
           R"(,"redirect_uris":[],"algorithm":"RS256","name":"","owner":"alpha-Everything-live","allowed_chatbots":[]})";
}

std::string make_world()
{
    Rows users, memberships, keys, tokens, applications, chatbots, participants, sessions, role_rows;
    add_users(users, memberships);
    add_credentials(keys, tokens);
    applications.add(application("client", client_secret, "authorization-code", "null"));
    std::string role_members;
    for (Role const& role : roles)
    {
        Rows permissions;
        for (auto const& permission : role.permissions)
            permissions.add(as_json(permission + "_experimentsession"));
        role_members += (role_members.empty() ? "" : ",") + as_json(role.name) + ":" + permissions.list();
    }
    for (std::string const team : {"alpha", "beta"})
    {
        applications.add(application("machine-" + team, machine_secret, "client-credentials", as_json(team)));
        chatbots.add(
            R"({"key":)" + as_json(team) + R"(,"id":)" + as_json(chatbot_of(team)) + R"(,"team":)" + as_json(team) +
            R"(,"name":"Bot","description":"","working":null,"version_number":1,"is_default":false,"archived":false,"version_description":"","allowlist":[]})");
        participants.add(R"({"key":)" + as_json(team) + R"(,"team":)" + as_json(team) +
                         R"(,"platform":"api","identifier":"visitor@users.example","remote_id":"","name":"","user":null})");
        sessions.add(
            R"({"id":)" + as_json(session_of(team)) + R"(,"team":)" + as_json(team) + R"(,"experiment":)" + as_json(team) +
            R"(,"participant":)" + as_json(team) +
            R"(,"platform":"api","status":"active","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","state":{},"tags":[],"messages":[],"files":[],"ended_at":null,"channel":null,"token_required":true,"usage":[]})");
    }
    return R"({"teams":[{"slug":"alpha","name":"Alpha"},{"slug":"beta","name":"Beta"}],"roles":{)" + role_members +
           R"(},"users":)" + users.list() + R"(,"memberships":)" + memberships.list() + R"(,"api_keys":)" + keys.list() +
           R"(,"oauth":{"applications":)" + applications.list() + R"(,"access_tokens":)" + tokens.list() +
           R"(},"browser_sessions":[{"cookie":"browserofalphasfirstuser00000000","user":"alpha-Everything-live"}],"experiments":)" +
           chatbots.list() +
           R"(,"channels":[{"key":"widget","team":"alpha","experiment":"alpha","platform":"embedded_widget","name":"","embed_key":"embed-key-of-the-widget","allowed_domains":["*"],"auth_level":2,"credential_mode":"embed_key","enabled":true,"disabled_message":""}],"participants":)" +
           participants.list() + R"(,"sessions":)" + sessions.list() + "}";
}

// ---- What is asked.

enum class Target
{
    collection, // No id in the path.
    session,    // An id in the path.
    chatbot,    // A chatbot's id in the body.
};

struct Operation
{
    std::string method;
    std::string before_id; // The path, up to the id where there is one.
    std::string after_id;
    Target target = Target::collection;
    std::string body; // A %s stands for a chatbot's id.
    int success = 200;
    int elsewhere = 404; // Where the id is another team's.
};

std::string const sessions_path = "/api/sessions/";

std::vector<Operation> const operations{
    {"GET", sessions_path, ""},
    {"HEAD", sessions_path, ""},
    {"OPTIONS", sessions_path, ""},
    {"POST", sessions_path, "", Target::chatbot, R"({"experiment":"%s","participant":"visitor@users.example"})", 201},
    {"GET", sessions_path, "/", Target::session},
    {"HEAD", sessions_path, "/", Target::session},
    {"OPTIONS", sessions_path, "/", Target::session, "", 200, 200}, // Looks nothing up.
    {"POST", sessions_path, "/end_experiment_session/", Target::session},
    {"OPTIONS", sessions_path, "/end_experiment_session/", Target::session, "", 200, 200},
    {"PATCH", sessions_path, "/update_state/", Target::session, R"({"state":{"a":1}})"},
    {"OPTIONS", sessions_path, "/update_state/", Target::session, "", 200, 200},
    {"POST", sessions_path, "/tags/", Target::session, R"({"tags":["a"]})"},
    {"DELETE", sessions_path, "/tags/", Target::session, R"({"tags":["a"]})"},
    {"OPTIONS", sessions_path, "/tags/", Target::session, "", 200, 200},
    {"GET", "/api/v1/sessions/", "/", Target::session},
    {"POST", "/api/v2/sessions/", "/messages/", Target::session, R"({"messages":[{"role":"assistant","content":"Hello"}]})", 201},
    // Methods that these paths have not.
    {"PUT", sessions_path, "/", Target::session, "{}", 405, 405},
    {"DELETE", sessions_path, "", Target::collection, "", 405, 405},
    {"TRACE", sessions_path, "", Target::collection, "", 405, 405},
};

// ---- The rules, as the documentation has them.

struct Verdict
{
    int status = 0;
    std::string sentence;  // Of a refusal of credentials.
    std::string challenge; // WWW-Authenticate.
};

bool only_reads(std::string_view method)
{
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// What a method asks of a role; nothing for the methods that ask nothing.
std::string_view permission_for(std::string_view method)
{
    static std::map<std::string_view, std::string_view> const words{{"GET", "view"},   {"HEAD", "view"},    {"POST", "add"},
                                                                    {"PUT", "change"}, {"PATCH", "change"}, {"DELETE", "delete"},
                                                                    {"OPTIONS", ""},   {"TRACE", ""}};
    return words.at(method);
}

bool is_token(Scheme scheme)
{
    return scheme == Scheme::user_token || scheme == Scheme::machine_token;
}

// 401, or nothing.
std::optional<Verdict> who_asks(Credential const& one)
{
    std::string const plain = R"(Bearer realm="api")";
    std::string const invalid = plain + R"(,error="invalid_token",error_description="The access token is invalid.")";
    std::string const expired = plain + R"(,error="invalid_token",error_description="The access token has expired.")";
    bool const is_bearer = one.scheme == Scheme::bearer_key || is_token(one.scheme) || one.scheme == Scheme::unknown_bearer;
    auto const& bad = is_bearer ? invalid : plain;

    switch (one.scheme)
    {
    case Scheme::none:
    case Scheme::cookie:
    case Scheme::embed_key:
        return Verdict{401, "Authentication credentials were not provided.", plain};
    case Scheme::unknown_key:
    case Scheme::unknown_bearer:
        return Verdict{401, "Invalid token.", bad};
    case Scheme::user_token:
    case Scheme::machine_token:
        if (one.state == State::expired) return Verdict{401, "Invalid token.", expired};
        if (one.state == State::revoked) return Verdict{401, "Invalid token.", invalid};
        if (one.state == State::left_the_team) return Verdict{401, "Incorrect authentication credentials.", plain};
        return std::nullopt;
    case Scheme::api_key:
    case Scheme::bearer_key:
        if (one.state == State::expired || one.state == State::revoked) return Verdict{401, "Invalid token.", bad};
        if (one.state == State::user_inactive) return Verdict{401, "User inactive or deleted.", bad};
        if (one.state == State::left_the_team) return Verdict{401, "Incorrect authentication credentials.", bad};
        return std::nullopt;
    }
    return std::nullopt;
}

bool may(Credential const& one, std::string_view method)
{
    if (one.is_read_only && !only_reads(method)) return false;
    if (one.role != nullptr)
    {
        auto const wanted = permission_for(method);
        if (!wanted.empty() && !one.role->permissions.contains(wanted)) return false;
    }
    if (!is_token(one.scheme)) return true;
    if (one.state == State::user_inactive) return false;
    auto const wanted = only_reads(method) ? "sessions:read" : "sessions:write";
    return (" " + one.scope + " ").find(" " + std::string(wanted) + " ") != std::string::npos;
}

Verdict expected(Credential const& credential, Operation const& operation, bool is_own)
{
    if (auto const refusal = who_asks(credential)) return *refusal;
    if (!may(credential, operation.method)) return {403, "You do not have permission to perform this action.", ""};
    return {is_own ? operation.success : operation.elsewhere, "", ""};
}

// ---- Asking.

support::HttpRequest request_of(Credential const& credential, Operation const& operation, std::string_view id,
                                std::string_view chatbot)
{
    support::HttpRequest request{.method = operation.method, .target = operation.before_id};
    if (operation.target == Target::session) request.target.append(id);
    request.target += operation.after_id;
    if (!operation.body.empty())
    {
        request.body = operation.body;
        if (auto const at = request.body->find("%s"); at != std::string::npos) request.body->replace(at, 2, chatbot);
        request.fields.emplace_back("Content-Type", "application/json");
    }
    switch (credential.scheme)
    {
    case Scheme::none:
        break;
    case Scheme::api_key:
    case Scheme::unknown_key:
        request.fields.emplace_back("X-api-key", credential.secret);
        break;
    case Scheme::bearer_key:
    case Scheme::user_token:
    case Scheme::machine_token:
    case Scheme::unknown_bearer:
        request.fields.emplace_back("Authorization", "Bearer " + credential.secret);
        break;
    case Scheme::cookie:
        request.fields.emplace_back("Cookie", "sessionid=" + credential.secret + "; csrftoken=csrfToken0123456789abcdefghijklmn");
        request.fields.emplace_back("X-CSRFToken", "csrfToken0123456789abcdefghijklmn");
        break;
    case Scheme::embed_key:
        request.fields.emplace_back("X-Embed-Key", credential.secret);
        request.fields.emplace_back("Origin", "https://widget.example");
        break;
    }
    return request;
}

// All of an answer but what differs from request to request, with ID in place of the id.
std::string print(support::HttpAnswer const& answer, std::string_view id)
{
    std::string text = std::to_string(answer.status) + " " + answer.reason + "\n";
    for (auto const& [name, value] : answer.fields)
        if (name != "X-Request-Id" && name != "X-RateLimit-Remaining" && name != "X-RateLimit-Reset" && name != "Date" &&
            name != "Content-Length")
            text += name + ": " + value + "\n";
    auto body = answer.body;
    if (auto const at = body.find(id); at != std::string::npos) body.replace(at, id.size(), "ID");
    return text + body;
}

class AccessTable : public testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        auto const database = support::new_database();
        support::load_world(make_world(), database);
        service_ = std::make_unique<support::ParleydProcess>(
            support::ParleydSettings{.database_url = database, .flags = {"--rate-limit-enforce", "false"}});
        for (Credential const& one : credentials())
            if (one.state == State::revoked && is_token(one.scheme)) revoke(one);
    }
    static void TearDownTestSuite() { service_.reset(); }

    static void revoke(Credential const& one)
    {
        bool const is_user = one.scheme == Scheme::user_token;
        auto const authorization =
            is_user ? support::basic("client", client_secret) : support::basic("machine-" + one.team, machine_secret);
        auto const answer = service_->exchange(
            support::form_request("/o/revoke_token/", {{"token", one.secret}}, {{"Authorization", authorization}}));
        ASSERT_EQ(answer.status, 200) << one.name;
    }

    static inline std::unique_ptr<support::ParleydProcess> service_;
};

TEST_F(AccessTable, every_cell_has_the_documented_answer)
{
    auto connection = service_->connect();
    std::size_t cells = 0;
    std::map<int, std::size_t> statuses;
    for (Credential const& credential : credentials())
        for (Operation const& operation : operations)
            for (bool const is_own : {true, false})
            {
                if (!is_own && operation.target == Target::collection) continue;
                std::string const team = is_own == (credential.team == "alpha") ? "alpha" : "beta";
                auto const request = request_of(credential, operation, session_of(team), chatbot_of(team));
                auto const answer = connection.exchange(request);
                auto const verdict = expected(credential, operation, is_own);
                auto const cell = credential.name + ", scheme " + std::to_string(static_cast<int>(credential.scheme)) + ": " +
                                  request.method + " " + request.target + (is_own ? " own" : " other");
                ++cells;
                ++statuses[verdict.status];
                EXPECT_EQ(answer.status, verdict.status) << cell << "\n" << answer.body;
                EXPECT_EQ(answer.find("WWW-Authenticate").value_or(""), verdict.challenge) << cell;
                if (!verdict.sentence.empty() && request.method != "HEAD")
                {
                    EXPECT_EQ(answer.body, "{\"detail\":\"" + verdict.sentence + "\"}") << cell;
                }
                auto const broken = support::validate_exchange(request.method, request.target, answer.status, answer.body);
                EXPECT_FALSE(broken) << cell << "\n" << *broken;
                if (HasFailure() && cells > 200) FAIL() << "and more";
            }
    EXPECT_GE(cells, 2'000U);
    RecordProperty("cells", static_cast<int>(cells));
    for (int const status : {200, 201, 401, 403, 404, 405})
        EXPECT_GT(statuses[status], 20U) << status << ": a table without these would prove little";
}

TEST_F(AccessTable, what_is_another_teams_answers_like_what_does_not_exist)
{
    auto connection = service_->connect();
    std::size_t compared = 0;
    for (Credential const& credential : credentials())
    {
        if (credential.state != State::live) continue;
        for (Operation const& operation : operations)
        {
            if (operation.target != Target::session) continue;
            auto const other = session_of(credential.team == "alpha" ? "beta" : "alpha");
            auto const of_other = connection.exchange(request_of(credential, operation, other, ""));
            auto const of_nobody = connection.exchange(request_of(credential, operation, session_of_nobody, ""));
            EXPECT_EQ(print(of_other, other), print(of_nobody, session_of_nobody))
                << credential.name << " " << operation.method << " " << operation.after_id;
            ++compared;
        }
    }
    EXPECT_GT(compared, 500U);
}

// A chatbot of another team is known to be one when it is named in a create (the documentation says so); in a list it is
// nobody's.
TEST_F(AccessTable, a_list_of_another_teams_chatbot_is_empty)
{
    for (Credential const& credential : credentials())
    {
        if (who_asks(credential) || !may(credential, "GET")) continue;
        Operation const operation{"GET",
                                  sessions_path + "?experiment=" + chatbot_of(credential.team == "alpha" ? "beta" : "alpha"), ""};
        auto const answer = service_->exchange(request_of(credential, operation, "", ""));
        EXPECT_EQ(answer.body, R"({"next":null,"previous":null,"results":[],"count":0})") << credential.name;
    }
}

} // namespace
} // namespace parley::e2e
