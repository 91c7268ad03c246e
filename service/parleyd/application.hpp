// Where everything is born and dies: the composition root.
#pragma once

#include "parley/config/settings.hpp"

namespace parley
{

// Serves until SIGTERM or SIGINT and returns the exit code. Throws what keeps it from starting: store::StoreError or
// std::runtime_error with a sentence for the operator.
[[nodiscard]] int serve(config::Settings settings);

// Brings the database, or the private one, to what this binary knows, and says on standard output what was done.
[[nodiscard]] int migrate(config::Settings const& settings);

// Spreads the tables of the database, which is migrated, over the nodes of a Citus cluster, and says which.
[[nodiscard]] int distribute(config::Settings const& settings);

} // namespace parley
