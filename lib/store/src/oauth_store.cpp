#include "oauth_store.hpp"

#include "jobs.hpp"
#include "oauth_exchanges.hpp"
#include "oauth_rows.hpp"

namespace parley::store
{

namespace
{

template <class T>
using Held = boost::intrusive_ptr<T>;

// What PostgreSQL's text cannot hold cannot be there.
bool cannot_exist(std::string_view text) noexcept
{
    return text.find('\0') != std::string_view::npos;
}

// Runs the function on a lane, by itself.
template <class Answer>
boost::asio::awaitable<Result<Answer>> run_alone_on(JobQueue& queue, Verb verb, typename FunctionJob<Answer>::Function function,
                                                    Deadline deadline)
{
    Held<FunctionJob<Answer>> const job(new FunctionJob<Answer>(verb, std::move(function), deadline));
    co_await hand_over(*job, queue);
    co_return job->take_answer();
}

// One statement that changes something and answers nothing; running it twice does no harm.
boost::asio::awaitable<Result<void>> change(JobQueue& queue, std::string_view name, Parameters parameters, Deadline deadline)
{
    FunctionJob<void>::Function function =
        [name, parameters = std::move(parameters)](Statements& statements, bool /*may_have_run*/)
    {
        statements.run(name, parameters);
        return Result<void>();
    };
    co_return co_await run_alone_on<void>(queue, Verb::oauth_change, std::move(function), deadline);
}

// One statement that reads, and how its rows are understood.
template <class Answer>
boost::asio::awaitable<Result<Answer>> look(JobQueue& queue, std::string_view name, Parameters parameters,
                                            Answer (*read)(Rows const&), Deadline deadline)
{
    typename FunctionJob<Answer>::Function function =
        [name, parameters = std::move(parameters), read](Statements& statements, bool /*may_have_run*/)
    { return Result<Answer>(read(statements.run(name, parameters))); };
    co_return co_await run_alone_on<Answer>(queue, Verb::oauth_look, std::move(function), deadline);
}

std::optional<oauth::Application> read_application(Rows const& rows)
{
    if (rows.empty()) return std::nullopt;
    auto row = rows[0];
    return to_application(row);
}

std::optional<oauth::UserCredential> read_user(Rows const& rows)
{
    if (rows.empty()) return std::nullopt;
    auto row = rows[0];
    oauth::UserCredential credential{.user = to_user(row, 0)};
    credential.password_hash = row.text(6);
    return credential;
}

std::optional<oauth::BrowserSession> read_browser_session(Rows const& rows)
{
    if (rows.empty()) return std::nullopt;
    auto first = rows[0];
    oauth::BrowserSession session{.user = to_user(first, 0)};
    session.created_at = to_moment(first[6]);
    session.last_seen_at = to_moment(first[7]);
    session.authenticated_at = to_moment(first.optional(8));
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        if (auto team = to_team(row, 9)) session.teams.push_back(std::move(*team));
    }
    return session;
}

std::vector<oauth::Consent> read_consents(Rows const& rows)
{
    std::vector<oauth::Consent> consents;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        auto const team_id = row.number(0);
        consents.push_back({.team_id = team_id, .scopes = split(row[1], ' ')});
    }
    return consents;
}

bool read_presence(Rows const& rows)
{
    return !rows.empty();
}

std::vector<oauth::SigningKey> read_signing_keys(Rows const& rows)
{
    std::vector<oauth::SigningKey> keys;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        oauth::SigningKey key;
        key.kid = row.text(0);
        key.private_pem = row.text(1);
        key.created_at = to_moment(row[2]);
        if (auto const retired = row.optional(3)) key.retired_at = to_moment(*retired);
        keys.push_back(std::move(key));
    }
    return keys;
}

void save_grant_and_consent(Statements& statements, Sha256 const& code, oauth::Grant const& grant, Timestamp now)
{
    auto const team_id = grant.team_id.value_or(0);
    Parameters saved;
    saved.add(code).add(grant.application_id).add(grant.user_id).add(team_id).add(grant.scope).add(grant.redirect_uri);
    saved.add(grant.code_challenge).add(grant.code_challenge_method).add(grant.nonce).add(to_parameter(grant.auth_time));
    saved.add(grant.expires).add(now);
    Parameters consent;
    consent.add(grant.user_id).add(grant.application_id).add(team_id).add(grant.scope).add(now);
    Connection::Transaction transaction(statements.connection());
    statements.run("oauth_save_grant", saved);
    statements.run("oauth_save_consent", consent);
    transaction.commit();
}

} // namespace

