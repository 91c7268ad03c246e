// Goal: the service that keeps its own PostgreSQL starts from nothing, again, and after a hard kill.
// Method: the real binary on an empty folder, as a newcomer starts it. Everything that was answered is asked for again after each
// restart.
#include "parley/support/api_client.hpp"
#include "parley/support/parleyd_process.hpp"
#include "parley/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <regex>

namespace parley::e2e
{
namespace
{

namespace fs = std::filesystem;

// What the first start promises is for a released build; this may be a debug build on a busy machine.
constexpr std::chrono::seconds cold_start_max(15);
constexpr std::chrono::seconds warm_start_max(5);

struct Demo
{
    std::string key;
    std::string experiment; // Of the demo chatbot.
};

// The demo key stands in the curl that the first start prints.
std::optional<std::string> key_in(std::string const& output)
{
    std::smatch found;
    std::regex const field("X-api-key: *([^'\"\\s]+)", std::regex::icase);
    return std::regex_search(output, found, field) ? std::optional(found[1].str()) : std::nullopt;
}

std::string experiment_of(std::string const& list)
{
    std::smatch found;
    std::regex const experiment(R"re("experiment":\{"id":"([^"]+)")re");
    return std::regex_search(list, found, experiment) ? found[1].str() : std::string();
}

// The postmaster's process id, as the data folder has it.
std::optional<pid_t> postmaster_of(fs::path const& data_dir)
{
    for (auto const& entry : fs::recursive_directory_iterator(data_dir, fs::directory_options::skip_permission_denied))
    {
        if (entry.path().filename() != "postmaster.pid") continue;
        pid_t pid = 0;
        std::ifstream(entry.path()) >> pid;
        return pid;
    }
    return std::nullopt;
}

class FirstStart : public testing::Test
{
  protected:
    support::TemporaryFolder folder_;
    std::string data_dir_ = folder_.path() / "parley";

    std::unique_ptr<support::ParleydProcess> start(std::vector<std::string> flags = {})
    {
        return std::make_unique<support::ParleydProcess>(
            support::ParleydSettings{.data_dir = data_dir_, .flags = std::move(flags)});
    }

    static Demo demo_of(support::ParleydProcess& service)
    {
        auto const key = key_in(service.process().output());
        if (!key) throw std::runtime_error("the first start prints no curl with a key:\n" + service.process().output());
        support::HttpAnswer const list = support::ApiClient(service, *key).get("/api/sessions/");
        EXPECT_EQ(list.status, 200) << list.body;
        return {*key, experiment_of(list.body)};
    }
};

TEST_F(FirstStart, serves_within_seconds_and_the_printed_key_works)
{
    auto const service = start();
    EXPECT_LT(service->started_in(), cold_start_max);
    Demo const demo = demo_of(*service);
    EXPECT_FALSE(demo.experiment.empty()) << "the demo has no session to show";
    EXPECT_FALSE(support::ApiClient(*service, demo.key).create(demo.experiment).empty());
    EXPECT_EQ(service->stop(), 0) << service->process().output();
}

TEST_F(FirstStart, the_printed_curl_runs_as_it_stands)
{
    if (support::run_command({.argv = {"sh", "-c", "command -v curl"}}).exit_code != 0) GTEST_SKIP() << "curl is not installed";
    auto const service = start();
    std::string const output = service->process().output();
    std::size_t const at = output.find("curl ");
    ASSERT_NE(at, std::string::npos) << output;
    std::string const line = output.substr(at, output.find('\n', at) - at);
    support::CommandResult const result = support::run_command({.argv = {"sh", "-c", line}});
    EXPECT_EQ(result.exit_code, 0) << line << "\n" << result.err;
    EXPECT_NE(result.out.find("\"results\":["), std::string::npos) << line << "\n" << result.out;
}

TEST_F(FirstStart, a_second_start_finds_what_the_first_one_left)
{
    auto service = start();
    Demo const demo = demo_of(*service);
    std::string const id = support::ApiClient(*service, demo.key).create(demo.experiment, R"(,"state":{"kept":1.50})");
    std::string const before = support::ApiClient(*service, demo.key).get("/api/sessions/" + id + "/").body;
    EXPECT_EQ(service->stop(), 0);
    EXPECT_FALSE(postmaster_of(data_dir_)) << "PostgreSQL outlived the service";

    service = start();
    EXPECT_LT(service->started_in(), warm_start_max);
    std::string after = support::ApiClient(*service, demo.key).get("/api/sessions/" + id + "/").body;
    // The port, and with it the links, is another one.
    std::regex const links("http://127.0.0.1:[0-9]+|http://parley.test");
    EXPECT_EQ(std::regex_replace(after, links, ""), std::regex_replace(before, links, ""));
    EXPECT_FALSE(key_in(service->process().output())) << "the second start shows a key again";
}

TEST_F(FirstStart, a_second_instance_on_the_folder_is_refused)
{
    auto const service = start();
    Demo const demo = demo_of(*service);
    support::CommandResult const second =
        support::run_command({.argv = {support::parleyd_path(), "serve", "--data-dir", data_dir_, "--listen", "127.0.0.1:0",
                                       "--admin-listen", "127.0.0.1:0"},
                              .timeout = std::chrono::seconds(20)});
    EXPECT_FALSE(second.timed_out);
    EXPECT_NE(second.exit_code, 0);
    EXPECT_LT(second.exit_code, 128) << "it did not leave by itself";
    EXPECT_NE((second.out + second.err).find(data_dir_), std::string::npos)
        << "the message does not name the folder: " << second.out << second.err;
    // The first one does not notice.
    EXPECT_EQ(support::ApiClient(*service, demo.key).get("/api/sessions/").status, 200);
    EXPECT_EQ(service->stop(), 0);
}

TEST_F(FirstStart, a_hard_kill_of_everything_loses_nothing_that_was_acknowledged)
{
    auto service = start({"--rate-limit-enforce", "false"});
    Demo const demo = demo_of(*service);
    std::vector<std::string> acknowledged;
    for (int round = 0; round < 2; ++round)
    {
        for (int i = 0; i < 20; ++i)
            acknowledged.push_back(support::ApiClient(*service, demo.key).create(demo.experiment, R"(,"state":{"n":1})"));
        auto const postmaster = postmaster_of(data_dir_);
        ASSERT_TRUE(postmaster);
        // Both at once, without a word; the first round leaves PostgreSQL to the kernel's death signal.
        if (round == 1) ::kill(*postmaster, SIGKILL);
        service->process().signal(SIGKILL);
        ASSERT_TRUE(service->process().wait_exit(std::chrono::seconds(10)));

        service = start({"--rate-limit-enforce", "false"});
        for (std::string const& id : acknowledged)
            EXPECT_EQ(support::ApiClient(*service, demo.key).get("/api/sessions/" + id + "/").status, 200) << id;
    }
    EXPECT_EQ(service->stop(), 0);
}

TEST_F(FirstStart, the_administrators_command_works_on_the_folder_with_and_without_the_service)
{
    auto service = start();
    Demo const demo = demo_of(*service);
    EXPECT_EQ(support::run_parley({"team", "list", "--data-dir", data_dir_}).exit_code, 0);
    EXPECT_EQ(service->stop(), 0);
    support::CommandResult const alone = support::run_parley({"team", "list", "--data-dir", data_dir_});
    EXPECT_EQ(alone.exit_code, 0) << alone.out << alone.err;
    EXPECT_FALSE(postmaster_of(data_dir_)) << "parley left PostgreSQL running";
    service = start();
    EXPECT_EQ(support::ApiClient(*service, demo.key).get("/api/sessions/").status, 200);
}

TEST_F(FirstStart, a_folder_that_cannot_be_used_is_an_error_with_its_name)
{
    std::ofstream(folder_.path() / "parley") << "a file";
    support::CommandResult const result =
        support::run_command({.argv = {support::parleyd_path(), "serve", "--data-dir", data_dir_, "--listen", "127.0.0.1:0",
                                       "--admin-listen", "127.0.0.1:0"},
                              .timeout = std::chrono::seconds(20)});
    EXPECT_FALSE(result.timed_out);
    EXPECT_NE(result.exit_code, 0);
    EXPECT_NE((result.out + result.err).find(data_dir_), std::string::npos) << result.out << result.err;
}

} // namespace
} // namespace parley::e2e
