#include "parley/store/examine.hpp"

#include "connection_pqxx.hpp"
#include "parley/store/error.hpp"

namespace parley::store
{

namespace
{

constexpr char const* question = R"(
select current_setting('server_version_num')::int8,
    (select pg_encoding_to_char(encoding) from pg_database where datname = current_database()),
    coalesce(has_schema_privilege(current_schema(), 'create'), false)::int::int8,
    (pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool)::int::int8,
    (current_setting('fsync')::bool and current_setting('synchronous_commit') <> 'off')::int::int8,
    current_setting('max_connections')::int8 - current_setting('superuser_reserved_connections')::int8
        - (select count(*) from pg_stat_activity where backend_type = 'client backend'),
    (extract(epoch from clock_timestamp()) * 1000)::int8,
    (to_regclass('schema_migration') is not null)::int::int8)";

Examination ask(Connection& connection, Clock const& clock)
{
    auto const asked = clock.now();
    auto const rows = connection.execute(question);
    auto const answered = clock.now();
    auto row = rows[0];
    Examination found{.server_version = static_cast<int>(row.number(0)),
                      .encoding = row.text(1),
                      .may_create = row.number(2) != 0,
                      .is_read_only = row.number(3) != 0,
                      .is_durable = row.number(4) != 0,
                      .connections_free = static_cast<int>(row.number(5))};
    auto const ours = asked.time_since_epoch() + (answered - asked) / 2;
    found.clock_ahead = std::chrono::milliseconds(row.number(6)) - std::chrono::duration_cast<std::chrono::milliseconds>(ours);
    if (row.number(7) != 0)
        found.schema = static_cast<int>(connection.execute("select coalesce(max(number), 0) from schema_migration")[0].number(0));
    return found;
}

} // namespace

Examination examine(std::string const& database_url, Clock const& clock)
{
    try
    {
        Connection connection({.database_url = database_url, .application_name = "parley doctor", .pins_index_plans = false});
        return ask(connection, clock);
    }
    catch (DatabaseError const& error)
    {
        throw StoreError(mask_password(database_url) + ": " + error.what());
    }
}

} // namespace parley::store
