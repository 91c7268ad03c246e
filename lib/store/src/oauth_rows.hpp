// From rows to what the authorization server knows.
#pragma once

#include "connection_pqxx.hpp"
#include "row_values.hpp"
#include "parley/oauth/oauth_store.hpp"

#include <optional>
#include <string_view>

namespace parley::store
{

// id, email, full name, is_active, email_verified, last_login, from that column on.
[[nodiscard]] oauth::User to_user(Rows::Row& row, int first);

// id (null: none), slug, name, its own limit.
[[nodiscard]] std::optional<auth::Team> to_team(Rows::Row& row, int first);

[[nodiscard]] oauth::Application to_application(Rows::Row& row);
[[nodiscard]] oauth::Grant to_grant(Rows::Row& row, std::int64_t application_id);

} // namespace parley::store
