// One participant's data as a document of its own.
#pragma once

#include "parley/store/participants.hpp"

#include <cstddef>
#include <iosfwd>

namespace parley::world
{

struct ExportReport
{
    std::size_t sessions = 0;
    std::size_t messages = 0;
};

// Writes everything that is kept about them as one JSON object, a portion at a time: however much there is, little of it is held
// in memory. Throws as store::ParticipantReader does.
ExportReport export_participant(store::Administration& administration, store::ParticipantChoice const& choice, std::ostream& out);

} // namespace parley::world
