// The service on a database of its own that holds a world (tests/contract/data/world.json has the one of the recordings).
#pragma once

#include "parley/support/parleyd_process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace parley::support
{

// Makes a database, migrates it, loads the world by the administrator's command, and starts the service on it. Throws
// std::runtime_error with the words of whatever went wrong.
[[nodiscard]] std::unique_ptr<ParleydProcess> start_with_world(std::string const& world_path, std::vector<std::string> flags,
                                                               std::string database_url = {});

} // namespace parley::support
