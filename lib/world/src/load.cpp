#include "parley/world/load.hpp"

#include "parley/world/decode.hpp"
#include "parley/world/encode.hpp"
#include "parley/world/render.hpp"

#include "portions.hpp"

#include "parley/store/world_reader.hpp"
#include "parley/store/world_writer.hpp"

#include <ostream>

namespace parley::world
{

LoadReport load(store::Administration& administration, World const& world, std::string const& source)
{
    store::WorldWriter writer(administration);
    writer.write(world.rows);
    Portions portions(writer);
    for (auto const& session : world.sessions)
        portions.add(render(world.rows, session));
    portions.flush();
    writer.commit("world.load", source);
    return {.teams = world.rows.teams.size(),
            .users = world.rows.users.size(),
            .sessions = portions.sessions(),
            .messages = portions.messages()};
}

LoadReport load(store::Administration& administration, std::string_view text, std::string const& source)
{
    std::vector<std::string> roles;
    for (auto const& role : administration.roles())
        roles.push_back(role.name);
    return load(administration, decode(text, roles), source);
}

LoadReport dump(store::Administration& administration, std::ostream& out)
{
    store::WorldReader reader(administration);
    LoadReport report{.teams = reader.rows().teams.size(), .users = reader.rows().users.size()};
    Encoder encoder(out, reader.rows(), reader.loaded_at());
    for (auto rows = reader.next_sessions(); !rows.empty(); rows = reader.next_sessions())
    {
        std::vector<Session> portion;
        for (auto& row : rows)
        {
            portion.push_back(restore(std::move(row)));
            report.messages += portion.back().messages.size();
        }
        report.sessions += portion.size();
        encoder.sessions(portion);
    }
    encoder.finish();
    return report;
}

} // namespace parley::world
