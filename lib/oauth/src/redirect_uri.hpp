// Where a browser may be sent back to. Nothing is ever sent to an address that did not pass here.
#pragma once

#include "parley/oauth/oauth_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::oauth
{

// Whether the address is the registered one, character by character; the port alone is free where the registered one is http on a
// loopback literal, 127.0.0.1 or [::1] (RFC 8252, 7.3).
[[nodiscard]] bool is_same_redirect(std::string_view registered, std::string_view presented) noexcept;

// Whether it may be registered, and so be redirected to at all: absolute, http, https or a scheme of an app's own (never one that
// runs script or opens files), no fragment, no white space or control character.
[[nodiscard]] bool is_redirectable(std::string_view uri) noexcept;

// The address to use for a request: the presented one if it is registered; with none presented the only registered one; else
// nothing.
[[nodiscard]] std::optional<std::string> choose_redirect(std::vector<std::string> const& registered, std::string_view presented);

// The address with the parameters (already encoded) added to its query.
[[nodiscard]] std::string with_query(std::string_view uri, std::string_view query);

// What a Content-Security-Policy calls the address: its origin; its scheme where CSP has no word for the host.
[[nodiscard]] std::string policy_source(std::string_view uri);

} // namespace parley::oauth
