#include "parley/store/world_reader.hpp"

#include "administration_impl.hpp"

#include <unordered_map>

namespace parley::store
{

namespace
{

// From the database's ids to places in WorldRows.
using Places = std::unordered_map<std::int64_t, Index>;

// One row of an answer, column after column.
class Fields
{
  public:
    explicit Fields(Rows::Row row) : row_(std::move(row)) {}

    std::string text() { return row_.text(column_++); }
    bool flag() { return row_.flag(column_++); }
    std::int64_t number() { return row_.number(column_++); }
    Timestamp time() { return timestamp_at(row_[column_++]); }
    Sha256 digest() { return sha256_from_hex(row_[column_++]).value(); }
    Uuid uuid() { return Uuid::parse(row_[column_++]).value(); }
    std::vector<std::string> texts() { return texts_at(row_[column_++]); }
    Index place(Places const& places) { return places.at(number()); }
    std::vector<Index> places(Places const& places)
    {
        std::vector<Index> result;
        for (auto const id : numbers_at(row_[column_++]))
            result.push_back(places.at(id));
        return result;
    }

    // Nothing when the column is null.
    std::optional<std::string> optional_text() { return skip_null() ? std::nullopt : std::optional(text()); }
    std::optional<std::int32_t> optional_integer()
    {
        return skip_null() ? std::nullopt : std::optional(static_cast<std::int32_t>(number()));
    }
    std::optional<std::vector<std::string>> optional_texts() { return skip_null() ? std::nullopt : std::optional(texts()); }
    std::optional<std::int64_t> optional_number() { return skip_null() ? std::nullopt : std::optional(number()); }
    std::optional<Timestamp> optional_time() { return skip_null() ? std::nullopt : std::optional(time()); }
    std::optional<Sha256> optional_digest() { return skip_null() ? std::nullopt : std::optional(digest()); }
    std::optional<Uuid> optional_uuid() { return skip_null() ? std::nullopt : std::optional(uuid()); }
    std::optional<Index> optional_place(Places const& from) { return skip_null() ? std::nullopt : std::optional(place(from)); }
    std::vector<Index> optional_places(Places const& from) { return skip_null() ? std::vector<Index>() : places(from); }

  private:
    bool skip_null()
    {
        if (!row_.is_null(column_)) return false;
        ++column_;
        return true;
    }

    Rows::Row row_;
    int column_ = 0;
};

} // namespace

struct WorldReader::Impl
{
    explicit Impl(Administration& administration) : store(administration.impl()), transaction(store.connection)
    {
        store.connection.execute("set transaction isolation level repeatable read, read only");
        read_people();
        read_chatbots();
        read_oauth();
        read_subjects();
        each("world_read_load_times", [&](Fields& fields) { loaded_at.insert(fields.time()); });
        store.run("world_open_sessions");
    }

    Administration::Impl& store;
    Connection::Transaction transaction;
    WorldRows rows;
    std::set<Timestamp> loaded_at;
    Places teams;
    Places users;
    Places applications;
    Places channels;
    Places tags;
    Places participants;
    std::unordered_map<Uuid, Index> experiments;
    std::unordered_map<Sha256, Index> access_tokens;
    std::unordered_map<std::int64_t, Places> files; // By team.

    template <class Visit>
    void each(std::string_view statement, Visit visit, Parameters const& parameters = {})
    {
        auto const answer = store.run(statement, parameters);
        for (std::size_t i = 0; i < answer.size(); ++i)
        {
            Fields fields(answer[i]);
            visit(fields);
        }
    }

    void read_people()
    {
        each("world_read_teams",
             [&](Fields& fields)
             {
                 teams.emplace(fields.number(), rows.teams.size());
                 rows.teams.push_back({.slug = fields.text(),
                                       .name = fields.text(),
                                       .api_rate_limit = fields.optional_text(),
                                       .created_at = fields.time()});
             });
        each("world_read_roles",
             [&](Fields& fields) { rows.roles.push_back({.name = fields.text(), .permissions = fields.texts()}); });
        each("world_read_users",
             [&](Fields& fields)
             {
                 users.emplace(fields.number(), rows.users.size());
                 rows.users.push_back({.email = fields.text(),
                                       .first_name = fields.text(),
                                       .last_name = fields.text(),
                                       .is_active = fields.flag(),
                                       .email_verified = fields.flag(),
                                       .password_hash = fields.text(),
                                       .last_login = fields.optional_time(),
                                       .created_at = fields.time()});
             });
        each("world_read_memberships",
             [&](Fields& fields) {
                 rows.memberships.push_back({.team = fields.place(teams), .user = fields.place(users), .roles = fields.texts()});
             });
        each("world_read_api_keys",
             [&](Fields& fields)
             {
                 rows.api_keys.push_back({.name = fields.text(),
                                          .prefix = fields.text(),
                                          .key_sha256 = fields.digest(),
                                          .user = fields.place(users),
                                          .team = fields.place(teams),
                                          .read_only = fields.flag(),
                                          .is_revoked = fields.flag(),
                                          .expires_at = fields.optional_time(),
                                          .created_at = fields.time()});
             });
        each("world_read_browser_sessions",
             [&](Fields& fields)
             {
                 rows.browser_sessions.push_back({.cookie_sha256 = fields.digest(),
                                                  .user = fields.place(users),
                                                  .created_at = fields.time(),
                                                  .last_seen_at = fields.time(),
                                                  .authenticated_at = fields.optional_time()});
             });
    }

