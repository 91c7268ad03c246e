// The expected documents are written by hand from the OTLP specification ("JSON Protobuf Encoding") and trace.proto.
#include "otlp_json.hpp"

#include "parley/core/json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::telemetry
{
namespace
{

using namespace std::chrono_literals;

SpanResource resource()
{
    return {.service_name = "parleyd", .version = "1.2.3", .instance_id = "an-instance", .host_name = "a-host", .process_id = 42};
}

// What was asked of the store, of a request that began at 10 s of the steady clock and ended at 1,000,000,000.5 s since the
// epoch.
RequestSpans a_request(std::vector<StoreVisit> const& visits, int status = 200, std::string_view problem = {})
{
    RequestTrace const trace{.span_id = "00f067aa0ba902b7",
                             .parent_id = "b7ad6b7169203331",
                             .route = "/api/sessions/{id}/tags/",
                             .scheme = "https",
                             .began = std::chrono::steady_clock::time_point(10s),
                             .store_visits = visits};
    RequestAnswered const fact{.operation = "session_add_tags",
                               .method = "POST",
                               .status = status,
                               .problem = problem,
                               .team = "alpha",
                               .request_id = "r-1",
                               .trace_id = "0af7651916cd43dd8448eb211c80319c",
                               .request_bytes = 17,
                               .response_bytes = 23,
                               .duration = 250ms,
                               .trace = &trace};
    return keep(fact, std::chrono::nanoseconds(1'000'000'000'500'000'000));
}

std::string encode(std::vector<RequestSpans> const& requests)
{
    std::string out;
    std::uint64_t drawn = 0;
    append_export_request(out, resource(), requests, [&] { return ++drawn; });
    return out;
}

std::string const before_spans =
    R"({"resourceSpans":[{"resource":{"attributes":[)"
    R"({"key":"service.name","value":{"stringValue":"parleyd"}},{"key":"service.version","value":{"stringValue":"1.2.3"}},)"
    R"({"key":"service.instance.id","value":{"stringValue":"an-instance"}},{"key":"host.name","value":{"stringValue":"a-host"}},)"
    R"({"key":"process.pid","value":{"intValue":"42"}}]},"scopeSpans":[{"scope":{"name":"parleyd","version":"1.2.3"},"spans":[)";
std::string const after_spans =
    R"(],"schemaUrl":"https://opentelemetry.io/schemas/1.33.0"}],"schemaUrl":"https://opentelemetry.io/schemas/1.33.0"}]})";

TEST(OtlpJson, a_request_is_a_server_span_below_its_caller)
{
    EXPECT_EQ(encode({a_request({})}), before_spans +
                                           R"({"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7",)"
                                           R"("parentSpanId":"b7ad6b7169203331","flags":769,"kind":2,)"
                                           R"("startTimeUnixNano":"1000000000250000000","endTimeUnixNano":"1000000000500000000",)"
                                           R"("name":"POST /api/sessions/{id}/tags/","attributes":[)"
                                           R"({"key":"http.request.method","value":{"stringValue":"POST"}},)"
                                           R"({"key":"url.scheme","value":{"stringValue":"https"}},)"
                                           R"({"key":"url.path","value":{"stringValue":"/api/sessions/{id}/tags/"}},)"
                                           R"({"key":"http.route","value":{"stringValue":"/api/sessions/{id}/tags/"}},)"
                                           R"({"key":"http.response.status_code","value":{"intValue":"200"}},)"
                                           R"({"key":"http.request.body.size","value":{"intValue":"17"}},)"
                                           R"({"key":"http.response.body.size","value":{"intValue":"23"}},)"
                                           R"({"key":"parley.operation","value":{"stringValue":"session_add_tags"}},)"
                                           R"({"key":"parley.team","value":{"stringValue":"alpha"}},)"
                                           R"({"key":"parley.request_id","value":{"stringValue":"r-1"}}]})" +
                                           after_spans);
}

TEST(OtlpJson, a_visit_to_the_store_is_a_span_of_waiting_and_one_of_the_statement)
{
    using std::chrono::steady_clock;
    auto const document =
        encode({a_request({{"session_add_tags", steady_clock::time_point(10s + 20ms), 30ms, 100ms},    // Run.
                           {"session_retrieve", steady_clock::time_point(10s + 160ms), 40ms, 0ms}})}); // No lane took it up.
    std::string const trace = R"({"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"000000000000000)";
    std::string const parent = R"(","parentSpanId":"00f067aa0ba902b7","flags":257,)";
    std::string const expected =
        "," + trace + "1" + parent +
        R"("kind":1,"startTimeUnixNano":"1000000000270000000","endTimeUnixNano":"1000000000300000000","name":"store queue",)"
        R"("attributes":[{"key":"parley.store.verb","value":{"stringValue":"session_add_tags"}}]},)" +
        trace + "2" + parent +
        R"("kind":3,"startTimeUnixNano":"1000000000300000000","endTimeUnixNano":"1000000000400000000","name":"session_add_tags",)"
        R"("attributes":[{"key":"db.system.name","value":{"stringValue":"postgresql"}},)"
        R"({"key":"db.query.summary","value":{"stringValue":"session_add_tags"}}]},)" +
        trace + "3" + parent +
        R"("kind":1,"startTimeUnixNano":"1000000000410000000","endTimeUnixNano":"1000000000450000000","name":"store queue",)"
        R"("attributes":[{"key":"parley.store.verb","value":{"stringValue":"session_retrieve"}}]})" +
        after_spans;
    ASSERT_GT(document.size(), expected.size());
    EXPECT_EQ(document.substr(document.size() - expected.size()), expected);
}

TEST(OtlpJson, only_the_services_own_failure_is_an_error)
{
    auto const failed = encode({a_request({}, 503, "store_overloaded")});
    EXPECT_NE(failed.find(R"({"key":"error.type","value":{"stringValue":"store_overloaded"}})"), std::string::npos) << failed;
    EXPECT_NE(failed.find(R"(],"status":{"code":2}})"), std::string::npos) << failed;
    auto const refused = encode({a_request({}, 404, "session_unknown")});
    EXPECT_NE(refused.find(R"({"key":"error.type","value":{"stringValue":"session_unknown"}})"), std::string::npos) << refused;
    EXPECT_EQ(refused.find(R"("status":{)"), std::string::npos) << refused;
    EXPECT_NE(encode({a_request({}, 500)}).find(R"({"key":"error.type","value":{"stringValue":"500"}})"), std::string::npos);
}

TEST(OtlpJson, a_trace_that_begins_here_has_no_parent)
{
    auto request = a_request({});
    request.parent_id = {};
    request.route = {};
    request.method = "_OTHER";
    auto const document = encode({request});
    EXPECT_EQ(document.find("parentSpanId"), std::string::npos);
    EXPECT_NE(document.find(R"("flags":257,"kind":2)"), std::string::npos) << document;
    EXPECT_NE(document.find(R"("name":"HTTP",)"), std::string::npos) << "no path, no method that is known";
    EXPECT_EQ(document.find("http.route"), std::string::npos);
    EXPECT_EQ(document.find("url.path"), std::string::npos);
}

TEST(OtlpJson, texts_are_escaped_and_the_whole_is_json)
{
    auto request = a_request({});
    request.team = KeptText<64>("\"\\\n");
    auto const document = encode({request, a_request({}), a_request({})});
    auto const parsed = json::Document::parse(document);
    ASSERT_TRUE(parsed) << document;
    auto const scope = *(*parsed->root().find("resourceSpans")->begin()).find("scopeSpans");
    EXPECT_EQ((*scope.begin()).find("spans")->size(), 3U);
}

TEST(OtlpJson, a_collector_may_take_a_part_only)
{
    EXPECT_EQ(rejected_spans(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}})"), 3U);
    EXPECT_EQ(rejected_spans(R"({"partialSuccess":{"rejectedSpans":4}})"), 4U);
    for (auto const* response : {"", "{}", R"({"partialSuccess":{}})", R"({"partialSuccess":null})", "[]", "\n\x01",
                                 R"({"partialSuccess":{"rejectedSpans":"-1"}})", R"({"partialSuccess":{"rejectedSpans":[]}})"})
        EXPECT_EQ(rejected_spans(response), 0U) << response;
}

} // namespace
} // namespace parley::telemetry
