// Goal: a stolen code or refresh token that is used beside its owner's use is noticed, however close the two uses are.
// Method: 64 connections to the real parleyd, one thread each, redeem the same thing at the same moment, for many rounds.
#include "parley/support/api_client.hpp"
#include "parley/support/oauth_client.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <thread>

namespace parley::e2e
{
namespace
{

constexpr int callers = 64;
constexpr int rounds = 25;

// 64 threads that all send the request of a round at once.
class Crowd
{
  public:
    explicit Crowd(support::ParleydProcess const& service) : service_(service) {}

    // Every caller's answer.
    std::vector<support::HttpAnswer> send(support::HttpRequest const& request)
    {
        std::vector<support::HttpAnswer> answers(callers);
        std::barrier start(callers);
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < callers; ++i)
        {
            threads.emplace_back(
                [&, i]
                {
                    auto connection = service_.connect(); // Connected before the start: what races is the request.
                    start.arrive_and_wait();
                    answers[i] = connection.exchange(request);
                });
        }
        threads.clear();
        return answers;
    }

  private:
    support::ParleydProcess const& service_;
};

class OAuthRace : public testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        service_ = support::start_with_world(support::recorded_world_path(), {"--rate-limit-enforce", "false"});
    }
    static void TearDownTestSuite() { service_.reset(); }

    // The one success among the answers; every other must be invalid_grant.
    static support::HttpAnswer winner(std::vector<support::HttpAnswer> const& answers)
    {
        auto const is_success = [](support::HttpAnswer const& one) { return one.status == 200; };
        EXPECT_EQ(std::ranges::count_if(answers, is_success), 1);
        for (auto const& one : answers)
        {
            if (one.status == 200) continue;
            EXPECT_EQ(one.status, 400);
            EXPECT_EQ(one.body, "{\"error\":\"invalid_grant\"}");
        }
        auto const found = std::ranges::find_if(answers, is_success);
        return found == answers.end() ? support::HttpAnswer{} : *found;
    }

    static int status_of_use(support::HttpAnswer const& tokens)
    {
        auto const bearer = "Bearer " + support::member_of(tokens.body, "access_token");
        return service_->exchange({.target = "/api/sessions/?page_size=1", .fields = {{"Authorization", bearer}}}).status;
    }

    static support::HttpAnswer refresh(support::HttpAnswer const& tokens)
    {
        auto const form = support::refresh_form(support::member_of(tokens.body, "refresh_token"));
        return service_->exchange(support::form_request("/o/token/", form));
    }

    static support::HttpAnswer redeem(std::string const& code)
    {
        return service_->exchange(support::form_request("/o/token/", support::code_form(code)));
    }

    static inline std::unique_ptr<support::ParleydProcess> service_;
};

TEST_F(OAuthRace, one_code_gives_one_success_and_the_other_uses_revoke_it)
{
    Crowd crowd(*service_);
    for (int round = 0; round < rounds; ++round)
    {
        auto const form = support::code_form(support::obtain_code(*service_));
        auto const tokens = winner(crowd.send(support::form_request("/o/token/", form)));
        ASSERT_EQ(tokens.status, 200) << "round " << round;
        EXPECT_EQ(status_of_use(tokens), 401) << "round " << round;
        EXPECT_EQ(refresh(tokens).status, 400) << "round " << round;
    }
}

TEST_F(OAuthRace, one_refresh_token_gives_one_success_and_the_other_uses_revoke_its_family)
{
    Crowd crowd(*service_);
    for (int round = 0; round < rounds; ++round)
    {
        auto const first = redeem(support::obtain_code(*service_));
        ASSERT_EQ(status_of_use(first), 200);
        auto const form = support::refresh_form(support::member_of(first.body, "refresh_token"));
        auto const tokens = winner(crowd.send(support::form_request("/o/token/", form)));
        ASSERT_EQ(tokens.status, 200) << "round " << round;
        EXPECT_EQ(status_of_use(first), 401) << "round " << round;
        EXPECT_EQ(status_of_use(tokens), 401) << "round " << round;
        EXPECT_EQ(refresh(tokens).status, 400) << "round " << round;
    }
}

TEST_F(OAuthRace, what_is_used_once_stays_good)
{
    auto const first = redeem(support::obtain_code(*service_));
    EXPECT_EQ(status_of_use(first), 200);
    auto const second = refresh(first);
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(status_of_use(second), 200);
    EXPECT_EQ(status_of_use(first), 401);
}

TEST_F(OAuthRace, a_family_is_revoked_as_a_whole_and_no_other)
{
    auto const bystander = redeem(support::obtain_code(*service_));
    auto const first = redeem(support::obtain_code(*service_));
    auto const second = refresh(first);
    auto const third = refresh(second);
    ASSERT_EQ(status_of_use(third), 200);
    EXPECT_EQ(refresh(first).status, 400);
    EXPECT_EQ(status_of_use(third), 401);
    EXPECT_EQ(refresh(third).status, 400);
    EXPECT_EQ(status_of_use(bystander), 200);
}

} // namespace
} // namespace parley::e2e
