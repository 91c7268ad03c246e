// What a database is like, for whoever is to say whether Parley can work on it.
#pragma once

#include "parley/core/clock.hpp"

#include <chrono>
#include <string>

namespace parley::store
{

struct Examination
{
    int server_version = 0;                  // 150018: 15.18.
    std::string encoding;                    // Of the database: UTF8.
    int schema = 0;                          // The newest migration that was applied; 0: none.
    bool may_create = false;                 // Whether the user may make tables, as migrations do.
    bool is_read_only = false;               // A standby, or a database that refuses writes.
    bool is_durable = false;                 // Whether an acknowledged write survives a crash: fsync and synchronous_commit.
    int connections_free = 0;                // That the server still takes from users like ours.
    std::chrono::milliseconds clock_ahead{}; // The database's clock against ours; half of a round trip is in it.
};

// One connection, a few questions, no change. Throws StoreError when the database cannot be asked; its sentence holds no
// password.
[[nodiscard]] Examination examine(std::string const& database_url, Clock const& clock);

} // namespace parley::store
