// Bringing a database's tables to what this binary knows.
#pragma once

#include "parley/core/clock.hpp"

#include <string>
#include <vector>

namespace parley::store
{

// The number of the newest migration inside this binary.
[[nodiscard]] int newest_migration() noexcept;

// Applies, in order and each in a transaction of its own, what the database lacks; several at once wait for each other (advisory
// lock). Returns the names of what was applied. A database to which a newer release has only added is taken as it is. Throws
// StoreError when the database is away, when a newer release has taken away what this binary needs (a migration whose name ends
// with
// "_after_NNNN", of which this binary does not know NNNN), or when a step fails, which leaves the database as the steps before it
// made it.
std::vector<std::string> migrate(std::string const& database_url, Clock const& clock);

} // namespace parley::store
