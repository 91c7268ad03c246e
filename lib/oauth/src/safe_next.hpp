// Where a login may lead: to a page of this site.
#pragma once

#include <string>
#include <string_view>

namespace parley::oauth
{

// The path and query of `next` where they are this site's (written as a path, or as a URL below base_url); else the fallback.
// Whatever a browser could read as another host ("//evil", "/\evil", a tab between slashes) is not.
[[nodiscard]] std::string safe_next(std::string_view next, std::string_view base_url, std::string_view fallback);

} // namespace parley::oauth