PgOAuthStore::Reply<std::optional<oauth::Application>> PgOAuthStore::find_application(std::string client_id, Deadline deadline)
{
    if (cannot_exist(client_id)) co_return std::optional<oauth::Application>();
    Parameters parameters;
    parameters.add(client_id);
    auto found = co_await look(queue_, "oauth_find_application", std::move(parameters), read_application, deadline);
    if (found && *found) (*found)->client_id = std::move(client_id);
    co_return found;
}

PgOAuthStore::Reply<std::optional<oauth::UserCredential>> PgOAuthStore::find_user(std::string email, Deadline deadline)
{
    if (cannot_exist(email)) co_return std::optional<oauth::UserCredential>();
    Parameters parameters;
    parameters.add(email);
    co_return co_await look(queue_, "oauth_find_user", std::move(parameters), read_user, deadline);
}

PgOAuthStore::Reply<void> PgOAuthStore::replace_password_hash(std::int64_t user_id, std::string old_hash, std::string new_hash,
                                                              Deadline deadline)
{
    Parameters parameters;
    parameters.add(user_id).add(old_hash).add(new_hash);
    co_return co_await change(queue_, "oauth_replace_password_hash", std::move(parameters), deadline);
}

PgOAuthStore::Reply<void> PgOAuthStore::replace_secret_hash(std::int64_t application_id, std::string old_hash,
                                                            std::string new_hash, Deadline deadline)
{
    Parameters parameters;
    parameters.add(application_id).add(old_hash).add(new_hash);
    co_return co_await change(queue_, "oauth_replace_secret_hash", std::move(parameters), deadline);
}

PgOAuthStore::Reply<void> PgOAuthStore::create_browser_session(Sha256 cookie, std::int64_t user_id,
                                                               std::optional<Sha256> replaced, Timestamp now, Deadline deadline)
{
    FunctionJob<void>::Function function = [=](Statements& statements, bool /*may_have_run*/)
    {
        Connection::Transaction transaction(statements.connection());
        if (replaced)
        {
            Parameters old;
            old.add(*replaced);
            statements.run("oauth_end_browser_session", old);
        }
        Parameters parameters;
        parameters.add(cookie).add(user_id).add(now);
        statements.run("oauth_create_browser_session", parameters);
        transaction.commit();
        return Result<void>();
    };
    co_return co_await run_alone_on<void>(queue_, Verb::oauth_change, std::move(function), deadline);
}

PgOAuthStore::Reply<std::optional<oauth::BrowserSession>> PgOAuthStore::find_browser_session(Sha256 cookie, Deadline deadline)
{
    Parameters parameters;
    parameters.add(cookie);
    co_return co_await look(queue_, "oauth_find_browser_session", std::move(parameters), read_browser_session, deadline);
}

PgOAuthStore::Reply<void> PgOAuthStore::touch_browser_session(Sha256 cookie, Timestamp now, Deadline deadline)
{
    Parameters parameters;
    parameters.add(cookie).add(now);
    co_return co_await change(queue_, "oauth_touch_browser_session", std::move(parameters), deadline);
}

PgOAuthStore::Reply<void> PgOAuthStore::end_browser_session(Sha256 cookie, Deadline deadline)
{
    Parameters parameters;
    parameters.add(cookie);
    co_return co_await change(queue_, "oauth_end_browser_session", std::move(parameters), deadline);
}

PgOAuthStore::Reply<std::vector<oauth::Consent>> PgOAuthStore::list_consents(std::int64_t user_id, std::int64_t application_id,
                                                                             Deadline deadline)
{
    Parameters parameters;
    parameters.add(user_id).add(application_id);
    co_return co_await look(queue_, "oauth_list_consents", std::move(parameters), read_consents, deadline);
}

PgOAuthStore::Reply<void> PgOAuthStore::save_grant(Sha256 code, oauth::Grant grant, Timestamp now, Deadline deadline)
{
    FunctionJob<void>::Function function = [code, grant = std::move(grant), now](Statements& statements, bool /*may_have_run*/)
    {
        save_grant_and_consent(statements, code, grant, now);
        return Result<void>();
    };
    co_return co_await run_alone_on<void>(queue_, Verb::oauth_change, std::move(function), deadline);
}

PgOAuthStore::Reply<bool> PgOAuthStore::has_grant(Sha256 code, std::int64_t application_id, Timestamp now, Deadline deadline)
{
    Parameters parameters;
    parameters.add(code).add(application_id).add(now);
    co_return co_await look(queue_, "oauth_has_grant", std::move(parameters), read_presence, deadline);
}

