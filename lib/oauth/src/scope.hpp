// Scopes: what a token may be used for.
#pragma once

#include "parley/oauth/oauth_store.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parley::oauth
{

struct KnownScope
{
    std::string_view name;
    std::string_view meaning; // The sentence of the consent page.
    bool for_machines = true;
};

[[nodiscard]] std::span<KnownScope const> known_scopes() noexcept;

// The names in a space separated list, each once, in their order.
[[nodiscard]] std::vector<std::string> split_scope(std::string_view scope);
[[nodiscard]] std::string join_scope(std::span<std::string const> names);

[[nodiscard]] bool is_subset(std::span<std::string const> wanted, std::span<std::string const> allowed) noexcept;
[[nodiscard]] bool has_scope(std::string_view scope, std::string_view name) noexcept;

// What the application may be granted: the known scopes of its kind of client, narrowed by its own and the installation's lists.
[[nodiscard]] std::vector<std::string> grantable_scopes(Application const& application);

// The wanted scopes (none wanted: a machine gets nothing, a user's application all it may have), or nothing where one is unknown,
// not allowed, or none is left.
[[nodiscard]] std::optional<std::vector<std::string>> choose_scopes(Application const& application, std::string_view wanted);

} // namespace parley::oauth
