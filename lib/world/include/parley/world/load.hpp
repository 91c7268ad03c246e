// Worlds into a database and out of it.
#pragma once

#include "parley/store/administration.hpp"
#include "parley/world/world.hpp"

#include <cstddef>
#include <iosfwd>
#include <string>

namespace parley::world
{

struct LoadReport
{
    std::size_t teams = 0;
    std::size_t users = 0;
    std::size_t sessions = 0;
    std::size_t messages = 0;
};

// Writes the world: all of it or nothing. source: what the audit says it came from. Throws as store::Administration does.
LoadReport load(store::Administration& administration, World const& world, std::string const& source);

// Reads a world file and writes it. Throws Invalid besides.
LoadReport load(store::Administration& administration, std::string_view text, std::string const& source);

// Writes the whole database as a world file, as it is at one moment. Throws as store::Administration does.
LoadReport dump(store::Administration& administration, std::ostream& out);

} // namespace parley::world
