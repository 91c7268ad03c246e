// What a newcomer finds on the first start: something to look at, and a key to do it with.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"
#include "parley/store/administration.hpp"

#include <optional>
#include <string>

namespace parley::world
{

struct Demo
{
    std::string team;       // Slug.
    std::string key;        // An API key that may do everything in the team. It can be read here only.
    Uuid experiment;        // Its chatbot.
    std::string session_id; // One of its sessions, with messages, tags and state.
};

// Makes the team "demo" with a user, a chatbot, some sessions and a key, where the database has no team at all; else nothing.
// Needs a migrated database. Throws as store::Administration does.
[[nodiscard]] std::optional<Demo> make_demo(store::Administration& administration, Clock const& clock);

} // namespace parley::world
