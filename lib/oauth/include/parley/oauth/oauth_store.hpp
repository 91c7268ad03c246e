// The port through which applications, users, sign-ins, grants and tokens are kept. Implemented by store::PgOAuthStore.
//
// No secret crosses it: codes, tokens and cookies come as SHA-256 digests, passwords and client secrets as their hashes.
#pragma once

#include "parley/auth/principal.hpp"
#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"
#include "parley/core/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace parley::oauth
{

// Whether a client can keep a secret (RFC 6749, 2.1).
enum class ClientType : std::uint8_t
{
    public_,
    confidential,
};

// What an application was registered for.
enum class ClientGrant : std::uint8_t
{
    authorization_code,
    client_credentials, // A machine: its tokens have no user.
};

struct Application
{
    std::int64_t id = 0;
    std::string client_id;
    std::string name;
    std::string secret_hash; // Empty: no secret, as public clients are.
    ClientType type = ClientType::public_;
    ClientGrant grant = ClientGrant::authorization_code;
    std::optional<auth::Team> team; // Pinned to it; none: the user picks one of theirs.
    std::vector<std::string> redirect_uris;
    std::optional<std::vector<std::string>> allowed_scopes; // None: every scope that its kind of client may have.
    std::optional<std::vector<std::string>>
        machine_scopes;              // Machines: the installation's list of scopes for machines; none: the default list.
    bool is_resource_server = false; // May introspect the tokens of every client.
};

struct User
{
    std::int64_t id = 0;
    std::string email;
    std::string full_name; // First and last name, trimmed; may be empty.
    bool is_active = true;
    bool email_verified = false;
    std::optional<Timestamp> last_login;
};

// What a login needs besides.
struct UserCredential
{
    User user;
    std::string password_hash; // Empty: no login by password.
};

// A signed-in browser.
struct BrowserSession
{
    User user;
    std::vector<auth::Team> teams; // The user's, as of now, by name.
    Timestamp created_at;
    Timestamp last_seen_at;
    std::optional<Timestamp> authenticated_at; // When the password was given; none: at the user's last login.
};

// What a user allowed an application to do in a team.
struct Consent
{
    std::int64_t team_id = 0;
    std::vector<std::string> scopes;
};

// An authorization code's meaning.
struct Grant
{
    std::int64_t application_id = 0;
    std::int64_t user_id = 0;
    std::optional<std::int64_t> team_id;
    std::string scope; // Space separated.
    std::string redirect_uri;
    std::string code_challenge;
    std::string code_challenge_method;
    std::string nonce;
    std::optional<Timestamp> auth_time;
    Timestamp expires;
};

// Who stands behind a code or a token, as of now.
struct Standing
{
    std::optional<User> user;       // None: a machine.
    std::optional<auth::Team> team; // None: the token names no team.
    bool is_member = false;         // The user is a member of the team. True for machines that have one.

    // Whether what was given still opens something: a team, a user who is active and in it (or a machine).
    [[nodiscard]] bool is_live() const noexcept { return team.has_value() && is_member && (!user || user->is_active); }
};

// Tokens to be kept, decided from what a code or refresh token stands for.
struct NewTokens
{
    Sha256 access{};
    std::optional<Sha256> refresh; // None: no refresh token.
    std::string scope;             // Of the access token.
    std::string refresh_scope;     // What the refresh token can still ask for.
    Timestamp access_expires;
};

struct RefreshGrant
{
    std::string scope; // What may be asked for again.
    std::optional<Timestamp> auth_time;
    Timestamp created_at;
};

// Decides from what a code or refresh token stands for; nothing refuses. Pure and quick: it runs while the row is locked, on a
// thread of the store. It owns what it uses.
using CodeDecision = std::function<std::optional<NewTokens>(Grant const&, Standing const&)>;
using RefreshDecision = std::function<std::optional<NewTokens>(RefreshGrant const&, Standing const&)>;

enum class Exchange : std::uint8_t
{
    issued,
    refused, // By the decision. A code is burnt by it, a refresh token lives on.
    unknown, // There is none of this application.
    reused,  // It had been used before: everything that came from the same authorization is revoked now.
};

struct CodeExchange
{
    Exchange outcome = Exchange::unknown;
    Grant grant; // refused and issued only, as is standing.
    Standing standing;
};

struct RefreshExchange
{
    Exchange outcome = Exchange::unknown;
    RefreshGrant grant; // refused and issued only, as is standing.
    Standing standing;
};

struct AccessToken
{
    std::int64_t application_id = 0;
    std::string client_id;
    std::string scope;
    Timestamp expires;
    Standing standing;
};

// A key that signs ID tokens.
struct SigningKey
{
    std::string kid;
    std::string private_pem; // PKCS#8. The one secret that the store holds as it is: whoever has the database can sign.
    Timestamp created_at;
    std::optional<Timestamp> retired_at = {}; // It signs no more since then; still published for what it signed before.
};

// What is of no use any more.
struct Expiry
{
    Timestamp now;
    Timestamp refresh_tokens_before; // Made before.
    Timestamp sessions_unused_since;
    Timestamp sessions_before;
    std::int64_t rows_max = 500; // Of each kind, at a time.
};

// Verbs and Problems as domain::SessionStore: coroutines that never throw for what is expected under load; a write is
// acknowledged after its commit.
class OAuthStore
{
  public:
    virtual ~OAuthStore() = default;

    virtual boost::asio::awaitable<Result<std::optional<Application>>> find_application(std::string client_id,
                                                                                        Deadline deadline) = 0;

    // By e-mail, whatever the case of its letters.
    virtual boost::asio::awaitable<Result<std::optional<UserCredential>>> find_user(std::string email, Deadline deadline) = 0;

    // Compare and set: nothing happens where the hash is no longer the old one.
    virtual boost::asio::awaitable<Result<void>> replace_password_hash(std::int64_t user_id, std::string old_hash,
                                                                       std::string new_hash, Deadline deadline) = 0;
    virtual boost::asio::awaitable<Result<void>> replace_secret_hash(std::int64_t application_id, std::string old_hash,
                                                                     std::string new_hash, Deadline deadline) = 0;

    // Also the user's last login. replaced: the browser's session until now, which ends in the same transaction.
    virtual boost::asio::awaitable<Result<void>> create_browser_session(Sha256 cookie, std::int64_t user_id,
                                                                        std::optional<Sha256> replaced, Timestamp now,
                                                                        Deadline deadline) = 0;
    // As it stands, expired or not: the caller judges.
    virtual boost::asio::awaitable<Result<std::optional<BrowserSession>>> find_browser_session(Sha256 cookie,
                                                                                               Deadline deadline) = 0;
    virtual boost::asio::awaitable<Result<void>> touch_browser_session(Sha256 cookie, Timestamp now, Deadline deadline) = 0;
    virtual boost::asio::awaitable<Result<void>> end_browser_session(Sha256 cookie, Deadline deadline) = 0;

    virtual boost::asio::awaitable<Result<std::vector<Consent>>> list_consents(std::int64_t user_id, std::int64_t application_id,
                                                                               Deadline deadline) = 0;
    // Keeps the code, and the consent to its scopes (added to what the user consented to before) in the same transaction.
    virtual boost::asio::awaitable<Result<void>> save_grant(Sha256 code, Grant grant, Timestamp now, Deadline deadline) = 0;

    // Whether the application has such a code, unused and not expired. Changes nothing.
    virtual boost::asio::awaitable<Result<bool>> has_grant(Sha256 code, std::int64_t application_id, Timestamp now,
                                                           Deadline deadline) = 0;

    // Burns the code first, then asks the decision, then keeps the tokens: one transaction. Of any number at once, one gets
    // `issued` or `refused`, the others `reused`.
    virtual boost::asio::awaitable<Result<CodeExchange>> exchange_code(Sha256 code, std::int64_t application_id,
                                                                       CodeDecision decide, Timestamp now, Deadline deadline) = 0;

    // Retires the refresh token and its access token for the new ones: one transaction. Of any number at once, one gets `issued`.
    virtual boost::asio::awaitable<Result<RefreshExchange>> exchange_refresh_token(Sha256 token, std::int64_t application_id,
                                                                                   RefreshDecision decide, Timestamp now,
                                                                                   Deadline deadline) = 0;

    // A machine's access token.
    virtual boost::asio::awaitable<Result<void>> save_machine_token(Sha256 access, std::int64_t application_id,
                                                                    std::int64_t team_id, std::string scope, Timestamp expires,
                                                                    Timestamp now, Deadline deadline) = 0;

    // As it stands, expired or not.
    virtual boost::asio::awaitable<Result<std::optional<AccessToken>>> find_access_token(Sha256 token, Deadline deadline) = 0;

    // An access token dies alone; a refresh token with everything of its family. Nothing happens for a token of another
    // application. True when something died.
    virtual boost::asio::awaitable<Result<bool>> revoke_token(Sha256 token, std::int64_t application_id, Timestamp now,
                                                              Deadline deadline) = 0;

    // Takes away codes, tokens and sign-ins of the past. How many went: as long as it is not zero there may be more.
    virtual boost::asio::awaitable<Result<std::int64_t>> remove_expired(Expiry expiry, Deadline deadline) = 0;

    // All keys, the retired ones too, oldest first.
    virtual boost::asio::awaitable<Result<std::vector<SigningKey>>> list_signing_keys(Deadline deadline) = 0;
    // Keeps the key unless there is an active one already; the answer is list_signing_keys afterwards.
    virtual boost::asio::awaitable<Result<std::vector<SigningKey>>> add_first_signing_key(SigningKey key, Deadline deadline) = 0;
};

} // namespace parley::oauth
