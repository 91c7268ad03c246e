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

// Migrates the database and loads a world given as text. Throws std::runtime_error with the command's words.
void load_world(std::string const& world, std::string const& database_url);
// Makes a database, loads the world, starts the service.
[[nodiscard]] std::unique_ptr<ParleydProcess> start_with_small_world(std::string const& world,
                                                                     std::vector<std::string> flags = {});

} // namespace parley::support
