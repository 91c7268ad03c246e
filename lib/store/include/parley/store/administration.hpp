// The administrator's work: teams, users, memberships and roles, API keys, chatbots and their versions, and the record of it.
//
// Every change is one transaction that also writes its audit row and tells every replica to forget what it has cached (NOTIFY).
// It takes effect on all of them when it commits. Failures are thrown, since somebody reads the sentence: Refused, DatabaseAway,
// else StoreError. No secret goes into the database, the audit or a sentence: keys and passwords come as digests.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"
#include "parley/store/error.hpp"
#include "parley/store/world_rows.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parley::store
{

// What was asked for cannot be: it does not exist, it exists already, it is not allowed. Nothing was changed.
class Refused : public StoreError
{
  public:
    using StoreError::StoreError;
};

// There is no database at the other end, or the connection was lost.
class DatabaseAway : public StoreError
{
  public:
    using StoreError::StoreError;
};

// Listings, as the administrator sees them.

struct TeamListing
{
    std::string slug;
    std::string name;
    std::optional<std::string> api_rate_limit;
    std::int64_t members = 0;
    Timestamp created_at;
};

struct NewUser
{
    std::string email;
    std::string first_name;
    std::string last_name;
    std::string password_hash; // Empty: no login by password.
};

struct UserListing
{
    std::string email;
    std::string first_name;
    std::string last_name;
    bool is_active = true;
    bool email_verified = false;
    bool has_password = false;
    std::vector<std::string> teams; // Slugs.
    std::optional<Timestamp> last_login;
    Timestamp created_at;
};

struct MemberListing
{
    std::string team;
    std::string email;
    bool is_active = true; // Of the user.
    std::vector<std::string> roles;
};

struct RoleListing
{
    std::string name;
    std::vector<std::string> permissions;
    std::int64_t members = 0;
};

struct NewKey
{
    std::string team; // Slug.
    std::string email;
    std::string name;
    bool read_only = false;
    std::optional<Timestamp> expires_at;
};

struct KeyListing
{
    std::int64_t id = 0;
    std::string prefix;
    std::string name;
    std::string team;
    std::string email;
    bool read_only = false;
    bool is_revoked = false;
    std::optional<Timestamp> expires_at;
    Timestamp created_at;
};

// A fresh key. The only place where it can ever be read.
struct IssuedKey
{
    std::string key; // <prefix>.<secret>
    KeyListing listing;
};

// Which key is meant: by its id, or by a prefix or a name that fits only one.
struct KeyChoice
{
    std::int64_t id = 0; // 0: by text.
    std::string text;
    std::string team; // Slug; empty: of any team.
};

struct NewExperiment
{
    std::string team; // Slug.
    std::string name;
    std::optional<std::string> description;
    std::optional<Uuid> id; // Missing: a new one.
};

struct Publication
{
    Uuid head;
    std::string description;
    bool becomes_default = false; // The first version does in any case.
};

struct ExperimentListing
{
    Uuid id;
    std::string team;
    std::string name;
    std::optional<std::string> description;
    std::optional<Uuid> working; // The head that this is a version of.
    int version_number = 1;
    bool is_default = false;
    bool is_archived = false;
    std::string version_description;
    std::int64_t sessions = 0;
};

struct NewChannel
{
    Uuid experiment; // The chatbot: not a version.
    std::string name;
    std::vector<std::string> origins;       // "example.org", "*.example.org", "*"
    int auth_level = 2;                     // 0 nothing, 1 embed key, 2 session token.
    bool takes_oauth = false;               // Chats are started with a machine's token; there is no embed key.
    std::optional<std::int64_t> token_days; // Missing: the setting's.
};

struct ChannelListing
{
    std::int64_t id = 0;
    std::string team;
    Uuid experiment;
    std::string experiment_name;
    std::string name;
    int auth_level = 2;
    std::string credential_mode; // embed_key, oauth
    bool is_enabled = true;
    std::string disabled_message;
    std::vector<std::string> origins;
    std::optional<std::int64_t> token_days;
    bool has_key = false;
    Timestamp created_at;
};

// A channel with a fresh key. The only place where it can ever be read.
struct IssuedChannel
{
    std::string embed_key; // Empty in OAuth mode.
    ChannelListing listing;
};

struct AuditListing
{
    Timestamp at;
    std::string actor;
    std::string action;
    std::string subject;
    std::string detail; // JSON
};

// One connection to a migrated database. Not thread-safe.
class Administration
{
  public:
    // actor: who the audit says it was. Throws Refused where the schema is missing, older or newer than this binary.
    Administration(std::string const& database_url, std::string actor, Clock const& clock);
    Administration(Administration&& other) noexcept;
    ~Administration();

    void create_team(std::string const& slug, std::string const& name, std::optional<std::string> const& api_rate_limit);
    void rename_team(std::string const& slug, std::string const& name);
    // "2000/5m"; nothing: the setting's.
    void limit_team(std::string const& slug, std::optional<std::string> const& api_rate_limit);
    [[nodiscard]] std::vector<TeamListing> teams();

    void create_user(NewUser const& user);
    void activate_user(std::string const& email);
    // Ends their logins too.
    void deactivate_user(std::string const& email);
    // Ends their logins too. An empty hash takes the password away.
    void set_password(std::string const& email, std::string const& password_hash);
    [[nodiscard]] std::vector<UserListing> users();

    void add_member(std::string const& team, std::string const& email, std::vector<std::string> const& roles);
    void set_member_roles(std::string const& team, std::string const& email, std::vector<std::string> const& roles);
    void remove_member(std::string const& team, std::string const& email);
    [[nodiscard]] std::vector<MemberListing> members(std::string const& team); // Empty: of all teams.

    void create_role(std::string const& name, std::vector<std::string> const& permissions);
    void set_role_permissions(std::string const& name, std::vector<std::string> const& permissions);
    [[nodiscard]] std::vector<RoleListing> roles();

    // The user must be a member of the team.
    [[nodiscard]] IssuedKey create_key(NewKey const& key);
    // A new key with the same attributes. The old one is revoked, or, with a grace, ends after it.
    [[nodiscard]] IssuedKey rotate_key(KeyChoice const& choice, std::chrono::seconds grace);
    [[nodiscard]] KeyListing revoke_key(KeyChoice const& choice);
    [[nodiscard]] std::vector<KeyListing> keys(std::string const& team); // Empty: of all teams.

    [[nodiscard]] Uuid create_experiment(NewExperiment const& experiment);
    // What the head is now becomes a version with an id of its own; the head goes on as the next one.
    [[nodiscard]] ExperimentListing publish(Publication const& publication);
    void archive_experiment(Uuid const& id);
    void unarchive_experiment(Uuid const& id);
    [[nodiscard]] std::vector<ExperimentListing> experiments(std::string const& team); // Empty: of all teams.

    [[nodiscard]] IssuedChannel create_channel(NewChannel const& channel);
    [[nodiscard]] std::vector<ChannelListing> channels(std::string const& team); // Empty: of all teams.
    ChannelListing enable_channel(std::int64_t id);
    // message: what callers are told.
    ChannelListing disable_channel(std::int64_t id, std::string const& message);
    // The old key opens nothing any more.
    [[nodiscard]] IssuedChannel rotate_channel(std::int64_t id);
    ChannelListing set_channel_origins(std::int64_t id, std::vector<std::string> const& origins);
    ChannelListing delete_channel(std::int64_t id);

    // Newest first. subject empty: of all.
    [[nodiscard]] std::vector<AuditListing> audit(std::int64_t rows_max, std::string const& subject);

    // For the store's own use: what WorldWriter and WorldReader share with this.
    struct Impl;
    [[nodiscard]] Impl& impl() noexcept { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

// A new API key, <prefix>.<secret>: eight letters and digits to tell it by, and 256 random bits.
struct ApiKeyText
{
    std::string prefix;
    std::string key;
};
[[nodiscard]] ApiKeyText make_api_key();

// Throws Refused where it is no limit such as "2000/5m".
void check_api_rate_limit(std::string const& limit);

// The permissions on sessions that a role can have.
[[nodiscard]] std::vector<std::string> const& known_permissions();

} // namespace parley::store
