#include "parley/schema/documents.hpp"

#include "embedded.hpp"

#include <algorithm>
#include <array>

namespace parley::schema
{

std::string_view openapi_document() noexcept
{
    return embedded::openapi_json();
}

std::span<Asset const> documentation_assets() noexcept
{
    static std::array<Asset, 3> const assets{
        Asset{"", "text/html; charset=utf-8", embedded::docs_html()},
        Asset{"docs.css", "text/css; charset=utf-8", embedded::docs_css()},
        Asset{"docs.js", "text/javascript; charset=utf-8", embedded::docs_js()},
    };
    return assets;
}

std::optional<Asset> documentation_asset(std::string_view name) noexcept
{
    auto const assets = documentation_assets();
    auto const found = std::ranges::find(assets, name, &Asset::name);
    if (found == assets.end()) return std::nullopt;
    return *found;
}

} // namespace parley::schema
