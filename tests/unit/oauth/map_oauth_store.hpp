// The port in memory, with the rules that PostgreSQL keeps in the real one. One thread.
#pragma once

#include "parley/oauth/oauth_store.hpp"

#include <algorithm>
#include <map>

namespace parley::oauth
{

class MapOAuthStore final : public OAuthStore
{
  public:
    struct StoredUser
    {
        User user;
        std::string password_hash;
        std::vector<auth::Team> teams;
    };
    struct StoredGrant
    {
        Grant grant;
        bool is_redeemed = false;
        int family = 0;
    };
    struct StoredToken
    {
        std::int64_t application_id = 0;
        std::optional<std::int64_t> user_id;
        std::optional<std::int64_t> team_id;
        std::string scope;
        Timestamp expires;
        int family = 0;
    };
    struct StoredRefresh
    {
        std::int64_t application_id = 0;
        std::int64_t user_id = 0;
        std::optional<std::int64_t> team_id;
        RefreshGrant grant;
        Sha256 access{};
        int family = 0;
        bool is_revoked = false;
    };
    struct StoredSession
    {
        std::int64_t user_id = 0;
        Timestamp created_at;
        Timestamp last_seen_at;
        std::optional<Timestamp> authenticated_at;
    };

    std::map<std::string, Application> applications;
    std::map<std::int64_t, StoredUser> users;
    std::map<std::int64_t, auth::Team> teams;
    std::map<Sha256, StoredGrant> grants;
    std::map<Sha256, StoredToken> tokens;
    std::map<Sha256, StoredRefresh> refresh_tokens;
    std::map<Sha256, StoredSession> sessions;
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Consent>> consents; // By user and application.
    std::vector<SigningKey> keys;
    std::optional<Problem> failure; // What every verb answers, where it is set.
    int look_ups = 0;               // Of applications.

    template <class T>
    using Reply = boost::asio::awaitable<Result<T>>;

    Reply<std::optional<Application>> find_application(std::string client_id, Deadline) override
    {
        if (failure) co_return *failure;
        ++look_ups;
        auto const found = applications.find(client_id);
        if (found == applications.end()) co_return std::optional<Application>();
        co_return std::optional(found->second);
    }

    Reply<std::optional<UserCredential>> find_user(std::string email, Deadline) override
    {
        if (failure) co_return *failure;
        for (auto const& [id, stored] : users)
        {
            if (std::equal(email.begin(), email.end(), stored.user.email.begin(), stored.user.email.end(),
                           [](char a, char b) { return std::tolower(a) == std::tolower(b); }))
                co_return std::optional(UserCredential{.user = stored.user, .password_hash = stored.password_hash});
        }
        co_return std::optional<UserCredential>();
    }

    Reply<void> replace_password_hash(std::int64_t user_id, std::string old_hash, std::string new_hash, Deadline) override
    {
        if (failure) co_return *failure;
        if (users.at(user_id).password_hash == old_hash) users.at(user_id).password_hash = new_hash;
        co_return Result<void>();
    }

    Reply<void> replace_secret_hash(std::int64_t application_id, std::string old_hash, std::string new_hash, Deadline) override
    {
        if (failure) co_return *failure;
        for (auto& [client_id, application] : applications)
        {
            if (application.id == application_id && application.secret_hash == old_hash) application.secret_hash = new_hash;
        }
        co_return Result<void>();
    }

    Reply<void> create_browser_session(Sha256 cookie, std::int64_t user_id, std::optional<Sha256> replaced, Timestamp now,
                                       Deadline) override
    {
        if (failure) co_return *failure;
        if (replaced) sessions.erase(*replaced);
        sessions[cookie] = {.user_id = user_id, .created_at = now, .last_seen_at = now, .authenticated_at = now};
        users.at(user_id).user.last_login = now;
        co_return Result<void>();
    }

