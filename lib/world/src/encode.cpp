#include "parley/world/encode.hpp"

#include "parley/core/json.hpp"

#include <map>
#include <ostream>
#include <tuple>
#include <unordered_map>

namespace parley::world
{

namespace
{

using store::Index;

// Writes one object on one line, in the style of the file: {"slug": "alpha", "name": "Alpha Team"}.
class Row
{
  public:
    Row& json(std::string_view key, std::string_view value)
    {
        text_ += text_.empty() ? "{" : ", ";
        json::append_string(text_, key);
        text_ += ": ";
        text_ += value;
        return *this;
    }
    Row& text(std::string_view key, std::string_view value) { return json(key, json::to_string_literal(value)); }
    Row& text_or_null(std::string_view key, std::optional<std::string> const& value)
    {
        return value ? text(key, *value) : null(key);
    }
    Row& truth(std::string_view key, bool value) { return json(key, value ? "true" : "false"); }
    Row& number(std::string_view key, std::int64_t value) { return json(key, std::to_string(value)); }
    Row& moment(std::string_view key, Timestamp value) { return text(key, format_timestamp(value)); }
    Row& moment_or_null(std::string_view key, std::optional<Timestamp> value) { return value ? moment(key, *value) : null(key); }
    Row& digest(std::string_view key, Sha256 const& value) { return text(key, to_hex(value)); }
    Row& null(std::string_view key) { return json(key, "null"); }

    template <class Elements, class AsJson>
    Row& list(std::string_view key, Elements const& elements, AsJson as_json)
    {
        std::string value = "[";
        for (auto const& element : elements)
        {
            if (value.size() > 1) value += ", ";
            value += as_json(element);
        }
        return json(key, value + "]");
    }
    Row& texts(std::string_view key, std::vector<std::string> const& elements)
    {
        return list(key, elements, [](std::string const& element) { return json::to_string_literal(element); });
    }

    [[nodiscard]] std::string str() const { return text_.empty() ? "{}" : text_ + "}"; }

  private:
    std::string text_;
};

// A list of rows, one a line.
template <class Rows, class AsRow>
void write_list(std::ostream& out, std::string_view name, Rows const& rows, AsRow as_row)
{
    out << json::to_string_literal(name) << ": [";
    auto first = true;
    for (auto const& row : rows)
    {
        out << (first ? "\n  " : ",\n  ") << as_row(row).str();
        first = false;
    }
    out << (first ? "]" : "\n]");
}

std::string_view to_type(domain::Role role)
{
    switch (role)
    {
    case domain::Role::user:
        return "human";
    case domain::Role::assistant:
        return "ai";
    case domain::Role::system:
        break;
    }
    return "system";
}

// The names by which rows refer to others: what is unique in the database and the same after a reload.
class Keys
{
  public:
    explicit Keys(store::WorldRows const& rows) : rows_(rows)
    {
        for (auto const& token : rows.access_tokens)
            ++tokens_of_name_[token.name];
    }

    [[nodiscard]] std::string_view team(Index index) const { return rows_.teams[index].slug; }
    [[nodiscard]] std::string_view user(Index index) const { return rows_.users[index].email; }
    [[nodiscard]] std::string_view experiment(Index index) const { return rows_.experiments[index].id.text(); }
    [[nodiscard]] std::string_view application(Index index) const { return rows_.applications[index].client_id; }
    [[nodiscard]] static std::string channel(Index index) { return "channel-" + std::to_string(index + 1); }
    [[nodiscard]] static std::string participant(Index index) { return "p" + std::to_string(index + 1); }