    void read_chatbots()
    {
        std::vector<std::optional<Uuid>> heads;
        each("world_read_experiments",
             [&](Fields& fields)
             {
                 auto& experiment = rows.experiments.emplace_back();
                 experiment.id = fields.uuid();
                 experiments.emplace(experiment.id, rows.experiments.size() - 1);
                 experiment.team = fields.place(teams);
                 experiment.name = fields.text();
                 experiment.description = fields.optional_text();
                 heads.push_back(fields.optional_uuid());
                 experiment.version_number = static_cast<int>(fields.number());
                 experiment.is_default = fields.flag();
                 experiment.is_archived = fields.flag();
                 experiment.version_description = fields.text();
                 experiment.allowlist = fields.texts();
                 experiment.created_at = fields.time();
             });
        for (Index i = 0; i < heads.size(); ++i)
            if (heads[i]) rows.experiments[i].working = experiments.at(*heads[i]);
        each("world_read_channels",
             [&](Fields& fields)
             {
                 channels.emplace(fields.number(), rows.channels.size());
                 rows.channels.push_back({.team = fields.place(teams),
                                          .experiment = experiments.at(fields.uuid()),
                                          .platform = fields.text(),
                                          .name = fields.text(),
                                          .embed_key_sha256 = fields.optional_digest(),
                                          .allowed_domains = fields.texts(),
                                          .auth_level = static_cast<int>(fields.number()),
                                          .credential_mode = fields.text(),
                                          .is_enabled = fields.flag(),
                                          .disabled_message = fields.text(),
                                          .session_token_days = fields.optional_integer(),
                                          .created_at = fields.time()});
             });
    }

    void read_oauth()
    {
        each("world_read_settings",
             [&](Fields& fields)
             {
                 if (fields.text() == "scopes_machine_allowed") rows.scopes_machine_allowed = fields.texts();
             });
        each("world_read_applications",
             [&](Fields& fields)
             {
                 applications.emplace(fields.number(), rows.applications.size());
                 auto& application = rows.applications.emplace_back();
                 application.client_id = fields.text();
                 application.client_secret_hash = fields.text();
                 application.client_type = fields.text();
                 application.grant_type = fields.text();
                 application.team = fields.optional_place(teams);
                 application.redirect_uris = fields.texts();
                 application.algorithm = fields.text();
                 application.name = fields.text();
                 application.owner = fields.optional_place(users);
                 for (auto const& id : fields.texts())
                     add_allowed(application, id);
                 application.allowed_scopes = fields.optional_texts();
                 application.is_resource_server = fields.flag();
                 application.created_at = fields.time();
             });
        read_tokens();
    }

    // A chatbot that is gone limits nobody any more.
    void add_allowed(ApplicationRow& application, std::string const& id) const
    {
        auto const found = experiments.find(Uuid::parse(id).value());
        if (found != experiments.end()) application.allowed_experiments.push_back(found->second);
    }

    void read_tokens()
    {
        each("world_read_access_tokens",
             [&](Fields& fields)
             {
                 AccessTokenRow token{.name = fields.text(),
                                      .token_sha256 = fields.digest(),
                                      .application = fields.place(applications),
                                      .user = fields.optional_place(users),
                                      .team = fields.optional_place(teams),
                                      .scope = fields.text(),
                                      .expires_at = fields.time(),
                                      .family = fields.optional_uuid(),
                                      .created_at = fields.time()};
                 access_tokens.emplace(token.token_sha256, rows.access_tokens.size());
                 rows.access_tokens.push_back(std::move(token));
             });
        each("world_read_refresh_tokens",
             [&](Fields& fields)
             {
                 rows.refresh_tokens.push_back({.name = fields.text(),
                                                .token_sha256 = fields.digest(),
                                                .access_token = access_token_place(fields.optional_digest()),
                                                .application = fields.place(applications),
                                                .user = fields.place(users),
                                                .team = fields.optional_place(teams),
                                                .scope = fields.text(),
                                                .family = fields.optional_uuid(),
                                                .revoked_at = fields.optional_time(),
                                                .auth_time = fields.optional_time(),
                                                .created_at = fields.time()});
             });
        each("world_read_grants",
             [&](Fields& fields)
             {
                 rows.grants.push_back({.code_sha256 = fields.digest(),
                                        .application = fields.place(applications),
                                        .user = fields.place(users),
                                        .team = fields.optional_place(teams),
                                        .scope = fields.text(),
                                        .redirect_uri = fields.text(),
                                        .code_challenge = fields.text(),
                                        .code_challenge_method = fields.text(),
                                        .nonce = fields.text(),
                                        .expires_at = fields.time(),
                                        .auth_time = fields.optional_time(),
                                        .created_at = fields.time()});
             });
        each("world_read_consents",
             [&](Fields& fields)
             {
                 rows.consents.push_back({.user = fields.place(users),
                                          .application = fields.place(applications),
                                          .team = fields.place(teams),
                                          .scopes = fields.texts(),
                                          .granted_at = fields.time()});
             });
    }

