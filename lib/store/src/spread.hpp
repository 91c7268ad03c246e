// Whether a table is spread over the nodes of a Citus cluster.
#pragma once

#include "connection_pqxx.hpp"

#include <string_view>

namespace parley::store
{

// Distributed, or whole on every node. False on a server without the extension.
inline bool is_distributed(Connection& connection, std::string_view table)
{
    if (connection.execute("select (to_regclass('citus_tables') is not null)::int4")[0].number(0) == 0) return false;
    Parameters parameters;
    parameters.add(table);
    auto const rows = connection.run_once("select count(*) from citus_tables where table_name = to_regclass($1::text) and "
                                          "citus_table_type in ('distributed', 'reference')",
                                          parameters);
    return rows[0].number(0) > 0;
}

} // namespace parley::store
