// Goal: however a client pages through a list, it sees every session exactly once, in one order.
// Method: a world with ties in created_at is walked forward and backward with page sizes from one to more than all, in both
// orderings, also while new sessions arrive.
#include "contract/exchange.hpp"
#include "contract/services.hpp"
#include "contract/url.hpp"

#include "parley/support/api_client.hpp"
#include "parley/support/test_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace parley::contract
{
namespace
{

// 53 sessions on 12 moments: ties of four and five, with ids that are in another order than the rows, and of many shapes.
std::vector<support::SmallWorldSession> sessions_with_ties()
{
    std::vector<support::SmallWorldSession> sessions;
    for (int i = 0; i < 53; ++i)
    {
        char id[64];
        char moment[64];
        std::snprintf(id, sizeof id, "%02d%s", i * 37 % 53, i % 3 == 0 ? ".old" : i % 3 == 1 ? "-A" : "_a b");
        std::snprintf(moment, sizeof moment, "2026-02-01T%02d:00:00%sZ", i % 12, i % 2 == 0 ? "" : ".000001");
        sessions.push_back(
            {.id = id, .created_at = moment, .tags = i % 4 == 0 ? std::vector<std::string>{"vip"} : std::vector<std::string>{}});
    }
    return sessions;
}

struct ListPage
{
    std::vector<std::string> ids;
    std::string next;
    std::string previous;
    std::string count; // Empty where there is none.
};

class Walk : public testing::Test
{
  protected:
    support::ParleydProcess& service_ = service_with_small_world("walk", support::small_world(sessions_with_ties()));
    support::ApiClient client_{service_, support::small_world_key};

    // target: a path with a query, or the whole URL of a link.
    [[nodiscard]] ListPage page(std::string_view target) const
    {
        if (std::size_t const path = target.find("/api/"); path != target.npos) target.remove_prefix(path);
        support::HttpAnswer const answer = client_.get(std::string(target));
        EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
        OwnedJson const document(answer.body);
        ListPage page{
            .ids = {}, .next = text_of(document.root(), "next"), .previous = text_of(document.root(), "previous"), .count = {}};
        if (auto const count = document.root().find("count")) page.count = count->text();
        auto const results = document.root().find("results");
        for (json::Value const row : *results)
            page.ids.push_back(text_of(row, "id"));
        return page;
    }

    // Every page from the first to the last.
    [[nodiscard]] std::vector<ListPage> walk(std::string const& query) const
    {
        std::vector<ListPage> pages{page("/api/sessions/?" + query)};
        while (!pages.back().next.empty() && pages.size() < 200)
            pages.push_back(page(pages.back().next));
        return pages;
    }

    static std::vector<std::string> joined(std::vector<ListPage> const& pages)
    {
        std::vector<std::string> ids;
        for (ListPage const& page : pages)
            ids.insert(ids.end(), page.ids.begin(), page.ids.end());
        return ids;
    }
};

// By (created_at, id), ids compared byte by byte.
std::vector<std::string> ids_in_order(std::vector<support::SmallWorldSession> sessions)
{
    auto const moment = [](support::SmallWorldSession const& s)
    { return s.created_at.size() == 20 ? s.created_at.substr(0, 19) + ".000000Z" : s.created_at; };
    std::sort(sessions.begin(), sessions.end(),
              [&](auto const& left, auto const& right)
              { return std::pair(moment(left), left.id) < std::pair(moment(right), right.id); });
    std::vector<std::string> ids;
    for (auto const& session : sessions)
        ids.push_back(session.id);
    return ids;
}

TEST_F(Walk, the_order_is_by_time_and_then_by_id)
{
    std::vector<std::string> expected = ids_in_order(sessions_with_ties());
    EXPECT_EQ(page("/api/sessions/?ordering=created_at").ids, expected);
    std::reverse(expected.begin(), expected.end());
    EXPECT_EQ(page("/api/sessions/?ordering=-created_at").ids, expected);
    EXPECT_EQ(page("/api/sessions/").ids, expected);
}

TEST_F(Walk, pages_of_any_size_make_the_whole_list_forward_and_backward)
{
    for (char const* ordering : {"created_at", "-created_at"})
    {
        std::string const sorted = std::string("ordering=") + ordering;
        std::vector<std::string> const whole = page("/api/sessions/?" + sorted).ids;
        ASSERT_EQ(whole.size(), 53U);
        for (int const size : {1, 2, 3, 7, 50, 53, 54})
        {
            SCOPED_TRACE(sorted + " page_size=" + std::to_string(size));
            std::vector<ListPage> const forward = walk(sorted + "&page_size=" + std::to_string(size));
            EXPECT_EQ(joined(forward), whole);
            EXPECT_TRUE(forward.front().previous.empty());

            // Back from the last page: the same pages, though the first may come in another portion.
            ListPage at = forward.back();
            std::vector<std::string> backward = at.ids;
            for (int steps = 0; !at.previous.empty() && steps < 200; ++steps)
            {
                at = page(at.previous);
                EXPECT_LE(at.ids.size(), static_cast<std::size_t>(size));
                EXPECT_FALSE(at.ids.empty());
                backward.insert(backward.begin(), at.ids.begin(), at.ids.end());
            }
            EXPECT_EQ(backward, whole);
        }
    }
}

TEST_F(Walk, the_page_before_the_next_is_the_page_itself)
{
    for (char const* ordering : {"created_at", "-created_at"})
    {
        std::vector<ListPage> const pages = walk(std::string("page_size=7&ordering=") + ordering);
        for (std::size_t i = 0; i + 1 < pages.size(); ++i)
        {
            ListPage const back = page(pages[i + 1].previous);
            EXPECT_EQ(back.ids, pages[i].ids);
            EXPECT_EQ(page(back.next).ids, pages[i + 1].ids);
        }
    }
}

TEST_F(Walk, only_the_first_page_counts)
{
    std::vector<ListPage> const pages = walk("page_size=20");
    ASSERT_EQ(pages.size(), 3U);
    EXPECT_EQ(pages[0].count, "53");
    EXPECT_EQ(pages[1].count, "");
    EXPECT_EQ(pages[2].count, "");
    EXPECT_EQ(page(pages[1].previous).count, "");
    EXPECT_EQ(page("/api/sessions/?cursor=").count, "");
    EXPECT_EQ(page("/api/sessions/?tags=vip").count, "14");
    EXPECT_EQ(page("/api/sessions/?tags=nobody").count, "0");
}

TEST_F(Walk, filters_walk_like_the_whole)
{
    std::vector<std::string> const whole = page("/api/sessions/?tags=vip").ids;
    EXPECT_EQ(whole.size(), 14U);
    for (int const size : {1, 2, 3, 7})
        EXPECT_EQ(joined(walk("tags=vip&page_size=" + std::to_string(size))), whole);
    std::string const by_experiment = "experiment=" + std::string(support::small_world_experiment);
    EXPECT_EQ(joined(walk(by_experiment + "&page_size=9")), page("/api/sessions/").ids);
    EXPECT_EQ(joined(walk(by_experiment + "&tags=vip&page_size=5&ordering=created_at")).size(), 14U);
}

TEST_F(Walk, links_keep_the_other_parameters)
{
    ListPage const first = page("/api/v1/sessions/?tags=vip&page_size=3&unknown=x%20y&ordering=created_at&tags=vip");
    Url const link = split_url(first.next);
    EXPECT_EQ(link.path, "/api/v1/sessions/");
    Parameters const parameters = parameters_of(link.query);
    EXPECT_EQ(parameters.at("unknown"), std::vector<std::string>{"x y"});
    EXPECT_EQ(parameters.at("tags").size(), 2U);
    EXPECT_EQ(parameters.at("page_size"), std::vector<std::string>{"3"});
}

TEST_F(Walk, a_cursor_of_somebody_else_is_refused)
{
    for (char const* cursor :
         {"x", "cj0x", "%00", "bz0xJnA9MjAyNi0wMS0wMQ%3D%3D", "0", "-1", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    {
        support::HttpAnswer const answer = client_.get(std::string("/api/sessions/?cursor=") + cursor);
        EXPECT_EQ(answer.status, 404) << cursor;
        EXPECT_EQ(answer.body, R"({"detail":"Invalid cursor"})") << cursor;
    }
}

TEST_F(Walk, a_cursor_with_any_byte_changed_never_breaks_the_service)
{
    std::string const next = page("/api/sessions/?page_size=5").next;
    std::string const cursor = parameters_of(split_url(next).query).at("cursor").front();
    for (std::size_t i = 0; i < cursor.size(); ++i)
    {
        std::string changed = cursor;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        int const status = client_.get("/api/sessions/?page_size=5&cursor=" + changed).status;
        EXPECT_TRUE(status == 404 || status == 200) << changed << ": " << status;
        int const cut = client_.get("/api/sessions/?page_size=5&cursor=" + cursor.substr(0, i)).status;
        EXPECT_TRUE(cut == 404 || cut == 200) << cursor.substr(0, i) << ": " << cut;
    }
}

// Each in a world of its own: they add sessions.
class WalkWhileSessionsArrive : public Walk
{
  protected:
    void SetUp() override { client_ = support::ApiClient(arriving_, support::small_world_key); }
    support::ParleydProcess& arriving_ =
        service_with_small_world("walk while sessions arrive", support::small_world(sessions_with_ties()));
};

TEST_F(WalkWhileSessionsArrive, nothing_is_skipped_or_doubled)
{
    for (char const* ordering : {"created_at", "-created_at"})
    {
        for (int const size : {2, 7})
        {
            std::string const query = std::string("ordering=") + ordering + "&page_size=" + std::to_string(size);
            std::vector<std::string> const before = page(std::string("/api/sessions/?page_size=1500&ordering=") + ordering).ids;
            ListPage at = page("/api/sessions/?" + query);
            std::vector<std::string> seen = at.ids;
            for (int steps = 0; !at.next.empty() && steps < 200; ++steps)
            {
                if (steps < 5) static_cast<void>(client_.create(support::small_world_experiment));
                at = page(at.next);
                seen.insert(seen.end(), at.ids.begin(), at.ids.end());
            }
            std::set<std::string> const distinct(seen.begin(), seen.end());
            EXPECT_EQ(distinct.size(), seen.size()) << query << ": a session was seen twice";
            for (std::string const& id : before)
                EXPECT_TRUE(distinct.contains(id)) << query << ": " << id << " was skipped";
        }
    }
}

TEST_F(WalkWhileSessionsArrive, the_count_follows_at_once)
{
    int const before = std::stoi(page("/api/sessions/").count);
    std::string const id = client_.create(support::small_world_experiment);
    EXPECT_EQ(std::stoi(page("/api/sessions/?page_size=1").count), before + 1);
    EXPECT_EQ(page("/api/sessions/?page_size=1").ids, std::vector<std::string>{id});
}

} // namespace
} // namespace parley::contract
