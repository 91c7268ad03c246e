// What Idempotency-Keys stand for.
#pragma once

#include "parley/domain/session.hpp"
#include "statements.hpp"

#include "parley/core/result.hpp"

#include <cstdint>

namespace parley::store
{

// Every so many reservations take old ones away.
inline constexpr std::uint32_t reservations_per_tidying = 50;

// Each is one transaction.
[[nodiscard]] Result<domain::Reservation> reserve(Statements& statements, domain::TeamId team, Sha256 const& key,
                                                  domain::Reservation const& wish);
void release(Statements& statements, domain::TeamId team, Sha256 const& key);
void forget_reservations(Statements& statements, Timestamp now);

} // namespace parley::store
