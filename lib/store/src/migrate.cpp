#include "parley/store/migrate.hpp"

#include "connection_pqxx.hpp"
#include "embedded.hpp"
#include "migration_lock.hpp"
#include "parley/store/error.hpp"

#include <algorithm>
#include <charconv>

namespace parley::store
{

namespace
{

constexpr std::string_view make_ledger = "create table if not exists schema_migration "
                                         "(number integer primary key, name text not null, applied_at timestamptz not null)";

int number_of(std::string_view name) noexcept
{
    int number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    return number;
}

// What a binary must know to run on a database that has this migration: the number behind "_after_" in its name, for one that
// takes away what older releases use ("0009_drop_colour_after_0007"). Others only add, and every binary may stay.
int oldest_binary(std::string_view name) noexcept
{
    constexpr std::string_view mark = "_after_";
    auto const at = name.rfind(mark);
    return at == std::string_view::npos ? 0 : number_of(name.substr(at + mark.size()));
}

// A newer release has been here. Its binary and this one run side by side during a rolling update, and this one comes back when
// the update is taken back: unless the newer one has taken away what this one needs.
void check_later_migrations(Connection& connection)
{
    Parameters known;
    known.add(std::int32_t{newest_migration()});
    auto const later = connection.run_once("select name from schema_migration where number > $1::int4 order by number", known);
    for (std::size_t i = 0; i < later.size(); ++i)
    {
        auto const name = std::string(later[i].text(0));
        if (oldest_binary(name) <= newest_migration()) continue;
        throw StoreError("the database has the migration " + name + ", after which a binary must know " +
                         std::to_string(oldest_binary(name)) + "; this one knows " + std::to_string(newest_migration()) +
                         ": take a newer release");
    }
}

int newest_applied(Connection& connection)
{
    auto const rows = connection.execute("select coalesce(max(number), 0) from schema_migration");
    return static_cast<int>(rows[0].number(0));
}

void apply(Connection& connection, SqlFile const& migration, Clock const& clock)
{
    Connection::Transaction transaction(connection);
    connection.execute(std::string(migration.text));
    Parameters row;
    row.add(std::int32_t{number_of(migration.name)}).add(migration.name).add(clock.now());
    connection.run_once("insert into schema_migration (number, name, applied_at) values ($1::int4, $2::text, $3::timestamptz)",
                        row);
    transaction.commit();
}

void check_version(Connection& connection)
{
    constexpr std::int64_t oldest = 150'000;
    auto const version = connection.execute("select current_setting('server_version_num')")[0].number(0);
    if (version < oldest)
        throw StoreError("the database is PostgreSQL " + std::to_string(version / 10'000) + "; Parley needs 15 or newer");
}

std::vector<std::string> apply_missing(Connection& connection, Clock const& clock)
{
    check_version(connection);
    lock_migrations(connection);
    connection.execute(std::string(make_ledger));
    int const present = newest_applied(connection);
    check_later_migrations(connection);
    std::vector<std::string> applied;
    for (auto const& migration : embedded_migrations())
    {
        if (number_of(migration.name) <= present) continue;
        apply(connection, migration, clock);
        applied.emplace_back(migration.name);
    }
    return applied;
}

} // namespace

int newest_migration() noexcept
{
    auto const all = embedded_migrations();
    return all.empty() ? 0 : number_of(all.back().name);
}

std::vector<std::string> migrate(std::string const& database_url, Clock const& clock)
{
    try
    {
        Connection connection({.database_url = database_url, .application_name = "parley migrate", .pins_index_plans = false});
        return apply_missing(connection, clock);
    }
    catch (DatabaseError const& error)
    {
        throw StoreError("the migration of " + mask_password(database_url) + " failed: " + error.what());
    }
}

} // namespace parley::store
