// Every verb of the session store on a real PostgreSQL, alone and in batches.
#include "integration/store/store_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

namespace parley::store
{
namespace
{

using domain::JsonText;

class SessionStoreTest : public StoreTest
{
  protected:
    static domain::Session created(domain::NewSession session)
    {
        auto result = run(sessions().create(std::move(session), soon()));
        if (!result) throw std::runtime_error(std::string(name_of(result.error().code)));
        return std::move(*result);
    }
};

TEST_F(SessionStoreTest, create_answers_what_retrieve_then_shows)
{
    auto session = a_session(fresh("create"));
    session.state.text = R"({"b":1.10,"a":"é"})";
    session.messages = {a_message(R"({"n":1})"), a_message(R"({"n":2})"), a_message(R"({"n":3})")};
    auto const made = created(session);
    EXPECT_EQ(made.experiment->name, "Bot");
    EXPECT_EQ(made.experiment->version_number, 3);
    EXPECT_EQ(made.participant.remote_id, "r-1");
    EXPECT_EQ(made.created_at, at("2026-01-01T00:00:00.000001Z"));
    EXPECT_EQ(made.status, domain::Status::setup);
    EXPECT_FALSE(made.platform);

    auto const found = run(sessions().retrieve(alpha, session.id, soon()));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->messages.text, R"({"n":1},{"n":2},{"n":3})");
    EXPECT_EQ(found->session.state, made.state);
    EXPECT_EQ(found->session.tags.text, "[]");
    EXPECT_EQ(found->session.participant.identifier, "known@example.org");
    EXPECT_EQ(found->session.created_at, made.created_at);
    EXPECT_EQ(found->usage.text, R"({"total_cost":"0.00000000","by_model":[]})");
    EXPECT_FALSE(found->has_links);
}

TEST_F(SessionStoreTest, a_new_participant_is_made_once_for_all_who_name_it)
{
    std::vector<std::function<boost::asio::awaitable<Result<domain::Session>>()>> calls;
    for (int i = 0; i < 40; ++i)
    {
        auto session = a_session(fresh("participant"));
        session.participant_identifier = i % 2 ? "new-one@example.org" : "new-two@example.org";
        calls.emplace_back([session] { return sessions().create(session, soon()); });
    }
    for (auto const& result : store_->run_all(calls))
        EXPECT_TRUE(result);
    EXPECT_EQ(sql("select count(*) from participant where identifier like 'new-%'"), "2");
    EXPECT_EQ(sql("select count(distinct participant_id) from session where id like 'participant-%'"), "2");
}

TEST_F(SessionStoreTest, a_chatbot_must_be_the_teams_own_and_not_archived)
{
    auto session = a_session(fresh("bot"));
    session.experiment = beta_bot;
    EXPECT_EQ(code_of(run(sessions().create(session, soon()))), ProblemCode::experiment_elsewhere);
    session.experiment = alpha_archived_bot;
    EXPECT_EQ(code_of(run(sessions().create(session, soon()))), ProblemCode::experiment_unknown);
    session.experiment = uuid("00000000-0000-4000-8000-00000000ffff");
    EXPECT_EQ(code_of(run(sessions().create(session, soon()))), ProblemCode::experiment_unknown);
    EXPECT_EQ(code_of(run(sessions().check_experiment(alpha, beta_bot, soon()))), ProblemCode::experiment_elsewhere);
    EXPECT_EQ(code_of(run(sessions().check_experiment(alpha, alpha_archived_bot, soon()))), ProblemCode::experiment_unknown);
    EXPECT_TRUE(run(sessions().check_experiment(alpha, alpha_bot, soon())));
}

TEST_F(SessionStoreTest, the_same_id_in_two_teams_is_two_sessions)
{
    auto const id = fresh("shared");
    auto mine = a_session(id, alpha);
    mine.state.text = R"("mine")";
    auto theirs = a_session(id, beta);
    theirs.state.text = R"("theirs")";
    created(mine);
    created(theirs);
    EXPECT_EQ(run(sessions().retrieve(alpha, id, soon()))->session.state.text, R"("mine")");
    EXPECT_EQ(run(sessions().retrieve(beta, id, soon()))->session.state.text, R"("theirs")");

    ASSERT_TRUE(run(sessions().update_state(beta, id, {"1"}, at("2026-02-01T00:00:00Z"), soon())));
    ASSERT_TRUE(run(sessions().end(beta, id, at("2026-02-02T00:00:00Z"), soon())));
    ASSERT_TRUE(run(sessions().add_tags(beta, id, {"theirs"}, soon())));
    auto const untouched = run(sessions().retrieve(alpha, id, soon()));
    EXPECT_EQ(untouched->session.state.text, R"("mine")");
    EXPECT_EQ(untouched->session.status, domain::Status::setup);
    EXPECT_EQ(untouched->session.tags.text, "[]");
}

domain::Reservation a_wish(std::string id, std::string_view request, std::string_view when = "2026-01-01T00:00:00Z")
{
    return {.request = sha256(request), .session_id = std::move(id), .created_at = at(when)};
}

TEST_F(SessionStoreTest, a_key_stands_for_what_came_with_it_first_for_a_day)
{
    auto const key = sha256(fresh("key"));
    auto const first = a_wish("first", "a", "2026-01-01T00:00:00.000001Z");
    EXPECT_EQ(*run(sessions().reserve(alpha, key, first, soon())), first);
    EXPECT_EQ(*run(sessions().reserve(alpha, key, a_wish("second", "a"), soon())), first);
    EXPECT_EQ(*run(sessions().reserve(alpha, key, a_wish("third", "b", "2026-01-02T00:00:00Z"), soon())), first);
    auto const theirs = a_wish("theirs", "c");
    EXPECT_EQ(*run(sessions().reserve(beta, key, theirs, soon())), theirs) << "another team's key is another key";
    auto const next_day = a_wish("next day", "d", "2026-01-02T00:00:00.000001Z");
    EXPECT_EQ(*run(sessions().reserve(alpha, key, next_day, soon())), next_day);
}

TEST_F(SessionStoreTest, of_many_who_reserve_a_key_at_once_all_get_one_session)
{
    auto const key = sha256(fresh("key"));
    std::vector<std::function<boost::asio::awaitable<Result<domain::Reservation>>()>> calls;
    for (int i = 0; i < 40; ++i)
        calls.emplace_back([=] { return sessions().reserve(alpha, key, a_wish("wish-" + std::to_string(i), "a"), soon()); });
    std::set<std::string> ids;
    for (auto const& result : store_->run_all(calls))
        ids.insert(result ? result->session_id : "a problem");
    EXPECT_EQ(ids.size(), 1U);
}

TEST_F(SessionStoreTest, a_session_made_again_for_its_key_is_made_once)
{
    auto session = a_session(fresh("again"));
    auto const first = run(sessions().create(session, soon()));
    auto const second = run(sessions().create(session, soon()));
    ASSERT_TRUE(first);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->id, first->id);
    EXPECT_EQ(second->created_at, first->created_at);
    EXPECT_EQ(sql("select count(*) from session where id = '" + session.id + "'"), "1");
}

