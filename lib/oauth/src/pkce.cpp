#include "pkce.hpp"

#include "base64.hpp"

#include "parley/core/identifier.hpp"
#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::oauth
{

namespace
{

bool is_base64url(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

} // namespace

bool is_code_challenge(std::string_view challenge) noexcept
{
    return challenge.size() == 43 && std::all_of(challenge.begin(), challenge.end(), is_base64url);
}

bool is_code_verifier(std::string_view verifier) noexcept
{
    return verifier.size() >= 43 && verifier.size() <= 128 && std::all_of(verifier.begin(), verifier.end(), is_unreserved);
}

std::string challenge_of(std::string_view verifier)
{
    auto const digest = sha256(verifier);
    return to_base64url({reinterpret_cast<char const*>(digest.data()), digest.size()});
}

} // namespace parley::oauth
