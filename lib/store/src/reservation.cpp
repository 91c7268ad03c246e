#include "reservation.hpp"

#include "row_values.hpp"

#include <chrono>

namespace parley::store
{

Result<domain::Reservation> reserve(Statements& statements, domain::TeamId team, Sha256 const& key,
                                    domain::Reservation const& wish)
{
    Parameters wanted;
    wanted.add(team).add(key).add(wish.request).add(wish.session_id).add(wish.created_at);
    if (!statements.run("session_create_reserve", wanted).empty()) return wish;
    Parameters taken;
    taken.add(team).add(key);
    auto const rows = statements.run("session_create_reserved", taken);
    if (rows.empty()) return Problem{ProblemCode::store_unavailable}; // Released in this very moment.
    auto row = rows[0];
    auto const request = sha256_from_hex(row[0]);
    if (!request) return Problem{ProblemCode::internal};
    return domain::Reservation{.request = *request, .session_id = row.text(1), .created_at = to_moment(row[2])};
}

void release(Statements& statements, domain::TeamId team, Sha256 const& key)
{
    Parameters parameters;
    parameters.add(team).add(key);
    statements.run("session_create_release", parameters);
}

void forget_reservations(Statements& statements, Timestamp now)
{
    Parameters parameters;
    parameters.add(now - std::chrono::hours(25)); // An hour longer than they count: replicas' clocks differ.
    statements.run(statements.is_spread() ? "session_create_forget_reservations_everywhere"
                                          : "session_create_forget_reservations",
                   parameters);
}

} // namespace parley::store
