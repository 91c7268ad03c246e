// Proof Key for Code Exchange (RFC 7636), method S256 only.
#pragma once

#include <string>
#include <string_view>

namespace parley::oauth
{

// 43 characters of base64url: what S256 makes of any verifier.
[[nodiscard]] bool is_code_challenge(std::string_view challenge) noexcept;

// 43 to 128 unreserved characters (4.1).
[[nodiscard]] bool is_code_verifier(std::string_view verifier) noexcept;

[[nodiscard]] std::string challenge_of(std::string_view verifier);

} // namespace parley::oauth