TEST_F(SessionStoreTest, what_was_made_stays_made_though_its_chatbot_was_archived)
{
    auto session = a_session(fresh("archived since"));
    auto const first = created(session);
    session.experiment = alpha_archived_bot; // As if it had been this one, before.
    EXPECT_EQ(code_of(run(sessions().create(session, soon()))), ProblemCode::experiment_unknown);
    session.is_repeat = true;
    auto const again = run(sessions().create(session, soon()));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, first.id);
    EXPECT_EQ(again->created_at, first.created_at);
    session.id = fresh("never made");
    EXPECT_EQ(code_of(run(sessions().create(session, soon()))), ProblemCode::experiment_unknown);
}

TEST_F(SessionStoreTest, a_key_is_released_only_while_its_session_was_not_made)
{
    auto const key = sha256(fresh("key"));
    auto session = a_session(fresh("released"));
    (void)run(sessions().reserve(alpha, key, a_wish(session.id, "a"), soon()));
    ASSERT_TRUE(run(sessions().release(alpha, key, soon())));
    EXPECT_EQ(run(sessions().reserve(alpha, key, a_wish(session.id, "b"), soon()))->request, sha256("b"));
    created(session);
    ASSERT_TRUE(run(sessions().release(alpha, key, soon())));
    EXPECT_EQ(run(sessions().reserve(alpha, key, a_wish("other", "c"), soon()))->request, sha256("b"));
}

TEST_F(SessionStoreTest, keys_that_stand_for_nothing_any_more_are_taken_away)
{
    (void)run(sessions().reserve(alpha, sha256(fresh("old")), a_wish("old", "a", "2020-01-01T00:00:00Z"), soon()));
    for (int i = 0; i < 60; ++i)
        (void)run(sessions().reserve(alpha, sha256(fresh("new")), a_wish("new", "a", "2026-01-01T00:00:00Z"), soon()));
    EXPECT_EQ(sql("select count(*) from idempotency_key where created_at < '2021-01-01'"), "0");
}