    // An access token that is gone already is no token to refer to.
    [[nodiscard]] std::optional<Index> access_token_place(std::optional<Sha256> const& digest) const
    {
        if (!digest) return std::nullopt;
        auto const found = access_tokens.find(*digest);
        return found == access_tokens.end() ? std::nullopt : std::optional(found->second);
    }

    void read_subjects()
    {
        each("world_read_tags",
             [&](Fields& fields)
             {
                 tags.emplace(fields.number(), rows.tags.size());
                 rows.tags.push_back(
                     {.team = fields.place(teams), .name = fields.text(), .category = fields.text(), .is_system = fields.flag()});
             });
        each("world_read_participants",
             [&](Fields& fields)
             {
                 participants.emplace(fields.number(), rows.participants.size());
                 rows.participants.push_back({.team = fields.place(teams),
                                              .platform = fields.text(),
                                              .identifier = fields.text(),
                                              .remote_id = fields.text(),
                                              .name = fields.text(),
                                              .user = fields.optional_place(users)});
             });
        each("world_read_files",
             [&](Fields& fields)
             {
                 auto const team_id = fields.number();
                 auto const file_id = fields.number();
                 files[team_id].emplace(file_id, rows.files.size());
                 rows.files.push_back({.team = teams.at(team_id),
                                       .id = file_id,
                                       .name = fields.text(),
                                       .content_type = fields.text(),
                                       .size = fields.optional_number(),
                                       .external_id = fields.text()});
             });
    }

    // A portion: the sessions, and where each is by its number.
    struct Portion
    {
        std::vector<SessionRow> sessions;
        Places by_number;
        ArrayParameter teams{Oid::int8};
        ArrayParameter numbers{Oid::int8};

        [[nodiscard]] Parameters keys() const
        {
            Parameters parameters;
            parameters.add(ArrayParameter(teams)).add(ArrayParameter(numbers));
            return parameters;
        }
        [[nodiscard]] SessionRow& at(std::int64_t number) { return sessions[by_number.at(number)]; }
    };

    void add_session(Portion& portion, Fields& fields) const
    {
        auto const team_id = fields.number();
        auto const number = fields.number();
        portion.teams.add(team_id);
        portion.numbers.add(number);
        portion.by_number.emplace(number, portion.sessions.size());
        auto& session = portion.sessions.emplace_back();
        session.team = teams.at(team_id);
        session.participant = fields.place(participants);
        session.created_at = fields.time();
        session.updated_at = fields.time();
        session.ended_at = fields.optional_time();
        session.experiment = experiments.at(fields.uuid());
        session.channel = fields.optional_place(channels);
        session.status = static_cast<domain::Status>(fields.number());
        session.token_required = fields.flag();
        session.id = fields.text();
        session.platform = fields.optional_text();
        session.tags = fields.places(tags);
        session.state = fields.text();
    }

    std::vector<SessionRow> next_sessions()
    {
        Portion portion;
        each("world_fetch_sessions", [&](Fields& fields) { add_session(portion, fields); });
        if (portion.sessions.empty()) return {};
        each(
            "world_read_messages",
            [&](Fields& fields)
            {
                fields.number();
                portion.at(fields.number())
                    .messages.push_back({.created_at = fields.time(),
                                         .rendered = fields.text(),
                                         .original_metadata = fields.optional_text(),
                                         .tags = fields.optional_places(tags)});
            },
            portion.keys());
        each(
            "world_read_session_files",
            [&](Fields& fields)
            {
                auto const& of_team = files.at(fields.number());
                auto& session = portion.at(fields.number());
                session.files.push_back(fields.place(of_team));
            },
            portion.keys());
        each(
            "world_read_session_usage",
            [&](Fields& fields)
            {
                fields.number();
                portion.at(fields.number())
                    .usage.push_back({.model = fields.text(),
                                      .kind = fields.text(),
                                      .quantity = fields.text(),
                                      .cost = fields.text(),
                                      .source = fields.text()});
            },
            portion.keys());
        return std::move(portion.sessions);
    }
};

WorldReader::WorldReader(Administration& administration)
    : impl_(administration.impl().guarded([&] { return std::make_unique<Impl>(administration); }))
{
}
WorldReader::~WorldReader() = default;

WorldRows const& WorldReader::rows() const noexcept
{
    return impl_->rows;
}
std::set<Timestamp> const& WorldReader::loaded_at() const noexcept
{
    return impl_->loaded_at;
}

std::vector<SessionRow> WorldReader::next_sessions()
{
    return impl_->store.guarded([&] { return impl_->next_sessions(); });
}

} // namespace parley::store
