// From rows to what the authorization server knows.
#pragma once

#include "connection_pqxx.hpp"
#include "parley/oauth/oauth_store.hpp"

#include <optional>
#include <string_view>

namespace parley::store
{

// A moment of the database; its infinity is the end of the calendar, which no clock of ours reaches.
[[nodiscard]] Timestamp to_moment(std::string_view postgres);
[[nodiscard]] std::optional<Timestamp> to_moment(std::optional<std::string_view> postgres);

// id, email, full name, is_active, email_verified, last_login, from that column on.
[[nodiscard]] oauth::User to_user(Rows::Row& row, int first);

// id (null: none), slug, name, its own limit.
[[nodiscard]] std::optional<auth::Team> to_team(Rows::Row& row, int first);

[[nodiscard]] oauth::Application to_application(Rows::Row& row);
[[nodiscard]] oauth::Grant to_grant(Rows::Row& row, std::int64_t application_id);

// A list that the statement joined by this character.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

// One moment, or none, as the array that stands for a parameter which may be null.
[[nodiscard]] ArrayParameter to_parameter(std::optional<Timestamp> moment);

} // namespace parley::store
