// Which hosts we answer for, and where links begin. Pure.
#pragma once

#include "parley/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace parley::pipeline
{

// The Host field without its port and without a dot at its end. "[::1]:80" is "[::1]".
[[nodiscard]] std::string_view without_port(std::string_view host) noexcept;

// Whether one of the patterns takes the host: "*" takes all, ".example.org" takes example.org and every name below it, any other
// text itself. In any case. A port in the Host field does not matter.
[[nodiscard]] bool is_allowed_host(std::string_view host, std::vector<std::string> const& patterns) noexcept;

// Whether the client speaks https, as X-Forwarded-Proto says where a trusted proxy wrote it.
[[nodiscard]] bool is_https(http::Request const& request, int trusted_proxy_hops);

// "https://host" as the client sees us: by its Host field, and by X-Forwarded-Proto where a trusted proxy wrote it.
[[nodiscard]] std::string base_url_of(http::Request const& request, int trusted_proxy_hops);

} // namespace parley::pipeline
