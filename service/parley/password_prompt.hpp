// Passwords as an administrator gives them: at the terminal, or in a file.
#pragma once

#include <string>

namespace parley::command
{

// Asks twice at the terminal, which shows nothing of what is typed. Its settings come back in any case, also when a signal
// (Ctrl-C) ends the program. Throws store::Refused where standard input is no terminal, the password is empty or longer than
// 1,024 bytes, or the two differ.
[[nodiscard]] std::string ask_password_twice();

// The first line of the file; "-" is standard input. Throws store::Refused.
[[nodiscard]] std::string read_password(std::string const& path);

} // namespace parley::command
