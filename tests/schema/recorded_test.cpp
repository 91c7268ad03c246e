// What the service that the API comes from answered is what our document promises: clients of the one need no change for the
// other.
#include "promises.hpp"

#include "parley/support/promised_exchange.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace parley::schema_tests
{
namespace
{

namespace json = boost::json;

// The sessions API and the authorization server, and no page in place of an answer (that service's 404 for unknown paths and its
// 500).
bool concerns_us(json::value const& exchange)
{
    std::string_view const path = exchange.at("request").at("path").as_string();
    auto const& response = exchange.at("response");
    bool const is_oauth = path.starts_with("/o/") && response.at("body").is_object();
    return (path.starts_with("/api/") || is_oauth) && !path.starts_with("/api/chat/") && response.at("status").as_int64() < 500 &&
           !response.at("body").is_null();
}

std::filesystem::path data_folder()
{
    return std::filesystem::path(PARLEY_SOURCE_DIR) / "tests/contract/data";
}

std::string body_of(json::value const& response)
{
    auto const& body = response.at("body");
    return body.is_string() && body.as_string().empty() ? "" : json::serialize(body);
}

// Where Parley deliberately answers otherwise.
std::set<std::string> names_of_divergences()
{
    std::set<std::string> names;
    auto const divergences = support::parse_json(read_file(data_folder() / "divergences.json"));
    for (auto const& one : divergences.as_array())
        names.emplace(one.at("name").as_string());
    return names;
}

TEST(Recorded, answers_are_promised)
{
    auto const divergences = names_of_divergences();
    std::istringstream lines(read_file(data_folder() / "exchanges.jsonl"));
    std::size_t held = 0;
    for (std::string line; std::getline(lines, line);)
    {
        auto const exchange = support::parse_json(line);
        if (!concerns_us(exchange) || divergences.contains(std::string(exchange.at("name").as_string()))) continue;
        auto const& request = exchange.at("request");
        auto const& response = exchange.at("response");
        auto const complaint = support::validate_exchange(request.at("method").as_string(), request.at("path").as_string(),
                                                          response.at("status").to_number<int>(), body_of(response));
        EXPECT_FALSE(complaint) << exchange.at("name") << "\n" << *complaint;
        ++held;
    }
    EXPECT_GT(held, 700U);
}

} // namespace
} // namespace parley::schema_tests
