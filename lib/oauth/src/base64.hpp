// Base64 (RFC 4648): the plain alphabet of HTTP Basic and the URL-safe one of JSON Web Tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley::oauth
{

[[nodiscard]] std::string to_base64url(std::string_view bytes); // Without padding.

// Strict: whole groups of four with padding, no other characters, no set bits behind the end.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text); // Without padding.

} // namespace parley::oauth
