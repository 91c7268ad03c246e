// session_retrieve: the session with its transcript.
#include "api_bench.hpp"

#include <gtest/gtest.h>

namespace parley::api::test
{
namespace
{

TEST(SessionRetrieve, the_whole_document)
{
    ApiBench bench;
    bench.store.transcript.session = a_session();
    bench.store.transcript.messages.text = R"({"m":1},{"m":2})";
    bench.store.transcript.usage.text = R"({"total_cost":"0.00000000","by_model":[]})";
    EXPECT_EQ(
        bench.outcome({.path = "/api/sessions/s-1/"}),
        R"(200 {"url":"https://parley.test/api/sessions/s-1/","id":"s-1","team":{"name":"Alpha \"Team\"","slug":"alpha"},)"
        R"("experiment":{"id":"6f1dd7a4-7a6b-4f59-9d5f-2f6a4a1c0001","name":"Main \"Bot\"","description":"The main bot",)"
        R"("url":"https://parley.test/api/experiments/6f1dd7a4-7a6b-4f59-9d5f-2f6a4a1c0001/","version_number":3},)"
        R"("participant":{"identifier":"someone@users.example","remote_id":"r1"},"created_at":"2026-01-01T01:00:00Z",)"
        R"("updated_at":"2026-01-01T01:30:00.000100Z","status":"pending-review","platform":null,"messages":[{"m":1},{"m":2}],)"
        R"("usage":{"total_cost":"0.00000000","by_model":[]},"tags":["vip"],"state":{"a":1.10}})");
    EXPECT_EQ(bench.store.team, 7);
    EXPECT_EQ(bench.store.id, "s-1");
}

TEST(SessionRetrieve, every_mark_becomes_the_beginning_of_a_link)
{
    ApiBench bench(ApiSettings{.platform_url = "https://platform.test"});
    bench.store.transcript.session = a_session();
    bench.store.transcript.messages.text = "{\"u\":\"\x01/api/files/1/content\"},{\"u\":\"\x01/api/files/2/content\"}";
    bench.store.transcript.has_links = true;
    bench.store.transcript.usage.text = "{}";
    std::string const body = bench.send({.path = "/api/sessions/s-1/"}).body;
    EXPECT_NE(
        body.find(
            R"("messages":[{"u":"https://platform.test/api/files/1/content"},{"u":"https://platform.test/api/files/2/content"}],)"),
        std::string::npos)
        << body;
}

TEST(SessionRetrieve, the_link_to_an_odd_id_is_encoded)
{
    std::pair<char const*, char const*> const links[] = {
        {"with space", "with%20space"},
        {"sitzung-ü😀", "sitzung-%C3%BC%F0%9F%98%80"},
        {"pct%2Fencoded", "pct%252Fencoded"},
        {"semi;colon,comma", "semi;colon,comma"},
        {"q?mark", "q%3Fmark"},
        {"plus+sign", "plus+sign"},
        {"a!$&'()*=:@~b", "a!$&'()*=:@~b"},
        {"#[]\"<>", "%23%5B%5D%22%3C%3E"},
        {"thread.1712345678.000100", "thread.1712345678.000100"},
    };
    for (auto const& [id, link] : links)
    {
        ApiBench bench;
        bench.store.transcript.session = a_session(id);
        bench.store.transcript.usage.text = "{}";
        std::string const body = bench.send({.path = "/api/sessions/x/"}).body;
        EXPECT_TRUE(body.starts_with(R"({"url":"https://parley.test/api/sessions/)" + std::string(link) + R"(/")")) << body;
    }
}

TEST(SessionRetrieve, an_unknown_session)
{
    ApiBench bench;
    bench.store.refusal = Problem{ProblemCode::session_unknown};
    EXPECT_EQ(bench.outcome({.path = "/api/sessions/nope/"}),
              R"(404 {"detail":"No ExperimentSession matches the given query."})");
}

TEST(SessionRetrieve, an_id_that_nothing_can_have_is_not_looked_up)
{
    ApiBench bench;
    bench.store.transcript.session = a_session();
    for (std::string const& id : {std::string("a%00b"), std::string(256, 'L'), std::string(3000, 'z')})
    {
        EXPECT_EQ(bench.outcome({.path = "/api/sessions/" + id + "/"}),
                  R"(404 {"detail":"No ExperimentSession matches the given query."})");
    }
    EXPECT_TRUE(bench.store.verbs.empty());
    std::string umlauts;
    for (int i = 0; i < 255; ++i)
        umlauts += "%C3%BC";
    EXPECT_EQ(bench.send({.path = "/api/sessions/" + umlauts + "/"}).status, 200);
    EXPECT_EQ(bench.send({.path = "/api/sessions/" + std::string(255, 'L') + "/"}).status, 200);
}

TEST(SessionRetrieve, the_parameters_of_a_list_have_no_effect)
{
    ApiBench bench;
    bench.store.transcript.session = a_session();
    EXPECT_EQ(bench.send({.path = "/api/sessions/s-1/", .query = "experiment=nope&tags=%00&cursor=abc"}).status, 200);
}

TEST(SessionRetrieve, a_problem_of_the_store_is_passed_on)
{
    ApiBench bench;
    bench.store.refusal = Problem{ProblemCode::store_unavailable};
    EXPECT_EQ(bench.send({.path = "/api/sessions/s-1/"}).status, 503);
}

} // namespace
} // namespace parley::api::test
