// A place to try the operations without a network or a database: a store that answers what it is told to and keeps what it was
// asked.
#pragma once

#include "parley/api/resources.hpp"
#include "parley/core/clock.hpp"
#include "parley/domain/session_store.hpp"
#include "parley/http/message.hpp"
#include "parley/routing/route_table.hpp"
#include "parley/support/run_coro.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::api::test
{

inline Timestamp instant(std::string_view text)
{
    return *parse_timestamp(text);
}

inline std::shared_ptr<domain::Experiment const> an_experiment()
{
    domain::Experiment experiment;
    experiment.id = *Uuid::parse("6f1dd7a4-7a6b-4f59-9d5f-2f6a4a1c0001");
    experiment.name = "Main \"Bot\"";
    experiment.description = "The main bot";
    experiment.version_number = 3;
    return std::make_shared<domain::Experiment const>(experiment);
}

inline domain::Session a_session(std::string_view id = "s-1") // Which the caller keeps.
{
    domain::Session session;
    session.id = id;
    session.experiment = an_experiment();
    session.participant = {.identifier = "someone@users.example", .remote_id = "r1"};
    session.created_at = instant("2026-01-01T01:00:00Z");
    session.updated_at = instant("2026-01-01T01:30:00.000100Z");
    session.status = domain::Status::pending_review;
    session.tags.text = R"(["vip"])";
    session.state.text = R"({"a":1.10})";
    return session;
}

// Not a store: it only shows what a handler asks for.
class AskedStore final : public domain::SessionStore
{
  public:
    // What the next verb answers instead of success.
    std::optional<Problem> refusal;
    domain::Page page;
    domain::Transcript transcript;
    std::string tags = R"(["b","a"])";
    std::optional<Problem> experiment_refusal; // What check_experiment says.
    std::function<void()> while_creating;
    std::map<std::pair<domain::TeamId, Sha256>, domain::Reservation> reservations;

    // What was asked.
    std::vector<std::string> verbs;
    std::optional<domain::ListQuery> list_query;
    std::optional<domain::NewSession> new_session;
    domain::TeamId team = 0;
    std::string id;
    std::string state;
    Timestamp now;
    std::vector<std::string> names;
    std::vector<domain::AddedMessage> added;
    std::optional<Uuid> checked_experiment;

    boost::asio::awaitable<Result<domain::Page>> list(domain::ListQuery query, Deadline /*deadline*/) override
    {
        verbs.emplace_back("list");
        list_query = std::move(query);
        if (refusal) co_return *refusal;
        co_return page;
    }
    boost::asio::awaitable<Result<domain::Transcript>> retrieve(domain::TeamId asked_team, std::string asked,
                                                                Deadline /*deadline*/) override
    {
        note("retrieve", asked_team, std::move(asked));
        if (refusal) co_return *refusal;
        co_return transcript;
    }
    boost::asio::awaitable<Result<void>> check_experiment(domain::TeamId asked_team, Uuid experiment,
                                                          Deadline /*deadline*/) override
    {
        verbs.emplace_back("check_experiment");
        team = asked_team;
        checked_experiment = experiment;
        if (experiment_refusal) co_return *experiment_refusal;
        co_return Result<void>();
    }
    boost::asio::awaitable<Result<domain::Session>> create(domain::NewSession session, Deadline /*deadline*/) override
    {
        verbs.emplace_back("create");
        new_session = std::move(session);
        if (while_creating) while_creating();
        if (refusal) co_return *refusal;
        domain::Session created = a_session(new_session->id);
        created.participant = {.identifier = new_session->participant_identifier, .remote_id = {}};
        created.state = new_session->state;
        created.status = domain::Status::setup;
        created.tags.text = "[]";
        co_return created;
    }
    boost::asio::awaitable<Result<domain::Reservation>> reserve(domain::TeamId asked_team, Sha256 key, domain::Reservation wish,
                                                                Deadline /*deadline*/) override
    {
        verbs.emplace_back("reserve");
        co_return reservations.emplace(std::pair(asked_team, key), std::move(wish)).first->second;
    }
    boost::asio::awaitable<Result<void>> release(domain::TeamId asked_team, Sha256 key, Deadline /*deadline*/) override
    {
        verbs.emplace_back("release");
        reservations.erase({asked_team, key});
        co_return Result<void>();
    }
    boost::asio::awaitable<Result<domain::JsonText>> append_messages(domain::TeamId asked_team, std::string asked,
                                                                     std::vector<domain::AddedMessage> messages, Timestamp at,
                                                                     Deadline /*deadline*/) override
    {
        note("append_messages", asked_team, std::move(asked));
        added = std::move(messages);
        now = at;
        if (refusal) co_return *refusal;
        co_return domain::JsonText{R"({"shown":1})"};
    }
    boost::asio::awaitable<Result<void>> end(domain::TeamId asked_team, std::string asked, Timestamp at,
                                             Deadline /*deadline*/) override
    {
        note("end", asked_team, std::move(asked));
        now = at;
        if (refusal) co_return *refusal;
        co_return Result<void>();
    }
    boost::asio::awaitable<Result<void>> update_state(domain::TeamId asked_team, std::string asked, domain::JsonText text,
                                                      Timestamp at, Deadline /*deadline*/) override
    {
        note("update_state", asked_team, std::move(asked));
        state = std::move(text.text);
        now = at;
        if (refusal) co_return *refusal;
        co_return Result<void>();
    }
    boost::asio::awaitable<Result<domain::JsonText>>
    add_tags(domain::TeamId asked_team, std::string asked, std::vector<std::string> asked_names, Deadline /*deadline*/) override
    {
        note("add_tags", asked_team, std::move(asked));
        names = std::move(asked_names);
        if (refusal) co_return *refusal;
        co_return domain::JsonText{tags};
    }
    boost::asio::awaitable<Result<domain::JsonText>> remove_tags(domain::TeamId asked_team, std::string asked,
                                                                 std::vector<std::string> asked_names,
                                                                 Deadline /*deadline*/) override
    {
        note("remove_tags", asked_team, std::move(asked));
        names = std::move(asked_names);
        if (refusal) co_return *refusal;
        co_return domain::JsonText{tags};
    }

  private:
    void note(char const* verb, domain::TeamId asked_team, std::string asked)
    {
        verbs.emplace_back(verb);
        team = asked_team;
        id = std::move(asked);
    }
};

class GivenBody final : public http::BodySource
{
  public:
    explicit GivenBody(std::string text) : text_(std::move(text)) {}
    boost::asio::awaitable<Result<std::string_view>> read() override
    {
        ++reads;
        co_return std::string_view(text_);
    }
    int reads = 0;

  private:
    std::string text_;
};

// What is sent.
struct Sent
{
    std::string_view method = "GET";
    std::string path = "/api/sessions/";
    std::string query;
    std::string body;
    std::optional<std::string> content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> fields;
};

class ApiBench
{
  public:
    explicit ApiBench(ApiSettings settings = {}) : routes(make_resources(store, clock, std::move(settings)))
    {
        principal.team = {.id = 7, .slug = "alpha", .name = "Alpha \"Team\"", .api_rate_limit = std::nullopt};
        principal.user_email = "owner@alpha.example";
        principal.permissions =
            auth::Permission::view | auth::Permission::add | auth::Permission::change | auth::Permission::delete_;
    }

    AskedStore store;
    ManualClock clock{instant("2026-03-01T12:00:00Z")};
    auth::Principal principal;
    std::string base_url = "https://parley.test";
    routing::RouteTable routes;
    int body_reads = 0;

    http::Response send(Sent const& sent)
    {
        std::vector<http::Field> fields{{"Host", "parley.test"}};
        if (sent.content_type) fields.push_back({"Content-Type", *sent.content_type});
        for (auto const& [name, value] : sent.fields)
            fields.push_back({name, value});
        GivenBody body(sent.body);
        http::Request request;
        request.method = http::method_from(sent.method);
        request.method_name = sent.method;
        request.path = sent.path;
        request.query = sent.query;
        request.fields = fields;
        request.body = &body;

        Result<routing::Match> const match = routes.match(request);
        if (!match) return http::to_response(match.error());
        if (match->operation == nullptr) return http::to_response(Problem{ProblemCode::method_not_allowed});
        routing::Call const call{principal, request, match->parameter, base_url, Deadline::never()};
        Result<http::Response> response = support::run_coro(match->operation->handle(call));
        body_reads = body.reads;
        return response ? *std::move(response) : http::to_response(response.error());
    }

    http::Response post(std::string path, std::string body)
    {
        return send({.method = "POST", .path = std::move(path), .body = std::move(body)});
    }

    // "400 {...}"
    std::string outcome(Sent const& sent)
    {
        http::Response const response = send(sent);
        return std::to_string(response.status) + " " + response.body;
    }
};

} // namespace parley::api::test
