// Made-up worlds of any size, for measurements.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/store/administration.hpp"
#include "parley/world/load.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::world
{

struct SyntheticSettings
{
    int teams = 50;
    int sessions = 4000;    // Of each team.
    int messages = 10;      // Of each session, of about 200 bytes.
    int participants = 400; // Of each team.
    int chatbots = 5;       // Of each team.
    int tags = 40;          // Of each team; a session has about 1.3 of them.
};

// "teams=50,sessions=4000": what is not named keeps its default. Throws std::invalid_argument with a sentence.
[[nodiscard]] SyntheticSettings parse_synthetic(std::string_view text);

struct SyntheticReport
{
    LoadReport rows;
    std::vector<std::string> keys; // One API key a team, which can be read here only.
};

// Teams synthetic-1, synthetic-2, ... whose rows are just what the service itself would have written: all of it or nothing.
// progress is told how many sessions there are so far. Throws as store::Administration does.
[[nodiscard]] SyntheticReport synthesize(store::Administration& administration, SyntheticSettings const& settings,
                                         Clock const& clock, std::function<void(std::size_t)> const& progress);

} // namespace parley::world
