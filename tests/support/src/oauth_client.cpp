#include "parley/support/oauth_client.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace parley::support
{

namespace
{

std::string to_base64(std::string_view bytes)
{
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3)
    {
        auto const part = bytes.substr(i, 3);
        std::array<unsigned char, 3> three{};
        std::copy(part.begin(), part.end(), three.begin());
        unsigned const bits = static_cast<unsigned>(three[0]) << 16 | static_cast<unsigned>(three[1]) << 8 | three[2];
        for (unsigned k = 0; k < 4; ++k)
            text += k <= part.size() ? digits[bits >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

std::string decode(std::string_view text)
{
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] == '%' && i + 2 < text.size())
        {
            value += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        }
        else
            value += text[i] == '+' ? ' ' : text[i];
    }
    return value;
}

} // namespace

std::string encode_form(FormFields const& fields)
{
    std::string text;
    for (auto const& [name, value] : fields)
    {
        if (!text.empty()) text += '&';
        append_percent_encoded(text, name);
        text += '=';
        append_percent_encoded(text, value);
    }
    return text;
}

FormFields with(FormFields fields, FormFields const& changes)
{
    for (auto const& change : changes)
    {
        auto const found = std::ranges::find(fields, change.first, &FormFields::value_type::first);
        if (found == fields.end())
            fields.push_back(change);
        else
            found->second = change.second;
    }
    return fields;
}

FormFields without(FormFields fields, std::string_view name)
{
    std::erase_if(fields, [&](auto const& one) { return one.first == name; });
    return fields;
}

HttpRequest form_request(std::string target, FormFields const& form, FormFields fields)
{
    fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return {.method = "POST", .target = std::move(target), .fields = std::move(fields), .body = encode_form(form)};
}

std::string basic(std::string_view client_id, std::string_view secret)
{
    return "Basic " + to_base64(std::string(client_id) + ":" + std::string(secret));
}

std::string query_parameter(std::string_view url, std::string_view name)
{
    auto const question = url.find('?');
    auto query = question == std::string_view::npos ? std::string_view() : url.substr(question + 1);
    while (!query.empty())
    {
        auto const pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return decode(pair.substr(name.size() + 1));
    }
    return {};
}

FormFields authorization_form(std::string_view scope)
{
    return {{"response_type", "code"},
            {"client_id", std::string(public_client)},
            {"redirect_uri", std::string(public_client_redirect)},
            {"scope", std::string(scope)},
            {"state", "st&te"},
            {"code_challenge", std::string(pkce_challenge)},
            {"code_challenge_method", "S256"}};
}

std::string obtain_code(ParleydProcess const& service, std::string_view scope)
{
    auto const form = with(authorization_form(scope), {{"allow", "Authorize"}, {"csrfmiddlewaretoken", std::string(csrf_token)}});
    auto const answer = service.exchange(form_request("/o/authorize/", form, {{"Cookie", std::string(owner_cookies)}}));
    auto code = query_parameter(answer.find("Location").value_or(""), "code");
    if (code.empty())
        throw std::runtime_error("no code: " + std::to_string(answer.status) + " " +
                                 answer.find("Location").value_or(answer.body));
    return code;
}

FormFields code_form(std::string_view code)
{
    return {{"grant_type", "authorization_code"},
            {"code", std::string(code)},
            {"redirect_uri", std::string(public_client_redirect)},
            {"client_id", std::string(public_client)},
            {"code_verifier", std::string(pkce_verifier)}};
}

FormFields refresh_form(std::string_view refresh_token)
{
    return {{"grant_type", "refresh_token"},
            {"refresh_token", std::string(refresh_token)},
            {"client_id", std::string(public_client)}};
}

} // namespace parley::support
