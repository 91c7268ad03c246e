// Writing a world into a database: all of it or nothing.
#pragma once

#include "parley/store/administration.hpp"
#include "parley/store/world_rows.hpp"

#include <memory>
#include <string>
#include <vector>

namespace parley::store
{

// One transaction over the administration's connection, which nothing else may use meanwhile. First write, then write_sessions as
// often as there are portions, then commit. Left without it, nothing was changed. Throws as Administration does.
class WorldWriter
{
  public:
    explicit WorldWriter(Administration& administration);
    WorldWriter(WorldWriter const&) = delete;
    WorldWriter& operator=(WorldWriter const&) = delete;
    ~WorldWriter();

    // Everything but the sessions. Refused where a team, a user or anything else of it is in the database already. rows must
    // outlive the writer.
    void write(WorldRows const& rows);

    // Complete sessions, in the order in which they are to have been created.
    void write_sessions(std::vector<SessionRow> const& portion);

    // action: "world.load" or the like, for the audit. Also gives the planner statistics of the new rows.
    void commit(std::string const& action, std::string const& subject);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::store
