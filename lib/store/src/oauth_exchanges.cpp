#include "oauth_exchanges.hpp"

#include "oauth_rows.hpp"

#include <utility>

namespace parley::store
{

namespace
{

using oauth::Exchange;

// Who the tokens are for.
struct Owner
{
    std::int64_t application_id = 0;
    std::int64_t user_id = 0;
    std::int64_t team_id = 0;
    Uuid family;
    std::optional<Timestamp> auth_time;
};

// Cached look-ups of dead tokens go, on every replica.
void tell_replicas(Statements& statements)
{
    Parameters parameters;
    parameters.add("credential");
    statements.run("administration_notify", parameters);
}

oauth::Standing find_standing(Statements& statements, std::int64_t user_id, std::int64_t team_id)
{
    Parameters parameters;
    parameters.add(user_id).add(team_id);
    auto const rows = statements.run("oauth_find_standing", parameters);
    oauth::Standing standing;
    if (rows.empty()) return standing;
    auto row = rows[0];
    standing.user = to_user(row, 0);
    standing.team = to_team(row, 6);
    standing.is_member = row.flag(10);
    return standing;
}

void keep(Statements& statements, oauth::NewTokens const& tokens, Owner const& owner, Timestamp now)
{
    Parameters access;
    access.add(tokens.access).add(owner.application_id).add(owner.user_id).add(owner.team_id).add(tokens.scope);
    access.add(tokens.access_expires).add(owner.family).add(now);
    statements.run("oauth_insert_access_token", access);
    if (!tokens.refresh) return;
    Parameters refresh;
    refresh.add(*tokens.refresh).add(tokens.access).add(owner.application_id).add(owner.user_id).add(owner.team_id);
    refresh.add(tokens.refresh_scope).add(owner.family).add(to_parameter(owner.auth_time)).add(now);
    statements.run("oauth_insert_refresh_token", refresh);
}

// The family's lock is taken first: whoever is giving a token of it meanwhile is waited for, and its token dies too.
void revoke_family(Statements& statements, Uuid const& family, Timestamp now)
{
    Parameters lock;
    lock.add(family);
    statements.run("oauth_lock_named_family", lock);
    Parameters revoke;
    revoke.add(family).add(now);
    statements.run("oauth_revoke_family", revoke);
    tell_replicas(statements);
}

// After a lost answer: whether our own tokens are there.
bool has_won(Statements& statements, Decided const& decided)
{
    if (!*decided) return false;
    Parameters parameters;
    parameters.add((*decided)->access);
    return !statements.run("oauth_has_access_token", parameters).empty();
}

Rows run_for_grant(Statements& statements, std::string_view name, CodeExchangeInput const& input)
{
    Parameters parameters;
    parameters.add(input.code).add(input.application_id);
    return statements.run(name, parameters);
}

std::int64_t or_zero(std::optional<std::int64_t> id) noexcept
{
    return id.value_or(0);
}

// The code is not there to be burnt: it never was, or somebody has used it.
oauth::CodeExchange refuse_burnt(Statements& statements, CodeExchangeInput const& input)
{
    auto const burnt = run_for_grant(statements, "oauth_find_burnt_grant", input);
    if (burnt.empty()) return {};
    auto row = burnt[0];
    if (!row.is_null(9)) revoke_family(statements, to_uuid(row[9]), input.now);
    return {.outcome = Exchange::reused};
}

oauth::CodeExchange recall_exchange(Statements& statements, CodeExchangeInput const& input)
{
    auto const burnt = run_for_grant(statements, "oauth_find_burnt_grant", input);
    if (burnt.empty()) return {};
    auto row = burnt[0];
    oauth::CodeExchange exchange{.outcome = Exchange::issued, .grant = to_grant(row, input.application_id)};
    exchange.standing = find_standing(statements, exchange.grant.user_id, or_zero(exchange.grant.team_id));
    return exchange;
}

// A refresh token's row, locked.
struct LockedToken
{
    Owner owner;
    oauth::RefreshGrant grant;
    bool has_family = false;
    bool is_revoked = false;
};

std::optional<LockedToken> lock_refresh_token(Statements& statements, Sha256 const& token, std::int64_t application_id)
{
    Parameters family;
    family.add(token);
    statements.run("oauth_lock_family", family);
    Parameters parameters;
    parameters.add(token).add(application_id);
    auto const rows = statements.run("oauth_lock_refresh_token", parameters);
    if (rows.empty()) return std::nullopt;
    auto row = rows[0];
    LockedToken locked;
    locked.owner = {.application_id = application_id, .user_id = row.number(0), .team_id = row.is_null(1) ? 0 : row.number(1)};
    locked.grant.scope = row.text(2);
    locked.has_family = !row.is_null(4);
    if (locked.has_family) locked.owner.family = to_uuid(row[4]);
    locked.is_revoked = row.flag(5);
    locked.owner.auth_time = locked.grant.auth_time = to_moment(row.optional(6));
    locked.grant.created_at = to_moment(row[7]);
    return locked;
}

} // namespace

oauth::CodeExchange exchange_code(Statements& statements, CodeExchangeInput const& input, bool may_have_run)
{
    if (may_have_run && has_won(statements, input.decided)) return recall_exchange(statements, input);
    auto const family = make_uuid(input.now);
    Connection::Transaction transaction(statements.connection());
    Parameters burn;
    burn.add(input.code).add(input.application_id).add(input.now).add(family);
    auto const burnt = statements.run("oauth_burn_grant", burn);
    if (burnt.empty())
    {
        auto refused = refuse_burnt(statements, input);
        transaction.commit();
        return refused;
    }
    auto row = burnt[0];
    oauth::CodeExchange exchange{.outcome = Exchange::refused, .grant = to_grant(row, input.application_id)};
    exchange.standing = find_standing(statements, exchange.grant.user_id, or_zero(exchange.grant.team_id));
    *input.decided = input.decide(exchange.grant, exchange.standing);
    if (*input.decided)
    {
        exchange.outcome = Exchange::issued;
        Owner const owner{.application_id = input.application_id,
                          .user_id = exchange.grant.user_id,
                          .team_id = or_zero(exchange.grant.team_id),
                          .family = to_uuid(row[9]),
                          .auth_time = exchange.grant.auth_time};
        keep(statements, **input.decided, owner, input.now);
    }
    transaction.commit();
    return exchange;
}

oauth::RefreshExchange exchange_refresh_token(Statements& statements, RefreshExchangeInput const& input, bool may_have_run)
{
    Connection::Transaction transaction(statements.connection());
    auto locked = lock_refresh_token(statements, input.token, input.application_id);
    if (!locked) return {};
    oauth::RefreshExchange exchange{.outcome = Exchange::refused, .grant = locked->grant};
    exchange.standing = find_standing(statements, locked->owner.user_id, locked->owner.team_id);
    if (locked->is_revoked)
    {
        exchange.outcome = may_have_run && has_won(statements, input.decided) ? Exchange::issued : Exchange::reused;
        if (exchange.outcome == Exchange::reused && locked->has_family)
            revoke_family(statements, locked->owner.family, input.now);
        transaction.commit();
        return exchange;
    }
    *input.decided = input.decide(locked->grant, exchange.standing);
    if (!*input.decided) return exchange;
    exchange.outcome = Exchange::issued;
    if (!locked->has_family) locked->owner.family = make_uuid(input.now);
    Parameters retire;
    retire.add(input.token).add(input.now).add(locked->owner.family);
    statements.run("oauth_retire_refresh_token", retire);
    keep(statements, **input.decided, locked->owner, input.now);
    tell_replicas(statements);
    transaction.commit();
    return exchange;
}

bool revoke_token(Statements& statements, Sha256 const& token, std::int64_t application_id, Timestamp now)
{
    Connection::Transaction transaction(statements.connection());
    Parameters parameters;
    parameters.add(token).add(application_id);
    bool has_died = !statements.run("oauth_revoke_access_token", parameters).empty();
    if (has_died)
    {
        tell_replicas(statements);
    }
    else if (auto const locked = lock_refresh_token(statements, token, application_id); locked && !locked->is_revoked)
    {
        has_died = true;
        Parameters retire;
        auto const family = locked->has_family ? locked->owner.family : make_uuid(now);
        retire.add(token).add(now).add(family);
        statements.run("oauth_retire_refresh_token", retire);
        revoke_family(statements, family, now);
    }
    transaction.commit();
    return has_died;
}

} // namespace parley::store