TEST_F(SessionStoreTest, another_teams_session_is_unknown_to_every_verb)
{
    auto const id = fresh("private");
    created(a_session(id, beta));
    EXPECT_EQ(code_of(run(sessions().retrieve(alpha, id, soon()))), ProblemCode::session_unknown);
    EXPECT_EQ(code_of(run(sessions().end(alpha, id, at("2026-02-02T00:00:00Z"), soon()))), ProblemCode::session_unknown);
    EXPECT_EQ(code_of(run(sessions().update_state(alpha, id, {"1"}, at("2026-02-02T00:00:00Z"), soon()))),
              ProblemCode::session_unknown);
    EXPECT_EQ(code_of(run(sessions().add_tags(alpha, id, {"made for nobody"}, soon()))), ProblemCode::session_unknown);
    EXPECT_EQ(code_of(run(sessions().remove_tags(alpha, id, {"x"}, soon()))), ProblemCode::session_unknown);
    EXPECT_EQ(sql("select count(*) from tag where name = 'made for nobody'"), "0");
}

TEST_F(SessionStoreTest, ids_are_exact_text)
{
    auto const id = fresh("Ünï.côdé id");
    created(a_session(id));
    EXPECT_TRUE(run(sessions().retrieve(alpha, id, soon())));
    EXPECT_EQ(code_of(run(sessions().retrieve(alpha, id + " ", soon()))), ProblemCode::session_unknown);
    EXPECT_EQ(code_of(run(sessions().retrieve(alpha, std::string("a\0b", 3), soon()))), ProblemCode::session_unknown);
}

TEST_F(SessionStoreTest, end_can_be_repeated_and_moves_updated_at)
{
    auto const id = fresh("end");
    created(a_session(id));
    ASSERT_TRUE(run(sessions().end(alpha, id, at("2026-02-02T00:00:00.5Z"), soon())));
    auto found = run(sessions().retrieve(alpha, id, soon()));
    EXPECT_EQ(found->session.status, domain::Status::pending_review);
    EXPECT_EQ(found->session.updated_at, at("2026-02-02T00:00:00.500000Z"));
    ASSERT_TRUE(run(sessions().end(alpha, id, at("2026-02-03T00:00:00Z"), soon())));
    EXPECT_EQ(run(sessions().retrieve(alpha, id, soon()))->session.updated_at, at("2026-02-03T00:00:00Z"));
}

TEST_F(SessionStoreTest, update_state_keeps_the_text_to_the_letter)
{
    auto const id = fresh("state");
    created(a_session(id));
    std::string const state = R"({"big":12345678901234567890123,"d":1.10,"s":"\\u0000 \" ü","l":[1e5]})";
    ASSERT_TRUE(run(sessions().update_state(alpha, id, {state}, at("2026-02-02T00:00:00Z"), soon())));
    EXPECT_EQ(run(sessions().retrieve(alpha, id, soon()))->session.state.text, state);
}

TEST_F(SessionStoreTest, tags_are_answered_as_attached_and_shown_as_created)
{
    auto const first = fresh("tag-order");
    auto const second = fresh("tag-order");
    created(a_session(first));
    created(a_session(second));
    ASSERT_TRUE(run(sessions().add_tags(alpha, first, {"zz", "aa", "mm"}, soon())));
    EXPECT_EQ(run(sessions().add_tags(alpha, second, {"mm"}, soon()))->text, R"(["mm"])");
    EXPECT_EQ(run(sessions().add_tags(alpha, second, {"aa", "mm", "aa", "zz"}, soon()))->text, R"(["mm","aa","zz"])");
    auto const shown = run(sessions().retrieve(alpha, second, soon()));
    EXPECT_EQ(shown->session.tags.text, R"(["zz","aa","mm"])");
    EXPECT_EQ(shown->session.updated_at, shown->session.created_at) << "tags do not touch updated_at";
    EXPECT_EQ(run(sessions().remove_tags(alpha, second, {"mm", "unheard of"}, soon()))->text, R"(["aa","zz"])");
    EXPECT_EQ(run(sessions().retrieve(alpha, second, soon()))->session.tags.text, R"(["zz","aa"])");
    EXPECT_EQ(run(sessions().remove_tags(alpha, second, {"aa", "zz"}, soon()))->text, "[]");
}

