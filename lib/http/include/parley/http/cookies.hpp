// Cookies (RFC 6265): what a browser shows, and what it is told to keep.
#pragma once

#include "parley/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley::http
{

// The value of the first cookie of that name, over all Cookie fields, without quotes around it. Strict: a value with characters
// that no cookie may hold (RFC 6265, 4.1.1) is passed over, as is everything beyond the first 100 cookies. A view into the
// request.
[[nodiscard]] std::optional<std::string_view> find_cookie(Request const& request, std::string_view name) noexcept;

// Whether scripts of our own pages may read it.
enum class Readable : std::uint8_t
{
    by_server_only, // HttpOnly.
    by_scripts,
};

struct Cookie
{
    std::string_view name;
    std::string_view value;
    std::optional<std::chrono::seconds> lifetime; // None: until the browser closes; zero: away with it.
    Readable readable = Readable::by_server_only;
    bool is_secure = true; // Only over https. Plain http is for loopback.
};

// The value of a Set-Cookie field: Path=/ and SameSite=Lax always.
[[nodiscard]] std::string to_set_cookie(Cookie const& cookie);

} // namespace parley::http
