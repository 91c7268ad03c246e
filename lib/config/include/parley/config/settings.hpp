// All settings of parleyd, each room's in the room's own struct. Filled by load(); see src/table.cpp for the meaning of each.
#pragma once

#include "parley/auth/authenticator.hpp"
#include "parley/http/settings.hpp"
#include "parley/oauth/password_workers.hpp"
#include "parley/oauth/resources.hpp"
#include "parley/oauth/signing_keys.hpp"
#include "parley/pipeline/pipeline.hpp"
#include "parley/rate_limit/limiter.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace parley::config
{

// The database, and how it is asked. The application hands these to the store.
struct DatabaseSettings
{
    std::string url;                // Empty: a private PostgreSQL in data_dir.
    std::filesystem::path data_dir; // Where the private PostgreSQL lives.
    std::filesystem::path postgres_binaries;
    std::string postgres_shared_buffers;
    std::size_t lanes = 0;
    std::size_t queue_jobs_max = 0;
    std::chrono::milliseconds queue_wait_max{};
    std::size_t batch_jobs_max = 0;
};

// How the process stops.
struct DrainSettings
{
    std::chrono::milliseconds pause{}; // Between "not ready" and the end of accepting.
    std::chrono::seconds limit{};      // For what is in flight.
};

// The authorization server.
struct AuthorizationSettings
{
    oauth::OAuthSettings server;
    oauth::SigningKeysSettings signing_keys;
    oauth::PasswordWorkersSettings password_workers;
};

struct Settings
{
    http::ListenerSettings listener;
    http::ConnectionCountsSettings connections;
    std::string admin_listen;
    bool metrics_on_api = false; // Also at /metrics of the API.
    std::size_t io_threads = 0;  // 0: by the cores.
    pipeline::PipelineSettings pipeline;
    auth::AuthenticatorSettings auth;
    rate_limit::LimiterSettings rate_limit;
    AuthorizationSettings authorization;
    telemetry::TelemetrySettings telemetry;
    std::string platform_url;
    std::int64_t chat_session_token_days = 7; // The application hands it to the chat.
    DatabaseSettings database;
    DrainSettings drain;
};

} // namespace parley::config
