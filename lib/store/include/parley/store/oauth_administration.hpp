// The administrator's work on the authorization server: applications, what users have granted them, tokens, the keys that sign
// ID tokens, and signed-in browsers.
//
// As Administration: every change is one transaction with its audit row and a NOTIFY, which every replica hears when it commits;
// failures are thrown. A secret that is made here is returned once and kept as a hash.
#pragma once

#include "parley/store/administration.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parley::store
{

struct NewApplication
{
    std::string name;
    std::string client_id;   // Empty: one at random.
    std::string client_type; // public, confidential
    std::string grant_type;  // authorization-code, client-credentials
    std::string team;        // Slug of the team it is pinned to; empty: the user picks one of theirs. Machines need one.
    std::string owner;       // E-mail; empty: nobody.
    std::vector<std::string> redirect_uris;
    std::optional<std::vector<std::string>> scopes; // Nothing: all that its kind may have.
    std::vector<Uuid> chatbots;                     // Limits which chats it may start; empty: does not.
    bool is_resource_server = false;                // May introspect the tokens of every client.
};

struct ApplicationListing
{
    std::int64_t id = 0;
    std::string client_id;
    std::string name;
    std::string client_type;
    std::string grant_type;
    std::optional<std::string> team; // Slug.
    std::vector<std::string> redirect_uris;
    std::optional<std::vector<std::string>> scopes;
    std::vector<std::string> chatbots; // UUIDs.
    bool is_resource_server = false;
    std::optional<std::string> owner; // E-mail.
    bool has_secret = false;
    Timestamp created_at;
};

// An application with a fresh secret. The only place where it can ever be read.
struct IssuedApplication
{
    std::string secret; // Empty: a public client has none.
    ApplicationListing listing;
};

// What was taken away.
struct Revocation
{
    std::int64_t access_tokens = 0;
    std::int64_t refresh_tokens = 0;
    std::int64_t codes = 0; // Authorization codes not redeemed yet.
    std::int64_t grants = 0;
};

// An application, with what died by the change.
struct ChangedApplication
{
    ApplicationListing listing;
    Revocation revoked;
};

// Whose tokens or grants are meant. What is empty narrows nothing down.
struct TokenSelection
{
    std::string email;
    std::string application; // Client id, or a name that only one has.
    std::string team;        // Slug.

    [[nodiscard]] bool is_empty() const noexcept { return email.empty() && application.empty() && team.empty(); }
};

// What a user has allowed an application to do in a team, and what came of it.
struct GrantListing
{
    std::string client_id;
    std::string application; // Its name.
    std::string email;
    std::optional<std::string> team; // Slug.
    std::vector<std::string> scopes;
    std::optional<Timestamp> granted_at; // None: tokens without a consent, as a world file may bring them.
    std::int64_t access_tokens = 0;      // Alive.
    std::int64_t refresh_tokens = 0;     // Alive.
};

struct TokenListing
{
    std::string id;   // The beginning of its digest: enough to name it, useless for anything else.
    std::string kind; // access, refresh
    std::string client_id;
    std::string application;          // Its name.
    std::optional<std::string> email; // None: a machine's.
    std::optional<std::string> team;  // Slug.
    std::string scope;
    std::string state; // live, expired, revoked
    Timestamp created_at;
    std::optional<Timestamp> expires_at; // Of access tokens.
};

struct SigningKeyListing
{
    std::string kid;
    // waiting: published, signs from signs_from on. signing. verifying: a newer one signs. retired: published until
    // published_until. gone: no longer published.
    std::string state;
    Timestamp created_at;
    Timestamp signs_from;
    std::optional<Timestamp> retired_at;
    std::optional<Timestamp> published_until;
};

struct BrowserSessionListing
{
    std::string id; // As TokenListing::id, of the cookie.
    std::string email;
    Timestamp created_at;
    Timestamp last_seen_at;
};

// Works on the administration's connection, which must outlive it. Not thread-safe.
class OAuthAdministration
{
  public:
    explicit OAuthAdministration(Administration& administration) : impl_(administration.impl()) {}

    // application: its client id, or a name that only one has.
    [[nodiscard]] IssuedApplication create_application(NewApplication const& application);
    [[nodiscard]] std::vector<ApplicationListing> applications(std::string const& team); // Pinned to it; empty: all.
    [[nodiscard]] ApplicationListing application(std::string const& application);
    ApplicationListing rename_application(std::string const& application, std::string const& name);
    // The old secret opens nothing any more; tokens live on.
    [[nodiscard]] IssuedApplication rotate_secret(std::string const& application);
    ApplicationListing add_redirect_uri(std::string const& application, std::string const& redirect_uri);
    // Codes that were issued for it die.
    ApplicationListing remove_redirect_uri(std::string const& application, std::string const& redirect_uri);
    // What it holds in other teams dies.
    ChangedApplication pin_application(std::string const& application, std::string const& team);
    ApplicationListing unpin_application(std::string const& application);
    // Nothing: all that its kind may have. Access tokens and codes that may do more die; refresh tokens then give less.
    ChangedApplication set_scopes(std::string const& application, std::optional<std::vector<std::string>> const& scopes);
    // Everything it holds dies.
    ChangedApplication set_grant_type(std::string const& application, std::string const& grant_type);
    ApplicationListing set_chatbots(std::string const& application, std::vector<Uuid> const& chatbots);
    // With all it holds.
    ChangedApplication delete_application(std::string const& application);

    [[nodiscard]] std::vector<GrantListing> grants(TokenSelection const& selection);
    // Consents, codes and tokens. Refused where the selection is empty.
    Revocation revoke_grants(TokenSelection const& selection);

    // Newest first.
    [[nodiscard]] std::vector<TokenListing> tokens(TokenSelection const& selection, std::int64_t rows_max);
    // A token and everything of the same authorization. id: eight digits of TokenListing::id at least, or the whole digest.
    Revocation revoke_token(std::string const& id);
    // Tokens and codes; consents stay. Refused where the selection is empty.
    Revocation revoke_tokens(TokenSelection const& selection);

    // Oldest first.
    [[nodiscard]] std::vector<SigningKeyListing> signing_keys();
    // A new key of so many bits (2048 to 8192), or the one in this PEM text. It is published at once and signs a while later.
    SigningKeyListing add_signing_key(int bits, std::optional<std::string> const& pem);
    // It signs no more, and is published until what it signed has expired. kid: its beginning is enough. Refused where no other
    // key is ready to sign, unless at_once.
    SigningKeyListing retire_signing_key(std::string const& kid, bool at_once);
    // Refused where it is not retired, or, unless at_once, still published.
    SigningKeyListing remove_signing_key(std::string const& kid, bool at_once);

    [[nodiscard]] std::vector<BrowserSessionListing> browser_sessions(std::string const& email); // Empty: of everybody.
    BrowserSessionListing end_browser_session(std::string const& id);                            // As revoke_token.
    std::int64_t end_browser_sessions(std::string const& email);

  private:
    Administration::Impl& impl_;
};

} // namespace parley::store
