// The text of a cursor, as it stands in the links next and previous. Pure.
#pragma once

#include "parley/domain/session.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace parley::api
{

// Letters, digits, '-' and '_' only, so it needs no encoding in a URL. It holds the direction and the place, and nothing of the
// page's size, order or filters: those are the query's. It grants nothing (every page is read for the caller's team), so it is
// not signed; a checksum finds what was cut off or mistyped.
[[nodiscard]] std::string encode_cursor(domain::Cursor const& cursor);

// Exactly what encode_cursor wrote; nothing for any other text, other spellings of the same bytes among them.
[[nodiscard]] std::optional<domain::Cursor> decode_cursor(std::string_view text);

} // namespace parley::api
