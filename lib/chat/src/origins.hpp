// From which sites a widget may call. Pure.
#pragma once

#include "parley/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace parley::chat
{

// The host, in lower case and without its port, of the page that calls: by Origin, else by Referer where there is no Origin.
// Empty where neither names one ("Origin: null" is such a case and does not fall back to Referer).
[[nodiscard]] std::string calling_host(http::Request const& request);

// "example.org" is that host, "*.example.org" every host below it (and not itself), "*" any. Schemes and ports do not matter.
[[nodiscard]] bool is_allowed_origin(std::string_view host, std::vector<std::string> const& allowed_domains);

} // namespace parley::chat