    Reply<std::optional<BrowserSession>> find_browser_session(Sha256 cookie, Deadline) override
    {
        if (failure) co_return *failure;
        auto const found = sessions.find(cookie);
        if (found == sessions.end()) co_return std::optional<BrowserSession>();
        auto const& [user_id, created_at, last_seen_at, authenticated_at] = found->second;
        co_return std::optional(BrowserSession{.user = users.at(user_id).user,
                                               .teams = users.at(user_id).teams,
                                               .created_at = created_at,
                                               .last_seen_at = last_seen_at,
                                               .authenticated_at = authenticated_at});
    }

    Reply<void> touch_browser_session(Sha256 cookie, Timestamp now, Deadline) override
    {
        if (failure) co_return *failure;
        sessions.at(cookie).last_seen_at = now;
        co_return Result<void>();
    }

    Reply<void> end_browser_session(Sha256 cookie, Deadline) override
    {
        if (failure) co_return *failure;
        sessions.erase(cookie);
        co_return Result<void>();
    }

    Reply<std::vector<Consent>> list_consents(std::int64_t user_id, std::int64_t application_id, Deadline) override
    {
        if (failure) co_return *failure;
        co_return consents[{user_id, application_id}];
    }

    Reply<void> save_grant(Sha256 code, Grant grant, Timestamp, Deadline) override
    {
        if (failure) co_return *failure;
        auto& given = consents[{grant.user_id, grant.application_id}];
        auto place = std::find_if(given.begin(), given.end(), [&](Consent const& one) { return one.team_id == *grant.team_id; });
        if (place == given.end()) place = given.insert(given.end(), Consent{.team_id = *grant.team_id});
        for (std::size_t at = 0; at < grant.scope.size();)
        {
            auto const end = std::min(grant.scope.find(' ', at), grant.scope.size());
            place->scopes.push_back(grant.scope.substr(at, end - at));
            at = end + 1;
        }
        grants[code] = {.grant = std::move(grant), .family = ++families_};
        co_return Result<void>();
    }

    Reply<bool> has_grant(Sha256 code, std::int64_t application_id, Timestamp now, Deadline) override
    {
        if (failure) co_return *failure;
        auto const found = grants.find(code);
        co_return found != grants.end() && found->second.grant.application_id == application_id && !found->second.is_redeemed &&
            found->second.grant.expires > now;
    }

    Reply<CodeExchange> exchange_code(Sha256 code, std::int64_t application_id, CodeDecision decide, Timestamp now,
                                      Deadline) override
    {
        if (failure) co_return *failure;
        auto const found = grants.find(code);
        if (found == grants.end() || found->second.grant.application_id != application_id) co_return CodeExchange{};
        auto& [grant, is_redeemed, family] = found->second;
        if (is_redeemed)
        {
            revoke_family(family);
            co_return CodeExchange{.outcome = Exchange::reused};
        }
        is_redeemed = true;
        CodeExchange exchange{
            .outcome = Exchange::refused, .grant = grant, .standing = standing_of(grant.user_id, grant.team_id)};
        auto const decided = decide(grant, exchange.standing);
        if (!decided) co_return exchange;
        exchange.outcome = Exchange::issued;
        keep(*decided, application_id, grant.user_id, grant.team_id, family, grant.auth_time, now);
        co_return exchange;
    }

    Reply<RefreshExchange> exchange_refresh_token(Sha256 token, std::int64_t application_id, RefreshDecision decide,
                                                  Timestamp now, Deadline) override
    {
        if (failure) co_return *failure;
        auto const found = refresh_tokens.find(token);
        if (found == refresh_tokens.end() || found->second.application_id != application_id) co_return RefreshExchange{};
        auto& old = found->second;
        if (old.is_revoked)
        {
            revoke_family(old.family);
            co_return RefreshExchange{.outcome = Exchange::reused};
        }
        RefreshExchange exchange{
            .outcome = Exchange::refused, .grant = old.grant, .standing = standing_of(old.user_id, old.team_id)};
        auto const decided = decide(old.grant, exchange.standing);
        if (!decided) co_return exchange;
        exchange.outcome = Exchange::issued;
        old.is_revoked = true;
        tokens.erase(old.access);
        keep(*decided, application_id, old.user_id, old.team_id, old.family, old.grant.auth_time, now);
        co_return exchange;
    }

