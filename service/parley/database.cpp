#include "database.hpp"

#include "parley/store/migrate.hpp"

#include <cstdlib>

#include <pwd.h>
#include <unistd.h>

namespace parley::command
{

store::Administration& Database::administration()
{
    if (!administration_)
    {
        auto const url = settings_.url.empty() ? open_private() : settings_.url;
        administration_.emplace(url, current_user(), clock_);
    }
    return *administration_;
}

std::string Database::open_private()
{
    try
    {
        server_.emplace(store::PrivatePostgres::start_or_join({.data_dir = settings_.data_dir,
                                                               .binaries = settings_.postgres_binaries,
                                                               .shared_buffers = settings_.postgres_shared_buffers}));
        store::migrate(server_->database_url(), clock_);
        return server_->database_url();
    }
    catch (store::StoreError const& error)
    {
        throw store::DatabaseAway(error.what());
    }
}

std::string current_user()
{
    // Nobody sets the environment while we run.
    char const* behind_sudo = ::geteuid() == 0 ? std::getenv("SUDO_USER") : nullptr; // NOLINT(concurrency-mt-unsafe)
    if (behind_sudo != nullptr && *behind_sudo != '\0') return behind_sudo;
    auto const* entry = ::getpwuid(::getuid()); // NOLINT(concurrency-mt-unsafe)
    return entry != nullptr ? entry->pw_name : "uid " + std::to_string(::getuid());
}

} // namespace parley::command
