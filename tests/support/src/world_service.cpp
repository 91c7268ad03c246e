#include "parley/support/world_service.hpp"

#include "parley/support/postgres_server.hpp"

#include <stdexcept>

namespace parley::support
{

std::unique_ptr<ParleydProcess> start_with_world(std::string const& world_path, std::vector<std::string> flags,
                                                 std::string database_url)
{
    if (database_url.empty()) database_url = new_database();
    CommandResult const migrated = run_command({.argv = {parleyd_path(), "migrate", "--database-url", database_url}});
    if (migrated.exit_code != 0) throw std::runtime_error("parleyd migrate: " + migrated.out + migrated.err);
    CommandResult const loaded = run_parley({"load", world_path, "--database-url", database_url});
    if (loaded.exit_code != 0) throw std::runtime_error("parley load: " + loaded.out + loaded.err);
    return std::make_unique<ParleydProcess>(ParleydSettings{.database_url = database_url, .flags = std::move(flags)});
}

} // namespace parley::support
