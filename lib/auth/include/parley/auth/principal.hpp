// Who it is, and what they may do.
#pragma once

#include "parley/core/identifier.hpp"
#include "parley/core/result.hpp"
#include "parley/http/message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parley::auth
{

// What a role allows on the sessions of a team. A bit set.
enum class Permission : std::uint8_t
{
    none = 0,
    view = 1,
    add = 2,
    change = 4,
    delete_ = 8,
};
[[nodiscard]] constexpr Permission operator|(Permission a, Permission b) noexcept
{
    return static_cast<Permission>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
[[nodiscard]] constexpr bool allows(Permission granted, Permission wanted) noexcept
{
    return (static_cast<unsigned>(granted) & static_cast<unsigned>(wanted)) == static_cast<unsigned>(wanted);
}
// "view_experimentsession" and its three sisters (the names that roles are stored with). Nothing for other names.
[[nodiscard]] std::optional<Permission> permission_from_name(std::string_view name) noexcept;

enum class Scheme : std::uint8_t
{
    api_key,        // X-api-key
    bearer_api_key, // Authorization: Bearer <api key>
    access_token,   // Authorization: Bearer <OAuth access token>
};
[[nodiscard]] std::string_view name_of(Scheme scheme) noexcept; // For metrics and logs.

struct Team
{
    std::int64_t id = 0;
    std::string slug;
    std::string name;
    std::optional<std::string> api_rate_limit; // "2000/5m": the team's own limit of the scope api, where it has one.
};

// Somebody identified, acting in exactly one team. Immutable and shared by cached look-ups.
struct Principal
{
    Scheme scheme = Scheme::api_key;
    Team team;
    std::optional<std::string> user_email;     // None: a machine (client credentials).
    Permission permissions = Permission::none; // By the user's roles; a machine has none and needs none.
    bool read_only = false;                    // A read-only key.
    // Access tokens only; keys are not limited by scope.
    bool is_scoped = false;
    bool has_read_scope = false;  // sessions:read
    bool has_write_scope = false; // sessions:write
};

// Whether the principal may use this method on sessions. Read-only keys: GET, HEAD and OPTIONS. Users: GET and HEAD need view,
// POST add, PUT and PATCH change, DELETE delete; other methods no role. Tokens: the read scope for GET, HEAD and OPTIONS, the
// write scope for all others; write does not imply read. (API behaviour, 2.) Answers permission_denied, or nothing when they may.
[[nodiscard]] std::optional<Problem> permit(Principal const& principal, http::Method method);

} // namespace parley::auth
