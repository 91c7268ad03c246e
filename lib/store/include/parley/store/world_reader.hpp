// Reading a whole database as a world.
#pragma once

#include "parley/store/administration.hpp"
#include "parley/store/world_rows.hpp"

#include <memory>
#include <set>
#include <vector>

namespace parley::store
{

// Reads one moment of the database, however long it takes and whatever is written meanwhile. Uses the administration's
// connection, which nothing else may use meanwhile. Throws as Administration does.
class WorldReader
{
  public:
    explicit WorldReader(Administration& administration);
    WorldReader(WorldReader const&) = delete;
    WorldReader& operator=(WorldReader const&) = delete;
    ~WorldReader();

    // Everything but the sessions. Lives as long as the reader.
    [[nodiscard]] WorldRows const& rows() const noexcept;

    // The moments in which worlds were loaded.
    [[nodiscard]] std::set<Timestamp> const& loaded_at() const noexcept;

    // The next portion in the order in which they were written; empty at the end.
    [[nodiscard]] std::vector<SessionRow> next_sessions();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::store
