#include "presented.hpp"

#include "parley/core/text.hpp"

namespace parley::auth
{

namespace
{

constexpr std::string_view white_space = " \t";

void read_authorization(std::string_view value, Presented& presented) noexcept
{
    auto const scheme_end = value.find_first_of(white_space);
    if (scheme_end == std::string_view::npos || !equal_ignoring_case(value.substr(0, scheme_end), "bearer")) return;

    auto const word =
        value.substr(value.find_first_not_of(white_space, scheme_end)); // There is one: the value ends in no white space.
    if (word.find_first_of(white_space) == std::string_view::npos) presented.access_token = word;

    // Behind a tab the separator stays in the value, so that the attempt is looked up, refused and counted like any other.
    bool const is_space = value[scheme_end] == ' ';
    presented.bearer_api_key = value.substr(is_space ? scheme_end + 1 : scheme_end);
}

} // namespace

Presented read_presented(http::Request const& request) noexcept
{
    Presented presented;
    if (auto const* authorization = request.find("Authorization")) read_authorization(trim_ows(*authorization), presented);
    if (auto const* key = request.find("X-api-key")) presented.api_key = trim_ows(*key);
    return presented;
}

} // namespace parley::auth
