#include "parley/store/world_writer.hpp"

#include "administration_impl.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

namespace parley::store
{

namespace
{

constexpr std::int16_t facet_tag = 1;
constexpr std::int16_t facet_version = 2;
constexpr std::int64_t numbers_of_a_block = 1024; // Migration 0001: the increment of session_number.

// Columns of rows on their way into unnest, one array each.
class Columns
{
  public:
    explicit Columns(std::vector<Oid> const& oids)
    {
        for (auto const oid : oids)
            arrays_.emplace_back(oid);
    }

    // One row: as many values as there are columns, in their order. Optional values may be missing.
    template <class... Values>
    void add(Values const&... values)
    {
        std::size_t column = 0;
        (put(arrays_[column++], values), ...);
        ++rows_;
    }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] Parameters take()
    {
        Parameters parameters;
        for (auto& array : arrays_)
            parameters.add(std::move(array));
        return parameters;
    }

  private:
    template <class Value>
    static void put(ArrayParameter& array, Value const& value)
    {
        array.add(value);
    }
    template <class Value>
    static void put(ArrayParameter& array, std::optional<Value> const& value)
    {
        if (value)
            array.add(*value);
        else
            array.add_null();
    }
    std::vector<ArrayParameter> arrays_;
    std::size_t rows_ = 0;
};

std::string names_in_order(WorldRows const& rows, std::vector<Index> tags)
{
    std::ranges::sort(tags); // A tag's place is the order of its creation.
    std::string result = "[";
    for (auto const index : tags)
    {
        if (result.size() > 1) result += ',';
        json::append_string(result, rows.tags[index].name);
    }
    return result + "]";
}

} // namespace

struct WorldWriter::Impl
{
    explicit Impl(Administration& administration)
        : store(administration.impl()), now(store.clock.now()),
          transaction(store.guarded([&] { return std::make_unique<Connection::Transaction>(store.connection); }))
    {
    }

    Administration::Impl& store;
    Timestamp now;
    std::unique_ptr<Connection::Transaction> transaction;

    WorldRows const* rows = nullptr;
    std::vector<std::int64_t> team_ids;
    std::vector<std::int64_t> user_ids;
    std::vector<std::int64_t> application_ids;
    std::vector<std::int64_t> channel_ids;
    std::vector<std::int64_t> tag_ids;
    std::vector<std::int64_t> participant_ids;
    std::map<std::pair<std::int64_t, Uuid>, std::int64_t> sessions_of_experiment;
    std::map<std::tuple<std::int64_t, std::string, Uuid>, std::int64_t> sessions_of_version;
    std::int64_t upcoming_number = 0;
    std::int64_t numbers_left = 0;
    std::int64_t sessions_written = 0;
    std::int64_t messages_written = 0;

    void insert(std::string_view statement, Columns& columns)
    {
        if (columns.rows() != 0) store.run(statement, columns.take());
    }

    std::vector<std::int64_t> reserve(std::string_view table, std::string_view column, std::size_t count)
    {
        std::vector<std::int64_t> ids;
        if (count == 0) return ids;
        Parameters parameters;
        parameters.add(table).add(column).add(static_cast<std::int64_t>(count));
        auto const answer = store.run("world_reserve", parameters);
        for (std::size_t i = 0; i < answer.size(); ++i)
        {
            if (answer[i].is_null(0)) throw std::logic_error(std::string(table) + "." + std::string(column) + " has no sequence");
            ids.push_back(answer[i].number(0));
        }
        return ids;
    }

    std::vector<std::int64_t> reserve_session_numbers(std::size_t count)
    {
        constexpr std::size_t block = 1024; // What one value of the sequence stands for.
        std::vector<std::int64_t> numbers;
        if (count == 0) return numbers;
        numbers.reserve(count);
        Parameters parameters;
        parameters.add(static_cast<std::int64_t>((count + block - 1) / block));
        auto const firsts = store.run("world_reserve_session_numbers", parameters);
        for (std::size_t i = 0; i < count; ++i)
            numbers.push_back(firsts[i / block].number(0) + static_cast<std::int64_t>(i % block));
        return numbers;
    }

    [[nodiscard]] Timestamp or_now(std::optional<Timestamp> const& when) const { return when.value_or(now); }
    static std::optional<std::int64_t> id_at(std::vector<std::int64_t> const& ids, std::optional<Index> index)
    {
        return index ? std::optional(ids[*index]) : std::nullopt;
    }
    [[nodiscard]] std::optional<Uuid> experiment_id(std::optional<Index> index) const
    {
        return index ? std::optional(rows->experiments[*index].id) : std::nullopt;
    }

