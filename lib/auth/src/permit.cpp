#include "parley/auth/principal.hpp"

#include <array>
#include <utility>

namespace parley::auth
{

namespace
{

bool is_reading(http::Method method) noexcept
{
    return method == http::Method::get || method == http::Method::head || method == http::Method::options;
}

Permission role_needed(http::Method method) noexcept
{
    switch (method)
    {
    case http::Method::get:
    case http::Method::head:
        return Permission::view;
    case http::Method::post:
        return Permission::add;
    case http::Method::put:
    case http::Method::patch:
        return Permission::change;
    case http::Method::delete_:
        return Permission::delete_;
    case http::Method::options:
    case http::Method::trace:
    case http::Method::other:
        break;
    }
    return Permission::none;
}

bool has_scope(Principal const& principal, http::Method method) noexcept
{
    if (!principal.is_scoped) return true;
    return is_reading(method) ? principal.has_read_scope : principal.has_write_scope;
}

bool has_role(Principal const& principal, http::Method method) noexcept
{
    bool const is_machine = !principal.user_email;
    return is_machine || allows(principal.permissions, role_needed(method));
}

} // namespace

std::optional<Permission> permission_from_name(std::string_view name) noexcept
{
    static constexpr std::array<std::pair<std::string_view, Permission>, 4> names{{
        {"view_experimentsession", Permission::view},
        {"add_experimentsession", Permission::add},
        {"change_experimentsession", Permission::change},
        {"delete_experimentsession", Permission::delete_},
    }};
    for (auto const& [known, permission] : names)
        if (known == name) return permission;
    return std::nullopt;
}

std::string_view name_of(Scheme scheme) noexcept
{
    switch (scheme)
    {
    case Scheme::api_key:
        return "api_key";
    case Scheme::bearer_api_key:
        return "bearer_api_key";
    case Scheme::access_token:
        return "access_token";
    }
    return "unknown";
}

std::optional<Problem> permit(Principal const& principal, http::Method method)
{
    bool const may_write = !principal.read_only || is_reading(method);
    if (may_write && has_scope(principal, method) && has_role(principal, method)) return std::nullopt;
    return Problem{.code = ProblemCode::permission_denied};
}

} // namespace parley::auth
