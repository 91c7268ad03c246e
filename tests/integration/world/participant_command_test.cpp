// parley export and parley erase: all of one participant of one team, and nothing of anybody else.
#include "fresh_database.hpp"

#include "parley/core/json.hpp"
#include "parley/support/child_process.hpp"
#include "parley/support/parleyd_process.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

namespace parley::world
{

namespace
{

using support::CommandResult;

constexpr std::string_view identifier = "ada@people.example";

class ParticipantCommand : public testing::Test
{
  protected:
    // Ada is known to both teams, and to one on two platforms; Bob has a session with the same tags and one of Ada's files.
    ParticipantCommand()
    {
        static_cast<void>(database.sql(R"(
            insert into team (id, slug, name, created_at) values (1, 'alpha', 'Alpha', now()), (2, 'beta', 'Beta', now());
            insert into app_user (id, email, created_at) values (1, 'ada.account@people.example', now());
            insert into experiment (id, team_id, name, allowlist, created_at) values
                ('00000000-0000-4000-8000-0000000000a1', 1, 'Bot', '{bob@people.example,ada@people.example}', now()),
                ('00000000-0000-4000-8000-0000000000b1', 2, 'Bot', '{ada@people.example}', now());
            insert into channel (team_id, id, experiment_id, platform, name, auth_level, credential_mode, created_at) values
                (1, 5, '00000000-0000-4000-8000-0000000000a1', 'web', 'Front "door"', 0, 'embed_key', now());
            insert into participant (team_id, id, platform, identifier, remote_id, name, user_id) values
                (1, 11, 'api', 'ada@people.example', 'crm-77', 'Ada L', null),
                (1, 12, 'web', 'ada@people.example', '', '', 1),
                (1, 13, 'api', 'bob@people.example', '', 'Bob', null),
                (2, 11, 'api', 'ada@people.example', '', 'Ada of beta', null);
            insert into tag (team_id, id, name, category, is_system) values
                (1, 1, 'vip', '', false), (1, 2, 'v1', 'experiment_version', true), (2, 3, 'vip', '', false);
            insert into file (team_id, id, name, content_type, size, external_id) values
                (1, 1, 'ada-passport.png', 'image/png', 10, 'store-1'), (1, 2, 'shared.pdf', 'application/pdf', 20, 'store-2'),
                (2, 1, 'beta.txt', 'text/plain', 5, 'store-1');
            insert into session (team_id, number, participant_id, created_at, updated_at, experiment_id, channel_id, status, id, platform,
                                 participant_identifier, participant_remote_id, message_count, tag_ids, tag_names, tags, state, has_links)
            values
                (1, 101, 11, '2026-01-01', '2026-01-02', '00000000-0000-4000-8000-0000000000a1', null, 2, 'ada-1', null,
                 'ada@people.example', 'crm-77', 2, '{1}', '{vip}', '["vip"]', '{"secret":"of ada"}', true),
                (1, 102, 12, '2026-01-03', '2026-01-03', '00000000-0000-4000-8000-0000000000a1', 5, 3, 'ada-2', 'web',
                 'ada@people.example', '', 0, '{}', '{}', '[]', '{}', false),
                (1, 103, 13, '2026-01-04', '2026-01-04', '00000000-0000-4000-8000-0000000000a1', null, 2, 'bob-1', null,
                 'bob@people.example', '', 1, '{1}', '{vip}', '["vip"]', '{"secret":"of bob"}', false),
                (2, 104, 11, '2026-01-05', '2026-01-05', '00000000-0000-4000-8000-0000000000b1', null, 2, 'ada-1', null,
                 'ada@people.example', '', 1, '{3}', '{vip}', '["vip"]', '{"secret":"of beta"}', false);
            update session set ended_at = '2026-01-03 00:10' where number = 102;
            insert into message (team_id, session_number, position, created_at, rendered, original_metadata, tag_ids) values
                (1, 101, 0, '2026-01-01', '{"role":"user","content":"my name is Ada"}', null, null),
                (1, 101, 1, '2026-01-01', '{"role":"assistant","content":"hello Ada","attachments":[{"link":"' || chr(1) || '/f/1"}]}',
                 '{"openai_run_id":"run-of-ada"}', '{2}'),
                (1, 103, 0, '2026-01-04', '{"role":"user","content":"Bob here"}', null, null),
                (2, 104, 0, '2026-01-05', '{"role":"user","content":"beta here"}', null, null);
            insert into session_facet values (1, 1, 'vip', '2026-01-01', 'ada-1'), (1, 2, 'v1', '2026-01-01', 'ada-1'),
                (1, 1, 'vip', '2026-01-04', 'bob-1'), (2, 1, 'vip', '2026-01-05', 'ada-1');
            insert into session_version_count values (1, 'v1', '00000000-0000-4000-8000-0000000000a1', 1);
            insert into session_count values (1, '00000000-0000-4000-8000-0000000000a1', 0, 2), (1, '00000000-0000-4000-8000-0000000000a1', 1, 1),
                (2, '00000000-0000-4000-8000-0000000000b1', 0, 1);
            insert into session_file values (1, 101, 1), (1, 101, 2), (1, 103, 2), (2, 104, 1);
            insert into session_usage values (1, 101, 0, 'm', 'llm_input', 1, 1, 'chat'), (2, 104, 0, 'm', 'llm_input', 1, 1, 'chat');
            insert into chat_session values ('ada-2', 1);
            insert into idempotency_key values (1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), 'ada-1', now()),
                (2, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), 'ada-1', now());
        )"));
    }