    void refuse_existing()
    {
        ArrayParameter slugs(Oid::text);
        for (auto const& team : rows->teams)
            slugs.add(team.slug);
        ArrayParameter emails(Oid::text);
        for (auto const& user : rows->users)
            emails.add(user.email);
        ArrayParameter experiments(Oid::uuid);
        for (auto const& experiment : rows->experiments)
            experiments.add(experiment.id);
        ArrayParameter clients(Oid::text);
        for (auto const& application : rows->applications)
            clients.add(application.client_id);
        ArrayParameter keys(Oid::bytes);
        for (auto const& key : rows->api_keys)
            keys.add(key.key_sha256);
        Parameters parameters;
        parameters.add(std::move(slugs))
            .add(std::move(emails))
            .add(std::move(experiments))
            .add(std::move(clients))
            .add(std::move(keys));
        auto const found = store.run("world_find_existing", parameters);
        if (found.empty()) return;
        auto const others = found.size() - 1;
        throw Refused(found[0].text(0) + " \"" + found[0].text(1) + "\" exists already" +
                      (others == 0 ? "" : ", and " + std::to_string(others) + " more of the world") + ": nothing was loaded");
    }

    void write_roles()
    {
        Columns columns({Oid::text, Oid::text});
        for (auto const& role : rows->roles)
            columns.add(role.name, array_literal(role.permissions));
        if (columns.rows() == 0) return;
        auto const written = store.run("world_insert_roles", columns.take());
        std::set<std::string, std::less<>> names;
        for (std::size_t i = 0; i < written.size(); ++i)
            names.insert(written[i].text(0));
        for (auto const& role : rows->roles)
            if (!names.contains(role.name))
                throw Refused("role \"" + role.name +
                              "\" exists already with other permissions, and somebody has it: nothing was loaded");
    }

    void write_people()
    {
        team_ids = reserve("team", "id", rows->teams.size());
        Columns teams({Oid::int8, Oid::text, Oid::text, Oid::text, Oid::timestamptz});
        for (Index i = 0; i < rows->teams.size(); ++i)
        {
            auto const& team = rows->teams[i];
            if (team.api_rate_limit) check_api_rate_limit(*team.api_rate_limit);
            teams.add(team_ids[i], team.slug, team.name, team.api_rate_limit, or_now(team.created_at));
        }
        insert("world_insert_teams", teams);

        user_ids = reserve("app_user", "id", rows->users.size());
        Columns users({Oid::int8, Oid::text, Oid::text, Oid::text, Oid::boolean, Oid::boolean, Oid::text, Oid::timestamptz,
                       Oid::timestamptz});
        for (Index i = 0; i < rows->users.size(); ++i)
        {
            auto const& user = rows->users[i];
            users.add(user_ids[i], user.email, user.first_name, user.last_name, user.is_active, user.email_verified,
                      user.password_hash, user.last_login, or_now(user.created_at));
        }
        insert("world_insert_users", users);

        Columns memberships({Oid::int8, Oid::int8, Oid::text});
        std::set<std::string> roles;
        for (auto const& membership : rows->memberships)
        {
            roles.insert(membership.roles.begin(), membership.roles.end());
            memberships.add(team_ids[membership.team], user_ids[membership.user], array_literal(membership.roles));
        }
        store.require_roles({roles.begin(), roles.end()});
        insert("world_insert_memberships", memberships);
    }

    void write_credentials()
    {
        auto const key_ids = reserve("api_key", "id", rows->api_keys.size());
        Columns keys({Oid::int8, Oid::bytes, Oid::text, Oid::int8, Oid::int8, Oid::text, Oid::boolean, Oid::boolean,
                      Oid::timestamptz, Oid::timestamptz});
        for (Index i = 0; i < rows->api_keys.size(); ++i)
        {
            auto const& key = rows->api_keys[i];
            keys.add(key_ids[i], key.key_sha256, key.prefix, team_ids[key.team], user_ids[key.user], key.name, key.read_only,
                     key.is_revoked, key.expires_at, or_now(key.created_at));
        }
        insert("world_insert_api_keys", keys);

        Columns logins({Oid::bytes, Oid::int8, Oid::timestamptz, Oid::timestamptz, Oid::timestamptz});
        for (auto const& login : rows->browser_sessions)
            logins.add(login.cookie_sha256, user_ids[login.user], or_now(login.created_at), or_now(login.last_seen_at),
                       login.authenticated_at);
        insert("world_insert_browser_sessions", logins);
    }

