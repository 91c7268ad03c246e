// The chat's port and added messages on a real PostgreSQL.
#include "integration/store/store_world.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace parley::store
{
namespace
{

class ChatStoreTest : public StoreTest
{
  protected:
    static void SetUpTestSuite()
    {
        StoreTest::SetUpTestSuite();
        sql(R"(
            insert into experiment (id, team_id, name, working_id, version_number, is_default, created_at) values
                ('00000000-0000-4000-8000-0000000000c2', 1, 'Bot, second', '00000000-0000-4000-8000-0000000000a1', 2, true, now()),
                ('00000000-0000-4000-8000-0000000000c1', 1, 'Bot, first', '00000000-0000-4000-8000-0000000000a1', 1, false, now());
            insert into channel (team_id, experiment_id, platform, name, embed_key_sha256, allowed_domains, auth_level, credential_mode,
                                 session_token_days, created_at) values
                (1, '00000000-0000-4000-8000-0000000000a1', 'embedded_widget', 'w', sha256('the key'), '{widget.example,*.wild.example}', 2,
                 'embed_key', 3, now()),
                (1, '00000000-0000-4000-8000-0000000000a1', 'telegram', 't', null, '{}', 0, 'embed_key', null, now());
            insert into app_user (email, is_active, created_at) values ('ada@alpha.example', true, now()), ('gone@alpha.example', false, now());
            insert into membership (team_id, user_id, roles) select 1, id, '{}' from app_user;
            insert into browser_session (cookie_sha256, user_id, created_at, last_seen_at)
                select sha256(email::bytea), id, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z' from app_user;)");
    }

    static chat::ChatStore& chats() { return store_->store().chat(); }

    static chat::NewChat a_chat()
    {
        chat::NewChat chat;
        chat.team_id = alpha;
        chat.session_id = fresh("chat");
        chat.experiment = alpha_bot;
        chat.platform = "embedded_widget";
        chat.participant_platform = "embedded_widget";
        chat.participant_identifier = fresh("anon:");
        chat.created_at = at("2026-01-01T00:00:00Z");
        return chat;
    }
    static std::string started()
    {
        auto const chat = a_chat();
        if (!run(chats().start(chat, soon()))) throw std::runtime_error("the chat was not started");
        return chat.session_id;
    }
    static std::string messages_of(std::string const& id)
    {
        return std::string(run(sessions().retrieve(alpha, id, soon()))->messages.text);
    }
};

TEST_F(ChatStoreTest, a_chatbot_comes_with_its_versions_and_the_channels_of_widgets)
{
    auto const found = run(chats().find_chatbot(alpha_bot, soon()));
    ASSERT_TRUE(found);
    ASSERT_TRUE(*found);
    auto const& chatbot = **found;
    EXPECT_EQ(chatbot.name, "Bot");
    ASSERT_EQ(chatbot.versions.size(), 2U);
    EXPECT_EQ(chatbot.versions[0].name, "Bot, first");
    EXPECT_TRUE(chatbot.versions[1].is_default);
    ASSERT_EQ(chatbot.channels.size(), 1U);
    EXPECT_EQ(chatbot.channels[0].embed_key, sha256("the key"));
    EXPECT_EQ(chatbot.channels[0].allowed_domains, (std::vector<std::string>{"widget.example", "*.wild.example"}));
    EXPECT_EQ(chatbot.channels[0].token_lifetime, std::chrono::days(3));
    EXPECT_FALSE(*run(chats().find_chatbot(alpha_archived_bot, soon())));
    EXPECT_FALSE(*run(chats().find_chatbot(uuid("00000000-0000-4000-8000-0000000000c1"), soon()))) << "a version is no chatbot";
}

TEST_F(ChatStoreTest, a_sign_in_is_that_of_an_active_user)
{
    auto const found = run(chats().find_signed_in(sha256("ada@alpha.example"), soon()));
    ASSERT_TRUE(found);
    ASSERT_TRUE(*found);
    EXPECT_EQ((*found)->email, "ada@alpha.example");
    EXPECT_EQ((*found)->teams, std::vector<domain::TeamId>{alpha});
    EXPECT_EQ((*found)->last_seen_at, at("2026-01-02T00:00:00Z"));
    EXPECT_FALSE(*run(chats().find_signed_in(sha256("gone@alpha.example"), soon())));
    EXPECT_FALSE(*run(chats().find_signed_in(sha256("nobody"), soon())));
}

TEST_F(ChatStoreTest, a_chat_is_found_by_its_id_and_a_session_of_the_api_is_not)
{
    auto chat = a_chat();
    chat.participant_remote_id = "r";
    auto const counted = sql("select coalesce(sum(sessions), 0) from session_count where team_id = 1");
    auto const answer = run(chats().start(chat, soon()));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->participant_remote_id, "r");
    EXPECT_EQ(sql("select sum(sessions) from session_count where team_id = 1"), std::to_string(std::stoi(counted) + 1));

    auto const found = run(chats().find_session(chat.session_id, soon()));
    ASSERT_TRUE(found);
    ASSERT_TRUE(*found);
    EXPECT_EQ((*found)->team_id, alpha);
    EXPECT_EQ((*found)->created_at, chat.created_at);
    EXPECT_TRUE((*found)->token_required);
    EXPECT_FALSE((*found)->is_ended);
    EXPECT_EQ((*found)->channels.size(), 1U);
    ASSERT_EQ((*found)->secrets.size(), 1U);
    EXPECT_EQ((*found)->secrets[0].id, answer->secret.id);
    EXPECT_EQ((*found)->secrets[0].bytes, answer->secret.bytes);

    auto const session = a_session(fresh("api"));
    ASSERT_TRUE(run(sessions().create(session, soon())));
    EXPECT_FALSE(*run(chats().find_session(session.id, soon())));
    EXPECT_FALSE(*run(chats().find_session("nobody", soon())));
}

TEST_F(ChatStoreTest, a_rotated_secret_signs_and_the_old_one_stays_until_it_is_retired)
{
    auto const id = started();
    sql("insert into service_secret (purpose, secret, created_at) values ('chat-session-token', 'fresh', now())");
    auto const answer = run(chats().start(a_chat(), soon()));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->secret.bytes, "fresh");
    EXPECT_EQ((*run(chats().find_session(id, soon())))->secrets.size(), 2U);
    sql("update service_secret set retired_at = now() where secret = 'fresh'");
    EXPECT_EQ((*run(chats().find_session(id, soon())))->secrets.size(), 1U);
}

TEST_F(ChatStoreTest, messages_are_polled_in_pieces)
{
    auto const id = started();
    for (auto const* text : {"one", "two", "three"})
    {
        auto const added = run(chats().add_message(alpha, id, text, {}, at("2026-01-01T00:01:00Z"), soon()));
        ASSERT_TRUE(added);
        EXPECT_TRUE(*added);
    }
    auto const session = *run(chats().find_session(id, soon()));
    auto const all = run(chats().poll({.team_id = alpha, .session_number = session->number, .since = {}, .limit = 3}, soon()));
    ASSERT_TRUE(all);
    EXPECT_FALSE(all->has_more);
    EXPECT_EQ(all->messages.text, messages_of(id));
    auto const first = run(chats().poll({.team_id = alpha, .session_number = session->number, .since = {}, .limit = 2}, soon()));
    EXPECT_TRUE(first->has_more);
    auto const rest = run(chats().poll(
        {.team_id = alpha, .session_number = session->number, .since = at("2026-01-01T00:01:00.000001Z"), .limit = 2}, soon()));
    EXPECT_FALSE(rest->has_more);
    EXPECT_EQ(first->messages.text + "," + rest->messages.text, all->messages.text);
}

TEST_F(ChatStoreTest, a_message_changes_the_state_and_an_ended_session_takes_none)
{
    auto const id = started();
    auto const change = [](std::string_view state) { return std::optional(R"({"was":)" + std::string(state) + "}"); };
    ASSERT_TRUE(*run(chats().add_message(alpha, id, "hello", change, at("2026-01-01T00:01:00Z"), soon())));
    EXPECT_EQ(run(sessions().retrieve(alpha, id, soon()))->session.state.text, R"({"was":{}})");
    ASSERT_TRUE(run(sessions().end(alpha, id, at("2026-01-01T00:02:00Z"), soon())));
    auto const refused = run(chats().add_message(alpha, id, "hello?", {}, at("2026-01-01T00:03:00Z"), soon()));
    ASSERT_TRUE(refused);
    EXPECT_FALSE(*refused);
    EXPECT_EQ(code_of(run(chats().add_message(beta, id, "hello", {}, at("2026-01-01T00:03:00Z"), soon()))),
              ProblemCode::session_unknown);
}

// Two stores: within one, the queue lets no two writes to a session run together; between replicas only the row's lock does.
TEST_F(ChatStoreTest, messages_added_at_once_by_two_replicas_all_stand_there_in_ascending_time)
{
    auto const id = started();
    StoreUnderTest other(settings_for(url_));
    std::array<domain::SessionStore*, 2> const replicas{&sessions(), &other.sessions()};
    constexpr std::size_t calls_count = 40;
    std::vector<std::function<boost::asio::awaitable<Result<domain::JsonText>>()>> calls;
    for (std::size_t i = 0; i < calls_count; ++i)
    {
        std::vector<domain::AddedMessage> const messages{{domain::Role::assistant, "a" + std::to_string(i)},
                                                         {domain::Role::user, "b" + std::to_string(i)}};
        auto* const replica = replicas[i / 2 % 2]; // run_all spreads them over its threads by the last digit.
        calls.emplace_back([replica, id, messages]
                           { return replica->append_messages(alpha, id, messages, at("2026-01-01T00:01:00Z"), soon()); });
    }
    std::set<std::string> shown;
    for (auto const& result : store_->run_all(calls))
    {
        ASSERT_TRUE(result);
        EXPECT_TRUE(shown.insert(result->text).second);
    }
    auto const key = "session_number = (select number from session where team_id = 1 and id = '" + id + "')";
    EXPECT_EQ(sql("select count(*) || ' ' || max(position) || ' ' || count(distinct created_at) from message where " + key),
              "80 79 80");
    EXPECT_EQ(
        sql("select bool_and(later) from (select created_at > lag(created_at) over (order by position) as later from message "
            "where " +
            key + ") m"),
        "t");
    EXPECT_EQ(sql("select message_count from session where team_id = 1 and id = '" + id + "'"), "80");
}

TEST_F(ChatStoreTest, an_added_message_is_later_than_the_last_one_whatever_the_clock_says)
{
    auto const id = started();
    ASSERT_TRUE(run(sessions().append_messages(alpha, id, {{domain::Role::user, "x"}}, at("2026-01-01T00:05:00Z"), soon())));
    auto const added =
        run(sessions().append_messages(alpha, id, {{domain::Role::assistant, "y"}}, at("2026-01-01T00:04:00Z"), soon()));
    ASSERT_TRUE(added);
    EXPECT_NE(added->text.find("2026-01-01T00:05:00.000001Z"), std::string::npos) << added->text;
    EXPECT_EQ(code_of(run(sessions().append_messages(beta, id, {{domain::Role::user, "x"}}, at("2026-01-01T00:05:00Z"), soon()))),
              ProblemCode::session_unknown);
}

} // namespace
} // namespace parley::store
