// What a request shows of itself, read from its fields. Pure.
#pragma once

#include "parley/http/message.hpp"

#include <string_view>

namespace parley::auth
{

// Empty where nothing of the kind was shown.
struct Presented
{
    // The single word behind "Bearer", however much white space is between them: an OAuth token or an API key.
    std::string_view access_token;
    // The value of X-api-key.
    std::string_view api_key;
    // All that follows "Bearer" and one space. With more spaces, or with a second word, it is no key and will not be found.
    std::string_view bearer_api_key;

    [[nodiscard]] bool is_empty() const noexcept { return access_token.empty() && api_key.empty() && bearer_api_key.empty(); }
};

[[nodiscard]] Presented read_presented(http::Request const& request) noexcept;

} // namespace parley::auth
