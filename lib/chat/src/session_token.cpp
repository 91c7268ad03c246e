#include "session_token.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace parley::chat
{

namespace
{

Sha256 hmac_sha256(std::string_view key, std::string_view text)
{
    Sha256 digest{};
    unsigned int size = 0;
    auto const* bytes = reinterpret_cast<unsigned char const*>(text.data());
    if (::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), digest.data(), &size) == nullptr)
        throw std::runtime_error("HMAC-SHA256 is not available");
    return digest;
}

// The parts are told apart by a character that neither a number nor the prefix holds; the id stands last, so it may hold any.
std::string token_of(Secret const& secret, domain::TeamId team, std::string_view session_id)
{
    auto signed_text = "parley chat session token v1\n" + std::to_string(team) + "\n";
    signed_text.append(session_id);
    return "v1." + std::to_string(secret.id) + "." + to_hex(hmac_sha256(secret.bytes, signed_text));
}

} // namespace

std::string make_session_token(Secret const& secret, domain::TeamId team, std::string_view session_id)
{
    return token_of(secret, team, session_id);
}

bool is_session_token(std::string_view token, std::vector<Secret> const& secrets, domain::TeamId team,
                      std::string_view session_id)
{
    return std::ranges::any_of(secrets, [&](Secret const& secret)
                               { return equal_in_constant_time(token, token_of(secret, team, session_id)); });
}

} // namespace parley::chat