    void write_chatbots()
    {
        Columns experiments({Oid::uuid, Oid::int8, Oid::text, Oid::text, Oid::uuid, Oid::int4, Oid::boolean, Oid::boolean,
                             Oid::text, Oid::text, Oid::timestamptz});
        for (auto const& experiment : rows->experiments)
            experiments.add(experiment.id, team_ids[experiment.team], experiment.name, experiment.description,
                            experiment_id(experiment.working), static_cast<std::int32_t>(experiment.version_number),
                            experiment.is_default, experiment.is_archived, experiment.version_description,
                            array_literal(experiment.allowlist), or_now(experiment.created_at));
        insert("world_insert_experiments", experiments);

        channel_ids = reserve("channel", "id", rows->channels.size());
        Columns channels({Oid::int8, Oid::int8, Oid::uuid, Oid::text, Oid::text, Oid::bytes, Oid::text, Oid::int2, Oid::text,
                          Oid::boolean, Oid::text, Oid::int4, Oid::timestamptz});
        for (Index i = 0; i < rows->channels.size(); ++i)
        {
            auto const& channel = rows->channels[i];
            channels.add(team_ids[channel.team], channel_ids[i], rows->experiments[channel.experiment].id, channel.platform,
                         channel.name, channel.embed_key_sha256, array_literal(channel.allowed_domains),
                         static_cast<std::int16_t>(channel.auth_level), channel.credential_mode, channel.is_enabled,
                         channel.disabled_message, channel.session_token_days, or_now(channel.created_at));
        }
        insert("world_insert_channels", channels);
    }

    void write_oauth()
    {
        if (rows->scopes_machine_allowed)
        {
            Parameters parameters;
            parameters.add("scopes_machine_allowed").add(text_array(*rows->scopes_machine_allowed));
            store.run("world_insert_setting", parameters);
        }
        application_ids = reserve("oauth_application", "id", rows->applications.size());
        Columns applications({Oid::int8, Oid::text, Oid::text, Oid::text, Oid::text, Oid::int8, Oid::text, Oid::text, Oid::text,
                              Oid::int8, Oid::text, Oid::text, Oid::boolean, Oid::timestamptz});
        for (Index i = 0; i < rows->applications.size(); ++i)
        {
            auto const& application = rows->applications[i];
            std::vector<std::string> allowed;
            for (auto const index : application.allowed_experiments)
                allowed.push_back(rows->experiments[index].id.str());
            applications.add(application_ids[i], application.client_id, application.client_secret_hash, application.client_type,
                             application.grant_type, id_at(team_ids, application.team), array_literal(application.redirect_uris),
                             application.algorithm, application.name, id_at(user_ids, application.owner), array_literal(allowed),
                             application.allowed_scopes ? std::optional(array_literal(*application.allowed_scopes))
                                                        : std::nullopt,
                             application.is_resource_server, or_now(application.created_at));
        }
        insert("world_insert_applications", applications);
        write_tokens();
    }

    void write_tokens()
    {
        Columns access(
            {Oid::bytes, Oid::text, Oid::int8, Oid::int8, Oid::int8, Oid::text, Oid::timestamptz, Oid::uuid, Oid::timestamptz});
        for (auto const& token : rows->access_tokens)
            access.add(token.token_sha256, token.name, application_ids[token.application], id_at(user_ids, token.user),
                       id_at(team_ids, token.team), token.scope, token.expires_at, token.family, or_now(token.created_at));
        insert("world_insert_access_tokens", access);

        Columns refresh({Oid::bytes, Oid::text, Oid::bytes, Oid::int8, Oid::int8, Oid::int8, Oid::text, Oid::uuid,
                         Oid::timestamptz, Oid::timestamptz, Oid::timestamptz});
        for (auto const& token : rows->refresh_tokens)
            refresh.add(token.token_sha256, token.name,
                        token.access_token ? std::optional(rows->access_tokens[*token.access_token].token_sha256) : std::nullopt,
                        application_ids[token.application], user_ids[token.user], id_at(team_ids, token.team), token.scope,
                        token.family, token.revoked_at, token.auth_time, or_now(token.created_at));
        insert("world_insert_refresh_tokens", refresh);

        Columns grants({Oid::bytes, Oid::int8, Oid::int8, Oid::int8, Oid::text, Oid::text, Oid::text, Oid::text, Oid::text,
                        Oid::timestamptz, Oid::timestamptz, Oid::timestamptz});
        for (auto const& grant : rows->grants)
            grants.add(grant.code_sha256, application_ids[grant.application], user_ids[grant.user], id_at(team_ids, grant.team),
                       grant.scope, grant.redirect_uri, grant.code_challenge, grant.code_challenge_method, grant.nonce,
                       grant.expires_at, grant.auth_time, or_now(grant.created_at));
        insert("world_insert_grants", grants);

        Columns consents({Oid::int8, Oid::int8, Oid::int8, Oid::text, Oid::timestamptz});
        for (auto const& consent : rows->consents)
            consents.add(user_ids[consent.user], application_ids[consent.application], team_ids[consent.team],
                         array_literal(consent.scopes), or_now(consent.granted_at));
        insert("world_insert_consents", consents);
    }

