// What every operation with a body holds it to, before it looks at fields.
#include "api_bench.hpp"

#include <gtest/gtest.h>

namespace parley::api::test
{
namespace
{

struct Route
{
    std::string_view method;
    char const* path;
};

constexpr Route all[] = {{"POST", "/api/sessions/"},
                         {"POST", "/api/sessions/s-1/end_experiment_session/"},
                         {"PATCH", "/api/sessions/s-1/update_state/"},
                         {"POST", "/api/sessions/s-1/tags/"},
                         {"DELETE", "/api/sessions/s-1/tags/"}};

std::string sent(Route const& route, std::string body, std::optional<std::string> type = "application/json")
{
    ApiBench bench;
    std::string outcome =
        bench.outcome({.method = route.method, .path = route.path, .body = std::move(body), .content_type = std::move(type)});
    EXPECT_TRUE(!outcome.starts_with("4") || bench.store.verbs.empty()) << route.path;
    return outcome;
}

TEST(RequestBody, a_type_that_is_not_json_is_refused)
{
    std::pair<char const*, char const*> const types[] = {
        {"text/plain", "text/plain"},
        {"application/xml", "application/xml"},
        {"application/x-www-form-urlencoded", "application/x-www-form-urlencoded"},
        {"multipart/form-data; boundary=x", "multipart/form-data; boundary=x"},
        {"application/vnd.api+json", "application/vnd.api+json"},
        {"json", "json"},
        {"application", "application"},
        {"", ""},
        {"application/json; charset=nonsense", "application/json; charset=nonsense"},
        {"application/json;charset=latin-1", "application/json;charset=latin-1"},
        {"application/json; charset=utf-16", "application/json; charset=utf-16"},
        {"application/json; charset=\"utf-16\"", R"(application/json; charset=\"utf-16\")"},
        {"application/json; x=\"a;charset=utf-8\"; CHARSET=utf-16", R"(application/json; x=\"a;charset=utf-8\"; CHARSET=utf-16)"},
        {"application/json; charset=", "application/json; charset="},
        {"text/pl\xFC", "text/plü"},
    };
    for (Route const& route : all)
    {
        for (auto const& [type, shown] : types)
        {
            EXPECT_EQ(sent(route, "{}", type),
                      R"(415 {"detail":"Unsupported media type \")" + std::string(shown) + R"(\" in request."})")
                << route.path << " " << type;
        }
    }
    EXPECT_EQ(sent(all[0], "{}", std::nullopt), R"(415 {"detail":"Unsupported media type \"\" in request."})");
}

TEST(RequestBody, json_in_utf8_is_read)
{
    for (char const* type :
         {"application/json", "APPLICATION/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8",
          "application/json; charset=\"utf-8\"", "application/json; charset=utf8", "*/*", "application/*", "*/json",
          " application/json ", "application/json; version=1; a=\"charset=x\"", "application/json;",
          "application/json; a=\"x;charset=utf-16\"", "application/json; a=\"x\\\";charset=utf-16\""})
    {
        EXPECT_EQ(sent(all[1], "{}", type), "200 ") << type;
    }
}

TEST(RequestBody, an_empty_body_is_an_empty_object_and_needs_no_type)
{
    for (std::optional<std::string> const& type :
         {std::optional<std::string>(), std::optional<std::string>("application/json"), std::optional<std::string>("text/plain")})
    {
        EXPECT_EQ(sent(all[0], "", type), R"(400 {"experiment":["This field is required."]})");
        EXPECT_EQ(sent(all[1], "", type), "200 ");
        EXPECT_EQ(sent(all[2], "", type), R"(400 {"error":"Missing 'state' in request"})");
        EXPECT_EQ(sent(all[3], "", type), R"(400 {"error":"Missing 'tags' in request"})");
        EXPECT_EQ(sent(all[4], "", type), R"(400 {"error":"Missing 'tags' in request"})");
    }
}

TEST(RequestBody, what_is_not_json_is_refused_with_a_place)
{
    for (Route const& route : all)
    {
        for (char const* body : {"{", " ", "{\"a\":1,}", "{} x", "{\"a\":01}", "{\"a\":NaN}", "{\"a\":\"\\x\"}", "{\"a\":\"\t\"}",
                                 "\xEF\xBB\xBF{}", "{\"a\":\"\xFF\"}", "nul", "'a'", "{\"a\":Infinity}"})
        {
            std::string const outcome = sent(route, body);
            EXPECT_TRUE(outcome.starts_with(R"(400 {"detail":"JSON parse error - )"))
                << route.path << " " << body << " " << outcome;
        }
    }
    EXPECT_NE(sent(all[1], "{").find("line 1 column 2"), std::string::npos);
}

TEST(RequestBody, the_type_is_held_before_the_syntax)
{
    EXPECT_TRUE(sent(all[0], "{", "text/plain").starts_with("415 "));
}

TEST(RequestBody, other_than_an_object_is_refused_where_fields_are_read)
{
    std::pair<char const*, char const*> const bodies[] = {
        {"[]", "Invalid data. Expected a dictionary, but got list."},
        {R"([{"state":1}])", "Invalid data. Expected a dictionary, but got list."},
        {R"("x")", "Invalid data. Expected a dictionary, but got str."},
        {"5", "Invalid data. Expected a dictionary, but got int."},
        {"1.5", "Invalid data. Expected a dictionary, but got float."},
        {"true", "Invalid data. Expected a dictionary, but got bool."},
        {"null", "No data provided"},
    };
    for (Route const& route : all)
    {
        bool const ignores_body = std::string_view(route.path).find("end_") != std::string_view::npos;
        for (auto const& [body, sentence] : bodies)
        {
            std::string const expected =
                ignores_body ? "200 " : R"(400 {"non_field_errors":[")" + std::string(sentence) + R"("]})";
            EXPECT_EQ(sent(route, body), expected) << route.path << " " << body;
        }
    }
}

} // namespace
} // namespace parley::api::test
