#include "scope.hpp"

#include <algorithm>
#include <array>

namespace parley::oauth
{

namespace
{

constexpr std::array<KnownScope, 11> scopes{{
    {"chatbots:read", "See the chatbots of the team"},
    {"chatbots:interact", "Send messages to the chatbots of the team"},
    {"chat:start", "Start chats with the chatbots of the team"},
    {"sessions:read", "Read sessions and their messages"},
    {"sessions:write", "Create, change and end sessions"},
    {"files:read", "Download files"},
    {"participants:read", "Read participants and their data"},
    {"participants:write", "Change participants and their data"},
    {"usage:read", "Read usage and cost"},
    {"openid", "Know who you are: your e-mail address", false},
    {"profile", "Know your name", false},
}};

bool contains(std::span<std::string const> names, std::string_view name) noexcept
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

std::span<KnownScope const> known_scopes() noexcept
{
    return scopes;
}

std::vector<std::string> split_scope(std::string_view scope)
{
    std::vector<std::string> names;
    while (!scope.empty())
    {
        auto const space = scope.find(' ');
        auto const name = scope.substr(0, space);
        if (!name.empty() && !contains(names, name)) names.emplace_back(name);
        scope.remove_prefix(space == std::string_view::npos ? scope.size() : space + 1);
    }
    return names;
}

std::string join_scope(std::span<std::string const> names)
{
    std::string scope;
    for (auto const& name : names)
        scope.append(scope.empty() ? "" : " ").append(name);
    return scope;
}

bool is_subset(std::span<std::string const> wanted, std::span<std::string const> allowed) noexcept
{
    return std::all_of(wanted.begin(), wanted.end(), [&](std::string const& name) { return contains(allowed, name); });
}

bool has_scope(std::string_view scope, std::string_view name) noexcept
{
    while (!scope.empty())
    {
        auto const space = scope.find(' ');
        if (scope.substr(0, space) == name) return true;
        scope.remove_prefix(space == std::string_view::npos ? scope.size() : space + 1);
    }
    return false;
}

std::vector<std::string> grantable_scopes(Application const& application)
{
    bool const is_machine = application.grant == ClientGrant::client_credentials;
    std::vector<std::string> names;
    for (KnownScope const& known : scopes)
    {
        if (is_machine && !known.for_machines) continue;
        if (is_machine && application.machine_scopes && !contains(*application.machine_scopes, known.name)) continue;
        if (application.allowed_scopes && !contains(*application.allowed_scopes, known.name)) continue;
        names.emplace_back(known.name);
    }
    return names;
}

std::optional<std::vector<std::string>> choose_scopes(Application const& application, std::string_view wanted)
{
    auto names = split_scope(wanted);
    auto grantable = grantable_scopes(application);
    if (names.empty() && application.grant == ClientGrant::authorization_code) names = grantable;
    if (names.empty() || !is_subset(names, grantable)) return std::nullopt;
    return names;
}

} // namespace parley::oauth
