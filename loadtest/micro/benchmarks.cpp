// What the pure parts of the service cost, alone and along the whole road.
#include "canned_store.hpp"
#include "road.hpp"

#include "list_request.hpp"
#include "parley/api/cursor.hpp"
#include "parley/api/resources.hpp"
#include "parley/core/json.hpp"
#include "parley/http/gate.hpp"
#include "parley/rate_limit/limiter.hpp"
#include "parley/routing/route_table.hpp"
#include "parley/telemetry/telemetry.hpp"
#include "session_document.hpp"

#include <benchmark/benchmark.h>

namespace parley::micro
{
namespace
{

std::string const& request_named(std::string_view name)
{
    for (auto const& scenario : scenarios())
        if (scenario.name == name) return scenario.request;
    throw std::logic_error("no such scenario");
}

void road(benchmark::State& state, std::string const& request)
{
    Road road;
    for (auto _ : state)
        benchmark::DoNotOptimize(road.travel(request).data());
}

void gate(benchmark::State& state)
{
    auto const& request = request_named("retrieve");
    http::Gate gate{{}};
    for (auto _ : state)
    {
        gate.reset();
        benchmark::DoNotOptimize(gate.examine(request));
    }
}
BENCHMARK(gate);

void match(benchmark::State& state)
{
    CannedStore store;
    SystemClock const clock;
    routing::RouteTable const routes{api::make_resources(store, clock)};
    auto const path = "/api/sessions/" + std::string(session_id) + "/";
    http::Request request;
    request.path = path;
    for (auto _ : state)
        benchmark::DoNotOptimize(routes.match(request));
}
BENCHMARK(match);

void decode_json(benchmark::State& state)
{
    std::string_view const request = request_named("create");
    auto const body = request.substr(request.find("\r\n\r\n") + 4);
    for (auto _ : state)
        benchmark::DoNotOptimize(json::Document::parse(body, 1000));
}
BENCHMARK(decode_json);

void decode_list_query(benchmark::State& state)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(
            api::decode_list_query(routing::parse_query("page_size=25&tags=a%20b,c&ordering=-created_at"), 7));
}
BENCHMARK(decode_list_query);

auth::Team const team{.id = 7, .slug = "alpha", .name = "Alpha", .api_rate_limit = {}};

void encode_transcript(benchmark::State& state)
{
    CannedStore const store;
    for (auto _ : state)
    {
        std::string out;
        out.reserve(8192);
        api::SessionEncoder encoder(team, "http://parley.example", "http://parley.example");
        encoder.append(out, store.transcript());
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(encode_transcript);

void encode_page_of_25(benchmark::State& state)
{
    CannedStore const store;
    for (auto _ : state)
    {
        std::string out;
        out.reserve(32 << 10);
        api::SessionEncoder encoder(team, "http://parley.example", "http://parley.example");
        for (auto const& session : store.page().sessions)
            encoder.append(out, session);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(encode_page_of_25);

void cursor_there_and_back(benchmark::State& state)
{
    CannedStore const store;
    for (auto _ : state)
        benchmark::DoNotOptimize(api::decode_cursor(api::encode_cursor(*store.page().next)));
}
BENCHMARK(cursor_there_and_back);

void window(benchmark::State& state)
{
    SystemClock const clock;
    telemetry::Telemetry telemetry{{.log_level = "off"}};
    rate_limit::Limiter limiter{clock, telemetry, {.api = {1'000'000'000, std::chrono::minutes(5)}}};
    for (auto _ : state)
        benchmark::DoNotOptimize(limiter.admit_team(team));
}
BENCHMARK(window);

} // namespace
} // namespace parley::micro

int main(int argc, char** argv)
{
    for (auto const& scenario : parley::micro::scenarios())
        benchmark::RegisterBenchmark(("road/" + scenario.name).c_str(),
                                     [&](benchmark::State& state) { parley::micro::road(state, scenario.request); });
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
