// From a world file to a World. Pure but for the salts of password hashes.
#pragma once

#include "parley/world/world.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace parley::world
{

// Reads a world file (its parts: lib/world/README.md). Secrets are replaced by their digests on the way; where a digest
// stands in the file already, it is taken. `note` and `client_side` are read over. Throws Invalid, with the place, for what is
// not JSON, an unknown part or key, a missing one, a wrong type, a value out of range, something that stands twice, a reference
// to nothing. roles_known: roles that memberships may name besides the file's own, say those that the database has.
[[nodiscard]] World decode(std::string_view text, std::vector<std::string> const& roles_known = {});

} // namespace parley::world
