// An OAuth client and a signed-in browser in the words of a test, for the recorded world.
#pragma once

#include "parley/support/parleyd_process.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::support
{

using FormFields = std::vector<std::pair<std::string, std::string>>;

// name=value&..., percent-encoded, empty values included.
[[nodiscard]] std::string encode_form(FormFields const& fields);

// The fields with these set to other values, in place; what is not there yet is added behind.
[[nodiscard]] FormFields with(FormFields fields, FormFields const& changes);
[[nodiscard]] FormFields without(FormFields fields, std::string_view name);

// A POST of a form. fields: further header fields.
[[nodiscard]] HttpRequest form_request(std::string target, FormFields const& form, FormFields fields = {});

// "Basic ..." for the header field Authorization.
[[nodiscard]] std::string basic(std::string_view client_id, std::string_view secret);

// The parameter of a URL's query, decoded; empty where there is none.
[[nodiscard]] std::string query_parameter(std::string_view url, std::string_view name);

// RFC 7636, appendix B.
inline constexpr std::string_view pkce_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline constexpr std::string_view pkce_challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

// Of the recorded world: an application pinned to the team alpha, without a secret, and what its owner's browser sends.
inline constexpr std::string_view public_client = "oracle-public-client";
inline constexpr std::string_view public_client_redirect = "https://client.example/callback";
inline constexpr std::string_view csrf_token = "csrfToken0123456789abcdefghijklmn";
inline constexpr std::string_view owner_cookies =
    "sessionid=oraclebrowsersessionowner0000000; csrftoken=csrfToken0123456789abcdefghijklmn";

// What the public client asks of the owner.
[[nodiscard]] FormFields authorization_form(std::string_view scope = "sessions:read sessions:write");
// The owner's yes to it. Throws std::runtime_error with the answer where no code comes.
[[nodiscard]] std::string obtain_code(ParleydProcess const& service, std::string_view scope = "sessions:read sessions:write");
// How the public client redeems a code, and how it refreshes.
[[nodiscard]] FormFields code_form(std::string_view code);
[[nodiscard]] FormFields refresh_form(std::string_view refresh_token);

} // namespace parley::support
