// Goal: what a client stores comes back as it was sent.
// Method: documents of every kind go in by create and by update_state and come out by the answer, by retrieve and by list;
// compared as text.
#include "contract/services.hpp"

#include "parley/support/api_client.hpp"
#include "parley/support/test_world.hpp"

#include <gtest/gtest.h>

namespace parley::contract
{
namespace
{

class State : public testing::Test
{
  protected:
    support::ParleydProcess& service_ = service_with_small_world("state", support::small_world({}));
    support::ApiClient client_{service_, support::small_world_key};

    // The state inside an answer, as it is spelled there.
    static std::string state_in(std::string const& body)
    {
        constexpr std::string_view key = "\"state\":";
        std::size_t const at = body.find(key);
        if (at == std::string::npos) return "no state in " + body;
        std::size_t end = body.size();
        while (end > 0 && (body[end - 1] == '}' || body[end - 1] == ']'))
            --end;
        // The state is the last member of a session; a list adds ]} and a session }.
        std::string const rest = body.substr(at + key.size());
        return rest.substr(0, rest.size() - 1);
    }

    void expect_kept(std::string const& sent, std::string const& kept)
    {
        SCOPED_TRACE(sent.substr(0, 200));
        support::HttpAnswer const created = client_.post(
            "/api/sessions/", R"({"experiment":")" + std::string(support::small_world_experiment) + R"(","state":)" + sent + "}");
        ASSERT_EQ(created.status, 201) << created.body;
        EXPECT_EQ(state_in(created.body), kept);
        std::string const url = "/api/sessions/" + support::member_of(created.body, "id") + "/";
        EXPECT_EQ(state_in(client_.get(url).body), kept);

        support::HttpAnswer const other = client_.call("PATCH", url + "update_state/", R"({"state":{"other":1}})");
        EXPECT_EQ(other.body, R"({"success":true,"state":{"other":1}})");
        support::HttpAnswer const updated = client_.call("PATCH", url + "update_state/", R"({"state":)" + sent + "}");
        EXPECT_EQ(updated.body, R"({"success":true,"state":)" + kept + "}");
        EXPECT_EQ(state_in(client_.get(url).body), kept);
        EXPECT_NE(client_.get("/api/sessions/?page_size=1").body.find("\"state\":" + kept + "}"), std::string::npos);
    }
};

TEST_F(State, numbers_keep_their_digits)
{
    for (char const* number : {"1.10", "1E5", "1e-5", "1E+5", "12345678901234567890123", "-12345678901234567890123.000", "-0.0",
                               "0.1000000000000000055", "1e308", "2.50"})
        expect_kept("{\"n\":" + std::string(number) + "}", "{\"n\":" + std::string(number) + "}");
    expect_kept("[1.10,[2.20]]", "[1.10,[2.20]]");
    expect_kept("{\"n\":" + std::string(4300, '7') + "}", "{\"n\":" + std::string(4300, '7') + "}");
}

TEST_F(State, members_keep_their_order)
{
    expect_kept(R"({ "z" : 1, "a" : { "y" : [ ] , "b" : { } } })", R"({"z":1,"a":{"y":[],"b":{}}})");
    expect_kept(R"({"k":1,"l":2,"k":3})", R"({"k":3,"l":2})");
}

TEST_F(State, control_characters_vanish_from_values_and_stay_in_keys)
{
    expect_kept(R"({"v":"a\u0001b\u0000c\u001fd\te\nf\rg"})", R"({"v":"abcd\te\nf\rg"})");
    expect_kept(R"({"k\u0001":"v\u0002"})", "{\"k\\u0001\":\"v\"}");
    expect_kept(R"(["\u0008","\u007f"])", "[\"\",\"\x7f\"]");
}

TEST_F(State, text_keeps_every_character)
{
    expect_kept("{\"t\":\"\xc3\xa9\xf0\x9f\x98\x80\"}", "{\"t\":\"\xc3\xa9\xf0\x9f\x98\x80\"}");
    expect_kept(R"({"t":"\u00e9\ud83d\ude00\u2028\"\\\/"})", "{\"t\":\"\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8\\\"\\\\/\"}");
}

TEST_F(State, depth_is_kept_up_to_the_bound)
{
    // The body itself is one level.
    std::string const deep = std::string(999, '[') + std::string(999, ']');
    expect_kept(deep, deep);
    std::string const too_deep = "{\"state\":" + std::string(1000, '[') + std::string(1000, ']') + "}";
    std::string const id = client_.create(support::small_world_experiment);
    EXPECT_EQ(client_.call("PATCH", "/api/sessions/" + id + "/update_state/", too_deep).status, 400);
}

TEST_F(State, what_cannot_be_stored_is_refused_and_changes_nothing)
{
    std::string const id = client_.create(support::small_world_experiment, R"(,"state":{"kept":1})");
    std::string const url = "/api/sessions/" + id + "/";
    std::string const before = client_.get(url).body;
    for (std::string const& bad :
         {std::string(R"({"k\u0000":1})"), std::string(R"("\ud800")"), std::string(R"({"\udc00":1})"), std::string("1e999"),
          std::string("[-1e999]"), std::string(4301, '7'), std::string("01"), std::string("[1,]"), std::string("NaN"),
          std::string("{\"a\":1"), std::string("\"\x01\""), std::string("\"\xff\""), std::string("")})
    {
        EXPECT_EQ(client_.call("PATCH", url + "update_state/", "{\"state\":" + bad + "}").status, 400) << bad.substr(0, 100);
        support::HttpAnswer const created = client_.post(
            "/api/sessions/", R"({"experiment":")" + std::string(support::small_world_experiment) + R"(","state":)" + bad + "}");
        EXPECT_EQ(created.status, 400) << bad.substr(0, 100) << created.body;
    }
    EXPECT_EQ(client_.get(url).body, before);
}

TEST_F(State, messages_keep_their_text_and_order)
{
    std::string const id = client_.create(
        support::small_world_experiment,
        R"(,"messages":[{"role":"user","content":" one\u0001 "},{"role":"assistant","content":12.50},{"role":"system","content":"\ud83d\ude00"},{"role":"user","content":"one"}])");
    std::string const body = client_.get("/api/sessions/" + id + "/").body;
    std::size_t const first = body.find(R"("role":"user","content":"one\u0001")");
    std::size_t const second = body.find(R"("role":"assistant","content":"12.50")");
    std::size_t const third = body.find("\"role\":\"system\",\"content\":\"\xf0\x9f\x98\x80\"");
    std::size_t const fourth = body.find(R"("role":"user","content":"one")", first + 20);
    EXPECT_LT(first, second) << body;
    EXPECT_LT(second, third) << body;
    EXPECT_LT(third, fourth) << body;
    EXPECT_NE(fourth, std::string::npos) << body;
}

} // namespace
} // namespace parley::contract