    CommandResult run(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.end(), {"--database-url", database.url()});
        return support::run_parley(std::move(arguments));
    }
    std::string good(std::vector<std::string> arguments) const
    {
        auto result = run(arguments);
        EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(arguments) << result.err;
        return result.out;
    }
    std::string refused(std::vector<std::string> arguments) const
    {
        auto const before = database.everything();
        auto const result = run(arguments);
        EXPECT_EQ(result.exit_code, 1) << testing::PrintToString(arguments) << result.out << result.err;
        EXPECT_EQ(database.everything(), before);
        return result.err;
    }
    std::string erase(std::vector<std::string> more = {}) const
    {
        std::vector<std::string> arguments{"erase", std::string(identifier), "--team", "alpha"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return good(std::move(arguments));
    }

    // Rows that are Bob's or beta's, and what belongs to nobody.
    std::string others() const
    {
        return database.sql(
            "select (select string_agg(s::text, '' order by number) from session s where number in (103, 104)), "
            "(select string_agg(m::text, '') from message m where session_number in (103, 104)), "
            "(select string_agg(f::text, '' order by team_id) from session_facet f where session_id = 'bob-1' or team_id = 2), "
            "(select string_agg(p::text, '' order by id) from participant p where id = 13 or team_id = 2), "
            "(select string_agg(f::text, '') from session_file f where session_number in (103, 104)), "
            "(select string_agg(f::text, '' order by id) from file f where team_id = 2 or id = 2), "
            "(select string_agg(k::text, '') from idempotency_key k where team_id = 2), "
            "(select string_agg(u::text, '') from session_usage u where team_id = 2), "
            "(select string_agg(t::text, '' order by id) from tag t), "
            "(select allowlist from experiment where team_id = 2), (select count(*) from app_user)");
    }

    FreshDatabase database;
};

// Holds views into the text.
json::Document parsed(std::string const& text)
{
    auto document = json::Document::parse(text);
    if (!document) throw std::runtime_error("no JSON: " + text);
    return std::move(*document);
}

std::string compact(json::Value const& value)
{
    std::string text;
    json::append_compact(text, value);
    return text;
}

} // namespace

TEST_F(ParticipantCommand, an_export_has_everything_of_one_team_and_nothing_of_others)
{
    auto const text = good({"export", std::string(identifier), "--team", "alpha"});
    auto const document = parsed(text);
    EXPECT_EQ(
        compact(document.root()),
        R"({"team":"alpha","identifier":"ada@people.example","participants":[)"
        R"({"platform":"api","remote_id":"crm-77","name":"Ada L","user":null},)"
        R"({"platform":"web","remote_id":"","name":"","user":"ada.account@people.example"}],)"
        R"("allowlists":["00000000-0000-4000-8000-0000000000a1"],"sessions":[)"
        R"({"id":"ada-1","experiment":"00000000-0000-4000-8000-0000000000a1","channel":null,"platform":null,"status":"active",)"
        R"("created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","ended_at":null,)"
        R"("tags":["vip"],"state":{"secret":"of ada"},"usage":null,"files":[)"
        R"({"id":1,"name":"ada-passport.png","content_type":"image/png","size":10,"external_id":"store-1"},)"
        R"({"id":2,"name":"shared.pdf","content_type":"application/pdf","size":20,"external_id":"store-2"}],)"
        R"("messages":[{"role":"user","content":"my name is Ada"},)"
        R"({"role":"assistant","content":"hello Ada","attachments":[{"link":"/f/1"}]}],)"
        R"("original_metadata":[{"openai_run_id":"run-of-ada"}]},)"
        R"({"id":"ada-2","experiment":"00000000-0000-4000-8000-0000000000a1","channel":"Front \"door\"","platform":"web",)"
        R"("status":"pending-review","created_at":"2026-01-03T00:00:00Z","updated_at":"2026-01-03T00:00:00Z",)"
        R"("ended_at":"2026-01-03T00:10:00Z","tags":[],"state":{},"usage":null,"files":[],"messages":[],"original_metadata":[]}]})");
    EXPECT_EQ(database.sql("select action, subject, detail from audit"),
              R"(participant.export|alpha|{"participants":["11","12"],"sessions":2})");
}

