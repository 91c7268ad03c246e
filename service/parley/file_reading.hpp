// Files that an administrator names.
#pragma once

#include <string>

namespace parley::command
{

// All of it; "-" is standard input. Throws store::Refused where it cannot be read.
[[nodiscard]] std::string read_all(std::string const& path);

} // namespace parley::command
