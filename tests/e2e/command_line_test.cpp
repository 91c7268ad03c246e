// Goal: an operator who types something wrong is told what, and nobody reads a secret off a screen.
// Method: the commands of parleyd, run to their end.
#include "parley/support/parleyd_process.hpp"
#include "parley/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace parley::e2e
{
namespace
{

support::CommandResult parleyd(std::vector<std::string> arguments,
                               std::vector<std::pair<std::string, std::string>> environment = {})
{
    arguments.insert(arguments.begin(), support::parleyd_path());
    return support::run_command(
        {.argv = std::move(arguments), .environment = std::move(environment), .timeout = std::chrono::seconds(20)});
}

TEST(CommandLine, config_says_what_is_in_force_and_why_without_secrets)
{
    support::TemporaryFolder const folder;
    std::string const file = folder.path() / "parley.json";
    std::ofstream(file) << R"({"log_level": "warning", "trusted_proxy_hops": 2})";
    support::CommandResult const result =
        parleyd({"config", "--config", file, "--listen", "127.0.0.1:1234"},
                {{"DATABASE_URL", "postgresql://someone:s3cr3t-one@db.example/parley?password=s3cr3t-two"},
                 {"PARLEY_RATE_LIMIT_API", "7/1m"}});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    for (char const* part : {"127.0.0.1:1234", "warning", "7/1m", "db.example", "DATABASE_URL", "PARLEY_RATE_LIMIT_API"})
        EXPECT_NE(result.out.find(part), std::string::npos) << part << " is missing in:\n" << result.out;
    EXPECT_EQ((result.out + result.err).find("s3cr3t"), std::string::npos) << result.out;
}

TEST(CommandLine, doctor_finds_nothing_where_a_start_would_go_well)
{
    support::CommandResult const result = parleyd(
        {"doctor", "--database-url", support::new_database(), "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_NE(result.out.find("ok    database: PostgreSQL "), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("ok    migrations: schema 0 of "), std::string::npos) << result.out;
    EXPECT_EQ(result.out.find("FIX"), std::string::npos) << result.out;
}

TEST(CommandLine, doctor_says_what_to_put_right_without_secrets)
{
    support::ParleydProcess const running({.database_url = support::new_database()});
    support::CommandResult const result =
        parleyd({"doctor", "--database-url", "postgresql://someone:s3cr3t@127.0.0.1:1/parley", "--listen",
                 "127.0.0.1:" + std::to_string(running.port()), "--admin-listen", "127.0.0.1:0", "--connections-max", "1000000"});
    EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
    for (char const* part : {"FIX   database: ", "FIX   listen: ", "ok    admin-listen: "})
        EXPECT_NE(result.out.find(part), std::string::npos) << part << " is missing in:\n" << result.out;
    EXPECT_EQ((result.out + result.err).find("s3cr3t"), std::string::npos) << result.out;
}

TEST(CommandLine, a_mistake_is_named_and_the_exit_code_is_2)
{
    struct Mistake
    {
        std::vector<std::string> arguments;
        char const* named;
    };
    for (Mistake const& mistake :
         {Mistake{{"serve", "--lisen", "127.0.0.1:0"}, "lisen"}, Mistake{{"serve", "--listen"}, "listen"},
          Mistake{{"serve", "--listen", "nowhere"}, "listen"}, Mistake{{"serve", "--listen", "127.0.0.1:99999"}, "listen"},
          Mistake{{"serve", "--rate-limit-api", "many"}, "rate-limit-api"},
          Mistake{{"serve", "--rate-limit-enforce", "perhaps"}, "rate-limit-enforce"},
          Mistake{{"serve", "--body-bytes-max", "-1"}, "body-bytes-max"},
          Mistake{{"serve", "--config", "no-such-file.json"}, "no-such-file.json"}, Mistake{{"srve"}, "srve"},
          Mistake{{"config", "unexpected"}, "unexpected"}})
    {
        support::CommandResult const result = parleyd(mistake.arguments);
        EXPECT_EQ(result.exit_code, 2) << mistake.named << ": " << result.out << result.err;
        EXPECT_NE(result.err.find(mistake.named), std::string::npos) << result.err;
        EXPECT_FALSE(result.timed_out);
    }
}

TEST(CommandLine, a_port_that_is_taken_is_an_error_with_its_name)
{
    support::ParleydProcess const first({.database_url = support::new_database()});
    std::string const taken = "127.0.0.1:" + std::to_string(first.port());
    support::CommandResult const second =
        parleyd({"serve", "--database-url", support::new_database(), "--listen", taken, "--admin-listen", "127.0.0.1:0"});
    EXPECT_FALSE(second.timed_out) << "two services share a port, and half of the requests go to each";
    EXPECT_NE(second.exit_code, 0);
    EXPECT_NE((second.out + second.err).find(taken), std::string::npos) << second.out << second.err;
}

TEST(CommandLine, version_and_help_say_something)
{
    support::CommandResult const version = parleyd({"version"});
    EXPECT_EQ(version.exit_code, 0);
    EXPECT_NE(version.out.find('.'), std::string::npos);
    support::CommandResult const help = parleyd({"--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_NE(help.out.find("--listen"), std::string::npos);
}

TEST(CommandLine, migrate_can_be_repeated)
{
    std::string const url = support::new_database();
    for (int i = 0; i < 2; ++i)
    {
        support::CommandResult const result = parleyd({"migrate", "--database-url", url});
        EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    }
}

TEST(CommandLine, distribute_without_citus_says_what_is_missing_and_leaves_a_migrated_database)
{
    std::string const url = support::new_database();
    support::CommandResult const result = parleyd({"migrate", "--distribute", "--database-url", url});
    EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
    EXPECT_NE(result.out.find("applied 0001_tables"), std::string::npos) << result.out;
    EXPECT_NE(result.err.find("create extension citus"), std::string::npos) << result.err;
}

TEST(CommandLine, logs_are_one_json_object_a_line_and_hold_no_secret)
{
    support::ParleydProcess service({.database_url = support::new_database(), .flags = {"--log-level", "info"}});
    EXPECT_EQ(service.exchange({.target = "/api/sessions/?secret-in-query=1", .fields = {{"X-api-key", "s3cr3t-key"}}}).status,
              401);
    EXPECT_EQ(service.exchange({.target = "/api/sessions/", .fields = {{"Authorization", "Bearer s3cr3t-token"}}}).status, 401);
    EXPECT_EQ(service.stop(), 0);
    std::string const output = service.process().output();
    EXPECT_EQ(output.find("s3cr3t"), std::string::npos) << output;
    EXPECT_NE(output.find("\n{\""), std::string::npos) << "no log line: " << output;
}

} // namespace
} // namespace parley::e2e