    void write_subjects()
    {
        tag_ids = reserve("tag", "id", rows->tags.size());
        Columns tags({Oid::int8, Oid::int8, Oid::text, Oid::text, Oid::boolean});
        for (Index i = 0; i < rows->tags.size(); ++i)
            tags.add(team_ids[rows->tags[i].team], tag_ids[i], rows->tags[i].name, rows->tags[i].category,
                     rows->tags[i].is_system);
        insert("world_insert_tags", tags);

        participant_ids = reserve("participant", "id", rows->participants.size());
        Columns participants({Oid::int8, Oid::int8, Oid::text, Oid::text, Oid::text, Oid::text, Oid::int8});
        for (Index i = 0; i < rows->participants.size(); ++i)
        {
            auto const& participant = rows->participants[i];
            participants.add(team_ids[participant.team], participant_ids[i], participant.platform, participant.identifier,
                             participant.remote_id, participant.name, id_at(user_ids, participant.user));
        }
        insert("world_insert_participants", participants);

        Columns files({Oid::int8, Oid::int8, Oid::text, Oid::text, Oid::int8, Oid::text});
        for (auto const& file : rows->files)
            files.add(team_ids[file.team], file.id, file.name, file.content_type, file.size, file.external_id);
        insert("world_insert_files", files);
    }

    // Ascending, so that a dump has the order of the file.
    std::int64_t next_number()
    {
        if (numbers_left == 0)
        {
            upcoming_number = store.run("world_reserve_numbers")[0].number(0);
            numbers_left = numbers_of_a_block;
        }
        --numbers_left;
        return upcoming_number++;
    }

    [[nodiscard]] std::string tag_ids_of(std::vector<Index> const& tags) const
    {
        std::vector<std::int64_t> ids;
        for (auto const index : tags)
            ids.push_back(tag_ids[index]);
        return array_literal(ids);
    }

    [[nodiscard]] std::string names_of(std::vector<Index> const& tags) const
    {
        std::vector<std::string> names;
        for (auto const index : tags)
            names.push_back(rows->tags[index].name);
        return array_literal(names);
    }

    [[nodiscard]] std::vector<Index> system_tags(std::vector<Index> tags) const
    {
        std::erase_if(tags, [&](Index index) { return !rows->tags[index].is_system; });
        return tags;
    }

    void write_sessions(std::vector<SessionRow> const& portion)
    {
        auto const numbers = reserve_session_numbers(portion.size());
        Columns sessions({Oid::int8, Oid::int8, Oid::int8, Oid::timestamptz, Oid::timestamptz, Oid::timestamptz,
                          Oid::uuid, Oid::int8, Oid::int4, Oid::int2,        Oid::boolean,     Oid::boolean,
                          Oid::text, Oid::text, Oid::text, Oid::text,        Oid::text,        Oid::text,
                          Oid::text, Oid::text, Oid::text, Oid::text});
        Columns messages({Oid::int8, Oid::int8, Oid::int4, Oid::timestamptz, Oid::text, Oid::text, Oid::text});
        Columns facets({Oid::int8, Oid::int2, Oid::text, Oid::timestamptz, Oid::text});
        Columns files({Oid::int8, Oid::int8, Oid::int8});
        Columns usage({Oid::int8, Oid::int8, Oid::int4, Oid::text, Oid::text, Oid::text, Oid::text, Oid::text});
        Columns chats({Oid::text, Oid::int8});
        for (auto const& session : portion)
        {
            if (is_chat(session)) chats.add(session.id, team_ids[session.team]);
            auto const number = next_number();
            add_session(sessions, session, number);
            add_messages(messages, session, number);
            add_facets(facets, session);
            for (auto const file : session.files)
                files.add(team_ids[session.team], number, rows->files[file].id);
            for (std::int32_t position = 0; auto const& used : session.usage)
                usage.add(team_ids[session.team], number, position++, used.model, used.kind, used.quantity, used.cost,
                          used.source);
            ++sessions_of_experiment[{team_ids[session.team], rows->experiments[session.experiment].id}];
        }
        sessions_written += static_cast<std::int64_t>(sessions.rows());
        messages_written += static_cast<std::int64_t>(messages.rows());
        insert("world_insert_sessions", sessions);
        insert("world_insert_messages", messages);
        insert("world_insert_session_facets", facets);
        insert("world_insert_session_files", files);
        insert("world_insert_session_usage", usage);
        insert("world_insert_chat_sessions", chats);
    }

