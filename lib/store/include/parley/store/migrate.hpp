// Bringing a database's tables to what this binary knows, and spreading them over the nodes of a Citus cluster.
#pragma once

#include "parley/core/clock.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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

// Where a table lies when the database is a Citus cluster.
enum class Placement : std::uint8_t
{
    by_team, // Distributed by team_id, all of a team's rows of all such tables on one node.
    shared,  // A reference table: whole on every node. What gives the team, or belongs to all.
    local,   // On the coordinator alone: no statement joins it.
};

struct PlacedTable
{
    std::string_view name;
    Placement placement;
};

// Every table of the newest migration but its own ledger, in the order in which Citus can take them: what others refer to first.
[[nodiscard]] std::span<PlacedTable const> placed_tables() noexcept;

// Distributes the tables of a migrated database, under the lock of migrate() and each in a transaction of its own; those that are
// distributed already are passed over. Returns the names of the others. Throws StoreError when the database is away, is not
// migrated, has not the extension citus, or when Citus refuses a table, which leaves those before it distributed.
std::vector<std::string> distribute(std::string const& database_url);

} // namespace parley::store
