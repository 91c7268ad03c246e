// Cross-site request forgery: unsafe requests that a browser's cookie authenticates must show that one of our own pages sent
// them.
#pragma once

#include "parley/http/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::auth
{

inline constexpr std::string_view csrf_cookie_name = "csrftoken";
inline constexpr std::string_view csrf_header_name = "X-CSRFToken";
inline constexpr std::string_view csrf_form_field = "csrfmiddlewaretoken";

enum class CsrfVerdict : std::uint8_t
{
    ok,
    cookie_missing,  // No cookie csrftoken, or none that could be ours.
    token_mismatch,  // Neither the form's field nor the header X-CSRFToken repeats it.
    origin_mismatch, // Origin, Referer or Sec-Fetch-Site names another site; over https: neither Origin nor Referer is there.
};

// The double submit: the cookie's value repeated in the form's field csrfmiddlewaretoken (form_token; empty where there is none)
// or in the header X-CSRFToken, which another site can neither read nor set. Origin, else Referer, must be base_url's
// ("https://host"); "Origin: null" is another site's. Our Referrer-Policy is same-origin, so our own pages send both.
[[nodiscard]] CsrfVerdict check_csrf(http::Request const& request, std::string_view form_token,
                                     std::string_view base_url) noexcept;

// Whether it has the form of a token: 32 to 64 letters, digits, '-' and '_'.
[[nodiscard]] bool is_csrf_token(std::string_view token) noexcept;

} // namespace parley::auth
