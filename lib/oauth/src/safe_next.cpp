#include "safe_next.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::oauth
{

std::string safe_next(std::string_view next, std::string_view base_url, std::string_view fallback)
{
    constexpr std::size_t bytes_max = 8000;
    if (!base_url.empty() && next.starts_with(base_url)) next.remove_prefix(base_url.size());
    // What a Location may hold: no control character (browsers drop tabs and line feeds), no backslash (they take it for a
    // slash).
    auto const is_bad = [](char c)
    { return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '\\'; };
    bool const is_path = !next.empty() && next.front() == '/' && !(next.size() > 1 && next[1] == '/');
    if (!is_path || next.size() > bytes_max || std::any_of(next.begin(), next.end(), is_bad)) return std::string(fallback);
    return std::string(next);
}

} // namespace parley::oauth
