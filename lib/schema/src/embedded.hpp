// The files that lib/schema/embed.cmake puts into the binary, byte for byte.
#pragma once

#include <string_view>

namespace parley::schema::embedded
{

[[nodiscard]] std::string_view openapi_json() noexcept;
[[nodiscard]] std::string_view docs_html() noexcept;
[[nodiscard]] std::string_view docs_css() noexcept;
[[nodiscard]] std::string_view docs_js() noexcept;

} // namespace parley::schema::embedded
