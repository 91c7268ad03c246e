// The rows of a world: what `parley load` writes and `parley dump` reads, table by table. Plain values, no I/O.
//
// Rows refer to each other by their place in WorldRows (an Index), not by the database's ids: those are chosen when the rows are
// written.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"
#include "parley/domain/session.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::store
{

// A place in one of WorldRows' vectors. Which one, the member's name says: `team` is a place in teams.
using Index = std::size_t;

// Where created_at and the like are missing, the rows are of the moment in which they are loaded.

struct TeamRow
{
    std::string slug;
    std::string name;
    std::optional<std::string> api_rate_limit; // "2000/5m"; missing: the setting's.
    std::optional<Timestamp> created_at;
};

struct RoleRow
{
    std::string name;
    std::vector<std::string> permissions;
};

struct UserRow
{
    std::string email;
    std::string first_name;
    std::string last_name;
    bool is_active = true;
    bool email_verified = false;
    std::string password_hash; // argon2id in its encoded form, or empty.
    std::optional<Timestamp> last_login;
    std::optional<Timestamp> created_at;
};

struct MembershipRow
{
    Index team = 0;
    Index user = 0;
    std::vector<std::string> roles;
};

struct ApiKeyRow
{
    std::string name;
    std::string prefix;
    Sha256 key_sha256{};
    Index user = 0;
    Index team = 0;
    bool read_only = false;
    bool is_revoked = false;
    std::optional<Timestamp> expires_at;
    std::optional<Timestamp> created_at;
};

struct ApplicationRow
{
    std::string client_id;
    std::string client_secret_hash; // argon2id in its encoded form, or empty.
    std::string client_type;        // public, confidential
    std::string grant_type;
    std::optional<Index> team;
    std::vector<std::string> redirect_uris;
    std::string algorithm;
    std::string name;
    std::optional<Index> owner; // A user.
    std::vector<Index> allowed_experiments;
    std::optional<std::vector<std::string>> allowed_scopes; // Missing: all that its kind of client may have.
    bool is_resource_server = false;                        // May introspect every client's tokens.
    std::optional<Timestamp> created_at;
};

struct AccessTokenRow
{
    std::string name;
    Sha256 token_sha256{};
    Index application = 0;
    std::optional<Index> user; // Missing: a machine.
    std::optional<Index> team;
    std::string scope;
    Timestamp expires_at;
    std::optional<Uuid> family;
    std::optional<Timestamp> created_at;
};

struct RefreshTokenRow
{
    std::string name;
    Sha256 token_sha256{};
    std::optional<Index> access_token; // Missing: it is gone.
    Index application = 0;
    Index user = 0;
    std::optional<Index> team;
    std::string scope;
    std::optional<Uuid> family;
    std::optional<Timestamp> revoked_at;
    std::optional<Timestamp> auth_time; // When the user gave their password; missing: at their last login.
    std::optional<Timestamp> created_at;
};

// A code that is not yet redeemed.
struct GrantRow
{
    Sha256 code_sha256{};
    Index application = 0;
    Index user = 0;
    std::optional<Index> team;
    std::string scope;
    std::string redirect_uri;
    std::string code_challenge;
    std::string code_challenge_method;
    std::string nonce;
    Timestamp expires_at;
    std::optional<Timestamp> auth_time;
    std::optional<Timestamp> created_at;
};

// What a user has allowed an application to do in a team.
struct ConsentRow
{
    Index user = 0;
    Index application = 0;
    Index team = 0;
    std::vector<std::string> scopes;
    std::optional<Timestamp> granted_at;
};

struct BrowserSessionRow
{
    Sha256 cookie_sha256{};
    Index user = 0;
    std::optional<Timestamp> created_at;
    std::optional<Timestamp> last_seen_at;
    std::optional<Timestamp> authenticated_at; // Missing: at the user's last login.
};

struct ExperimentRow
{
    Uuid id;
    Index team = 0;
    std::string name;
    std::optional<std::string> description;
    std::optional<Index> working; // The family head of a published version; missing: is the head.
    int version_number = 1;
    bool is_default = false;
    bool is_archived = false;
    std::string version_description;
    std::vector<std::string> allowlist;
    std::optional<Timestamp> created_at;
};

struct ChannelRow
{
    Index team = 0;
    Index experiment = 0;
    std::string platform;
    std::string name;
    std::optional<Sha256> embed_key_sha256;
    std::vector<std::string> allowed_domains;
    int auth_level = 0;
    std::string credential_mode; // embed_key, oauth
    bool is_enabled = true;
    std::string disabled_message;
    std::optional<std::int32_t> session_token_days; // Missing: the setting's.
    std::optional<Timestamp> created_at;
};

struct TagRow
{
    Index team = 0;
    std::string name;
    std::string category;
    bool is_system = false;
};

struct ParticipantRow
{
    Index team = 0;
    std::string platform;
    std::string identifier;
    std::string remote_id;
    std::string name;
    std::optional<Index> user;
};

struct FileRow
{
    Index team = 0;
    std::int64_t id = 0; // Unique in its team.
    std::string name;
    std::string content_type;
    std::optional<std::int64_t> size;
    std::string external_id;
};

struct MessageRow
{
    Timestamp created_at;
    std::string rendered;                         // As domain::NewMessage has it.
    std::optional<std::string> original_metadata; // Where the rendered one leaves keys out: all of it.
    std::vector<Index> tags;
};

struct UsageRow
{
    std::string model;
    std::string kind;
    std::string quantity; // Decimals, four places at most.
    std::string cost;     // Decimals, eight places at most.
    std::string source;
};

struct SessionRow
{
    std::string id; // Unique in its team.
    Index team = 0;
    Index experiment = 0;
    Index participant = 0;
    std::optional<Index> channel;
    std::optional<std::string> platform;
    domain::Status status = domain::Status::setup;
    Timestamp created_at;
    Timestamp updated_at;
    std::optional<Timestamp> ended_at;
    bool token_required = true;
    std::string state = "{}"; // JSON
    std::vector<Index> tags;  // In the order they were attached.
    std::vector<Index> files;
    std::vector<UsageRow> usage;
    std::optional<std::string> usage_rendered; // JSON; missing: nothing was used.
    std::vector<MessageRow> messages;          // Ascending in time.
};

// Everything but the sessions, which come and go in portions: there may be millions.
struct WorldRows
{
    std::vector<TeamRow> teams;
    std::vector<RoleRow> roles;
    std::vector<UserRow> users;
    std::vector<MembershipRow> memberships;
    std::vector<ApiKeyRow> api_keys;
    std::optional<std::vector<std::string>> scopes_machine_allowed;
    std::vector<ApplicationRow> applications;
    std::vector<AccessTokenRow> access_tokens;
    std::vector<RefreshTokenRow> refresh_tokens;
    std::vector<GrantRow> grants;
    std::vector<ConsentRow> consents;
    std::vector<BrowserSessionRow> browser_sessions;
    std::vector<ExperimentRow> experiments;
    std::vector<ChannelRow> channels;
    std::vector<TagRow> tags; // In the order in which they were created.
    std::vector<ParticipantRow> participants;
    std::vector<FileRow> files; // In the order in which they were created.
};

// When a user last signed in, where a file does not say: the format's own rule.
inline constexpr Timestamp last_login_default{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

// The category of tags that say which version of a chatbot gave a message.
inline constexpr std::string_view version_tag_category = "experiment_version";

} // namespace parley::store
