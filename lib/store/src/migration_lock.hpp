// The lock of those who change what tables there are.
#pragma once

#include "connection_pqxx.hpp"

#include <string>

namespace parley::store
{

// Waits for it, and holds it until the connection closes. Its number is arbitrary: only Parley takes this advisory lock.
inline void lock_migrations(Connection& connection)
{
    connection.execute("select pg_advisory_lock(7164112270150915937)");
}

} // namespace parley::store
