// What the operator's tools ask: alive, ready, started, metrics, build. Served on a port of its own that the outside cannot
// reach.
#pragma once

#include "parley/http/message.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <functional>
#include <optional>
#include <string>

namespace parley::admin
{

// The questions, answered by whoever has the parts in hand. Called on the thread of the admin port; must return at once. One that
// throws counts as a no.
struct Health
{
    // Is this process sane? A no gets it restarted, so never let it depend on the database.
    std::function<bool()> is_alive;

    // Should traffic come? Nothing when it should, else a line for the operator without secrets.
    std::function<std::optional<std::string>()> why_not_ready;

    // Has the start (migrations included) ended?
    std::function<bool()> has_started;
};

struct Build
{
    std::string version;  // Of the project.
    std::string revision; // Of git; empty where the build had none.
    std::string type;     // CMAKE_BUILD_TYPE.
};

// GET and HEAD on /livez, /readyz and /startupz (200 "ok", or 503 and a line why), /metrics (Prometheus text format),
// /buildinfo (JSON) and /log-level (the word for what is logged); PUT on /log-level with another word.
class AdminServer final : public http::Handler
{
  public:
    AdminServer(telemetry::Telemetry& telemetry, Health health, Build const& build);

    boost::asio::awaitable<http::Response> answer(http::Request const& request) override;

  private:
    [[nodiscard]] http::Response look_up(http::Request const& request) const;
    boost::asio::awaitable<http::Response> set_log_level(http::Request const& request);

    telemetry::Telemetry& telemetry_;
    Health health_;
    std::string build_document_;
};

} // namespace parley::admin