TEST_F(SessionStoreTest, system_tags_stay_and_a_user_tag_of_the_same_name_stands_beside_them)
{
    auto const id = fresh("system");
    created(a_session(id));
    sql("insert into tag (team_id, name, category, is_system) values (1, 'both', 'error', true), (1, 'both', 'rating', false);"
        "update session set tag_ids = (select array_agg(id order by id) from tag where name = 'both'), tag_names = "
        "'{both,both}', tags = "
        "'[\"both\",\"both\"]', system_tag_ids = (select array_agg(id) from tag where name = 'both' and is_system) where id = '" +
        id + "'; insert into session_facet select 1, 1, 'both', created_at, id from session where id = '" + id + "'");
    EXPECT_EQ(run(sessions().add_tags(alpha, id, {"both"}, soon()))->text, R"(["both","both","both"])");
    EXPECT_EQ(run(sessions().remove_tags(alpha, id, {"both"}, soon()))->text, R"(["both"])");
    EXPECT_EQ(sql("select count(*) from session_facet where facet = 1 and session_id = '" + id + "'"), "1")
        << "the system tag is still there";
}

TEST_F(SessionStoreTest, odd_names_of_tags_come_through)
{
    auto const id = fresh("odd");
    created(a_session(id));
    EXPECT_EQ(run(sessions().add_tags(alpha, id, {"a,b", "{\"q\"}", "back\\slash", "NULL", "tab\t", "标签"}, soon()))->text,
              R"(["a,b","{\"q\"}","back\\slash","NULL","tab\t","标签"])");
}

TEST_F(SessionStoreTest, no_tag_is_lost_when_many_change_one_session_at_once)
{
    auto const id = fresh("contended");
    created(a_session(id));
    StoreUnderTest other(settings_for(url_)); // A second replica: the rows are fought over in the database too.
    std::vector<std::function<boost::asio::awaitable<Result<JsonText>>()>> calls;
    for (int i = 0; i < 60; ++i)
    {
        auto& store = i % 2 ? other.sessions() : sessions();
        std::vector<std::string> const names{"hot-" + std::to_string(i), "hot-all"};
        if (i % 6 == 5)
            calls.emplace_back([&store, id] { return store.remove_tags(alpha, id, {"hot-all"}, soon()); });
        else
            calls.emplace_back([&store, id, names] { return store.add_tags(alpha, id, names, soon()); });
    }
    for (auto const& result : store_->run_all(calls))
        ASSERT_TRUE(result) << name_of(result.error().code);
    EXPECT_EQ(sql("select cardinality(tag_ids) = cardinality(tag_names) from session where id = '" + id + "'"), "t");
    EXPECT_EQ(sql("select count(*) from session s, unnest(s.tag_names) n where s.id = '" + id + "' and n ~ '^hot-[0-9]+$'"),
              "50");
    EXPECT_EQ(sql("select count(*) from (select n from session s, unnest(s.tag_names) n where s.id = '" + id +
                  "' except select value from session_facet where session_id = '" + id + "') d"),
              "0")
        << "a tag without its facet";
    EXPECT_EQ(sql("select count(*) from (select value from session_facet where session_id = '" + id +
                  "' except select n from session s, unnest(s.tag_names) n where s.id = '" + id + "') d"),
              "0")
        << "a facet without its tag";
}

TEST_F(SessionStoreTest, writes_to_one_session_keep_their_order)
{
    auto const id = fresh("ordered");
    created(a_session(id));
    std::vector<std::function<boost::asio::awaitable<Result<void>>()>> calls;
    for (int i = 0; i <= 50; i += 2) // All on one I/O thread, hence handed over in this order.
    {
        auto const state = std::to_string(i);
        calls.emplace_back([id, state]
                           { return sessions().update_state(alpha, id, {state}, at("2026-02-02T00:00:00Z"), soon()); });
        calls.emplace_back([] { return sessions().check_experiment(alpha, alpha_bot, soon()); });
    }
    for (auto const& result : store_->run_all(calls))
        EXPECT_TRUE(result);
    EXPECT_EQ(run(sessions().retrieve(alpha, id, soon()))->session.state.text, "50");
}

