#include "parley/oauth/password_workers.hpp"
#include "parley/support/run_coro.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <future>
#include <thread>
#include <vector>

namespace parley::oauth
{
namespace
{

boost::asio::awaitable<void> note(PasswordWorkers& workers, std::function<void()> work, Deadline deadline,
                                  std::vector<std::string>& outcomes)
{
    auto const ran = co_await workers.run(std::move(work), deadline);
    outcomes.emplace_back(ran ? std::string_view("done") : name_of(ran.error().code));
}

TEST(PasswordWorkers, a_full_queue_refuses_at_once_and_late_work_is_not_done)
{
    PasswordWorkers workers({.threads = 1, .queue_max = 2});
    boost::asio::io_context context;
    std::vector<std::string> outcomes;
    std::promise<void> gate;
    std::promise<void> begun;
    auto const opened = gate.get_future().share();
    bool late_was_done = false;
    std::function<void()> const hold = [&begun, opened]
    {
        begun.set_value();
        opened.wait();
    };
    auto const spawn = [&](std::function<void()> work, Deadline deadline)
    {
        boost::asio::co_spawn(context, note(workers, std::move(work), deadline, outcomes), boost::asio::detached);
        context.poll();
    };
    spawn(hold, Deadline::never());
    begun.get_future().wait();
    spawn([&] { late_was_done = true; }, Deadline::after(std::chrono::seconds(0)));
    spawn([] {}, Deadline::never());
    spawn([] {}, Deadline::never());
    EXPECT_EQ(outcomes, std::vector<std::string>{"store_overloaded"});
    gate.set_value();
    context.restart();
    context.run_for(std::chrono::seconds(10));
    EXPECT_EQ(outcomes, (std::vector<std::string>{"store_overloaded", "done", "deadline_passed", "done"}));
    EXPECT_FALSE(late_was_done);
}

TEST(PasswordWorkers, tell_right_from_wrong_and_hash_anew_what_is_stale)
{
    PasswordWorkers workers({.threads = 2});
    auto const verify = [&](std::string hash, std::string password)
    { return support::run_coro(workers.verify(std::move(hash), std::move(password), Deadline::never())).value(); };
    auto const hash = auth::hash_password("a-secret");
    EXPECT_TRUE(verify(hash, "a-secret").matches);
    EXPECT_EQ(verify(hash, "a-secret").rehashed, "");
    EXPECT_FALSE(verify(hash, "wrong").matches);
    EXPECT_FALSE(verify("", "no user has this password").matches);
    auto const moved = verify("argon2" + std::string(hash).replace(hash.find("m=19456"), 7, "m=19456"), "a-secret");
    EXPECT_TRUE(moved.matches);
}

} // namespace
} // namespace parley::oauth
