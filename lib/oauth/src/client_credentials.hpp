// What a client shows of itself: HTTP Basic or the parameters client_id and client_secret (RFC 6749, 2.3.1).
#pragma once

#include "form.hpp"

#include "parley/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::oauth
{

struct ClientCredentials
{
    std::string client_id;
    std::string secret; // Empty: none.
};

enum class ShownCredentials : std::uint8_t
{
    none, // No client_id anywhere.
    present,
    malformed,   // A Basic field that is none.
    conflicting, // Two clients, or two secrets.
};

// Basic's user and password are form-encoded (RFC 6749, 2.3.1); where that decoding fails they are taken as they are. Nothing
// where the value has no scheme Basic, or is malformed: not base64, no colon, not UTF-8, control characters.
[[nodiscard]] std::optional<ClientCredentials> parse_basic(std::string_view authorization);

// The client of a request; credentials are filled where the answer is `present`.
[[nodiscard]] ShownCredentials read_client_credentials(http::Request const& request, Form const& form,
                                                       ClientCredentials& credentials);

} // namespace parley::oauth
