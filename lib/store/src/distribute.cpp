// Spreading the tables over the nodes of a Citus cluster; see docs/citus.md.
#include "parley/store/migrate.hpp"

#include "connection_pqxx.hpp"
#include "migration_lock.hpp"
#include "parley/store/error.hpp"
#include "spread.hpp"

#include <array>

namespace parley::store
{

namespace
{

using enum Placement;

// Shared tables may refer to shared tables only, and those by team to shared ones and to each other by team_id.
constexpr std::array placed{
    PlacedTable{"team", shared},
    PlacedTable{"role", shared},
    PlacedTable{"app_user", shared},
    PlacedTable{"membership", shared},
    PlacedTable{"api_key", shared},
    PlacedTable{"oauth_application", shared},
    PlacedTable{"oauth_access_token", shared},
    PlacedTable{"oauth_refresh_token", shared},
    PlacedTable{"oauth_grant", shared},
    PlacedTable{"oauth_consent", shared},
    PlacedTable{"oauth_setting", shared},
    PlacedTable{"oauth_signing_key", shared},
    PlacedTable{"browser_session", shared},
    PlacedTable{"service_secret", shared},
    PlacedTable{"experiment", shared},
    PlacedTable{"channel", shared}, // By team, but found by the digest of its key, which must be unique in all teams.
    PlacedTable{"chat_session", shared},
    PlacedTable{"session", by_team},
    PlacedTable{"message", by_team},
    PlacedTable{"session_facet", by_team},
    PlacedTable{"session_count", by_team},
    PlacedTable{"session_version_count", by_team},
    PlacedTable{"session_file", by_team},
    PlacedTable{"session_usage", by_team},
    PlacedTable{"participant", by_team},
    PlacedTable{"tag", by_team},
    PlacedTable{"file", by_team},
    PlacedTable{"idempotency_key", by_team},
    PlacedTable{"audit", local},
    PlacedTable{"rate_count", local},
};

// The first distributed table founds the group in which a team's rows stay together.
constexpr std::string_view founder = "session";

void check_extension(Connection& connection)
{
    auto const functions = connection.execute("select (to_regproc('create_distributed_table') is not null)::int4, "
                                              "(to_regproc('create_reference_table') is not null)::int4");
    if (functions[0].number(0) == 0 || functions[0].number(1) == 0)
        throw StoreError("the database has not the extension citus: put citus into shared_preload_libraries on every node, run "
                         "\"create extension citus\" and add the nodes; then distribute again");
}

void check_migrated(Connection& connection)
{
    auto const there = connection.execute("select (to_regclass('schema_migration') is not null)::int4")[0].number(0);
    auto const newest = there == 0 ? 0 : connection.execute("select coalesce(max(number), 0) from schema_migration")[0].number(0);
    if (newest != newest_migration())
        throw StoreError("the database is at migration " + std::to_string(newest) + "; only the tables of migration " +
                         std::to_string(newest_migration()) + " can be distributed by this binary");
}

void place(Connection& connection, PlacedTable const& table)
{
    auto const quoted = "'" + std::string(table.name) + "'";
    if (table.placement == shared)
        connection.execute("select create_reference_table(" + quoted + ")");
    else
        connection.execute("select create_distributed_table(" + quoted + ", 'team_id', colocate_with => " +
                           (table.name == founder ? "'none'" : "'" + std::string(founder) + "'") + ")");
}

std::vector<std::string> place_missing(Connection& connection)
{
    check_extension(connection);
    lock_migrations(connection);
    check_migrated(connection);
    std::vector<std::string> names;
    for (auto const& table : placed)
    {
        if (table.placement == local || is_distributed(connection, table.name)) continue;
        Connection::Transaction transaction(connection);
        place(connection, table);
        transaction.commit();
        names.emplace_back(table.name);
    }
    return names;
}

} // namespace

std::span<PlacedTable const> placed_tables() noexcept
{
    return placed;
}

std::vector<std::string> distribute(std::string const& database_url)
{
    try
    {
        Connection connection({.database_url = database_url, .application_name = "parley migrate", .pins_index_plans = false});
        return place_missing(connection);
    }
    catch (DatabaseError const& error)
    {
        throw StoreError("the distribution of " + mask_password(database_url) + " failed: " + error.what());
    }
}

} // namespace parley::store