    // What a widget or a browser can come back to; sessions that were made over the API are not.
    [[nodiscard]] static bool is_chat(SessionRow const& session)
    {
        return session.channel || session.platform == "web" || session.platform == "embedded_widget";
    }

    void add_session(Columns& columns, SessionRow const& session, std::int64_t number) const
    {
        auto const& participant = rows->participants[session.participant];
        auto const has_links =
            std::ranges::any_of(session.messages, [](MessageRow const& message)
                                { return message.rendered.find(domain::link_base_mark) != std::string::npos; });
        columns.add(team_ids[session.team], number, participant_ids[session.participant], session.created_at, session.updated_at,
                    session.ended_at, rows->experiments[session.experiment].id, id_at(channel_ids, session.channel),
                    static_cast<std::int32_t>(session.messages.size()), static_cast<std::int16_t>(session.status),
                    session.token_required, has_links, session.id, session.platform, participant.identifier,
                    participant.remote_id, tag_ids_of(session.tags), names_of(session.tags),
                    tag_ids_of(system_tags(session.tags)), names_in_order(*rows, session.tags), session.state,
                    session.usage_rendered);
    }

    void add_messages(Columns& columns, SessionRow const& session, std::int64_t number) const
    {
        std::int32_t position = 0;
        for (auto const& message : session.messages)
            columns.add(team_ids[session.team], number, position++, message.created_at, message.rendered,
                        message.original_metadata, message.tags.empty() ? std::nullopt : std::optional(tag_ids_of(message.tags)));
    }

    void add_facets(Columns& columns, SessionRow const& session)
    {
        std::set<std::string_view> tags;
        std::set<std::string_view> versions;
        for (auto const index : session.tags)
            tags.insert(rows->tags[index].name);
        for (auto const& message : session.messages)
            for (auto const index : message.tags)
                if (rows->tags[index].category == version_tag_category) versions.insert(rows->tags[index].name);
        for (auto const name : tags)
            columns.add(team_ids[session.team], facet_tag, name, session.created_at, session.id);
        for (auto const name : versions)
        {
            columns.add(team_ids[session.team], facet_version, name, session.created_at, session.id);
            ++sessions_of_version[{team_ids[session.team], std::string(name), rows->experiments[session.experiment].id}];
        }
    }

    void write_counts()
    {
        Columns columns({Oid::int8, Oid::uuid, Oid::int8});
        for (auto const& [experiment, sessions] : sessions_of_experiment)
            columns.add(experiment.first, experiment.second, sessions);
        insert("world_count_sessions", columns);
        Columns versions({Oid::int8, Oid::text, Oid::uuid, Oid::int8});
        for (auto const& [version, sessions] : sessions_of_version)
            versions.add(std::get<0>(version), std::get<1>(version), std::get<2>(version), sessions);
        insert("world_count_versions", versions);
    }
};

WorldWriter::WorldWriter(Administration& administration) : impl_(std::make_unique<Impl>(administration)) {}
WorldWriter::~WorldWriter() = default;

void WorldWriter::write(WorldRows const& rows)
{
    impl_->rows = &rows;
    impl_->store.guarded(
        [&]
        {
            impl_->refuse_existing();
            impl_->write_roles();
            impl_->write_people();
            impl_->write_credentials();
            impl_->write_chatbots();
            impl_->write_oauth();
            impl_->write_subjects();
        });
}

void WorldWriter::write_sessions(std::vector<SessionRow> const& portion)
{
    if (portion.empty()) return;
    impl_->store.guarded([&] { impl_->write_sessions(portion); });
}

void WorldWriter::commit(std::string const& action, std::string const& subject)
{
    impl_->store.guarded(
        [&]
        {
            impl_->write_counts();
            Detail detail;
            detail.number("teams", static_cast<std::int64_t>(impl_->rows->teams.size()));
            detail.number("users", static_cast<std::int64_t>(impl_->rows->users.size()));
            detail.number("sessions", impl_->sessions_written).number("messages", impl_->messages_written);
            impl_->store.record(impl_->now, action, subject, detail);
            impl_->transaction->commit();
            impl_->transaction.reset();
            impl_->store.run("world_analyze");
        });
}

} // namespace parley::store
