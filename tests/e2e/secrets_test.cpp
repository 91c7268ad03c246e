// Goal: whoever reads the database, the log, the metrics, the spans or an error learns no secret that opens anything.
// Method: some thousand secrets are issued and used under load, rightly and wrongly, with the log at its most talkative. Then
// everything that the service wrote is searched for every one of them, as it was issued and as hexadecimal bytes.
#include "parley/support/api_client.hpp"
#include "parley/support/oauth_client.hpp"
#include "parley/support/postgres_server.hpp"
#include "parley/support/span_collector.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <thread>
#include <unordered_map>

namespace parley::e2e
{
namespace
{

constexpr int threads = 8;
constexpr int rounds = 12;

// Secrets, and the places of a text where one of them stands. Thread-safe.
class Secrets
{
  public:
    void add(std::string const& secret)
    {
        ASSERT_GE(secret.size(), key_bytes) << "too short to be looked for";
        std::lock_guard const lock(mutex_);
        ++count_;
        keep(secret);
        keep(to_hex(secret));
    }

    [[nodiscard]] std::size_t count() const { return count_; }

    // What was found where, in some words; empty: nothing.
    [[nodiscard]] std::vector<std::string> found_in(std::string_view text) const
    {
        std::vector<std::string> found;
        for (std::size_t i = 0; i + key_bytes <= text.size(); ++i)
        {
            if (!is_beginning_[index_of(&text[i])]) continue;
            auto const [begin, end] = by_key_.equal_range(text.substr(i, key_bytes));
            for (auto one = begin; one != end; ++one)
                if (text.substr(i).starts_with(*one->second))
                    found.push_back(std::string(text.substr(i > 60 ? i - 60 : 0, 60 + one->second->size())));
        }
        return found;
    }

  private:
    static constexpr std::size_t key_bytes = 12;

    // Of the first three bytes: most places of a text are passed over by a look at these.
    static std::size_t index_of(char const* text) noexcept
    {
        auto const byte = [&](int i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
        return byte(0) << 16 | byte(1) << 8 | byte(2);
    }

    static std::string to_hex(std::string_view text)
    {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string hex;
        for (unsigned char const c : text)
            hex.append(1, digits[c >> 4]).append(1, digits[c & 15]);
        return hex;
    }

    void keep(std::string text)
    {
        auto const& kept = texts_.emplace_back(std::make_unique<std::string>(std::move(text)));
        is_beginning_[index_of(kept->data())] = true;
        by_key_.emplace(std::string_view(*kept).substr(0, key_bytes), kept.get());
    }

    std::mutex mutex_; // Guards all of them.
    std::size_t count_ = 0;
    std::vector<std::unique_ptr<std::string>> texts_;
    std::vector<bool> is_beginning_ = std::vector<bool>(1U << 24U);
    std::unordered_multimap<std::string_view, std::string const*> by_key_;
};

TEST(Secrets, are_found_where_they_stand)
{
    Secrets secrets;
    secrets.add("a-secret-of-some-length");
    EXPECT_EQ(secrets.found_in("xa-secret-of-some-lengthy").size(), 1U);
    EXPECT_EQ(secrets.found_in("\\x612d7365637265742d6f662d736f6d652d6c656e677468").size(), 1U);
    EXPECT_TRUE(secrets.found_in("a-secret-of-some-lengt").empty());
}

// One of the many who use the service.
class Caller
{
  public:
    Caller(support::ParleydProcess const& service, Secrets& secrets, unsigned seed)
        : service_(service), connection_(service.connect()), secrets_(secrets), random_(seed)
    {
    }

    // The secrets of one authorization, from its code to its revocation.
    void live_through_an_authorization()
    {
        auto const code = keep(support::obtain_code(service_, "openid sessions:read"));
        auto const first = send(support::form_request("/o/token/", support::code_form(code)));
        auto const access = keep_member(first, "access_token");
        auto const refresh = keep_member(first, "refresh_token");
        keep_member(first, "id_token");
        get("/api/sessions/?page_size=1", {{"Authorization", "Bearer " + access}});
        get("/o/userinfo/", {{"Authorization", "Bearer " + access}});
        auto const second = send(support::form_request("/o/token/", support::refresh_form(refresh)));
        auto const renewed = keep_member(second, "access_token");
        keep_member(second, "refresh_token");
        get("/api/sessions/", {{"Authorization", "Bearer " + access}}); // Dead.
        for (auto const* const path : {"/o/introspect/", "/o/revoke_token/"})
            send(support::form_request(path, {{"token", renewed}, {"client_id", std::string(support::public_client)}}));
        send(support::form_request("/o/token/", support::refresh_form(refresh))); // Used before.
        send(support::form_request("/o/token/", support::code_form(code)));       // And so was this.
    }

