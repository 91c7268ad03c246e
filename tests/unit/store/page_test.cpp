#include "page.hpp"

#include <gtest/gtest.h>

namespace parley::store
{
namespace
{

using domain::Cursor;
using domain::ListQuery;
using domain::Order;

Timestamp at(std::string_view text)
{
    return *parse_timestamp(text);
}

domain::Page rows(std::initializer_list<std::string_view> ids)
{
    domain::Page page;
    for (auto const& id : ids)
    {
        domain::Session session;
        session.id = id;
        session.created_at = at("2026-01-01T00:00:00Z");
        page.sessions.push_back(std::move(session));
    }
    return page;
}

TEST(Page, the_first_page_has_no_previous_and_a_next_where_a_row_was_left_over)
{
    ListQuery const query{.page_size = 2};
    auto page = rows({"c", "b", "a"});
    complete_page(query, page);
    EXPECT_EQ(page.sessions.size(), 2U);
    EXPECT_FALSE(page.previous);
    ASSERT_TRUE(page.next);
    EXPECT_EQ(*page.next, (Cursor{Cursor::Direction::forward, at("2026-01-01T00:00:00Z"), "b"}));

    auto last = rows({"c", "b"});
    complete_page(query, last);
    EXPECT_FALSE(last.next);
}

TEST(Page, a_page_backward_is_turned_around_and_ends_where_the_list_begins)
{
    ListQuery const query{.page_size = 2, .cursor = Cursor{Cursor::Direction::backward, at("2026-01-01T00:00:00Z"), "a"}};
    auto page = rows({"b", "c", "d"}); // Read upward from a in a list of the newest first.
    complete_page(query, page);
    EXPECT_EQ(page.sessions.front().id, "c");
    EXPECT_EQ(page.sessions.back().id, "b");
    EXPECT_EQ(page.next->id, "b");
    EXPECT_EQ(page.previous->id, "c");

    auto first = rows({"b", "c"});
    complete_page(query, first);
    EXPECT_FALSE(first.previous);
    EXPECT_TRUE(first.next);
}

TEST(Page, a_page_that_was_cut_has_more_behind_it)
{
    ListQuery const query{.page_size = 5};
    auto page = rows({"c", "b"});
    complete_page(query, page, Extent::cut);
    EXPECT_EQ(page.sessions.size(), 2U);
    ASSERT_TRUE(page.next);
    EXPECT_EQ(page.next->id, "b");
}

TEST(Page, scans_read_against_the_order_for_a_page_backward)
{
    Cursor const forward{Cursor::Direction::forward, at("2026-01-01T00:00:00Z"), "x"};
    Cursor const backward{Cursor::Direction::backward, at("2026-01-01T00:00:00Z"), "x"};
    EXPECT_TRUE(scan_of({.order = Order::newest_first}).descending);
    EXPECT_EQ(scan_of({.order = Order::newest_first}).created_at, Timestamp::max());
    EXPECT_FALSE(scan_of({.order = Order::oldest_first}).descending);
    EXPECT_EQ(scan_of({.order = Order::oldest_first}).created_at, Timestamp::min());
    EXPECT_TRUE(scan_of({.order = Order::newest_first, .cursor = forward}).descending);
    EXPECT_FALSE(scan_of({.order = Order::newest_first, .cursor = backward}).descending);
    EXPECT_TRUE(scan_of({.order = Order::oldest_first, .cursor = backward}).descending);
    EXPECT_EQ(scan_of({.page_size = 25}).rows, 26);
}

TEST(Page, an_empty_page_leads_back_to_the_place_it_was_asked_for)
{
    for (auto const order : {Order::newest_first, Order::oldest_first})
    {
        ListQuery const query{.order = order, .cursor = Cursor{Cursor::Direction::forward, at("2026-01-01T00:00:00Z"), "abc"}};
        domain::Page page;
        complete_page(query, page);
        EXPECT_FALSE(page.next);
        ASSERT_TRUE(page.previous);
        EXPECT_EQ(page.previous->direction, Cursor::Direction::backward);
        // The page before reads from there toward abc, and abc is on it.
        if (order == Order::newest_first)
            EXPECT_LT(page.previous->id, "abc");
        else
            EXPECT_GT(page.previous->id, "abc");
    }
}

TEST(Page, neighbours_of_an_id_are_closer_than_any_other_id)
{
    for (std::string const id : {"abc", "5e-01", "a", "ü", "x\x01", "日本"})
    {
        EXPECT_LT(id_before(id), id);
        EXPECT_GT(id_after(id), id);
        EXPECT_LT(id_after(id), id + "!");
    }
    EXPECT_GT(id_before("abc"), "abb");
    EXPECT_GT(id_before("abc"), "abbzzzz");
    EXPECT_GT(id_before("abc"), "abb\xF0\x9F\x98\x80");
}

} // namespace
} // namespace parley::store
