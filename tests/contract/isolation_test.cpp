// Goal: what belongs to another team does not exist.
// Method: every operation is tried with the id of another team's session and with an id that nobody has; but for the id itself
// the answers are the same, field by field, and nothing has changed for the owner.
#include "contract/services.hpp"

#include "parley/support/api_client.hpp"
#include "parley/support/test_world.hpp"

#include <gtest/gtest.h>

namespace parley::contract
{
namespace
{

std::string replaced(std::string text, std::string_view what, std::string_view by)
{
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
    return text;
}

// All that a client sees but for what differs between any two answers.
std::string visible(support::HttpAnswer const& answer, std::string_view id)
{
    std::string text = std::to_string(answer.status) + "\n";
    for (auto const& [name, value] : answer.fields)
        if (name != "Date" && name != "X-Request-Id" && name != "traceparent" && !name.starts_with("X-RateLimit-"))
            text += name + ": " + value + "\n";
    return replaced(text + answer.body, id, "<id>");
}

class Isolation : public testing::Test
{
  protected:
    support::ParleydProcess& service_ = service_with_recorded_world("isolation", {"--rate-limit-enforce", "false"});
    support::ApiClient alpha_{service_, support::recorded_key("owner_rw")};
    support::ApiClient beta_{service_, support::recorded_key("beta_rw")};
};

TEST_F(Isolation, a_session_of_another_team_answers_as_one_that_nobody_has)
{
    std::string const foreign =
        support::member_of(beta_.post("/api/sessions/", R"({"experiment":"000000e1-0000-4000-8000-000000000009"})").body, "id");
    ASSERT_FALSE(foreign.empty());
    ASSERT_EQ(beta_.post("/api/sessions/" + foreign + "/tags/", R"({"tags":["theirs"]})").status, 200);
    std::string const before = beta_.get("/api/sessions/" + foreign + "/").body;
    std::string const unknown = "5a1a0000-0000-4000-8000-00000000dead";

    struct Try
    {
        char const* method;
        char const* rest;
        char const* body;
    };
    for (Try const& attempt :
         {Try{"GET", "", nullptr}, Try{"HEAD", "", nullptr}, Try{"OPTIONS", "", nullptr}, Try{"PUT", "", "{}"},
          Try{"DELETE", "", "{}"}, Try{"POST", "end_experiment_session/", "{}"},
          Try{"PATCH", "update_state/", R"({"state":{"mine":1}})"}, Try{"PATCH", "update_state/", R"({"state":0})"},
          Try{"POST", "tags/", R"({"tags":["mine"]})"}, Try{"DELETE", "tags/", R"({"tags":["theirs"]})"},
          Try{"POST", "tags/", R"({"tags":[""]})"}, Try{"OPTIONS", "tags/", nullptr}})
    {
        auto const body = attempt.body == nullptr ? std::nullopt : std::optional<std::string>(attempt.body);
        support::HttpAnswer const theirs = alpha_.call(attempt.method, "/api/sessions/" + foreign + "/" + attempt.rest, body);
        support::HttpAnswer const nobodys = alpha_.call(attempt.method, "/api/sessions/" + unknown + "/" + attempt.rest, body);
        EXPECT_EQ(visible(theirs, foreign), visible(nobodys, unknown)) << attempt.method << " " << attempt.rest;
    }
    EXPECT_EQ(beta_.get("/api/sessions/" + foreign + "/").body, before);
}

TEST_F(Isolation, a_list_holds_the_own_teams_sessions_only)
{
    EXPECT_EQ(alpha_.get("/api/sessions/?page_size=1500").body.find("beta"), std::string::npos);
    // Another team's chatbot filters like one that nobody has.
    EXPECT_EQ(support::member_of(alpha_.get("/api/sessions/?experiment=000000e1-0000-4000-8000-000000000009").body, "count"),
              "0");
}

TEST_F(Isolation, a_session_id_of_another_team_may_be_ones_own_too)
{
    // Participants, too, are one per team: the same identifier in both teams stays two people.
    std::string const in_alpha =
        alpha_
            .post("/api/sessions/",
                  R"({"experiment":"000000e1-0000-4000-8000-000000000001","participant":"same@person.example"})")
            .body;
    std::string const in_beta =
        beta_
            .post("/api/sessions/",
                  R"({"experiment":"000000e1-0000-4000-8000-000000000009","participant":"same@person.example"})")
            .body;
    EXPECT_NE(support::member_of(in_alpha, "id"), support::member_of(in_beta, "id"));
    EXPECT_NE(in_alpha.find("same@person.example"), std::string::npos);
    EXPECT_NE(in_beta.find("same@person.example"), std::string::npos);
}

} // namespace
} // namespace parley::contract