    void be_a_machine()
    {
        support::FormFields const as_machine{{"Authorization", keep(support::basic("oracle-machine-client", machine_secret))}};
        auto const tokens = send(
            support::form_request("/o/token/", {{"grant_type", "client_credentials"}, {"scope", "sessions:read"}}, as_machine));
        auto const access = keep_member(tokens, "access_token");
        send(support::form_request("/o/introspect/", {{"token", access}}, as_machine));
        get("/api/sessions/?page_size=1", {{"Authorization", "Bearer " + access}});
    }

    // Secrets in places where they do not belong.
    void be_clumsy()
    {
        auto const secret = [&] { return keep(make()); };
        get("/api/sessions/?access_token=" + secret(), {});
        get("/api/sessions/?cursor=" + secret(), {{"X-api-key", support::recorded_key("owner_rw")}});
        get("/nowhere/" + secret() + "/", {{"Authorization", "Bearer " + secret()}});
        get("/api/sessions/", {{"X-api-key", secret()}});
        get("/api/sessions/", {{"X-api-key", secret()}, {"X-api-key", secret()}});
        get("/api/sessions/", {{"Authorization", "Bearer " + secret() + " " + secret()}});
        get("/api/sessions/", {{"Authorization", "Basic " + secret()}, {"Cookie", "sessionid=" + secret()}});
        get("/o/userinfo/?access_token=" + secret(), {});
        get("/accounts/login/", {{"Cookie", "sessionid=" + secret()}});
        send(support::form_request("/o/token/?client_secret=" + secret(), {{"grant_type", "password"}, {"password", secret()}}));
        send(support::form_request("/o/token/", {{"grant_type", "client_credentials"}},
                                   {{"Authorization", keep(support::basic("oracle-machine-client", secret()))}}));
        send(support::form_request("/o/token/",
                                   {{"grant_type", "client_credentials"}, {"client_id", secret()}, {"client_secret", secret()}}));
        send({.method = "POST",
              .target = "/o/token/",
              .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
              .body = "client_secret=" + secret() + "%"});
        send({.method = "POST",
              .target = "/api/sessions/",
              .fields = {{"Content-Type", "application/json"}, {"X-api-key", support::recorded_key("owner_rw")}},
              .body = "{\"token\":" + secret()});
        send({.method = "POST",
              .target = "/api/chat/start/",
              .fields = {{"Content-Type", "application/json"}, {"X-Embed-Key", secret()}, {"Origin", "https://widget.example"}},
              .body = R"({"chatbot_id":"000000e1-0000-4000-8000-000000000001"})"});
    }

    void chat()
    {
        auto const answer = send({.method = "POST",
                                  .target = "/api/chat/start/",
                                  .fields = {{"Content-Type", "application/json"},
                                             {"X-Embed-Key", "embedkey-main-0123456789"},
                                             {"Origin", "https://widget.example"}},
                                  .body = R"({"chatbot_id":"000000e1-0000-4000-8000-000000000001"})"});
        auto const token = keep_member(answer, "session_token");
        get("/api/chat/" + support::member_of(answer.body, "session_id") + "/poll/", {{"X-Session-Token", token}});
        get("/api/chat/" + support::member_of(answer.body, "session_id") + "/poll/", {{"X-Session-Token", keep(make())}});
    }

    void sign_in(std::string const& password)
    {
        auto const answer = send(support::form_request(
            "/accounts/login/",
            {{"login", "owner@alpha.example"}, {"password", password}, {"csrfmiddlewaretoken", std::string(support::csrf_token)}},
            {{"Cookie", "csrftoken=" + std::string(support::csrf_token)}}));
        auto const cookie = answer.find("Set-Cookie").value_or("");
        constexpr std::string_view name = "sessionid=";
        if (auto const at = cookie.find(name); at != std::string::npos)
            keep(cookie.substr(at + name.size(), cookie.find(';', at) - at - name.size()));
    }

    [[nodiscard]] std::string make()
    {
        constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        std::string text;
        while (text.size() < 40)
            text += letters[random_() % letters.size()];
        return text;
    }
    std::string keep(std::string secret)
    {
        secrets_.add(secret);
        return secret;
    }

    [[nodiscard]] std::string const& refusals() const { return refusals_; }
    [[nodiscard]] int uses() const { return uses_; }

    static constexpr std::string_view machine_secret = "machine-secret-0123456789";

  private:
    support::HttpAnswer send(support::HttpRequest const& request)
    {
        ++uses_;
        auto answer = connection_.exchange(request);
        if (answer.find("Connection") == "close") connection_ = service_.connect();
        if (answer.status < 400 && answer.status != 200) return answer;
        // A page that says no is 200.
        if (answer.status < 400 && answer.find("Content-Type").value_or("").starts_with("application/json")) return answer;
        for (auto const& [name, value] : answer.fields)
            if (name != "Set-Cookie") refusals_ += name + ": " + value + "\n";
        refusals_ += answer.body + "\n";
        return answer;
    }

    void get(std::string target, support::FormFields fields) { send({.target = std::move(target), .fields = std::move(fields)}); }

    std::string keep_member(support::HttpAnswer const& answer, std::string_view name)
    {
        return keep(support::member_of(answer.body, name));
    }

