#include "client_credentials.hpp"

#include "base64.hpp"

#include "parley/core/identifier.hpp"
#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::oauth
{

namespace
{

constexpr std::size_t credential_bytes_max = 1024;

bool has_control_character(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string decoded_or_as_is(std::string_view text)
{
    auto decoded = decode_form_value(text);
    return decoded ? std::move(*decoded) : std::string(text);
}

bool is_basic(std::string_view authorization) noexcept
{
    return equal_ignoring_case(authorization.substr(0, authorization.find(' ')), "basic");
}

} // namespace

std::optional<ClientCredentials> parse_basic(std::string_view authorization)
{
    authorization = trim_ows(authorization);
    if (!is_basic(authorization)) return std::nullopt;
    auto const decoded = from_base64(trim_ows(authorization.substr(std::string_view("basic").size())));
    if (!decoded || decoded->size() > credential_bytes_max || find_invalid_utf8(*decoded)) return std::nullopt;
    auto const colon = decoded->find(':');
    if (colon == std::string::npos || colon == 0 || has_control_character(*decoded)) return std::nullopt;
    return ClientCredentials{.client_id = decoded_or_as_is(std::string_view(*decoded).substr(0, colon)),
                             .secret = decoded_or_as_is(std::string_view(*decoded).substr(colon + 1))};
}

ShownCredentials read_client_credentials(http::Request const& request, Form const& form, ClientCredentials& credentials)
{
    credentials = {.client_id = form.value("client_id"), .secret = form.value("client_secret")};
    auto const* const authorization = request.find("Authorization");
    if (authorization == nullptr || !is_basic(trim_ows(*authorization)))
    {
        return credentials.client_id.empty() ? ShownCredentials::none : ShownCredentials::present;
    }
    auto basic = parse_basic(*authorization);
    if (!basic) return ShownCredentials::malformed;
    if (!credentials.client_id.empty() && credentials.client_id != basic->client_id) return ShownCredentials::conflicting;
    if (!credentials.secret.empty() && !equal_in_constant_time(credentials.secret, basic->secret))
        return ShownCredentials::conflicting;
    credentials = std::move(*basic);
    return ShownCredentials::present;
}

} // namespace parley::oauth
