#include "embedded.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace parley::store
{

std::string_view sql_text(std::string_view name)
{
    auto const files = embedded_sql();
    auto const found = std::ranges::lower_bound(files, name, {}, &SqlFile::name);
    if (found == files.end() || found->name != name) throw std::logic_error("no SQL file is named " + std::string(name));
    return found->text;
}

} // namespace parley::store
