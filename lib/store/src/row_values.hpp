// From the text of a column to a value, as the database writes it under our session's settings; and back, where a parameter may
// be null.
#pragma once

#include "parameters.hpp"

#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::store
{

// A moment of the database; its infinity is the end of the calendar, which no clock of ours reaches.
[[nodiscard]] Timestamp to_moment(std::string_view postgres);
[[nodiscard]] std::optional<Timestamp> to_moment(std::optional<std::string_view> postgres);

// The nil UUID for what is none.
[[nodiscard]] Uuid to_uuid(std::string_view postgres) noexcept;

// The elements of an array that the statement gives as JSON. Throw StoreError for what is not JSON.
[[nodiscard]] std::vector<std::string> texts_at(std::string_view json_array);
[[nodiscard]] std::vector<std::int64_t> numbers_at(std::string_view json_array);

// A list that the statement joined by this character.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

// One moment, or none, as the array that stands for a parameter which may be null.
[[nodiscard]] ArrayParameter to_parameter(std::optional<Timestamp> moment);

} // namespace parley::store
