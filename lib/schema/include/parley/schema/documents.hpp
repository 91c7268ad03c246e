// The promised documents, embedded in the binary: what /api/schema/ and /api/docs/ serve.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace parley::schema
{

// The OpenAPI document (proto-free-schemas/openapi.json), self-contained JSON. Lives as long as the program; any thread.
[[nodiscard]] std::string_view openapi_document() noexcept;

// A file of the documentation page.
struct Asset
{
    std::string_view name;         // Below /api/docs/; empty: the page itself.
    std::string_view content_type; // A literal, with its charset.
    std::string_view body;
};

// All of them, the page first. Its scripts and styles are files of their own, so that a strict Content-Security-Policy suits it:
// see documentation_policy.
[[nodiscard]] std::span<Asset const> documentation_assets() noexcept;

// The asset of that name: "" is the page, "docs.css" and "docs.js" go with it. Nothing for any other name.
[[nodiscard]] std::optional<Asset> documentation_asset(std::string_view name) noexcept;

// The Content-Security-Policy under which the page works: its own script and style, one fetch of ../schema/,
// and the empty icon that keeps browsers from asking for /favicon.ico. Nothing else.
inline constexpr std::string_view documentation_policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src "
                                                         "'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                                                         "frame-ancestors 'none'";

} // namespace parley::schema
