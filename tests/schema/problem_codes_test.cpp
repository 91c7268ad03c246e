// Every way in which a request can be refused is documented, with the status it really gets.
#include "promises.hpp"

#include "parley/core/result.hpp"
#include "parley/http/message.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace parley::schema_tests
{
namespace
{

namespace json = boost::json;

std::vector<ProblemCode> all_codes()
{
    std::vector<ProblemCode> codes;
    for (std::uint16_t number = 100; number < 1000; ++number)
        if (auto const code = static_cast<ProblemCode>(number); name_of(code) != "unnamed") codes.push_back(code);
    return codes;
}

std::map<std::string, json::value> documented_codes()
{
    std::map<std::string, json::value> documented;
    for (auto const& entry : document().at("x-problem-codes").as_array())
        documented.emplace(entry.at("code").as_string(), entry);
    return documented;
}

TEST(ProblemCodes, are_all_documented_and_no_others)
{
    auto documented = documented_codes();
    ASSERT_GT(all_codes().size(), 30U);
    for (auto const code : all_codes())
        EXPECT_EQ(documented.erase(std::string(name_of(code))), 1U) << name_of(code);
    EXPECT_TRUE(documented.empty()) << documented.begin()->first << " is no code";
}

TEST(ProblemCodes, have_the_status_and_the_sentence_they_are_documented_with)
{
    auto const documented = documented_codes();
    for (auto const code : all_codes())
    {
        auto const& entry = documented.at(std::string(name_of(code)));
        EXPECT_EQ(entry.at("status"), http::status_of(code)) << name_of(code);
        auto const* const example = entry.as_object().if_contains("example");
        // These three are never answered without a sentence of their own, which names the case.
        if (example == nullptr || code == ProblemCode::method_not_allowed || code == ProblemCode::media_type_unsupported ||
            code == ProblemCode::body_malformed)
            continue;
        auto const body = support::parse_json(http::to_response(Problem{.code = code}).body);
        EXPECT_EQ(body.at("detail"), *example) << name_of(code);
    }
}

TEST(ProblemCodes, have_a_status_whose_answer_is_promised)
{
    std::set<std::int64_t> promised;
    for (auto const& [name, response] : document().at("components").at("responses").as_object())
        promised.insert(response.at("x-status").as_int64());
    for (auto const code : all_codes())
        EXPECT_TRUE(promised.contains(http::status_of(code))) << name_of(code);
}

// docs/errors.md has a row for each: "| `session_unknown` | 404 | ...".
TEST(ProblemCodes, are_in_the_table_for_operators)
{
    auto const table = read_file(promises_folder().parent_path() / "docs" / "errors.md");
    for (auto const code : all_codes())
    {
        auto const row = "| `" + std::string(name_of(code)) + "` | " + std::to_string(http::status_of(code)) + " |";
        EXPECT_NE(table.find(row), std::string::npos) << row;
    }
}

} // namespace
} // namespace parley::schema_tests
