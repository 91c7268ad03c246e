#include "parley/world/decode.hpp"

#include "parley/world/render.hpp"

#include "place.hpp"

#include "parley/auth/password_hash.hpp"
#include "parley/core/text.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace parley::world
{

namespace
{

using store::Index;

constexpr std::size_t session_id_max = 255;             // Code points; what the API finds.
constexpr std::int64_t session_token_days_max = 36'500; // A hundred years.
constexpr std::array<std::string_view, 3> hash_kinds{"$argon2id$", "argon2$argon2id$", "pbkdf2_sha256$"}; // What auth can verify.
constexpr std::array permissions{"view_experimentsession", "add_experimentsession", "change_experimentsession",
                                 "delete_experimentsession"};

// Texts hold no U+0000, so it keeps the pieces of a name apart.
std::string joined(std::initializer_list<std::string_view> pieces)
{
    std::string result;
    for (auto const piece : pieces)
    {
        result += piece;
        result += '\0';
    }
    return result;
}

std::string key_of(Index team, std::string_view name)
{
    return joined({std::to_string(team), name});
}

// The names under which the rows of one part are referred to.
class Names
{
  public:
    explicit Names(std::string_view noun) : noun_(noun) {}

    // Refuses a name that another row has.
    void add(Place const& place, std::string const& name, Index index)
    {
        if (!indexes_.emplace(name, index).second) place.refuse("another " + noun_ + " is of this name");
    }

    [[nodiscard]] std::optional<Index> find(std::string const& name) const
    {
        auto const found = indexes_.find(name);
        return found == indexes_.end() ? std::nullopt : std::optional<Index>(found->second);
    }

    // Refuses a name that no row has.
    [[nodiscard]] Index resolve(Place const& place) const
    {
        auto const name = place.text();
        auto const index = find(name);
        if (!index) place.refuse("there is no " + noun_ + " " + json::to_string_literal(name));
        return *index;
    }

  private:
    std::string noun_;
    std::unordered_map<std::string, Index> indexes_;
};

class Decoder
{
  public:
    explicit Decoder(std::vector<std::string> const& roles_known) : roles_known_(roles_known.begin(), roles_known.end()) {}

    World decode(Place const& root)
    {
        Members parts(root);
        parts.skip("note");
        parts.skip("client_side");
        rows_of(parts, "teams", &Decoder::team);
        if (auto const place = parts.optional("roles")) roles(*place);
        rows_of(parts, "users", &Decoder::user);
        rows_of(parts, "memberships", &Decoder::membership);
        rows_of(parts, "api_keys", &Decoder::api_key);
        rows_of(parts, "browser_sessions", &Decoder::browser_session);
        if (auto const place = parts.optional("experiments")) experiments(*place);
        if (auto const place = parts.optional("oauth")) oauth(*place);
        rows_of(parts, "channels", &Decoder::channel);
        rows_of(parts, "tags", &Decoder::tag);
        rows_of(parts, "participants", &Decoder::participant);
        rows_of(parts, "files", &Decoder::file);
        rows_of(parts, "sessions", &Decoder::session);
        parts.finish();
        return std::move(world_);
    }

  private:
    using DecodeRow = void (Decoder::*)(Members&);

    void rows_of(Members& parts, std::string_view part, DecodeRow decode_row)
    {
        auto const list = parts.optional(part);
        if (!list) return;
        list->each(
            [&](Place const& place)
            {
                Members row(place);
                (this->*decode_row)(row);
                row.finish();
            });
    }

    // Members that many rows have.
    static std::string text_or_empty(Members& row, std::string_view key)
    {
        auto const place = row.optional(key);
        return place ? place->text() : std::string();
    }
    static bool truth(Members& row, std::string_view key, bool otherwise)
    {
        auto const place = row.optional(key);
        return place ? place->boolean() : otherwise;
    }
    static std::optional<Timestamp> moment(Members& row, std::string_view key)
    {
        auto const place = row.present(key);
        return place ? std::optional(place->moment()) : std::nullopt;
    }
    static std::vector<std::string> texts(Members& row, std::string_view key)
    {
        auto const place = row.optional(key);
        return place ? place->texts() : std::vector<std::string>();
    }
    static std::optional<Uuid> uuid(Members& row, std::string_view key)
    {
        auto const place = row.present(key);
        return place ? std::optional(place->uuid()) : std::nullopt;
    }
    // One of the words; refuses any other.
    static std::string word(Place const& place, std::initializer_list<std::string_view> words)
    {
        auto result = place.text();
        if (std::ranges::find(words, std::string_view(result)) != words.end()) return result;
        std::string list;
        for (auto const one : words)
            list += (list.empty() ? "" : ", ") + std::string(one);
        place.refuse("must be one of: " + list);
    }
    // The digest of a secret, or the digest that the file has.
    Sha256 digest(Members& row, std::string_view secret, std::string_view digest_key)
    {
        auto const choice = row.either(secret, digest_key);
        auto const result = choice.is_first ? sha256(choice.place.text_of_visible()) : choice.place.digest();
        if (!digests_.insert(to_hex(result)).second) choice.place.refuse("stands twice in the file");
        return result;
    }
    static std::string password(Members& row, std::string_view secret, std::string_view hash)
    {
        auto const plain = row.optional(secret);
        auto const hashed = row.optional(hash);
        if (plain && hashed)
            row.place().refuse("either \"" + std::string(secret) + "\" or \"" + std::string(hash) + "\", not both");
        if (plain) return auth::hash_password(plain->text());
        auto result = hashed ? hashed->text() : std::string();
        auto const is_known = std::ranges::any_of(hash_kinds, [&](std::string_view kind) { return result.starts_with(kind); });
        if (!result.empty() && !is_known)
            hashed->refuse("must be a hash by argon2id (encoded form), Django's pbkdf2_sha256, or empty");
        return result;
    }
    Index team_of(Members& row) { return teams_.resolve(row.required("team")); }
    std::optional<Index> team_or_none(Members& row)
    {
        auto const place = row.present("team");
        return place ? std::optional(teams_.resolve(*place)) : std::nullopt;
    }
    std::optional<Index> user_or_none(Members& row, std::string_view key)
    {
        auto const place = row.present(key);
        return place ? std::optional(users_.resolve(*place)) : std::nullopt;
    }
    static void require_team(Place const& place, Index found, Index wanted)
    {
        if (found != wanted) place.refuse("belongs to another team");
    }
    Index experiment_of(Place const& place, Index team) const
    {
        auto const index = experiments_.resolve(place);
        require_team(place, rows().experiments[index].team, team);
        return index;
    }

    void team(Members& row)
    {
        auto const slug = row.required("slug");
        store::TeamRow result;
        result.slug = slug.text_of_visible();
        result.name = row.required("name").text();
        if (auto const limit = row.present("api_rate_limit")) result.api_rate_limit = limit->text_of_visible();
        result.created_at = moment(row, "created_at");
        teams_.add(slug, result.slug, rows().teams.size());
        rows().teams.push_back(std::move(result));
    }

    // {"Chat Viewer": ["view_experimentsession"], ...}
    void roles(Place const& place)
    {
        Members names(place);
        for (auto member = place.value().begin(); member != place.value().end(); ++member)
        {
            auto const role = names.required(member.key());
            if (is_blank(member.key()) || member.key().find('\0') != std::string_view::npos || member.key_has_lone_surrogate())
                role.refuse("is not a name for a role");
            auto result = store::RoleRow{std::string(member.key()), {}};
            role.each(
                [&](Place const& permission)
                {
                    result.permissions.push_back(permission.text());
                    if (std::ranges::find(permissions, result.permissions.back()) == permissions.end())
                        permission.refuse("is not a permission on sessions");
                });
            roles_known_.insert(result.name);
            rows().roles.push_back(std::move(result));
        }
    }

    void user(Members& row)
    {
        auto const key = row.required("key");
        auto const email = row.required("email");
        store::UserRow result;
        result.email = email.text_of_visible();
        result.first_name = text_or_empty(row, "first_name");
        result.last_name = text_or_empty(row, "last_name");
        result.is_active = truth(row, "is_active", true);
        result.email_verified = truth(row, "email_verified", false);
        result.password_hash = password(row, "password", "password_hash");
        // The format's own rule: a file that says nothing means this moment.
        auto const login = row.optional("last_login");
        if (!login)
            result.last_login = store::last_login_default;
        else if (!login->value().is_null())
            result.last_login = login->moment();
        result.created_at = moment(row, "created_at");
        users_.add(key, key.text(), rows().users.size());
        emails_.add(email, result.email, rows().users.size());
        rows().users.push_back(std::move(result));
    }

    void membership(Members& row)
    {
        auto const user_place = row.required("user");
        store::MembershipRow result{team_of(row), users_.resolve(user_place), {}};
        if (auto const list = row.optional("roles"))
            list->each(
                [&](Place const& role)
                {
                    result.roles.push_back(role.text());
                    if (!roles_known_.contains(result.roles.back())) role.refuse("there is no such role");
                });
        memberships_.add(user_place, key_of(result.team, std::to_string(result.user)), rows().memberships.size());
        rows().memberships.push_back(std::move(result));
    }

    void api_key(Members& row)
    {
        store::ApiKeyRow result;
        result.name = row.required("name").text();
        auto const prefix = row.optional("prefix");
        auto const key = row.optional("key");
        if (prefix)
            result.prefix = prefix->text();
        else if (key)
            result.prefix = key->text().substr(0, key->text().find('.'));
        result.key_sha256 = digest(row, "key", "key_sha256");
        result.user = users_.resolve(row.required("user"));
        result.team = team_of(row);
        result.read_only = truth(row, "read_only", false);
        result.is_revoked = truth(row, "revoked", false);
        result.expires_at = moment(row, "expiry");
        result.created_at = moment(row, "created_at");
        rows().api_keys.push_back(std::move(result));
    }

    void browser_session(Members& row)
    {
        store::BrowserSessionRow result;
        result.cookie_sha256 = digest(row, "cookie", "cookie_sha256");
        result.user = users_.resolve(row.required("user"));
        result.created_at = moment(row, "created_at");
        result.last_seen_at = moment(row, "last_seen_at");
        result.authenticated_at = moment(row, "authenticated_at");
        rows().browser_sessions.push_back(std::move(result));
    }

    // A version may stand before the chatbot it is of, so their keys are gathered first.
    void experiments(Place const& list)
    {
        list.each(
            [&](Place const& place)
            {
                Members row(place);
                auto const key = row.required("key");
                auto const id = row.required("id");
                experiments_.add(key, key.text(), rows().experiments.size());
                experiment_ids_.add(id, id.uuid().str(), rows().experiments.size());
                auto const team = team_of(row);
                rows().experiments.push_back({.id = id.uuid(),
                                              .team = team,
                                              .name = {},
                                              .description = {},
                                              .working = {},
                                              .version_number = 1,
                                              .is_default = false,
                                              .is_archived = false,
                                              .version_description = {},
                                              .allowlist = {},
                                              .created_at = {}});
            });
        Index index = 0;
        list.each([&](Place const& place) { experiment(place, rows().experiments[index++]); });
    }

    void experiment(Place const& place, store::ExperimentRow& result) const
    {
        Members row(place);
        for (auto const* seen : {"key", "id", "team"})
            row.skip(seen);
        result.name = row.required("name").text();
        if (auto const description = row.present("description")) result.description = description->text();
        if (auto const working = row.present("working"))
        {
            result.working = experiment_of(*working, result.team);
            if (&rows().experiments[*result.working] == &result) working->refuse("is this very chatbot");
        }
        auto const number = row.optional("version_number");
        result.version_number = number ? static_cast<int>(number->integer(0, std::numeric_limits<int>::max())) : 1;
        result.is_default = truth(row, "is_default", false);
        result.is_archived = truth(row, "archived", false);
        result.version_description = text_or_empty(row, "version_description");
        result.allowlist = texts(row, "allowlist");
        result.created_at = moment(row, "created_at");
        row.finish();
    }

    void oauth(Place const& place)
    {
        Members parts(place);
        if (auto const scopes = parts.present("scopes_machine_allowed")) rows().scopes_machine_allowed = scopes->texts();
        rows_of(parts, "applications", &Decoder::application);
        rows_of(parts, "access_tokens", &Decoder::access_token);
        rows_of(parts, "refresh_tokens", &Decoder::refresh_token);
        rows_of(parts, "grants", &Decoder::grant);
        rows_of(parts, "consents", &Decoder::consent);
        parts.finish();
    }

    void application(Members& row)
    {
        auto const key = row.required("key");
        auto const client_id = row.required("client_id");
        store::ApplicationRow result;
        result.client_id = client_id.text_of_visible();
        result.client_secret_hash = password(row, "client_secret", "client_secret_hash");
        result.client_type = word(row.required("client_type"), {"public", "confidential"});
        result.grant_type = word(row.required("grant"), {"authorization-code", "client-credentials"});
        result.team = team_or_none(row);
        result.redirect_uris = texts(row, "redirect_uris");
        if (auto const algorithm = row.optional("algorithm")) result.algorithm = word(*algorithm, {"RS256", ""});
        result.name = row.required("name").text();
        result.owner = user_or_none(row, "owner");
        if (auto const list = row.optional("allowed_chatbots"))
            list->each([&](Place const& chatbot) { result.allowed_experiments.push_back(experiments_.resolve(chatbot)); });
        if (auto const scopes = row.present("allowed_scopes")) result.allowed_scopes = scopes->texts();
        result.is_resource_server = truth(row, "resource_server", false);
        result.created_at = moment(row, "created_at");
        applications_.add(key, key.text(), rows().applications.size());
        client_ids_.add(client_id, result.client_id, rows().applications.size());
        rows().applications.push_back(std::move(result));
    }

    void access_token(Members& row)
    {
        auto const name = row.required("name");
        store::AccessTokenRow result;
        result.name = name.text();
        result.token_sha256 = digest(row, "token", "token_sha256");
        result.application = applications_.resolve(row.required("app"));
        result.user = user_or_none(row, "user");
        result.team = team_or_none(row);
        result.scope = text_or_empty(row, "scope");
        result.expires_at = row.required("expires").moment();
        result.family = uuid(row, "family");
        result.created_at = moment(row, "created_at");
        token_names_.emplace(result.name, rows().access_tokens.size());
        tokens_.add(name, to_hex(result.token_sha256), rows().access_tokens.size());
        rows().access_tokens.push_back(std::move(result));
    }

    // By its name, or by its digest.
    Index access_token_at(Place const& place) const
    {
        auto const name = place.text();
        if (auto const by_digest = tokens_.find(name)) return *by_digest;
        auto const [first, last] = token_names_.equal_range(name);
        if (first == last) place.refuse("there is no such access token");
        if (std::next(first) != last) place.refuse("several access tokens are of this name: refer to one by its token_sha256");
        return first->second;
    }

    void refresh_token(Members& row)
    {
        store::RefreshTokenRow result;
        result.name = text_or_empty(row, "name");
        result.token_sha256 = digest(row, "token", "token_sha256");
        if (auto const token = row.present("access_token")) result.access_token = access_token_at(*token);
        result.application = applications_.resolve(row.required("app"));
        result.user = users_.resolve(row.required("user"));
        result.team = team_or_none(row);
        auto const scope = row.optional("scope");
        if (scope)
            result.scope = scope->text();
        else if (result.access_token)
            result.scope = rows().access_tokens[*result.access_token].scope;
        result.family = uuid(row, "family");
        result.revoked_at = moment(row, "revoked_at");
        result.auth_time = moment(row, "auth_time");
        result.created_at = moment(row, "created_at");
        rows().refresh_tokens.push_back(std::move(result));
    }

    void grant(Members& row)
    {
        store::GrantRow result;
        result.code_sha256 = digest(row, "code", "code_sha256");
        result.application = applications_.resolve(row.required("app"));
        result.user = users_.resolve(row.required("user"));
        result.team = team_or_none(row);
        result.scope = text_or_empty(row, "scope");
        result.redirect_uri = row.required("redirect_uri").text();
        result.code_challenge = text_or_empty(row, "code_challenge");
        result.code_challenge_method = text_or_empty(row, "code_challenge_method");
        result.nonce = text_or_empty(row, "nonce");
        result.expires_at = row.required("expires").moment();
        result.auth_time = moment(row, "auth_time");
        result.created_at = moment(row, "created_at");
        rows().grants.push_back(std::move(result));
    }

    void consent(Members& row)
    {
        auto const app = row.required("app");
        store::ConsentRow result;
        result.user = users_.resolve(row.required("user"));
        result.application = applications_.resolve(app);
        result.team = team_of(row);
        result.scopes = texts(row, "scopes");
        result.granted_at = moment(row, "granted_at");
        consents_.add(app, key_of(result.team, std::to_string(result.user) + "/" + std::to_string(result.application)),
                      rows().consents.size());
        rows().consents.push_back(std::move(result));
    }

    void channel(Members& row)
    {
        auto const key = row.required("key");
        store::ChannelRow result;
        result.team = team_of(row);
        result.experiment = experiment_of(row.required("experiment"), result.team);
        result.platform = row.required("platform").text();
        result.name = row.required("name").text();
        auto const plain = row.present("embed_key");
        auto const hashed = row.present("embed_key_sha256");
        if (plain || hashed) result.embed_key_sha256 = digest(row, plain ? "embed_key" : "", hashed ? "embed_key_sha256" : "");
        result.allowed_domains = texts(row, "allowed_domains");
        result.auth_level = static_cast<int>(row.required("auth_level").integer(0, 2));
        result.credential_mode = word(row.required("credential_mode"), {"embed_key", "oauth"});
        result.is_enabled = truth(row, "enabled", true);
        result.disabled_message = text_or_empty(row, "disabled_message");
        if (auto const days = row.present("session_token_days"))
            result.session_token_days = static_cast<std::int32_t>(days->integer(1, session_token_days_max));
        result.created_at = moment(row, "created_at");
        channels_.add(key, key.text(), rows().channels.size());
        rows().channels.push_back(std::move(result));
    }

    static std::string tag_key(Index team, std::string_view name, std::string_view category, bool is_system)
    {
        return joined({std::to_string(team), name, category, is_system ? "system" : "user"});
    }

    void tag(Members& row)
    {
        auto const name = row.required("name");
        store::TagRow result{team_of(row), name.text_of_visible(), text_or_empty(row, "category"), truth(row, "system", false)};
        tags_.add(name, tag_key(result.team, result.name, result.category, result.is_system), rows().tags.size());
        rows().tags.push_back(std::move(result));
    }

    void participant(Members& row)
    {
        auto const key = row.required("key");
        auto const identifier = row.required("identifier");
        store::ParticipantRow result;
        result.team = team_of(row);
        result.platform = row.required("platform").text();
        result.identifier = identifier.text();
        result.remote_id = text_or_empty(row, "remote_id");
        result.name = text_or_empty(row, "name");
        result.user = user_or_none(row, "user");
        participants_.add(key, key.text(), rows().participants.size());
        identifiers_.add(identifier, joined({std::to_string(result.team), result.platform, result.identifier}),
                         rows().participants.size());
        rows().participants.push_back(std::move(result));
    }

    void file(Members& row)
    {
        auto const id = row.required("id");
        store::FileRow result;
        result.team = team_of(row);
        result.id = id.integer(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
        result.name = row.required("name").text();
        result.content_type = row.required("content_type").text();
        if (auto const size = row.present("size")) result.size = size->integer(0, std::numeric_limits<std::int64_t>::max());
        result.external_id = text_or_empty(row, "external_id");
        files_.add(id, key_of(result.team, std::to_string(result.id)), rows().files.size());
        rows().files.push_back(std::move(result));
    }

    // ["vip", ""], or ["vip", "", true] where two tags differ only in whether the system made them.
    Index tag_at(Place const& place, Index team) const
    {
        std::vector<Place> elements;
        auto const value = place.value();
        auto const is_pair = value.is_array() && (value.size() == 2 || value.size() == 3);
        if (!is_pair) place.refuse("must be a tag: [name, category], or [name, category, system]");
        place.each([&](Place const& element) { elements.push_back(element); });
        auto const name = elements[0].text();
        auto const category = elements[1].text();
        auto const of_user = tags_.find(tag_key(team, name, category, false));
        auto const of_system = tags_.find(tag_key(team, name, category, true));
        if (elements.size() == 3)
        {
            auto const found = elements[2].boolean() ? of_system : of_user;
            if (!found) place.refuse("there is no such tag in this team");
            return *found;
        }
        if (!of_user && !of_system) place.refuse("there is no such tag in this team");
        if (of_user && of_system)
            place.refuse("is a user's tag and a system's: say which, by a third element true (system) or false");
        return of_user ? *of_user : *of_system;
    }

    std::vector<Index> tags_at(Members& row, Index team) const
    {
        std::vector<Index> result;
        auto const list = row.optional("tags");
        if (!list) return result;
        list->each(
            [&](Place const& place)
            {
                auto const index = tag_at(place, team);
                if (std::ranges::find(result, index) != result.end()) place.refuse("stands twice");
                result.push_back(index);
            });
        return result;
    }

    void session(Members& row)
    {
        auto const id = row.required("id");
        Session result;
        result.row.id = id.text();
        if (result.row.id.empty() || result.row.id.find('/') != std::string::npos ||
            count_code_points(result.row.id) > session_id_max)
            id.refuse("must have 1 to 255 characters and no '/'");
        session_references(row, result.row);
        session_course(row, result.row);
        auto const state = row.optional("state");
        if (state) result.row.state = state->compact_json();
        result.row.tags = tags_at(row, result.row.team);
        session_files(row, result.row);
        if (auto const list = row.optional("messages"))
            list->each([&](Place const& place) { result.messages.push_back(message(place, result.row.team)); });
        if (auto const list = row.optional("usage")) session_usage(*list, result.row);
        sessions_.add(id, key_of(result.row.team, result.row.id), world_.sessions.size());
        world_.sessions.push_back(std::move(result));
    }

    void session_references(Members& row, store::SessionRow& result) const
    {
        result.team = teams_.resolve(row.required("team"));
        result.experiment = experiment_of(row.required("experiment"), result.team);
        auto const participant_place = row.required("participant");
        result.participant = participants_.resolve(participant_place);
        require_team(participant_place, rows().participants[result.participant].team, result.team);
        if (auto const channel_place = row.present("channel"))
        {
            result.channel = channels_.resolve(*channel_place);
            require_team(*channel_place, rows().channels[*result.channel].team, result.team);
        }
    }

    static void session_course(Members& row, store::SessionRow& result)
    {
        if (auto const platform = row.present("platform")) result.platform = platform->text();
        auto const status = row.required("status");
        auto const known = domain::status_from_word(status.text());
        if (!known) status.refuse("is not a status: setup, pending, active, pending-review, complete, unknown");
        result.status = *known;
        result.created_at = row.required("created_at").moment();
        result.updated_at = moment(row, "updated_at").value_or(result.created_at);
        result.ended_at = moment(row, "ended_at");
        result.token_required = truth(row, "token_required", true);
    }

    void session_files(Members& row, store::SessionRow& result) const
    {
        auto const list = row.optional("files");
        if (!list) return;
        list->each(
            [&](Place const& place)
            {
                auto const id = place.integer(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
                auto const index = files_.find(key_of(result.team, std::to_string(id)));
                if (!index) place.refuse("there is no such file in this team");
                if (std::ranges::find(result.files, *index) != result.files.end()) place.refuse("stands twice");
                result.files.push_back(*index);
            });
    }

    static void session_usage(Place const& list, store::SessionRow& result)
    {
        list.each([&](Place const& place) { result.usage.push_back(usage(place)); });
        if (!adds_up(result.usage)) list.refuse("is too much to be added up");
    }

    Message message(Place const& place, Index team) const
    {
        Members row(place);
        Message result;
        auto const type = word(row.required("type"), {"human", "ai", "system"});
        result.role = type == "human" ? domain::Role::user : type == "ai" ? domain::Role::assistant : domain::Role::system;
        result.content = row.required("content").text();
        result.tags = tags_at(row, team);
        if (auto const metadata = row.present("metadata"))
        {
            if (!metadata->value().is_object())
                metadata->refuse("must be an object, not " + std::string(metadata->value().type_word()));
            result.metadata = metadata->compact_json();
        }
        if (auto const summary = row.present("summary")) result.summary = summary->text();
        result.created_at = row.required("created_at").moment();
        row.finish();
        return result;
    }

    // A decimal, not negative, of at most 18 digits, of which so many may stand behind the point. The spelling is kept.
    static std::string decimal(Place const& place, std::size_t places_max)
    {
        auto const value = place.value();
        auto const spelling = value.is_number() ? std::string(value.text()) : place.text();
        auto const digits = std::string_view(spelling);
        auto const point = digits.find('.');
        auto const whole = digits.substr(0, point);
        auto const fraction = point == std::string_view::npos ? std::string_view() : digits.substr(point + 1);
        auto const all_digits = [](std::string_view text)
        { return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }); };
        auto const is_decimal =
            !whole.empty() && all_digits(whole) && all_digits(fraction) && (point == std::string_view::npos || !fraction.empty());
        if (!is_decimal) place.refuse("must be a decimal such as \"0.0123\"");
        if (whole.size() > 18 - places_max || fraction.size() > places_max)
            place.refuse("must have at most " + std::to_string(18 - places_max) + " digits before the point and " +
                         std::to_string(places_max) + " behind it");
        return spelling;
    }

    static store::UsageRow usage(Place const& place)
    {
        Members row(place);
        store::UsageRow result{.model = row.required("model").text(),
                               .kind = row.required("kind").text(),
                               .quantity = decimal(row.required("quantity"), 4),
                               .cost = decimal(row.required("cost"), 8),
                               .source = row.required("source").text()};
        row.finish();
        return result;
    }

    [[nodiscard]] store::WorldRows& rows() noexcept { return world_.rows; }
    [[nodiscard]] store::WorldRows const& rows() const noexcept { return world_.rows; }

    World world_;
    std::unordered_set<std::string> roles_known_;
    std::unordered_set<std::string> digests_;
    std::unordered_multimap<std::string, Index> token_names_;
    Names teams_{"team"};
    Names users_{"user"};
    Names emails_{"user"};
    Names memberships_{"membership"};
    Names experiments_{"chatbot"};
    Names experiment_ids_{"chatbot"};
    Names applications_{"application"};
    Names client_ids_{"application"};
    Names tokens_{"access token"};
    Names consents_{"consent"};
    Names channels_{"channel"};
    Names tags_{"tag"};
    Names participants_{"participant"};
    Names identifiers_{"participant"};
    Names files_{"file"};
    Names sessions_{"session"};
};

} // namespace

World decode(std::string_view text, std::vector<std::string> const& roles_known)
{
    auto const document = json::Document::parse(text);
    if (!document) throw Invalid("$", "is not JSON: " + document.error().sentence());
    auto const root = Place(document->root());
    return Decoder(roles_known).decode(root);
}

} // namespace parley::world
