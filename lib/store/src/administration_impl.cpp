#include "administration_impl.hpp"

#include "parley/store/migrate.hpp"

#include <algorithm>
#include <charconv>

namespace parley::store
{

namespace
{

// The sentences of libpq that begin like this name hosts and users. Others may quote the connection string, password and all.
bool is_safe_to_show(std::string_view message)
{
    return message.starts_with("connection to server") || message.starts_with("could not translate host name") ||
           message.starts_with("FATAL:");
}

std::string first_line(std::string_view text)
{
    return std::string(text.substr(0, text.find('\n')));
}

ConnectionSettings settings_for(std::string const& url)
{
    return {.database_url = url, .application_name = "parley administration", .pins_index_plans = false};
}

[[noreturn]] void throw_away(std::string const& url, DatabaseError const& error)
{
    auto const message = std::string_view(error.what());
    if (!is_safe_to_show(message)) throw DatabaseAway("cannot reach the database: its address is not one that libpq understands");
    throw DatabaseAway("cannot reach the database " + mask_password(url) + ": " + first_line(message));
}

void require_current_schema(Administration::Impl& impl)
{
    auto const exists = impl.run("administration_schema_exists")[0].flag(0);
    auto const present = exists ? impl.run("administration_schema_number")[0].number(0) : 0;
    if (present == newest_migration()) return;
    if (present > newest_migration()) throw Refused("the database is of a newer release: use the parley command of that release");
    throw Refused(std::string("the database's schema is ") + (exists ? "old" : "missing") + ": run parleyd migrate");
}

} // namespace

Detail& Detail::texts(std::string_view key, std::vector<std::string> const& values)
{
    std::string list = "[";
    for (auto const& value : values)
        list += (list.size() > 1 ? "," : "") + json::to_string_literal(value);
    return json(key, list + "]");
}

Detail& Detail::json(std::string_view key, std::string_view value)
{
    text_ += text_.empty() ? "{" : ",";
    json::append_string(text_, key);
    text_ += ':';
    text_ += value;
    return *this;
}

Administration::Impl::Impl(std::string const& url, std::string actor_name, Clock const& the_clock)
try : database_url(url), actor(std::move(actor_name)), clock(the_clock), connection(settings_for(url))
{
    require_current_schema(*this);
}
catch (DatabaseError const& error)
{
    throw_away(url, error);
}

void Administration::Impl::record(Timestamp at, std::string_view action, std::string_view subject, Detail const& detail)
{
    Parameters row;
    row.add(at).add(actor).add(action).add(subject).add(detail.str());
    run("administration_audit_insert", row);
    Parameters hint;
    hint.add(action);
    run("administration_notify", hint);
}

void Administration::Impl::rethrow(DatabaseError const& error) const
{
    switch (classify(error))
    {
    case Failure::connection_lost:
        throw DatabaseAway("the connection to the database was lost, and the change with it if its commit was not answered: look "
                           "before you repeat it");
    case Failure::input:
        // Somebody else was quicker, or a value fits no column. The database's own words say which.
        throw Refused("the database refused: " + first_line(error.what()));
    default:
        throw StoreError(describe(error) + ": " + first_line(error.what()));
    }
}

std::int64_t Administration::Impl::team_id(std::string const& slug)
{
    Parameters parameters;
    parameters.add(slug);
    auto const rows = run("administration_team_find", parameters);
    if (rows.empty()) throw Refused("team \"" + slug + "\" does not exist");
    return rows[0].number(0);
}

std::int64_t Administration::Impl::user_id(std::string const& email)
{
    Parameters parameters;
    parameters.add(email);
    auto const rows = run("administration_user_find", parameters);
    if (rows.empty()) throw Refused("user \"" + email + "\" does not exist");
    return rows[0].number(0);
}

void Administration::Impl::require_roles(std::vector<std::string> const& roles)
{
    Parameters parameters;
    parameters.add(text_array(roles));
    auto const unknown = run("administration_role_unknown", parameters);
    if (!unknown.empty()) throw Refused("role \"" + unknown[0].text(0) + "\" does not exist");
}

// "2026-01-01 01:00:00.25+00"
Timestamp timestamp_at(std::string_view text)
{
    auto iso = std::string(text.substr(0, text.find('+'))) + "Z";
    std::ranges::replace(iso, ' ', 'T');
    auto const result = parse_timestamp(iso);
    if (!result) throw StoreError("the database gave a time that is beyond the calendar: " + std::string(text));
    return *result;
}

std::string array_literal(std::vector<std::string> const& elements)
{
    std::string result = "{";
    for (auto const& element : elements)
    {
        if (result.size() > 1) result += ',';
        result += '"';
        for (char const c : element)
        {
            if (c == '"' || c == '\\') result += '\\';
            result += c;
        }
        result += '"';
    }
    return result + "}";
}

std::string array_literal(std::vector<std::int64_t> const& elements)
{
    std::string result = "{";
    for (auto const element : elements)
        result += (result.size() > 1 ? "," : "") + std::to_string(element);
    return result + "}";
}

ArrayParameter text_array(std::vector<std::string> const& elements)
{
    ArrayParameter result(Oid::text);
    for (auto const& element : elements)
        result.add(element);
    return result;
}

} // namespace parley::store
