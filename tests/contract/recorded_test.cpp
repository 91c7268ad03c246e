// Goal: a client of the service that this API comes from cannot tell the difference.
// Method: every recorded exchange is sent to the real parleyd on a database that holds the recorded world, and the answer is held
// against the recorded one (comparison.hpp) and against the OpenAPI document. One test for each chain of exchanges, in the order
// of the recording: some change the world, and later ones see it.
#include "contract/comparison.hpp"
#include "contract/exchange.hpp"
#include "contract/services.hpp"

#include "parley/support/promised_exchange.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <ostream>
#include <thread>

namespace parley::contract
{

// In test output a chain goes by its name.
void PrintTo(Chain const& chain, std::ostream* out)
{
    *out << chain.name;
} // NOLINT(readability-identifier-naming): GoogleTest's name.

namespace
{

std::string data(char const* name)
{
    return std::string(PARLEY_SOURCE_DIR) + "/tests/contract/data/" + name;
}

Recording const& recording()
{
    static Recording const instance(data("exchanges.jsonl"), data("divergences.json"));
    return instance;
}

bool has_json(support::HttpAnswer const& answer)
{
    std::string const type = answer.find("Content-Type").value_or("");
    return (type.starts_with("application/json") || type.starts_with("application/jwt")) && !answer.body.empty();
}

void replay(Chain const& chain, support::ParleydProcess const& service)
{
    Captures captures;
    for (Exchange const& exchange : chain.exchanges)
    {
        support::HttpRequest const request = to_request(exchange, captures);
        SCOPED_TRACE(exchange.group + ": " + exchange.name + ": " + request.method + " " + request.target.substr(0, 300));
        support::HttpAnswer const answer = service.exchange(request);
        auto const json = has_json(answer) ? OwnedJson::parse(answer.body) : std::nullopt;
        auto const body = json ? std::optional(json->root()) : std::nullopt;

        Divergence const* const divergence = recording().find_divergence(exchange.name);
        for (std::string const& difference :
             divergence != nullptr ? differences(*divergence, answer, body) : differences(exchange, answer, body))
            ADD_FAILURE() << difference;
        if (auto const broken = support::validate_exchange(request.method, request.target, answer.status, answer.body))
            ADD_FAILURE() << *broken;
        for (auto const& [name, path] : exchange.captures)
            if (auto value = capture(path, answer, body)) captures[name] = std::move(*value);
    }
}

std::string test_name(testing::TestParamInfo<Chain> const& info)
{
    std::string name;
    for (char const c : info.param.exchanges.front().group + "_" + info.param.exchanges.front().name)
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return name.substr(0, 80) + "_" + info.param.name.substr(info.param.name.rfind('-') + 1);
}

class RecordedWithoutLimits : public testing::TestWithParam<Chain>
{
};

TEST_P(RecordedWithoutLimits, is_answered_as_recorded)
{
    replay(GetParam(), service_with_recorded_world("recorded", {"--rate-limit-enforce", "false"}));
}

INSTANTIATE_TEST_SUITE_P(Chains, RecordedWithoutLimits, testing::ValuesIn(recording().chains("default")), test_name);

// The recording used windows of 20 seconds; how long they are cannot be seen in an answer but for how much is left, which is
// volatile.
constexpr std::chrono::seconds window(3);

class RecordedWithTinyLimits : public testing::TestWithParam<Chain>
{
  protected:
    // Windows are aligned to the epoch: begin with a fresh one, so that all of a chain falls into it.
    static void wait_for_a_fresh_window()
    {
        auto const now = std::chrono::system_clock::now().time_since_epoch();
        std::this_thread::sleep_for(window - now % window + std::chrono::milliseconds(50));
    }
};

TEST_P(RecordedWithTinyLimits, is_answered_as_recorded)
{
    std::string const length = std::to_string(window.count()) + "s";
    support::ParleydProcess const& service =
        service_with_recorded_world("tiny limits", {"--rate-limit-api", "4/" + length, "--rate-limit-credentials", "3/" + length,
                                                    "--rate-limit-chat-api", "4/" + length});
    wait_for_a_fresh_window();
    replay(GetParam(), service);
}

INSTANTIATE_TEST_SUITE_P(Chains, RecordedWithTinyLimits, testing::ValuesIn(recording().chains("tiny-limits")), test_name);

TEST(Recording, is_replayed_whole)
{
    std::size_t replayed = 0;
    for (char const* config : {"default", "tiny-limits"})
        for (Chain const& chain : recording().chains(config))
            replayed += chain.exchanges.size();
    EXPECT_EQ(replayed, recording().exchanges().size());
    EXPECT_GT(replayed, 1'000U);
}

TEST(Recording, the_comparison_sees_what_differs)
{
    EXPECT_TRUE(same_number("1.10", "11E-1"));
    EXPECT_TRUE(same_number("-0.0", "0"));
    EXPECT_TRUE(same_number("100", "1e2"));
    EXPECT_FALSE(same_number("12345678901234567890", "12345678901234567891"));
    EXPECT_FALSE(same_number("1", "-1"));

    Exchange const& exchange = recording().exchanges().front();
    OwnedJson const other("{\"detail\":\"something else\"}");
    support::HttpAnswer const answer{.status = 200, .reason = "OK", .fields = {}, .body = "{\"detail\":\"something else\"}"};
    EXPECT_GT(differences(exchange, answer, other.root()).size(), 3U);
    EXPECT_EQ(differences(exchange, {.status = 201, .reason = "", .fields = {}, .body = ""}, std::nullopt).size(), 1U);
}

} // namespace
} // namespace parley::contract
