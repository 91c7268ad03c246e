// How a connection is asked for and set up. Pure text.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace parley::store
{

struct ConnectionSettings
{
    std::string database_url;                       // As libpq takes it: a URL or key=value pairs.
    std::string application_name = "parley";        // What pg_stat_activity shows.
    std::chrono::milliseconds statement_timeout{0}; // 0: none. Never ends a commit: PostgreSQL stops the timer before it.
    std::chrono::seconds connect_timeout{3};        // For each host of the URL.
    bool pins_index_plans =
        true; // The lanes' statements are index plans by design; without statistics the planner would guess otherwise.
};

// The URL with what we need and it leaves open: target_session_attrs=read-write, connect_timeout, keepalives. What it says itself
// stays.
[[nodiscard]] std::string complete(ConnectionSettings const& settings);

// The SET statements that every session begins with, in one text.
[[nodiscard]] std::string session_setup(ConnectionSettings const& settings);

// The URL without its password, for messages.
[[nodiscard]] std::string mask_password(std::string_view database_url);

} // namespace parley::store
