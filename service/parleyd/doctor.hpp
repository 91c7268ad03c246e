// `parleyd doctor`: whether a start with these settings would go well, and what to do where it would not.
#pragma once

#include "parley/config/settings.hpp"

namespace parley
{

// Looks at the database, descriptors, ports and what settings say of proxies, prints a line for each, changes nothing. Returns
// the exit code: 1 when something has to be put right first.
int examine_surroundings(config::Settings const& settings);

} // namespace parley