TEST_F(SessionStoreTest, a_long_transcript_comes_whole_and_in_order)
{
    auto session = a_session(fresh("long"));
    std::string expected;
    for (int i = 0; i < 1203; ++i)
    {
        session.messages.push_back(a_message("{\"n\":" + std::to_string(i) + "}"));
        expected += (i ? "," : "") + session.messages.back().rendered;
    }
    created(session);
    auto const found = run(sessions().retrieve(alpha, session.id, soon()));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->messages.text, expected);
}

TEST_F(SessionStoreTest, a_transcript_of_few_large_messages_comes_in_pieces_too)
{
    auto session = a_session(fresh("large"));
    std::string expected;
    for (int i = 0; i < 6; ++i)
    {
        session.messages.push_back(a_message('"' + std::string(i == 2 ? 3'000'000 : 300'000, static_cast<char>('a' + i)) + '"'));
        expected += (i ? "," : "") + session.messages.back().rendered;
    }
    created(session);
    auto const found = run(sessions().retrieve(alpha, session.id, soon()));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->messages.text == expected);
}

TEST_F(SessionStoreTest, what_one_job_sends_in_harms_no_other)
{
    std::vector<std::function<boost::asio::awaitable<Result<void>>()>> calls;
    std::vector<std::string> ids;
    for (int i = 0; i < 40; ++i)
    {
        ids.push_back(fresh("poisoned"));
        created(a_session(ids.back()));
    }
    for (auto const& id : ids)
    {
        // The edge lets no NUL through; the store must not depend on it.
        std::string const state = id == ids[17] ? std::string("\"a\0b\"", 5) : "\"good\"";
        calls.emplace_back([id, state]
                           { return sessions().update_state(alpha, id, {state}, at("2026-02-02T00:00:00Z"), soon()); });
    }
    auto const results = store_->run_all(calls);
    for (std::size_t i = 0; i < results.size(); ++i)
    {
        if (i == 17)
            EXPECT_EQ(code_of(results[i]), ProblemCode::store_refused);
        else
            EXPECT_TRUE(results[i]) << i;
    }
    EXPECT_EQ(sql("select count(*) from session where id like 'poisoned-%' and state = '\"good\"'"), "39");
}

TEST_F(SessionStoreTest, many_callers_share_a_statement)
{
    auto const id = fresh("busy");
    created(a_session(id));
    auto const batches = "parley_store_batch_jobs_count{verb=\"session_retrieve\"}";
    auto const before = store_->metric(batches);
    std::vector<std::function<boost::asio::awaitable<Result<domain::Transcript>>()>> calls;
    for (int i = 0; i < 400; ++i)
        calls.emplace_back([id] { return sessions().retrieve(alpha, id, soon()); });
    for (auto const& result : store_->run_all(calls))
        ASSERT_TRUE(result);
    auto const batches_run = store_->metric(batches) - before;
    EXPECT_GT(batches_run, 0) << store_->telemetry().expose().substr(0, 20'000);
    EXPECT_LT(batches_run, 200);
}

TEST_F(SessionStoreTest, a_caller_that_leaves_is_let_go_at_once)
{
    Connection blocker({.database_url = url_});
    auto const id = fresh("left");
    created(a_session(id));
    Connection::Transaction transaction(blocker);
    blocker.execute("update session set state = '\"locked\"' where id = '" + id + "'");

    static boost::asio::io_context context; // Outlives the job: its answer is posted here, wanted or not.
    boost::asio::cancellation_signal leave;
    std::optional<Result<void>> answer;
    auto const keep = [&](std::exception_ptr failure, Result<void> result)
    {
        if (!failure)
            answer.emplace(std::move(result));
        else
            answer.emplace(Problem{ProblemCode::deadline_passed}); // asio throws operation_aborted out of the coroutine.
    };
    boost::asio::co_spawn(context, sessions().update_state(alpha, id, {"\"new\""}, at("2026-02-02T00:00:00Z"), soon()),
                          boost::asio::bind_cancellation_slot(leave.slot(), keep));
    context.run_for(std::chrono::milliseconds(200));
    EXPECT_FALSE(answer);
    leave.emit(boost::asio::cancellation_type::terminal);
    context.run_for(std::chrono::milliseconds(200));
    EXPECT_TRUE(answer);
    transaction.commit();
    // What was sent is done all the same. Another write to the session comes after it.
    EXPECT_TRUE(run(sessions().add_tags(alpha, id, {"after"}, soon())));
    EXPECT_EQ(run(sessions().retrieve(alpha, id, soon()))->session.state.text, "\"new\"");
}

} // namespace
} // namespace parley::store