    support::ParleydProcess const& service_;
    support::RawHttpClient connection_;
    Secrets& secrets_;
    std::minstd_rand random_;
    std::string refusals_;
    int uses_ = 0;
};

std::string read_file(std::filesystem::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class SecretsAtLarge : public testing::Test
{
  protected:
    void keep_the_secrets_of_the_world()
    {
        auto const world = read_file(support::recorded_world_path());
        for (std::string const name : {"\"key\": \"", "\"token\": \"", "\"code\": \"", "\"cookie\": \"", "\"password\": \"",
                                       "\"client_secret\": \"", "\"embed_key\": \""})
            for (auto at = world.find(name); at != std::string::npos; at = world.find(name, at + 1))
            {
                auto const value = world.substr(at + name.size(), world.find('"', at + name.size()) - at - name.size());
                if (value.size() >= 20) secrets.add(value); // Shorter ones under "key" are names.
            }
    }

    // What the administrator's command makes known once.
    void administer()
    {
        auto const run = [&](std::vector<std::string> arguments, std::string input = {})
        {
            arguments.insert(arguments.end(), {"--database-url", database});
            auto const result = support::run_parley(std::move(arguments), std::move(input));
            EXPECT_EQ(result.exit_code, 0) << result.err;
            return result;
        };
        auto const key = run({"key", "create", "--team", "alpha", "--user", "owner@alpha.example", "--name", "leak"}).out;
        secrets.add(key.substr(0, key.find('\n')));
        auto const chosen = folder.path() / "password";
        std::ofstream(chosen) << "a password that somebody chose\n";
        secrets.add("a password that somebody chose");
        run({"user", "password", "viewer@alpha.example", "--password-file", chosen.string()});
    }

    // Everybody does everything, at once.
    void use_all_of_it(support::ParleydProcess const& service)
    {
        std::mutex mutex;
        std::vector<std::jthread> running;
        for (unsigned i = 0; i < threads; ++i)
            running.emplace_back(
                [&, i]
                {
                    Caller caller(service, secrets, i + 1);
                    for (int round = 0; round < rounds; ++round)
                    {
                        caller.live_through_an_authorization();
                        caller.be_a_machine();
                        caller.be_clumsy();
                        caller.chat();
                    }
                    caller.sign_in("oracle-password-owner");
                    caller.sign_in(caller.keep(caller.make()));
                    std::lock_guard const lock(mutex);
                    refusals += caller.refusals();
                    uses += caller.uses();
                });
    }

    support::TemporaryFolder folder;
    std::string database = support::new_database();
    Secrets secrets;
    std::string refusals;
    int uses = 0;
};

TEST_F(SecretsAtLarge, are_in_no_database_log_metric_span_or_error)
{
    auto const log = folder.path() / "log";
    support::SpanCollector const collector;
    auto const service = support::start_with_world(
        support::recorded_world_path(),
        {"--rate-limit-enforce", "false", "--log-level", "trace", "--log-file", log.string(), "--log-queue-lines-max", "1000000",
         "--otlp-endpoint", collector.url(), "--otlp-sample-per-million", "1000000", "--otlp-queue-spans-max", "100000"},
        database);
    keep_the_secrets_of_the_world();
    administer();
    use_all_of_it(*service);
    auto const metrics = service->exchange_with_admin("/metrics").body;
    EXPECT_EQ(service->stop(), 0);
    EXPECT_GT(secrets.count(), 2'000U);
    EXPECT_GT(uses, 2'000);

    auto const dump = support::dump_database(database);
    auto const written = read_file(log);
    EXPECT_NE(dump.find("COPY public.oauth_access_token"), std::string::npos);
    EXPECT_GT(std::count(written.begin(), written.end(), '\n'), uses / 2);
    EXPECT_NE(metrics.find("parley_http_requests"), std::string::npos);
    EXPECT_GT(refusals.size(), 50'000U);
    std::string spans;
    for (auto const& post : collector.posts())
        spans += post.body;
    EXPECT_GT(spans.size(), static_cast<std::size_t>(uses) * 500);
    auto const nothing = std::vector<std::string>();
    EXPECT_EQ(secrets.found_in(dump), nothing);
    EXPECT_EQ(secrets.found_in(written), nothing);
    EXPECT_EQ(secrets.found_in(metrics), nothing);
    EXPECT_EQ(secrets.found_in(spans), nothing);
    EXPECT_EQ(secrets.found_in(service->process().output()), nothing);
    EXPECT_EQ(secrets.found_in(refusals), nothing);

    // The one exception, as docs/decisions.md says: the keys with which the service signs.
    std::size_t keys = 0;
    for (auto at = dump.find("PRIVATE KEY"); at != std::string::npos; at = dump.find("PRIVATE KEY", at + 1))
        ++keys;
    EXPECT_EQ(keys, 2U) << "begin and end of one";
    EXPECT_EQ(written.find("PRIVATE KEY"), std::string::npos);
}

} // namespace
} // namespace parley::e2e