    [[nodiscard]] std::optional<std::string> team(std::optional<Index> index) const
    {
        return index ? std::optional(std::string(team(*index))) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> user(std::optional<Index> index) const
    {
        return index ? std::optional(std::string(user(*index))) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> experiment(std::optional<Index> index) const
    {
        return index ? std::optional(std::string(experiment(*index))) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> access_token(std::optional<Index> index) const
    {
        if (!index) return std::nullopt;
        auto const& token = rows_.access_tokens[*index];
        auto const is_its_own = !token.name.empty() && tokens_of_name_.at(token.name) == 1;
        return is_its_own ? token.name : to_hex(token.token_sha256);
    }

  private:
    store::WorldRows const& rows_;
    std::unordered_map<std::string_view, int> tokens_of_name_;
};

// Times that the file of an earlier load did not give stay away.
class Times
{
  public:
    explicit Times(std::set<Timestamp> const& loaded_at) : loaded_at_(loaded_at) {}

    void add(Row& row, std::string_view key, std::optional<Timestamp> when) const
    {
        if (when && !loaded_at_.contains(*when)) row.moment(key, *when);
    }

  private:
    std::set<Timestamp> const& loaded_at_;
};

std::vector<bool> find_ambiguous_tags(std::vector<store::TagRow> const& tags)
{
    std::map<std::tuple<Index, std::string_view, std::string_view>, int> counts;
    for (auto const& tag : tags)
        ++counts[{tag.team, tag.name, tag.category}];
    std::vector<bool> result;
    for (auto const& tag : tags)
        result.push_back(counts[{tag.team, tag.name, tag.category}] > 1);
    return result;
}

void write_people(std::ostream& out, store::WorldRows const& rows, Keys const& keys, Times const& times)
{
    write_list(out, "teams", rows.teams,
               [&](store::TeamRow const& team)
               {
                   Row row;
                   row.text("slug", team.slug).text("name", team.name);
                   if (team.api_rate_limit) row.text("api_rate_limit", *team.api_rate_limit);
                   times.add(row, "created_at", team.created_at);
                   return row;
               });
    Row roles;
    for (auto const& role : rows.roles)
        roles.texts(role.name, role.permissions);
    out << ",\n\"roles\": " << roles.str() << ",\n";
    write_list(out, "users", rows.users,
               [&](store::UserRow const& user)
               {
                   Row row;
                   row.text("key", user.email)
                       .text("email", user.email)
                       .text("first_name", user.first_name)
                       .text("last_name", user.last_name);
                   row.truth("is_active", user.is_active).truth("email_verified", user.email_verified);
                   row.text("password_hash", user.password_hash);
                   if (user.last_login != store::last_login_default) row.moment_or_null("last_login", user.last_login);
                   times.add(row, "created_at", user.created_at);
                   return row;
               });
    out << ",\n";
    write_list(out, "memberships", rows.memberships,
               [&](store::MembershipRow const& membership)
               {
                   Row row;
                   row.text("team", keys.team(membership.team))
                       .text("user", keys.user(membership.user))
                       .texts("roles", membership.roles);
                   return row;
               });
    out << ",\n";
    write_list(
        out, "api_keys", rows.api_keys,
        [&](store::ApiKeyRow const& key)
        {
            Row row;
            row.text("name", key.name).text("prefix", key.prefix).digest("key_sha256", key.key_sha256);
            row.text("user", keys.user(key.user)).text("team", keys.team(key.team));
            row.truth("read_only", key.read_only).truth("revoked", key.is_revoked).moment_or_null("expiry", key.expires_at);
            times.add(row, "created_at", key.created_at);
            return row;
        });
}

void write_grants(std::ostream& out, store::WorldRows const& rows, Keys const& keys, Times const& times)
{
    write_list(out, "refresh_tokens", rows.refresh_tokens,
               [&](store::RefreshTokenRow const& token)
               {
                   Row row;
                   row.text("name", token.name).digest("token_sha256", token.token_sha256);
                   row.text_or_null("access_token", keys.access_token(token.access_token))
                       .text("app", keys.application(token.application));
                   row.text("user", keys.user(token.user)).text_or_null("team", keys.team(token.team));
                   if (!token.access_token || token.scope != rows.access_tokens[*token.access_token].scope)
                       row.text("scope", token.scope);
                   if (token.family) row.text("family", token.family->text());
                   if (token.revoked_at) row.moment_or_null("revoked_at", token.revoked_at);
                   if (token.auth_time) row.moment("auth_time", *token.auth_time);
                   times.add(row, "created_at", token.created_at);
                   return row;
               });
    out << ",\n";
    write_list(out, "grants", rows.grants,
               [&](store::GrantRow const& grant)
               {
                   Row row;
                   row.digest("code_sha256", grant.code_sha256).text("app", keys.application(grant.application));
                   row.text("user", keys.user(grant.user)).text_or_null("team", keys.team(grant.team)).text("scope", grant.scope);
                   row.text("redirect_uri", grant.redirect_uri).moment("expires", grant.expires_at);
                   row.text("code_challenge", grant.code_challenge).text("code_challenge_method", grant.code_challenge_method);
                   row.text("nonce", grant.nonce);
                   if (grant.auth_time) row.moment("auth_time", *grant.auth_time);
                   times.add(row, "created_at", grant.created_at);
                   return row;
               });
    if (rows.consents.empty()) return;
    out << ",\n";
    write_list(out, "consents", rows.consents,
               [&](store::ConsentRow const& consent)
               {
                   Row row;
                   row.text("user", keys.user(consent.user)).text("app", keys.application(consent.application));
                   row.text("team", keys.team(consent.team)).texts("scopes", consent.scopes);
                   times.add(row, "granted_at", consent.granted_at);
                   return row;
               });
}

void write_oauth(std::ostream& out, store::WorldRows const& rows, Keys const& keys, Times const& times)
{
    out << "\"oauth\": {";
    if (rows.scopes_machine_allowed)
    {
        auto const scopes = Row().texts("scopes_machine_allowed", *rows.scopes_machine_allowed).str();
        out << scopes.substr(1, scopes.size() - 2) << ",\n";
    }
    write_list(out, "applications", rows.applications,
               [&](store::ApplicationRow const& application)
               {
                   Row row;
                   row.text("key", application.client_id).text("client_id", application.client_id);
                   row.text("client_secret_hash", application.client_secret_hash).text("client_type", application.client_type);
                   row.text("grant", application.grant_type).text_or_null("team", keys.team(application.team));
                   row.texts("redirect_uris", application.redirect_uris).text("algorithm", application.algorithm);
                   row.text("name", application.name).text_or_null("owner", keys.user(application.owner));
                   row.list("allowed_chatbots", application.allowed_experiments,
                            [&](Index index) { return json::to_string_literal(keys.experiment(index)); });
                   if (application.allowed_scopes) row.texts("allowed_scopes", *application.allowed_scopes);
                   if (application.is_resource_server) row.truth("resource_server", true);
                   times.add(row, "created_at", application.created_at);
                   return row;
               });
    out << ",\n";
    write_list(out, "access_tokens", rows.access_tokens,
               [&](store::AccessTokenRow const& token)
               {
                   Row row;
                   row.text("name", token.name)
                       .digest("token_sha256", token.token_sha256)
                       .text("app", keys.application(token.application));
                   row.text_or_null("user", keys.user(token.user))
                       .text_or_null("team", keys.team(token.team))
                       .text("scope", token.scope);
                   row.moment("expires", token.expires_at);
                   if (token.family) row.text("family", token.family->text());
                   times.add(row, "created_at", token.created_at);
                   return row;
               });
    out << ",\n";
    write_grants(out, rows, keys, times);
    out << "},\n";
    write_list(out, "browser_sessions", rows.browser_sessions,
               [&](store::BrowserSessionRow const& session)
               {
                   Row row;
                   row.digest("cookie_sha256", session.cookie_sha256).text("user", keys.user(session.user));
                   times.add(row, "created_at", session.created_at);
                   times.add(row, "last_seen_at", session.last_seen_at);
                   if (session.authenticated_at) row.moment("authenticated_at", *session.authenticated_at);
                   return row;
               });
}

void write_chatbots(std::ostream& out, store::WorldRows const& rows, Keys const& keys, Times const& times)
{
    write_list(
        out, "experiments", rows.experiments,
        [&](store::ExperimentRow const& experiment)
        {
            Row row;
            row.text("key", experiment.id.text()).text("id", experiment.id.text()).text("team", keys.team(experiment.team));
            row.text("name", experiment.name).text_or_null("description", experiment.description);
            row.text_or_null("working", keys.experiment(experiment.working)).number("version_number", experiment.version_number);
            row.truth("is_default", experiment.is_default).truth("archived", experiment.is_archived);
            row.text("version_description", experiment.version_description).texts("allowlist", experiment.allowlist);
            times.add(row, "created_at", experiment.created_at);
            return row;
        });
    out << ",\n";
    Index index = 0;
    write_list(out, "channels", rows.channels,
               [&](store::ChannelRow const& channel)
               {
                   Row row;
                   row.text("key", Keys::channel(index++)).text("team", keys.team(channel.team));
                   row.text("experiment", keys.experiment(channel.experiment))
                       .text("platform", channel.platform)
                       .text("name", channel.name);
                   if (channel.embed_key_sha256) row.digest("embed_key_sha256", *channel.embed_key_sha256);
                   row.texts("allowed_domains", channel.allowed_domains).number("auth_level", channel.auth_level);
                   row.text("credential_mode", channel.credential_mode).truth("enabled", channel.is_enabled);
                   row.text("disabled_message", channel.disabled_message);
                   if (channel.session_token_days) row.number("session_token_days", *channel.session_token_days);
                   times.add(row, "created_at", channel.created_at);
                   return row;
               });
}

void write_subjects(std::ostream& out, store::WorldRows const& rows, Keys const& keys)
{
    write_list(out, "tags", rows.tags,
               [&](store::TagRow const& tag)
               {
                   Row row;
                   row.text("team", keys.team(tag.team))
                       .text("name", tag.name)
                       .text("category", tag.category)
                       .truth("system", tag.is_system);
                   return row;
               });
    out << ",\n";
    Index index = 0;
    write_list(out, "participants", rows.participants,
               [&](store::ParticipantRow const& participant)
               {
                   Row row;
                   row.text("key", Keys::participant(index++)).text("team", keys.team(participant.team));
                   row.text("platform", participant.platform).text("identifier", participant.identifier);
                   row.text("remote_id", participant.remote_id)
                       .text("name", participant.name)
                       .text_or_null("user", keys.user(participant.user));
                   return row;
               });
    out << ",\n";
    write_list(out, "files", rows.files,
               [&](store::FileRow const& file)
               {
                   Row row;
                   row.number("id", file.id).text("team", keys.team(file.team)).text("name", file.name);
                   row.text("content_type", file.content_type);
                   if (file.size)
                       row.number("size", *file.size);
                   else
                       row.null("size");
                   row.text("external_id", file.external_id);
                   return row;
               });
}

std::string tag_reference(store::TagRow const& tag, bool is_ambiguous)
{
    auto result = "[" + json::to_string_literal(tag.name) + ", " + json::to_string_literal(tag.category);
    if (is_ambiguous) result += tag.is_system ? ", true" : ", false";
    return result + "]";
}

std::string usage_row(store::UsageRow const& usage)
{
    return Row()
        .text("model", usage.model)
        .text("kind", usage.kind)
        .text("quantity", usage.quantity)
        .text("cost", usage.cost)
        .text("source", usage.source)
        .str();
}

} // namespace

Encoder::Encoder(std::ostream& out, store::WorldRows const& rows, std::set<Timestamp> loaded_at)
    : out_(out), rows_(rows), loaded_at_(std::move(loaded_at)), tag_is_ambiguous_(find_ambiguous_tags(rows.tags))
{
    parts();
}

void Encoder::parts()
{
    auto const keys = Keys(rows_);
    auto const times = Times(loaded_at_);
    out_ << "{\n";
    write_people(out_, rows_, keys, times);
    out_ << ",\n";
    write_oauth(out_, rows_, keys, times);
    out_ << ",\n";
    write_chatbots(out_, rows_, keys, times);
    out_ << ",\n";
    write_subjects(out_, rows_, keys);
    out_ << ",\n\"sessions\": [";
}

void Encoder::sessions(std::vector<Session> const& portion)
{
    auto const keys = Keys(rows_);
    auto const tag = [&](Index index) { return tag_reference(rows_.tags[index], tag_is_ambiguous_[index]); };
    auto const message_row = [&](Message const& message)
    {
        return Row()
            .text("type", to_type(message.role))
            .text("content", message.content)
            .list("tags", message.tags, tag)
            .json("metadata", message.metadata)
            .text_or_null("summary", message.summary)
            .moment("created_at", message.created_at)
            .str();
    };
    for (auto const& session : portion)
    {
        auto const& head = session.row;
        Row row;
        row.text("id", head.id).text("team", keys.team(head.team)).text("experiment", keys.experiment(head.experiment));
        row.text("participant", Keys::participant(head.participant)).text_or_null("platform", head.platform);
        row.text("status", domain::to_word(head.status))
            .moment("created_at", head.created_at)
            .moment("updated_at", head.updated_at);
        row.json("state", head.state).list("tags", head.tags, tag).list("messages", session.messages, message_row);
        row.list("files", head.files, [&](Index index) { return std::to_string(rows_.files[index].id); });
        row.moment_or_null("ended_at", head.ended_at);
        row.text_or_null("channel", head.channel ? std::optional(Keys::channel(*head.channel)) : std::nullopt);
        row.truth("token_required", head.token_required).list("usage", head.usage, usage_row);
        out_ << (is_first_session_ ? "\n  " : ",\n  ") << row.str();
        is_first_session_ = false;
    }
}

void Encoder::finish()
{
    out_ << (is_first_session_ ? "]\n}\n" : "\n]\n}\n");
}

} // namespace parley::world
