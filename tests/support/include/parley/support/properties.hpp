// Property tests by RapidCheck: what they share. A property is tried with made-up values; the smallest that breaks it is shown.
//
// The seed is fixed, so that a test that passed passes again; RapidCheck prints it when a test begins. RC_PARAMS in the
// environment chooses another, or more tries: RC_PARAMS="seed=7 max_success=10000" build/dev/unit_core
// --gtest_filter='*Properties*'.
#pragma once

#include "parley/core/clock.hpp"

#include <gtest/gtest.h> // Before the next, which needs it and does not say so.

#include <rapidcheck/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace parley::support
{

// Before main: RapidCheck reads the variable with the first property.
// NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet.
inline bool const seed_is_fixed = setenv("RC_PARAMS", "seed=20261129 max_success=300", 0) == 0;

inline void append_code_point(std::string& out, std::uint32_t point)
{
    auto const tail = [&](unsigned shift) { out += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
    if (point < 0x80)
    {
        out += static_cast<char>(point);
    }
    else if (point < 0x800)
    {
        out += static_cast<char>(0xC0 | point >> 6);
        tail(0);
    }
    else if (point < 0x10000)
    {
        out += static_cast<char>(0xE0 | point >> 12);
        tail(6);
        tail(0);
    }
    else
    {
        out += static_cast<char>(0xF0 | point >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

// Any code point, those that formats care about more often than others.
inline rc::Gen<std::uint32_t> any_code_point()
{
    return rc::gen::weightedOneOf<std::uint32_t>(
        {{6, rc::gen::inRange<std::uint32_t>(0x20, 0x7F)},
         {2, rc::gen::inRange<std::uint32_t>(0, 0x20)},
         {2, rc::gen::element<std::uint32_t>('"', '\\', '&', '=', '%', '+', '/', ',', ' ')},
         {1, rc::gen::inRange<std::uint32_t>(0x80, 0xD800)},
         {1, rc::gen::inRange<std::uint32_t>(0xE000, 0x110000)}});
}

// Any well-formed text, U+0000 included.
inline rc::Gen<std::string> any_text()
{
    return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(any_code_point()),
                        [](std::vector<std::uint32_t> const& points)
                        {
                            std::string text;
                            for (auto const point : points)
                                append_code_point(text, point);
                            return text;
                        });
}

// Any bytes at all.
inline rc::Gen<std::string> any_bytes()
{
    return rc::gen::container<std::string>(rc::gen::arbitrary<char>());
}

// Any moment of the years 1 to 9999.
inline rc::Gen<Timestamp> any_moment()
{
    constexpr std::int64_t first = -62'135'596'800'000'000;
    constexpr std::int64_t behind = 253'402'300'800'000'000;
    return rc::gen::map(rc::gen::inRange(first, behind),
                        [](std::int64_t micros) { return Timestamp(std::chrono::microseconds(micros)); });
}

} // namespace parley::support