PgOAuthStore::Reply<oauth::CodeExchange> PgOAuthStore::exchange_code(Sha256 code, std::int64_t application_id,
                                                                     oauth::CodeDecision decide, Timestamp now, Deadline deadline)
{
    CodeExchangeInput input{.code = code, .application_id = application_id, .decide = std::move(decide), .now = now};
    FunctionJob<oauth::CodeExchange>::Function function = [input = std::move(input)](Statements& statements, bool may_have_run)
    { return Result<oauth::CodeExchange>(store::exchange_code(statements, input, may_have_run)); };
    co_return co_await run_alone_on<oauth::CodeExchange>(queue_, Verb::oauth_change, std::move(function), deadline);
}

PgOAuthStore::Reply<oauth::RefreshExchange> PgOAuthStore::exchange_refresh_token(Sha256 token, std::int64_t application_id,
                                                                                 oauth::RefreshDecision decide, Timestamp now,
                                                                                 Deadline deadline)
{
    RefreshExchangeInput input{.token = token, .application_id = application_id, .decide = std::move(decide), .now = now};
    FunctionJob<oauth::RefreshExchange>::Function function = [input = std::move(input)](Statements& statements, bool may_have_run)
    { return Result<oauth::RefreshExchange>(store::exchange_refresh_token(statements, input, may_have_run)); };
    co_return co_await run_alone_on<oauth::RefreshExchange>(queue_, Verb::oauth_change, std::move(function), deadline);
}

PgOAuthStore::Reply<void> PgOAuthStore::save_machine_token(Sha256 access, std::int64_t application_id, std::int64_t team_id,
                                                           std::string scope, Timestamp expires, Timestamp now, Deadline deadline)
{
    Held<SaveMachineTokenJob> const job(new SaveMachineTokenJob(deadline));
    job->digest = access;
    job->application_id = application_id;
    job->team_id = team_id;
    job->scope = std::move(scope);
    job->expires = expires;
    job->created_at = now;
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

PgOAuthStore::Reply<std::optional<oauth::AccessToken>> PgOAuthStore::find_access_token(Sha256 token, Deadline deadline)
{
    Held<FindAccessTokenJob> const job(new FindAccessTokenJob(token, deadline));
    co_await hand_over(*job, queue_);
    co_return job->take_answer();
}

PgOAuthStore::Reply<bool> PgOAuthStore::revoke_token(Sha256 token, std::int64_t application_id, Timestamp now, Deadline deadline)
{
    FunctionJob<bool>::Function function = [=](Statements& statements, bool may_have_run)
    { return Result<bool>(store::revoke_token(statements, token, application_id, now) || may_have_run); };
    co_return co_await run_alone_on<bool>(queue_, Verb::oauth_change, std::move(function), deadline);
}

PgOAuthStore::Reply<std::int64_t> PgOAuthStore::remove_expired(oauth::Expiry expiry, Deadline deadline)
{
    Parameters parameters;
    parameters.add(expiry.now).add(expiry.refresh_tokens_before).add(expiry.sessions_unused_since).add(expiry.sessions_before);
    parameters.add(expiry.rows_max);
    FunctionJob<std::int64_t>::Function function =
        [parameters = std::move(parameters)](Statements& statements, bool /*may_have_run*/)
    { return Result<std::int64_t>(statements.run("oauth_remove_expired", parameters)[0].number(0)); };
    co_return co_await run_alone_on<std::int64_t>(queue_, Verb::oauth_change, std::move(function), deadline);
}

PgOAuthStore::Reply<std::vector<oauth::SigningKey>> PgOAuthStore::list_signing_keys(Deadline deadline)
{
    Parameters none;
    co_return co_await look(queue_, "oauth_list_signing_keys", std::move(none), read_signing_keys, deadline);
}

PgOAuthStore::Reply<std::vector<oauth::SigningKey>> PgOAuthStore::add_first_signing_key(oauth::SigningKey key, Deadline deadline)
{
    FunctionJob<std::vector<oauth::SigningKey>>::Function function =
        [key = std::move(key)](Statements& statements, bool /*may_have_run*/)
    {
        Parameters const none;
        Parameters parameters;
        parameters.add(key.kid).add(key.private_pem).add(key.created_at);
        Connection::Transaction transaction(statements.connection());
        statements.run("oauth_lock_signing_keys", none);
        statements.run("oauth_add_signing_key", parameters);
        auto keys = read_signing_keys(statements.run("oauth_list_signing_keys", none));
        transaction.commit();
        return Result<std::vector<oauth::SigningKey>>(std::move(keys));
    };
    co_return co_await run_alone_on<std::vector<oauth::SigningKey>>(queue_, Verb::oauth_change, std::move(function), deadline);
}

} // namespace parley::store
