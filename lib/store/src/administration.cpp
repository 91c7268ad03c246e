#include "parley/store/administration.hpp"

#include "administration_impl.hpp"

#include "parley/core/text.hpp"
#include "parley/rate_limit/limiter.hpp"

#include <algorithm>

namespace parley::store
{

namespace
{

constexpr std::size_t slug_max = 63;
constexpr std::size_t name_max = 200; // Code points.
constexpr std::size_t email_max = 320;

void require_slug(std::string const& slug)
{
    auto const is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
    if (slug.empty() || slug.size() > slug_max || !std::ranges::all_of(slug, is_allowed))
        throw Refused("\"" + slug + "\" is no slug for a team: 1 to 63 of a-z, 0-9, - and _");
}

void require_name(std::string const& name, std::string const& noun)
{
    if (find_invalid_utf8(name) || name.find('\0') != std::string::npos)
        throw Refused("a " + noun + "'s name must be UTF-8 text");
    if (is_blank(name) || count_code_points(name) > name_max)
        throw Refused("a " + noun + "'s name must have 1 to 200 characters");
}

void require_email(std::string const& email)
{
    auto const at = email.find('@');
    auto const has_space = std::ranges::any_of(email, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
    if (at == 0 || at == std::string::npos || at + 1 == email.size() || has_space || email.size() > email_max ||
        find_invalid_utf8(email))
        throw Refused("\"" + email + "\" is no e-mail address");
}

void require_permissions(std::vector<std::string> const& permissions)
{
    for (auto const& permission : permissions)
        if (std::ranges::find(known_permissions(), permission) == known_permissions().end())
            throw Refused("\"" + permission + "\" is not a permission on sessions");
}

std::optional<std::string> optional_text(Rows::Row& row, int column)
{
    auto const text = row.optional(column);
    return text ? std::optional(std::string(*text)) : std::nullopt;
}

std::optional<Timestamp> optional_time(Rows::Row& row, int column)
{
    auto const text = row.optional(column);
    return text ? std::optional(timestamp_at(*text)) : std::nullopt;
}

// Calls read(row) for every row.
template <class Read>
auto collect(Rows const& rows, Read read)
{
    std::vector<decltype(read(std::declval<Rows::Row&>()))> result;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        result.push_back(read(row));
    }
    return result;
}

} // namespace

void check_api_rate_limit(std::string const& limit)
{
    if (!rate_limit::parse_limit(limit))
        throw Refused("\"" + limit + "\" is no limit: write requests/window, for example 2000/5m");
}

std::vector<std::string> const& known_permissions()
{
    static std::vector<std::string> const known{"view_experimentsession", "add_experimentsession", "change_experimentsession",
                                                "delete_experimentsession"};
    return known;
}

Administration::Administration(std::string const& database_url, std::string actor, Clock const& clock)
    : impl_(std::make_unique<Impl>(database_url, std::move(actor), clock))
{
}
Administration::Administration(Administration&& other) noexcept = default;
Administration::~Administration() = default;

// Teams.

void Administration::create_team(std::string const& slug, std::string const& name,
                                 std::optional<std::string> const& api_rate_limit)
{
    require_slug(slug);
    require_name(name, "team");
    if (api_rate_limit) check_api_rate_limit(*api_rate_limit);
    impl_->change("team.create", slug,
                  [&](Detail& detail)
                  {
                      Parameters parameters;
                      parameters.add(slug).add(name).add(api_rate_limit.value_or("")).add(impl_->clock.now());
                      if (impl_->run("administration_team_insert", parameters).empty())
                          throw Refused("team \"" + slug + "\" exists already");
                      detail.text("name", name).text("api_rate_limit", api_rate_limit.value_or(""));
                      return 0;
                  });
}

void Administration::rename_team(std::string const& slug, std::string const& name)
{
    require_name(name, "team");
    impl_->change("team.rename", slug,
                  [&](Detail& detail)
                  {
                      Parameters parameters;
                      parameters.add(slug).add(name);
                      if (impl_->run("administration_team_rename", parameters).empty())
                          throw Refused("team \"" + slug + "\" does not exist");
                      detail.text("name", name);
                      return 0;
                  });
}

void Administration::limit_team(std::string const& slug, std::optional<std::string> const& api_rate_limit)
{
    if (api_rate_limit) check_api_rate_limit(*api_rate_limit);
    impl_->change("team.limit", slug,
                  [&](Detail& detail)
                  {
                      Parameters parameters;
                      parameters.add(slug).add(api_rate_limit.value_or(""));
                      if (impl_->run("administration_team_limit", parameters).empty())
                          throw Refused("team \"" + slug + "\" does not exist");
                      detail.text("api_rate_limit", api_rate_limit.value_or(""));
                      return 0;
                  });
}

std::vector<TeamListing> Administration::teams()
{
    return impl_->guarded(
        [&]
        {
            return collect(impl_->run("administration_team_list"),
                           [](Rows::Row& row)
                           {
                               return TeamListing{.slug = row.text(0),
                                                  .name = row.text(1),
                                                  .api_rate_limit = optional_text(row, 2),
                                                  .members = row.number(3),
                                                  .created_at = timestamp_at(row[4])};
                           });
        });
}

// Users.

void Administration::create_user(NewUser const& user)
{
    require_email(user.email);
    impl_->change(
        "user.create", user.email,
        [&](Detail& detail)
        {
            Parameters parameters;
            parameters.add(user.email).add(user.first_name).add(user.last_name).add(user.password_hash).add(impl_->clock.now());
            if (impl_->run("administration_user_insert", parameters).empty())
                throw Refused("user \"" + user.email + "\" exists already");
            detail.flag("has_password", !user.password_hash.empty());
            return 0;
        });
}

namespace
{

void set_activity(Administration::Impl& impl, std::string const& email, bool is_active)
{
    impl.change(is_active ? "user.activate" : "user.deactivate", email,
                [&](Detail&)
                {
                    Parameters parameters;
                    parameters.add(email).add(is_active);
                    auto const rows = impl.run("administration_user_activity", parameters);
                    if (rows.empty()) throw Refused("user \"" + email + "\" does not exist");
                    if (!is_active)
                    {
                        Parameters user;
                        user.add(rows[0].number(0));
                        impl.run("administration_user_sign_out", user);
                    }
                    return 0;
                });
}

} // namespace

void Administration::activate_user(std::string const& email)
{
    set_activity(*impl_, email, true);
}
void Administration::deactivate_user(std::string const& email)
{
    set_activity(*impl_, email, false);
}

void Administration::set_password(std::string const& email, std::string const& password_hash)
{
    impl_->change("user.password", email,
                  [&](Detail& detail)
                  {
                      Parameters parameters;
                      parameters.add(email).add(password_hash);
                      auto const rows = impl_->run("administration_user_password", parameters);
                      if (rows.empty()) throw Refused("user \"" + email + "\" does not exist");
                      Parameters user;
                      user.add(rows[0].number(0));
                      impl_->run("administration_user_sign_out", user);
                      detail.flag("has_password", !password_hash.empty());
                      return 0;
                  });
}

std::vector<UserListing> Administration::users()
{
    return impl_->guarded(
        [&]
        {
            return collect(impl_->run("administration_user_list"),
                           [](Rows::Row& row)
                           {
                               return UserListing{.email = row.text(0),
                                                  .first_name = row.text(1),
                                                  .last_name = row.text(2),
                                                  .is_active = row.flag(3),
                                                  .email_verified = row.flag(4),
                                                  .has_password = row.flag(5),
                                                  .teams = texts_at(row[6]),
                                                  .last_login = optional_time(row, 7),
                                                  .created_at = timestamp_at(row[8])};
                           });
        });
}

// Members and roles.

void Administration::add_member(std::string const& team, std::string const& email, std::vector<std::string> const& roles)
{
    impl_->change("member.add", team + "/" + email,
                  [&](Detail& detail)
                  {
                      Parameters parameters;
                      parameters.add(impl_->team_id(team)).add(impl_->user_id(email)).add(text_array(roles));
                      impl_->require_roles(roles);
                      if (impl_->run("administration_member_insert", parameters).empty())
                          throw Refused("user \"" + email + "\" is in team \"" + team + "\" already");
                      detail.texts("roles", roles);
                      return 0;
                  });
}

void Administration::set_member_roles(std::string const& team, std::string const& email, std::vector<std::string> const& roles)
{
    impl_->change("member.roles", team + "/" + email,
                  [&](Detail& detail)
                  {
                      Parameters parameters;
                      parameters.add(impl_->team_id(team)).add(impl_->user_id(email)).add(text_array(roles));
                      impl_->require_roles(roles);
                      if (impl_->run("administration_member_roles", parameters).empty())
                          throw Refused("user \"" + email + "\" is not in team \"" + team + "\"");
                      detail.texts("roles", roles);
                      return 0;
                  });
}

void Administration::remove_member(std::string const& team, std::string const& email)
{
    impl_->change("member.remove", team + "/" + email,
                  [&](Detail&)
                  {
                      Parameters parameters;
                      parameters.add(impl_->team_id(team)).add(impl_->user_id(email));
                      if (impl_->run("administration_member_delete", parameters).empty())
                          throw Refused("user \"" + email + "\" is not in team \"" + team + "\"");
                      return 0;
                  });
}

std::vector<MemberListing> Administration::members(std::string const& team)
{
    return impl_->guarded(
        [&]
        {
            if (!team.empty()) static_cast<void>(impl_->team_id(team));
            Parameters parameters;
            parameters.add(team);
            return collect(impl_->run("administration_member_list", parameters),
                           [](Rows::Row& row) {
                               return MemberListing{.team = row.text(0),
                                                    .email = row.text(1),
                                                    .is_active = row.flag(2),
                                                    .roles = texts_at(row[3])};
                           });
        });
}

void Administration::create_role(std::string const& name, std::vector<std::string> const& permissions)
{
    require_name(name, "role");
    require_permissions(permissions);
    impl_->change("role.create", name,
                  [&](Detail& detail)
                  {
                      Parameters parameters;
                      parameters.add(name).add(text_array(permissions));
                      if (impl_->run("administration_role_insert", parameters).empty())
                          throw Refused("role \"" + name + "\" exists already");
                      detail.texts("permissions", permissions);
                      return 0;
                  });
}

void Administration::set_role_permissions(std::string const& name, std::vector<std::string> const& permissions)
{
    require_permissions(permissions);
    impl_->change("role.permissions", name,
                  [&](Detail& detail)
                  {
                      Parameters parameters;
                      parameters.add(name).add(text_array(permissions));
                      if (impl_->run("administration_role_permissions", parameters).empty())
                          throw Refused("role \"" + name + "\" does not exist");
                      detail.texts("permissions", permissions);
                      return 0;
                  });
}

std::vector<RoleListing> Administration::roles()
{
    return impl_->guarded(
        [&]
        {
            return collect(impl_->run("administration_role_list"),
                           [](Rows::Row& row) {
                               return RoleListing{.name = row.text(0), .permissions = texts_at(row[1]), .members = row.number(2)};
                           });
        });
}

// Chatbots.

Uuid Administration::create_experiment(NewExperiment const& experiment)
{
    require_name(experiment.name, "chatbot");
    auto const now = impl_->clock.now();
    auto const id = experiment.id ? *experiment.id : make_uuid(now);
    impl_->change("experiment.create", id.text(),
                  [&](Detail& detail)
                  {
                      Parameters parameters;
                      parameters.add(id).add(impl_->team_id(experiment.team)).add(experiment.name);
                      parameters.add(experiment.description.has_value()).add(experiment.description.value_or("")).add(now);
                      if (impl_->run("administration_experiment_insert", parameters).empty())
                          throw Refused("chatbot " + id.str() + " exists already");
                      detail.text("team", experiment.team).text("name", experiment.name);
                      return 0;
                  });
    return id;
}

ExperimentListing Administration::publish(Publication const& publication)
{
    auto const now = impl_->clock.now();
    ExperimentListing version;
    version.id = make_uuid(now);
    version.working = publication.head;
    version.version_description = publication.description;
    return impl_->change(
        "experiment.publish", publication.head.text(),
        [&](Detail& detail)
        {
            Parameters head;
            head.add(publication.head);
            auto const found = impl_->run("administration_experiment_find", head);
            if (found.empty()) throw Refused("chatbot " + publication.head.str() + " does not exist");
            auto row = found[0];
            version.team = row.text(0);
            version.name = row.text(1);
            if (!row.is_null(2)) throw Refused(publication.head.str() + " is itself a version: publish its head " + row.text(2));
            if (row.flag(4)) throw Refused("chatbot " + publication.head.str() + " is archived");
            version.is_default =
                publication.becomes_default || !impl_->run("administration_experiment_has_default", head)[0].flag(0);
            if (version.is_default) impl_->run("administration_experiment_no_default", head);
            Parameters parameters;
            parameters.add(publication.head).add(version.id).add(version.is_default).add(publication.description).add(now);
            version.version_number = static_cast<int>(impl_->run("administration_experiment_publish", parameters)[0].number(0));
            impl_->run("administration_experiment_advance", head);
            detail.text("version", version.id.text()).number("version_number", version.version_number);
            detail.flag("is_default", version.is_default);
            return version;
        });
}

namespace
{

void set_archived(Administration::Impl& impl, Uuid const& id, bool is_archived)
{
    impl.change(is_archived ? "experiment.archive" : "experiment.unarchive", id.text(),
                [&](Detail&)
                {
                    Parameters key;
                    key.add(id);
                    auto const found = impl.run("administration_experiment_find", key);
                    if (found.empty()) throw Refused("chatbot " + id.str() + " does not exist");
                    if (found[0].flag(4) == is_archived)
                        throw Refused("chatbot " + id.str() + (is_archived ? " is archived already" : " is not archived"));
                    Parameters parameters;
                    parameters.add(id).add(is_archived);
                    impl.run("administration_experiment_archive", parameters);
                    return 0;
                });
}

} // namespace

void Administration::archive_experiment(Uuid const& id)
{
    set_archived(*impl_, id, true);
}
void Administration::unarchive_experiment(Uuid const& id)
{
    set_archived(*impl_, id, false);
}

std::vector<ExperimentListing> Administration::experiments(std::string const& team)
{
    return impl_->guarded(
        [&]
        {
            if (!team.empty()) static_cast<void>(impl_->team_id(team));
            Parameters parameters;
            parameters.add(team);
            return collect(impl_->run("administration_experiment_list", parameters),
                           [](Rows::Row& row)
                           {
                               ExperimentListing listing;
                               listing.id = Uuid::parse(row[0]).value();
                               listing.team = row.text(1);
                               listing.name = row.text(2);
                               listing.description = optional_text(row, 3);
                               if (!row.is_null(4)) listing.working = Uuid::parse(row[4]);
                               listing.version_number = static_cast<int>(row.number(5));
                               listing.is_default = row.flag(6);
                               listing.is_archived = row.flag(7);
                               listing.version_description = row.text(8);
                               listing.sessions = row.number(9);
                               return listing;
                           });
        });
}

// The record.

std::vector<AuditListing> Administration::audit(std::int64_t rows_max, std::string const& subject)
{
    return impl_->guarded(
        [&]
        {
            Parameters parameters;
            parameters.add(rows_max).add(subject);
            return collect(impl_->run("administration_audit_list", parameters),
                           [](Rows::Row& row)
                           {
                               return AuditListing{.at = timestamp_at(row[0]),
                                                   .actor = row.text(1),
                                                   .action = row.text(2),
                                                   .subject = row.text(3),
                                                   .detail = row.text(4)};
                           });
        });
}

} // namespace parley::store
