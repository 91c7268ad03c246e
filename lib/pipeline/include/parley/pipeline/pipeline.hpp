// The road of a request: observe( recover( deadline( match -> identify -> permit -> admit -> handle ))).
#pragma once

#include "parley/auth/authenticator.hpp"
#include "parley/core/clock.hpp"
#include "parley/http/message.hpp"
#include "parley/rate_limit/limiter.hpp"
#include "parley/routing/route_table.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace parley::pipeline
{

struct PipelineSettings
{
    std::chrono::milliseconds request_timeout{
        10'000};                 // For the answer, once head and body have arrived; what the store is given.
    int trusted_proxy_hops = 0;  // Proxies before us that are believed about address and scheme of the client.
    std::string public_url = {}; // "https://host": where links begin, whatever the Host field says. Empty: Host.
    std::vector<std::string> allowed_hosts = {"*"}; // "example.org", ".example.org" (with all below it), "*".
};

// Thread-safe: a request is answered on the thread that calls. What it is made of must outlive it.
class Pipeline final : public http::Handler
{
  public:
    Pipeline(routing::RouteTable const& routes, auth::Authenticator& authenticator, rate_limit::Limiter& limiter,
             telemetry::Telemetry& telemetry, PipelineSettings settings, std::function<bool()> is_overloaded = {});
    ~Pipeline() override;

    // The whole life of a request. Its final status is observed exactly once; what is thrown on the way becomes 500.
    boost::asio::awaitable<http::Response> answer(http::Request const& request) override;

  private:
    struct Journey;

    boost::asio::awaitable<http::Response> recover(http::Request const& request, Journey& journey);
    boost::asio::awaitable<http::Response> travel(http::Request const& request, Journey& journey);
    boost::asio::awaitable<http::Response> admit_and_handle(http::Request const& request, Journey& journey,
                                                            routing::Match const& match);
    boost::asio::awaitable<http::Response> handle(http::Request const& request, Journey& journey, routing::Match const& match);

    [[nodiscard]] http::Response refuse_credentials(Journey& journey, auth::Refusal const& refusal) const;
    [[nodiscard]] http::Response give_up(Journey& journey, std::string const& thrown) const;
    void add_fields(http::Response& response, Journey const& journey) const;
    void observe(http::Request const& request, http::Response const& response, Journey const& journey) const;

    routing::RouteTable const& routes_;
    auth::Authenticator& authenticator_;
    rate_limit::Limiter& limiter_;
    telemetry::Telemetry& telemetry_;
    PipelineSettings settings_;
    std::function<bool()> is_overloaded_; // Whether the operations of teams would be refused anyhow.
};

} // namespace parley::pipeline
