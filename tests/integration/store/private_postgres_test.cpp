#include "parley/store/private_postgres.hpp"

#include "connection_pqxx.hpp"
#include "parley/store/error.hpp"
#include "parley/store/migrate.hpp"

#include "parley/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace parley::store
{
namespace
{

using std::chrono::steady_clock;

// The folders of mkdtemp are closed to others: opened, so that the unprivileged user whom root takes can pass.
struct DataFolder
{
    DataFolder() { std::filesystem::permissions(folder.path(), std::filesystem::perms(0755)); }
    [[nodiscard]] std::filesystem::path path() const { return folder.path() / "data"; }
    support::TemporaryFolder folder;
};

std::int64_t ask(std::string const& url, std::string const& sql)
{
    Connection connection({.database_url = url});
    return connection.execute(sql)[0].number(0);
}

template <class Condition>
bool comes_true(Condition condition, std::chrono::seconds within)
{
    auto const end = steady_clock::now() + within;
    while (!condition())
    {
        if (steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

TEST(PrivatePostgres, starts_from_nothing_and_keeps_its_data)
{
    DataFolder const folder;
    auto const cold = steady_clock::now();
    {
        PrivatePostgres postgres({.data_dir = folder.path()});
        EXPECT_LT(steady_clock::now() - cold, std::chrono::seconds(10));
        Connection connection({.database_url = postgres.database_url()});
        connection.execute("create table kept (n integer); insert into kept values (7)");
    }
    auto const warm = steady_clock::now();
    PrivatePostgres const postgres({.data_dir = folder.path()});
    EXPECT_LT(steady_clock::now() - warm, std::chrono::seconds(3));
    EXPECT_EQ(ask(postgres.database_url(), "select n from kept"), 7);
}

TEST(PrivatePostgres, a_second_owner_of_the_folder_is_refused_by_name)
{
    DataFolder const folder;
    PrivatePostgres const first({.data_dir = folder.path()});
    try
    {
        PrivatePostgres const second({.data_dir = folder.path()});
        FAIL() << "two servers on one folder";
    }
    catch (StoreError const& error)
    {
        EXPECT_NE(std::string(error.what()).find(folder.path().string()), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find(std::to_string(::getpid())), std::string::npos) << error.what();
    }
    EXPECT_EQ(ask(first.database_url(), "select 1"), 1);
}

TEST(PrivatePostgres, a_guest_joins_a_running_server_and_leaves_it_running)
{
    DataFolder const folder;
    PrivatePostgres const owner({.data_dir = folder.path()});
    {
        auto const guest = PrivatePostgres::start_or_join({.data_dir = folder.path()});
        EXPECT_TRUE(guest.is_joined());
        EXPECT_EQ(ask(guest.database_url(), "select 2"), 2);
    }
    EXPECT_EQ(ask(owner.database_url(), "select 3"), 3);
}

TEST(PrivatePostgres, a_guest_starts_a_server_where_none_runs_and_takes_it_down_again)
{
    DataFolder const folder;
    std::string url;
    {
        auto const guest = PrivatePostgres::start_or_join({.data_dir = folder.path()});
        EXPECT_FALSE(guest.is_joined());
        url = guest.database_url();
    }
    EXPECT_THROW(ask(url, "select 1"), DatabaseError);
}

TEST(PrivatePostgres, a_server_that_dies_is_started_again)
{
    DataFolder const folder;
    PrivatePostgres const postgres({.data_dir = folder.path()});
    Connection({.database_url = postgres.database_url()}).execute("create table kept (n integer); insert into kept values (1)");
    ::kill(postgres.pid(), SIGKILL);
    EXPECT_TRUE(comes_true(
        [&]
        {
            try
            {
                return ask(postgres.database_url(), "select n from kept") == 1;
            }
            catch (DatabaseError const&)
            {
                return false;
            }
        },
        std::chrono::seconds(20)));
}

TEST(PrivatePostgres, a_folder_too_deep_for_a_socket_is_no_obstacle)
{
    DataFolder const folder;
    PrivatePostgres const postgres({.data_dir = folder.path() / std::string(60, 'd') / std::string(60, 'e')});
    EXPECT_EQ(ask(postgres.database_url(), "select 1"), 1);
}

// An owner in a process of its own writes a row, says so and is killed. Neither its server nor its data may be in the way of the
// next.
TEST(PrivatePostgres, recovers_after_its_owner_was_killed)
{
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer cannot follow a fork that starts threads";
#endif
    DataFolder const folder;
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    pid_t const owner = ::fork();
    if (owner == 0)
    {
        PrivatePostgres const postgres({.data_dir = folder.path()});
        Connection({.database_url = postgres.database_url()})
            .execute("create table kept (n integer); insert into kept values (42)");
        pid_t const server = postgres.pid();
        if (::write(pipe[1], &server, sizeof server) < 0) ::_exit(1);
        ::pause();
        ::_exit(0);
    }
    pid_t server = 0;
    ASSERT_EQ(::read(pipe[0], &server, sizeof server), static_cast<ssize_t>(sizeof server));
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);

    PrivatePostgres const postgres({.data_dir = folder.path()});
    EXPECT_NE(postgres.pid(), server);
    EXPECT_EQ(ask(postgres.database_url(), "select n from kept"), 42);
    EXPECT_TRUE(comes_true([&] { return ::kill(server, 0) != 0; }, std::chrono::seconds(10))) << "an orphan survives";
}

TEST(Migrate, makes_the_tables_once)
{
    auto const url = support::new_database();
    SystemClock const clock;
    auto const first = migrate(url, clock);
    EXPECT_FALSE(first.empty());
    EXPECT_TRUE(migrate(url, clock).empty());
    EXPECT_EQ(ask(url, "select max(number) from schema_migration"), newest_migration());
}

TEST(Migrate, starts_on_a_database_to_which_a_newer_release_has_only_added)
{
    auto const url = support::new_database();
    SystemClock const clock;
    migrate(url, clock);
    auto const known = std::to_string(newest_migration());
    support::execute_sql(url, "insert into schema_migration values (9998, '9998_later', now())");
    support::execute_sql(url, "insert into schema_migration values (9999, '9999_drop_colour_after_" + known + "', now())");
    EXPECT_TRUE(migrate(url, clock).empty());
}

TEST(Migrate, refuses_a_database_from_which_a_newer_release_has_taken_what_this_one_needs)
{
    auto const url = support::new_database();
    SystemClock const clock;
    migrate(url, clock);
    support::execute_sql(url, "insert into schema_migration values (9998, '9998_drop_colour_after_9997', now())");
    support::execute_sql(url, "insert into schema_migration values (9999, '9999_later', now())");
    EXPECT_THROW(migrate(url, clock), StoreError);
}

TEST(Migrate, a_database_that_is_away_is_named_without_its_password)
{
    SystemClock const clock;
    try
    {
        migrate("postgresql://parley:hush@127.0.0.1:1/none", clock);
        FAIL();
    }
    catch (StoreError const& error)
    {
        EXPECT_EQ(std::string(error.what()).find("hush"), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("127.0.0.1:1"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace parley::store
