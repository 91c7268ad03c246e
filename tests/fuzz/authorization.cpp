// The field Authorization: API keys and access tokens, and a client's name and secret.
#include "promise.hpp"

#include "client_credentials.hpp"
#include "presented.hpp"

#include "parley/core/text.hpp"

namespace parley::fuzz
{
namespace
{

std::string to_base64(std::string_view bytes)
{
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3)
    {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            text += i + k <= bytes.size() ? alphabet[group >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

void read_as_key(http::Request const& request, std::string_view value)
{
    auto const presented = auth::read_presented(request);
    for (auto const part : {presented.access_token, presented.bearer_api_key})
        require(part.empty() || value.find(part) != std::string_view::npos, "a credential is a part of the field", value);
    require(presented.access_token.find_first_of(" \t") == std::string_view::npos, "an access token is one word", value);
    bool const is_bearer = equal_ignoring_case(value.substr(0, 6), "bearer");
    require(is_bearer || (presented.access_token.empty() && presented.bearer_api_key.empty()), "only Bearer bears", value);
}

void require_same_when_written(oauth::ClientCredentials const& credentials, std::string_view value)
{
    std::string pair;
    append_percent_encoded(pair, credentials.client_id);
    pair += ':';
    append_percent_encoded(pair, credentials.secret);
    auto const again = oauth::parse_basic("Basic " + to_base64(pair));
    if (pair.size() > 1024 || credentials.client_id.empty()) return;
    // A control character behind a percent sign is taken as it is decoded; none is taken unencoded.
    require(again.has_value(), "a client that is written down is read", value);
    require(again->client_id == credentials.client_id && again->secret == credentials.secret,
            "a client is read as it was written", value);
}

void read_as_client(http::Request const& request, std::string_view value)
{
    if (auto const basic = oauth::parse_basic(value))
    {
        require(!find_invalid_utf8(basic->client_id) && !find_invalid_utf8(basic->secret), "a client's name and secret are text",
                value);
        require_same_when_written(*basic, value);
    }
    oauth::ClientCredentials credentials;
    auto const shown = oauth::read_client_credentials(request, *oauth::Form::parse("client_id=a&client_secret=b"), credentials);
    require(shown != oauth::ShownCredentials::none, "a form's client is seen");
    if (shown == oauth::ShownCredentials::present)
        require(credentials.client_id == "a" && credentials.secret == "b", "two clients are a conflict", value);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    auto const line = "Authorization: " + std::string(fuzz::text_of(data, size));
    auto const fields = fuzz::read_fields(line);
    if (fields.size() != 1) return 0; // The gate lets no such value in.
    auto const request = fuzz::request_with(fields);
    fuzz::read_as_key(request, fields[0].value);
    fuzz::read_as_client(request, fields[0].value);
    return 0;
}
