#include "parley/support/world_service.hpp"

#include "parley/support/postgres_server.hpp"

#include <fstream>
#include <stdexcept>

namespace parley::support
{

namespace
{

void migrate(std::string const& database_url)
{
    CommandResult const migrated = run_command({.argv = {parleyd_path(), "migrate", "--database-url", database_url}});
    if (migrated.exit_code != 0) throw std::runtime_error("parleyd migrate: " + migrated.out + migrated.err);
}

void load(std::string const& path, std::string const& database_url)
{
    CommandResult const loaded = run_parley({"load", path, "--database-url", database_url});
    if (loaded.exit_code != 0) throw std::runtime_error("parley load: " + loaded.out + loaded.err);
}

} // namespace

std::unique_ptr<ParleydProcess> start_with_world(std::string const& world_path, std::vector<std::string> flags,
                                                 std::string database_url)
{
    if (database_url.empty()) database_url = new_database();
    migrate(database_url);
    load(world_path, database_url);
    return std::make_unique<ParleydProcess>(ParleydSettings{.database_url = database_url, .flags = std::move(flags)});
}

void load_world(std::string const& world, std::string const& database_url)
{
    TemporaryFolder const folder;
    std::string const path = folder.path() / "world.json";
    std::ofstream(path, std::ios::binary) << world;
    migrate(database_url);
    load(path, database_url);
}

std::unique_ptr<ParleydProcess> start_with_small_world(std::string const& world, std::vector<std::string> flags)
{
    std::string const database_url = new_database();
    load_world(world, database_url);
    return std::make_unique<ParleydProcess>(ParleydSettings{.database_url = database_url, .flags = std::move(flags)});
}

} // namespace parley::support