    Reply<void> save_machine_token(Sha256 access, std::int64_t application_id, std::int64_t team_id, std::string scope,
                                   Timestamp expires, Timestamp, Deadline) override
    {
        if (failure) co_return *failure;
        tokens[access] = {.application_id = application_id, .team_id = team_id, .scope = std::move(scope), .expires = expires};
        co_return Result<void>();
    }

    Reply<std::optional<AccessToken>> find_access_token(Sha256 token, Deadline) override
    {
        if (failure) co_return *failure;
        auto const found = tokens.find(token);
        if (found == tokens.end()) co_return std::optional<AccessToken>();
        auto const& stored = found->second;
        AccessToken answer{.application_id = stored.application_id, .scope = stored.scope, .expires = stored.expires};
        for (auto const& [client_id, application] : applications)
        {
            if (application.id == stored.application_id) answer.client_id = client_id;
        }
        answer.standing = standing_of(stored.user_id, stored.team_id);
        co_return std::optional(answer);
    }

    Reply<bool> revoke_token(Sha256 token, std::int64_t application_id, Timestamp, Deadline) override
    {
        if (failure) co_return *failure;
        if (auto const access = tokens.find(token); access != tokens.end() && access->second.application_id == application_id)
        {
            tokens.erase(access);
            co_return true;
        }
        if (auto const refresh = refresh_tokens.find(token);
            refresh != refresh_tokens.end() && refresh->second.application_id == application_id)
        {
            revoke_family(refresh->second.family);
            co_return true;
        }
        co_return false;
    }

    Reply<std::int64_t> remove_expired(Expiry, Deadline) override
    {
        if (failure) co_return *failure;
        co_return std::int64_t{0};
    }

    Reply<std::vector<SigningKey>> list_signing_keys(Deadline) override
    {
        if (failure) co_return *failure;
        co_return keys;
    }

    Reply<std::vector<SigningKey>> add_first_signing_key(SigningKey key, Deadline) override
    {
        if (failure) co_return *failure;
        if (std::ranges::all_of(keys, [](SigningKey const& one) { return one.retired_at.has_value(); }))
            keys.push_back(std::move(key));
        co_return keys;
    }

  private:
    Standing standing_of(std::optional<std::int64_t> user_id, std::optional<std::int64_t> team_id) const
    {
        Standing standing;
        if (team_id) standing.team = teams.at(*team_id);
        standing.is_member = !user_id && team_id;
        if (!user_id) return standing;
        auto const& stored = users.at(*user_id);
        standing.user = stored.user;
        standing.is_member =
            std::any_of(stored.teams.begin(), stored.teams.end(), [&](auth::Team const& one) { return one.id == team_id; });
        return standing;
    }

    void keep(NewTokens const& made, std::int64_t application_id, std::int64_t user_id, std::optional<std::int64_t> team_id,
              int family, std::optional<Timestamp> auth_time, Timestamp now)
    {
        tokens[made.access] = {application_id, user_id, team_id, made.scope, made.access_expires, family};
        if (!made.refresh) return;
        refresh_tokens[*made.refresh] = {.application_id = application_id,
                                         .user_id = user_id,
                                         .team_id = team_id,
                                         .grant = {.scope = made.refresh_scope, .auth_time = auth_time, .created_at = now},
                                         .access = made.access,
                                         .family = family};
    }

    void revoke_family(int family)
    {
        std::erase_if(tokens, [&](auto const& one) { return one.second.family == family; });
        for (auto& [digest, refresh] : refresh_tokens)
        {
            if (refresh.family == family) refresh.is_revoked = true;
        }
    }

    int families_ = 0;
};

} // namespace parley::oauth
