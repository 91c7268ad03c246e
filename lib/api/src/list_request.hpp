// The parameters of session_list, and the links to the pages beside this one. Pure.
#pragma once

#include "parley/core/result.hpp"
#include "parley/domain/session.hpp"
#include "parley/routing/route_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace parley::api
{

// Problems: field_invalid (the experiment is no UUID, a filter holds U+0000), and only where those are well cursor_invalid.
[[nodiscard]] Result<domain::ListQuery> decode_list_query(std::vector<routing::QueryParameter> const& parameters,
                                                          domain::TeamId team);

// The link to another page: the same path and parameters, but for the cursor.
[[nodiscard]] std::string page_url(std::string_view base_url, std::string_view path,
                                   std::vector<routing::QueryParameter> const& parameters, domain::Cursor const& cursor);

} // namespace parley::api
