// The parts of a URL, as far as comparing links needs them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace parley::contract
{

struct Url
{
    std::string_view scheme;
    std::string_view authority;
    std::string_view path;
    std::string_view query; // Without the '?'.
};

[[nodiscard]] Url split_url(std::string_view url) noexcept;

// The parameters of a query by name, each with its values in order; decoded, blank values kept.
using Parameters = std::map<std::string, std::vector<std::string>, std::less<>>;
[[nodiscard]] Parameters parameters_of(std::string_view query);

} // namespace parley::contract
