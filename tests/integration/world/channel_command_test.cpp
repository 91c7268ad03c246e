// Channels of widgets by the administrator's command.
#include "fresh_database.hpp"

#include "parley/core/identifier.hpp"
#include "parley/support/child_process.hpp"
#include "parley/support/parleyd_process.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace parley::world
{
namespace
{

constexpr std::string_view chatbot = "00000000-0000-4000-8000-0000000000a1";

class ChannelCommand : public testing::Test
{
  protected:
    ChannelCommand()
    {
        run({"team", "create", "alpha", "--name", "Alpha"});
        run({"experiment", "create", "--team", "alpha", "--name", "Bot", "--id", std::string(chatbot)});
    }

    support::CommandResult run(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.end(), {"--database-url", database.url()});
        return support::run_parley(std::move(arguments), {});
    }

    std::string create(std::vector<std::string> more = {}) const
    {
        std::vector<std::string> arguments{"channel", "create", "--chatbot", std::string(chatbot), "--name", "w"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto result = run(arguments);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return result.out.substr(0, result.out.find('\n'));
    }

    std::string row(std::string_view columns) const
    {
        return database.sql("select " + std::string(columns) + " from channel order by id desc limit 1");
    }
    std::string last_action() const
    {
        return database.sql("select action || ' ' || subject from audit order by id desc limit 1");
    }

    FreshDatabase database;
};

TEST_F(ChannelCommand, a_key_is_shown_once_and_stored_as_a_digest)
{
    auto const key = create({"--origin", "Widget.example", "--origin", "*.wild.example", "--token-days", "3"});
    EXPECT_GE(key.size(), 43U);
    EXPECT_EQ(row("encode(embed_key_sha256, 'hex')"), to_hex(sha256(key)));
    EXPECT_EQ(row("allowed_domains::text || ' ' || auth_level || ' ' || session_token_days || ' ' || enabled"),
              "{widget.example,*.wild.example} 2 3 true");
    EXPECT_EQ(last_action(), "channel.create alpha/w");
    EXPECT_EQ(database.sql("select count(*) from audit where detail::text like '%" + key + "%'"), "0");
}

TEST_F(ChannelCommand, what_cannot_be_a_channel_is_refused)
{
    for (std::vector<std::string> const& wrong : std::vector<std::vector<std::string>>{{"--origin", "https://widget.example"},
                                                                                       {"--origin", "widget.example:8443"},
                                                                                       {"--origin", "*widget.example"},
                                                                                       {"--oauth", "--level", "key"}})
    {
        std::vector<std::string> arguments{"channel", "create", "--chatbot", std::string(chatbot), "--name", "w"};
        arguments.insert(arguments.end(), wrong.begin(), wrong.end());
        EXPECT_EQ(run(arguments).exit_code, 1) << wrong[1];
    }
    EXPECT_EQ(run({"channel", "enable", "77"}).exit_code, 1);
    EXPECT_EQ(run({"channel", "enable", "one"}).exit_code, 2);
    EXPECT_EQ(database.sql("select count(*) from channel"), "0");
}

TEST_F(ChannelCommand, is_disabled_enabled_rotated_moved_and_deleted)
{
    auto const key = create();
    auto const id = row("id");
    EXPECT_EQ(run({"channel", "disable", id, "--message", "Closed"}).exit_code, 0);
    EXPECT_EQ(row("enabled || ' ' || disabled_message"), "false Closed");
    EXPECT_EQ(run({"channel", "enable", id}).exit_code, 0);
    EXPECT_EQ(row("enabled"), "t");
    auto const rotated = run({"channel", "rotate", id}).out;
    EXPECT_NE(rotated.substr(0, key.size()), key);
    EXPECT_EQ(row("encode(embed_key_sha256, 'hex')"), to_hex(sha256(rotated.substr(0, rotated.find('\n')))));
    EXPECT_EQ(run({"channel", "set-origins", id, "--origin", "b.example"}).exit_code, 0);
    EXPECT_EQ(row("allowed_domains"), "{b.example}");
    EXPECT_EQ(run({"channel", "delete", id}).exit_code, 0);
    EXPECT_EQ(database.sql("select count(*) from channel"), "0");
    EXPECT_EQ(last_action(), "channel.delete alpha/w");
}

TEST_F(ChannelCommand, a_world_can_be_dumped_when_a_channel_with_sessions_was_deleted)
{
    create({"--level", "key"});
    auto const id = row("id");
    (void)database.sql("insert into participant (team_id, platform, identifier) values (1, 'embedded_widget', 'anon:1')");
    (void)database.sql("insert into session (team_id, participant_id, created_at, updated_at, experiment_id, channel_id, status, "
                       "token_required, id, "
                       "platform, participant_identifier) select 1, p.id, now(), now(), '" +
                       std::string(chatbot) + "', " + id + ", 2, false, 's', 'embedded_widget', 'anon:1' from participant p");
    EXPECT_EQ(run({"channel", "delete", id}).exit_code, 0);
    auto const dump = run({"dump", "-"});
    EXPECT_EQ(dump.exit_code, 0) << dump.err;
    EXPECT_NE(dump.out.find("\"token_required\": true"), std::string::npos) << "it must not become open to whoever knows its id";
}

} // namespace
} // namespace parley::world
