// From rows to a world file, with digests in place of secrets. The sessions come in portions, so that a dump needs little memory.
#pragma once

#include "parley/store/world_rows.hpp"
#include "parley/world/world.hpp"

#include <iosfwd>
#include <set>
#include <string>
#include <vector>

namespace parley::world
{

// Writes one file: first the parts, then the sessions as they come, then finish. One row a line, so that two dumps can be
// compared by diff.
class Encoder
{
  public:
    // rows must outlive the Encoder. loaded_at: the moments of loads. A row that is exactly as old came without a time and is
    // written without.
    Encoder(std::ostream& out, store::WorldRows const& rows, std::set<Timestamp> loaded_at);

    void sessions(std::vector<Session> const& portion);
    void finish();

  private:
    std::ostream& out_;
    store::WorldRows const& rows_;
    std::set<Timestamp> loaded_at_;
    std::vector<bool> tag_is_ambiguous_; // Two tags of the team have this name and category: the reference says which.
    bool is_first_session_ = true;

    void parts();
};

} // namespace parley::world