TEST_F(ParticipantCommand, an_export_is_written_to_a_file_for_its_owner_only)
{
    support::TemporaryFolder const folder;
    auto const path = (folder.path() / "ada.json").string();
    EXPECT_EQ(good({"export", std::string(identifier), path, "--team", "alpha", "--platform", "api"}),
              "exported 1 session with 2 messages\n");
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ParticipantCommand, long_transcripts_and_many_sessions_are_exported_whole)
{
    static_cast<void>(database.sql(R"(
        insert into message (team_id, session_number, position, created_at, rendered)
        select 1, 102, n, '2026-01-03', '{"role":"user","content":"' || n || '"}' from generate_series(0, 1200) n;
        insert into session (team_id, number, participant_id, created_at, updated_at, experiment_id, status, id, participant_identifier)
        select 1, 1000 + n, 11, '2026-02-01', '2026-02-01', '00000000-0000-4000-8000-0000000000a1', 2, 'more-' || n, 'ada@people.example'
        from generate_series(1, 450) n)"));
    auto const text = good({"export", std::string(identifier), "--team", "alpha"});
    auto const document = parsed(text);
    std::size_t sessions = 0;
    std::string last;
    auto const all = document.root().find("sessions").value();
    for (auto const& session : all)
    {
        ++sessions;
        if (compact(*session.find("id")) != "\"ada-2\"") continue;
        std::size_t messages = 0;
        auto const transcript = session.find("messages").value();
        for (auto const& message : transcript)
        {
            ++messages;
            last = compact(*message.find("content"));
        }
        EXPECT_EQ(messages, 1201U);
    }
    EXPECT_EQ(sessions, 452U);
    EXPECT_EQ(last, "\"1200\"");

    // More than one transaction takes.
    static_cast<void>(database.sql("update session_count set sessions = sessions + 450 where team_id = 1 and slot = 0; "
                                   "update session set message_count = 1201 where number = 102"));
    auto const before = others();
    EXPECT_EQ(erase({"--yes"}).substr(0, 53), "erased 2 participants, 452 sessions, 1203 messages, t");
    EXPECT_EQ(others(), before);
    EXPECT_EQ(database.broken_rules(), "");
    EXPECT_EQ(database.sql("select sum((detail->>'sessions')::int), count(*) from audit where action = 'participant.erase'"),
              "452|3");
}

TEST_F(ParticipantCommand, without_yes_it_says_what_would_go_and_nothing_changes)
{
    auto const before = database.everything();
    EXPECT_EQ(erase(), "would erase 2 participants, 2 sessions, 2 messages, the names of 1 file, and 1 place in a chatbot's "
                       "list of who may chat\n"
                       "platforms: api, web\n"
                       "Nothing was changed. --yes does it; it cannot be taken back.\n");
    EXPECT_EQ(
        erase({"--json"}),
        R"({"done":false,"participants":2,"sessions":2,"messages":2,"files":1,"allowlists":1,"external_ids":[],"platforms":["api","web"]})"
        "\n");
    EXPECT_EQ(database.everything(), before);
}

TEST_F(ParticipantCommand, what_is_erased_is_nowhere_any_more)
{
    auto const before = others();
    EXPECT_EQ(
        erase({"--yes"}),
        "erased 2 participants, 2 sessions, 2 messages, the names of 1 file, and 1 place in a chatbot's list of who may chat\n"
        "the contents of this file are elsewhere: store-1\n");
    EXPECT_EQ(others(), before);
    EXPECT_EQ(database.broken_rules(), "");
    EXPECT_EQ(database.sql("select allowlist from experiment where team_id = 1"), "{bob@people.example}");
    EXPECT_EQ(
        database.sql("select action, subject, detail from audit"),
        R"(participant.erase|alpha|{"participants":["11","12"],"sessions":2,"messages":2,"files":1,"allowlists":1,"is_last":true})");

    // Nothing of hers is left in any table, once beta's rows are out of the way, which say so themselves.
    static_cast<void>(
        database.sql("delete from session where team_id = 2; delete from participant where team_id = 2; delete from app_user; "
                     "delete from message where team_id = 2; delete from session_facet where team_id = 2; "
                     "delete from idempotency_key where team_id = 2; update experiment set allowlist = '{}' where team_id = 2"));
    auto const all = database.everything();
    for (auto const* word : {"ada@people", "ada-", "Ada", "of ada", "crm-77", "passport"})
        EXPECT_EQ(all.find(word), std::string::npos) << word;
    EXPECT_NE(all.find("bob@people.example"), std::string::npos);
}

TEST_F(ParticipantCommand, one_platform_leaves_the_other_and_the_list_of_who_may_chat)
{
    EXPECT_EQ(
        erase({"--yes", "--platform", "web"}),
        "erased 1 participant, 1 session, 0 messages, the names of 0 files, and 0 places in a chatbot's list of who may chat\n");
    EXPECT_EQ(database.sql("select string_agg(id, ',') from session where team_id = 1"), "ada-1,bob-1");
    EXPECT_EQ(database.sql("select string_agg(id::text, ',') from participant where team_id = 1"), "11,13");
    EXPECT_EQ(database.broken_rules(), "");
}

TEST_F(ParticipantCommand, whom_nobody_knows_is_refused)
{
    EXPECT_EQ(refused({"erase", "eve@people.example", "--team", "alpha", "--yes"}),
              "parley: team \"alpha\" knows no participant \"eve@people.example\"\n");
    EXPECT_EQ(refused({"export", std::string(identifier), "--team", "alpha", "--platform", "sms"}),
              "parley: team \"alpha\" knows no participant \"ada@people.example\" on the platform \"sms\"\n");
    EXPECT_EQ(refused({"export", std::string(identifier), "--team", "gamma"}), "parley: team \"gamma\" does not exist\n");
    erase({"--yes"});
    EXPECT_EQ(refused({"erase", std::string(identifier), "--team", "alpha", "--yes"}),
              "parley: team \"alpha\" knows no participant \"ada@people.example\"\n");
}

TEST_F(ParticipantCommand, what_an_erasure_that_was_broken_off_left_is_found_again)
{
    static_cast<void>(database.sql("delete from participant where team_id = 1 and id in (11, 12)"));
    EXPECT_EQ(erase({"--yes"}).substr(0, 38), "erased 0 participants, 2 sessions, 2 m");
    EXPECT_EQ(database.broken_rules(), "");
}

// A create that read the participant before it went, and commits after: it is waited for.
TEST_F(ParticipantCommand, a_session_that_is_being_written_meanwhile_goes_too)
{
    std::string const create =
        "begin; insert into session (team_id, number, participant_id, created_at, updated_at, experiment_id, status, id, "
        "participant_identifier) "
        "values (1, 900, 11, now(), now(), '00000000-0000-4000-8000-0000000000a1', 0, 'late', 'ada@people.example'); "
        "insert into session_count values (1, '00000000-0000-4000-8000-0000000000a1', 7, 1); "
        // Until the participant is gone, and a moment more.
        "do $$ begin for i in 1..1000 loop exit when not exists (select from participant where team_id = 1 and id = 11); "
        "perform pg_sleep(0.01); end loop; perform pg_sleep(0.3); end $$; commit;";
    std::thread writer([&] { static_cast<void>(database.sql(create)); });
    auto const is_asleep = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
                           "and query like '%pg_sleep%'";
    for (int tries = 0; tries < 1000 && database.sql(is_asleep) == "0"; ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    auto const said = erase({"--yes"});
    writer.join();
    EXPECT_EQ(said.substr(0, 38), "erased 2 participants, 3 sessions, 2 m");
    EXPECT_EQ(database.sql("select string_agg(id, ',') from session where team_id = 1"), "bob-1");
    EXPECT_EQ(database.broken_rules(), "");
}

} // namespace parley::world
