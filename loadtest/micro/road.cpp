#include "road.hpp"

#include "canned_store.hpp"

#include "answer_head.hpp"
#include "parley/api/resources.hpp"
#include "parley/auth/authenticator.hpp"
#include "parley/http/gate.hpp"
#include "parley/pipeline/pipeline.hpp"
#include "parley/rate_limit/limiter.hpp"
#include "parley/routing/route_table.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <stdexcept>

namespace parley::micro
{

namespace
{

constexpr std::string_view key = "micro-key";

std::string request_of(std::string_view line, std::string_view body = {})
{
    std::string request(line);
    request += " HTTP/1.1\r\nHost: parley.example\r\nUser-Agent: micro/1.0\r\nAccept: application/json\r\nX-api-key: ";
    request += key;
    if (!body.empty()) request += "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
    return request += "\r\n\r\n" + std::string(body);
}

std::vector<Scenario> make_scenarios()
{
    std::string const session = "/api/sessions/" + std::string(session_id) + "/";
    std::string const create =
        R"({"experiment":")" + std::string(experiment_id) +
        R"(","participant":"someone@users.example","state":{"step":1},"messages":[{"role":"user","content":"Hello \"you\""},)"
        R"({"role":"assistant","content":"How may I help?\nSay it."}]})";
    return {
        {"retrieve", request_of("GET " + session), 200},
        {"list_25", request_of("GET /api/sessions/?page_size=25"), 200},
        {"create", request_of("POST /api/sessions/", create), 201},
        {"update_state",
         request_of("PATCH " + session + "update_state/", R"({"state":{"step":2,"lang":"en","flags":["a","b"]}})"), 200},
        {"add_tags", request_of("POST " + session + "tags/", R"({"tags":["tag-1","tag-2"]})"), 200},
        {"unknown_path", request_of("GET /api/nothing/"), 404},
    };
}

// The body that came with the head.
class WholeBody final : public http::BodySource
{
  public:
    explicit WholeBody(std::string_view text) : text_(text) {}
    boost::asio::awaitable<Result<std::string_view>> read() override { co_return text_; }

  private:
    std::string_view text_;
};

} // namespace

std::vector<Scenario> const& scenarios()
{
    static std::vector<Scenario> const all = make_scenarios();
    return all;
}

struct Road::Impl
{
    SystemClock clock;
    telemetry::Telemetry telemetry{{.log_file = "/dev/null"}};
    OneKey credentials{key};
    CannedStore store;
    auth::Authenticator authenticator{credentials, clock, telemetry, {}};
    rate_limit::Limiter limiter{clock, telemetry, {.api = {1'000'000'000, std::chrono::minutes(5)}}};
    routing::RouteTable routes{api::make_resources(store, clock)};
    pipeline::Pipeline pipeline{routes, authenticator, limiter, telemetry, {}};
    boost::asio::io_context context{1};
    http::Gate gate{{}};
    std::string out;
    std::string const date = http::date_line(1'767'225'600);

    boost::asio::awaitable<void> answer(http::Request const& request)
    {
        auto const response = co_await pipeline.answer(request);
        http::append_head(out, response, date, http::Persistence::keep, request.method == http::Method::head);
        out += response.body;
    }
};

Road::Road() : impl_(std::make_unique<Impl>()) {}
Road::~Road() = default;

std::string_view Road::travel(std::string_view bytes)
{
    auto& gate = impl_->gate;
    gate.reset();
    if (gate.examine(bytes) != http::Verdict::passed) throw std::logic_error("the gate refuses a request of ours");
    auto const& head = gate.head();
    WholeBody body(bytes.substr(head.head_bytes));
    auto request = http::to_request(head);
    request.body = &body;
    request.peer = boost::asio::ip::address_v4::loopback();
    request.received = std::chrono::steady_clock::now();
    impl_->out.clear();
    boost::asio::co_spawn(impl_->context, impl_->answer(request), boost::asio::detached);
    impl_->context.restart();
    impl_->context.run();
    return impl_->out;
}

} // namespace parley::micro
