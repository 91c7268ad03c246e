// From rows to sessions.
#pragma once

#include "connection_pqxx.hpp"
#include "lane.hpp"
#include "parley/domain/session.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace parley::store
{

// The columns of a session, in the order in which every statement that answers sessions has them.
namespace column
{
inline constexpr int id = 0;
inline constexpr int experiment_id = 1;
inline constexpr int participant_identifier = 2;
inline constexpr int participant_remote_id = 3;
inline constexpr int created_at = 4;
inline constexpr int updated_at = 5;
inline constexpr int status = 6;
inline constexpr int platform = 7;
inline constexpr int tags = 8;
inline constexpr int state = 9;
inline constexpr int left_out_bytes = 10; // Of lists only: the size of a state that is not in the row.
} // namespace column

// "2026-01-01 01:00:00.0001+00", as PostgreSQL prints a time in UTC, to "2026-01-01T01:00:00.000100Z", as the API writes it.
[[nodiscard]] std::string to_api_time(std::string_view postgres);

// Makes sure that these chatbots are in the cache, as far as they exist.
void load_experiments(LaneContext& context, std::vector<Uuid> const& ids);

// The same for the column experiment_id of all rows, where the session's columns begin at first.
void load_experiments_of(LaneContext& context, BinaryRows const& rows, int first);

// The session in this row; its chatbot must have been loaded. Its texts are the rows'. A state that is left out is {}.
[[nodiscard]] domain::Session to_session(BinaryRows const& rows, std::size_t row, int first, ReferenceCache const& references);

} // namespace parley::store
