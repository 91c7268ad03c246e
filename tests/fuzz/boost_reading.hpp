// A second opinion on a JSON text: Boost.JSON's.
#pragma once

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

namespace parley::fuzz
{

struct BoostReading
{
    std::optional<boost::json::value> value;
    bool is_beyond = false; // A number whose exponent does not fit into an int: JSON all the same.
};

inline BoostReading read_by_boost(std::string_view text, std::size_t depth_max)
{
    boost::system::error_code error;
    boost::json::parse_options options;
    options.max_depth = depth_max;
    auto value = boost::json::parse(text, error, {}, options);
    if (error) return {.value = std::nullopt, .is_beyond = error == boost::json::error::exponent_overflow};
    return {.value = std::move(value), .is_beyond = false};
}

// Equal; Boost reads 0e400 as "not a number", which is to equal itself here.
inline bool are_same(boost::json::value const& left, boost::json::value const& right)
{
    if (left.is_double() && right.is_double())
        return left.as_double() == right.as_double() || (std::isnan(left.as_double()) && std::isnan(right.as_double()));
    if (left.is_array() && right.is_array())
        return std::equal(left.as_array().begin(), left.as_array().end(), right.as_array().begin(), right.as_array().end(),
                          are_same);
    if (left.is_object() && right.is_object())
    {
        auto const is_in_right = [&](auto const& member)
        {
            auto const* const other = right.as_object().if_contains(member.key());
            return other != nullptr && are_same(member.value(), *other);
        };
        return left.as_object().size() == right.as_object().size() &&
               std::all_of(left.as_object().begin(), left.as_object().end(), is_in_right);
    }
    return left == right;
}

} // namespace parley::fuzz
