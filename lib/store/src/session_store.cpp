#include "session_store.hpp"

#include "alone.hpp"
#include "append_messages.hpp"
#include "jobs.hpp"
#include "reservation.hpp"
#include "row_values.hpp"

namespace parley::store
{

namespace
{

template <class T>
using Held = boost::intrusive_ptr<T>;

// What cannot be stored cannot be found: PostgreSQL's text holds no NUL, and would refuse the whole statement.
bool cannot_exist(std::string_view id) noexcept
{
    return id.find('\0') != std::string_view::npos;
}

} // namespace

boost::asio::awaitable<Result<domain::Page>> PgSessionStore::list(domain::ListQuery query, Deadline deadline)
{
    Held<ListJob> const job(new ListJob(std::move(query), deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<domain::Transcript>> PgSessionStore::retrieve(domain::TeamId team, std::string id,
                                                                            Deadline deadline)
{
    if (cannot_exist(id)) co_return Problem{ProblemCode::session_unknown};
    Held<RetrieveJob> const job(new RetrieveJob(team, std::move(id), deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<void>> PgSessionStore::check_experiment(domain::TeamId team, Uuid experiment, Deadline deadline)
{
    Held<FindExperimentJob> const job(new FindExperimentJob(team, experiment, deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<domain::Session>> PgSessionStore::create(domain::NewSession session, Deadline deadline)
{
    Held<CreateJob> const job(new CreateJob(std::move(session), deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<domain::Reservation>> PgSessionStore::reserve(domain::TeamId team, Sha256 key,
                                                                            domain::Reservation wish, Deadline deadline)
{
    // Takes away more than it adds, so the table holds a day's keys and few others.
    bool const tidies = reservations_.fetch_add(1, std::memory_order_relaxed) % reservations_per_tidying == 0;
    FunctionJob<domain::Reservation>::Function function =
        [team, key, wish = std::move(wish), tidies](Statements& statements, bool)
    {
        auto kept = store::reserve(statements, team, key, wish);
        if (tidies) forget_reservations(statements, wish.created_at);
        return kept;
    };
    co_return co_await run_on_a_lane<domain::Reservation>(queue_, Verb::session_create_reserve, std::move(function), deadline);
}

boost::asio::awaitable<Result<void>> PgSessionStore::release(domain::TeamId team, Sha256 key, Deadline deadline)
{
    FunctionJob<void>::Function function = [team, key](Statements& statements, bool)
    {
        store::release(statements, team, key);
        return Result<void>();
    };
    co_return co_await run_on_a_lane<void>(queue_, Verb::session_create_reserve, std::move(function), deadline);
}

boost::asio::awaitable<Result<void>> PgSessionStore::end(domain::TeamId team, std::string id, Timestamp now, Deadline deadline)
{
    if (cannot_exist(id)) co_return Problem{ProblemCode::session_unknown};
    Held<ChangeJob> const job(new ChangeJob(Verb::session_end_experiment_session, team, std::move(id), now, deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<void>> PgSessionStore::update_state(domain::TeamId team, std::string id, domain::JsonText state,
                                                                  Timestamp now, Deadline deadline)
{
    if (cannot_exist(id)) co_return Problem{ProblemCode::session_unknown};
    Held<ChangeJob> const job(new ChangeJob(Verb::session_update_state, team, std::move(id), now, deadline));
    job->state = std::move(state);
    job->weight = static_cast<std::uint32_t>(1 + job->state.text.size() / 4096);
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<domain::JsonText>> PgSessionStore::append_messages(domain::TeamId team, std::string id,
                                                                                 std::vector<domain::AddedMessage> messages,
                                                                                 Timestamp now, Deadline deadline)
{
    if (cannot_exist(id)) co_return Problem{ProblemCode::session_unknown};
    auto const key = session_key(team, id);
    Addition addition;
    addition.team = team;
    addition.session_id = std::move(id);
    addition.messages = std::move(messages);
    addition.at = now;
    FunctionJob<domain::JsonText>::Function function =
        [addition = std::move(addition)](Statements& statements, bool may_have_run) -> Result<domain::JsonText>
    {
        auto const added = store::append_messages(statements, addition, may_have_run);
        if (!added) return added.error();
        return added->value_or(domain::JsonText());
    };
    co_return co_await run_on_a_lane<domain::JsonText>(queue_, Verb::session_append_messages, std::move(function), deadline, key);
}

boost::asio::awaitable<Result<domain::JsonText>> PgSessionStore::add_tags(domain::TeamId team, std::string id,
                                                                          std::vector<std::string> names, Deadline deadline)
{
    if (cannot_exist(id)) co_return Problem{ProblemCode::session_unknown};
    Held<TagsJob> const job(new TagsJob(Verb::session_add_tags, team, std::move(id), std::move(names), deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<domain::JsonText>> PgSessionStore::remove_tags(domain::TeamId team, std::string id,
                                                                             std::vector<std::string> names, Deadline deadline)
{
    if (cannot_exist(id)) co_return Problem{ProblemCode::session_unknown};
    Held<TagsJob> const job(new TagsJob(Verb::session_remove_tags, team, std::move(id), std::move(names), deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<std::optional<auth::CredentialRecord>>> PgCredentialStore::find_api_key(Sha256 digest,
                                                                                                      Deadline deadline)
{
    Held<FindCredentialJob> const job(new FindCredentialJob(Verb::credential_find_api_key, digest, deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<std::optional<auth::CredentialRecord>>> PgCredentialStore::find_access_token(Sha256 digest,
                                                                                                           Deadline deadline)
{
    Held<FindCredentialJob> const job(new FindCredentialJob(Verb::credential_find_access_token, digest, deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

boost::asio::awaitable<Result<std::optional<Timestamp>>> PgCredentialStore::next_key_expiry(Timestamp now, Deadline deadline)
{
    using Answer = std::optional<Timestamp>;
    FunctionJob<Answer>::Function function = [now](Statements& statements, bool /*may_have_run*/)
    {
        Parameters parameters;
        parameters.add(now);
        auto const rows = statements.run("credential_next_key_expiry", parameters);
        auto row = rows[0];
        return Result<Answer>(to_moment(row.optional(0)));
    };
    co_return co_await run_on_a_lane<Answer>(queue_, Verb::oauth_look, std::move(function), deadline);
}

} // namespace parley::store
