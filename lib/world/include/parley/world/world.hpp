// A world: everything that a database of Parley holds, as one value. `parley load` reads it from a file, `parley dump` writes it
// to one.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/domain/session.hpp"
#include "parley/store/world_rows.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace parley::world
{

// A message as the file has it. The store keeps it rendered: see render.hpp.
struct Message
{
    Timestamp created_at;
    domain::Role role = domain::Role::user;
    std::string content;
    std::string metadata = "{}"; // A JSON object, compact, numbers as they were spelled.
    std::vector<store::Index> tags;
    std::optional<std::string> summary; // Of what was said before it.
};

// A session with the file's messages. row.messages and row.usage_rendered are empty: render.hpp makes them.
struct Session
{
    store::SessionRow row;
    std::vector<Message> messages; // In the order of the file.
};

struct World
{
    store::WorldRows rows;
    std::vector<Session> sessions;
};

// What is wrong with a file, and where: "$.sessions[3].status: "gone" is not a status".
class Invalid : public std::runtime_error
{
  public:
    Invalid(std::string const& place, std::string const& reason) : std::runtime_error(place + ": " + reason) {}
};

} // namespace parley::world
