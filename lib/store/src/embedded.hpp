// The SQL inside the binary: one statement a file (sql/), one step a file (migrations/). Named as the files are, without ".sql".
#pragma once

#include <span>
#include <string_view>

namespace parley::store
{

struct SqlFile
{
    std::string_view name;
    std::string_view text;
};

[[nodiscard]] std::span<SqlFile const> embedded_sql() noexcept;        // In order of the names.
[[nodiscard]] std::span<SqlFile const> embedded_migrations() noexcept; // In order of the numbers.

// The statement of that name. Throws std::logic_error where there is no such file: our mistake.
[[nodiscard]] std::string_view sql_text(std::string_view name);

} // namespace parley::store
