// The database that the command works on: the one of --database-url, or the private one of --data-dir, running or not.
#pragma once

#include "parley/config/settings.hpp"
#include "parley/core/clock.hpp"
#include "parley/store/administration.hpp"
#include "parley/store/private_postgres.hpp"

#include <optional>

namespace parley::command
{

// Opened when it is first needed, so that a mistake on the command line costs nothing. A private PostgreSQL that is not running
// is started for as long as this lives.
class Database
{
  public:
    Database(config::DatabaseSettings settings, Clock const& clock) : settings_(std::move(settings)), clock_(clock) {}

    // Throws store::DatabaseAway where there is none, store::Refused where it is not migrated (a private one is migrated on the
    // way).
    [[nodiscard]] store::Administration& administration();

    [[nodiscard]] Clock const& clock() const noexcept { return clock_; }

  private:
    config::DatabaseSettings settings_;
    Clock const& clock_;
    std::optional<store::PrivatePostgres> server_;
    std::optional<store::Administration> administration_;

    [[nodiscard]] std::string open_private();
};

// Who the audit names: the operating system's user, behind sudo too.
[[nodiscard]] std::string current_user();

} // namespace parley::command
