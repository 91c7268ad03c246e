// From a world's sessions to rows and back: what the service would have stored had it taken them in itself.
#pragma once

#include "parley/store/world_rows.hpp"
#include "parley/world/world.hpp"

#include <optional>
#include <string>
#include <vector>

namespace parley::world
{

// The session as a row: messages in ascending time (those of one moment in their order), rendered with the attachments that their
// metadata names and the session has, usage added up.
[[nodiscard]] store::SessionRow render(store::WorldRows const& rows, Session const& session);

// The other way round.
[[nodiscard]] Session restore(store::SessionRow row);

// The API's usage document: only rows of the source `chat` count, models by descending cost (ties in order of appearance), exact
// decimals. Nothing where no row counts.
[[nodiscard]] std::optional<std::string> render_usage(std::vector<store::UsageRow> const& rows);

// Whether the sums stay within what can be rendered.
[[nodiscard]] bool adds_up(std::vector<store::UsageRow> const& rows);

} // namespace parley::world
