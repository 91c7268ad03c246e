// The services that the contract tests talk to: each is started with the first test that asks for it and stopped when all tests
// are done.
#pragma once

#include "parley/support/parleyd_process.hpp"

#include <string>
#include <vector>

namespace parley::contract
{

// With the recorded world, in a database of its own for each name. The recorded exchanges count on the world as it was, so tests
// that change it ask by another name.
[[nodiscard]] support::ParleydProcess& service_with_recorded_world(std::string const& name,
                                                                   std::vector<std::string> const& flags);

// With a small world (support/test_world.hpp).
[[nodiscard]] support::ParleydProcess& service_with_small_world(std::string const& name, std::string const& world);

} // namespace parley::contract
