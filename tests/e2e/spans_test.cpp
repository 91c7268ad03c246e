// Goal: who asks for spans gets them, with nothing in them that is not for them; who takes spans, badly or not at all, is never
// felt by a caller. Method: the real parleyd, and a collector of the test's own, which takes spans, refuses them, hangs or is
// away.
#include "parley/core/json.hpp"
#include "parley/support/api_client.hpp"
#include "parley/support/parleyd_process.hpp"
#include "parley/support/span_collector.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace parley::e2e
{
namespace
{

constexpr std::string_view trace = "0af7651916cd43dd8448eb211c80319c";
constexpr std::string_view caller = "b7ad6b7169203331";

std::string traceparent(std::string_view flags)
{
    return "00-" + std::string(trace) + "-" + std::string(caller) + "-" + std::string(flags);
}

struct Span
{
    std::string name;
    std::string trace_id;
    std::string id;
    std::string parent;
    int kind = 0;
    std::int64_t began = 0;
    std::int64_t ended = 0;
    std::map<std::string, std::string> attributes;
};

std::string text_of(json::Value object, std::string_view key)
{
    auto const found = object.find(key);
    return found ? std::string(found->text()) : "";
}

Span read_span(json::Value value)
{
    Span span{.name = text_of(value, "name"),
              .trace_id = text_of(value, "traceId"),
              .id = text_of(value, "spanId"),
              .parent = text_of(value, "parentSpanId"),
              .kind = std::stoi(text_of(value, "kind")),
              .began = std::stoll(text_of(value, "startTimeUnixNano")),
              .ended = std::stoll(text_of(value, "endTimeUnixNano"))};
    auto const attributes = *value.find("attributes");
    for (auto const one : attributes)
        span.attributes[text_of(one, "key")] = std::string((*one.find("value")->begin()).text());
    return span;
}

std::vector<Span> spans_of(std::vector<support::CollectedPost> const& posts)
{
    std::vector<Span> spans;
    for (auto const& post : posts)
    {
        auto const document = json::Document::parse(post.body);
        EXPECT_TRUE(document) << post.body;
        if (!document) continue;
        auto const resource = *document->root().find("resourceSpans")->begin();
        auto const scope = *resource.find("scopeSpans")->begin();
        auto const list = *scope.find("spans");
        for (auto const one : list)
            spans.push_back(read_span(one));
    }
    return spans;
}

class Spans : public testing::Test
{
  protected:
    void start(std::vector<std::string> flags, std::string const& endpoint)
    {
        flags.insert(flags.end(), {"--otlp-endpoint", endpoint, "--rate-limit-enforce", "false"});
        service_ = support::start_with_small_world(support::small_world({}), std::move(flags));
    }

    // One request within a trace, or without one.
    support::HttpAnswer ask(std::string const& target, std::string const& parent = {})
    {
        support::ApiClient const client(*service_, support::small_world_key);
        auto request = client.request("GET", target);
        if (!parent.empty()) request.fields.emplace_back("traceparent", parent);
        return service_->exchange(request);
    }

    // As many requests, one after another on one connection; how many were answered with 200.
    int ask_often(int requests)
    {
        support::ApiClient const client(*service_, support::small_world_key);
        auto request = client.request("GET", "/api/sessions/?page_size=1");
        request.fields.emplace_back("traceparent", traceparent("01"));
        auto connection = service_->connect();
        int good = 0;
        for (int i = 0; i < requests; ++i)
            good += connection.exchange(request).status == 200 ? 1 : 0;
        return good;
    }

    [[nodiscard]] double metric(std::string const& name) const
    {
        std::string const text = service_->exchange_with_admin("/metrics").body;
        auto const at = text.find("\n" + name + " ");
        return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
    }
    [[nodiscard]] double dropped(std::string const& reason) const
    {
        return metric("parley_telemetry_spans_dropped_total{reason=\"" + reason + "\"}");
    }
    [[nodiscard]] double failures(std::string const& reason) const
    {
        return metric("parley_telemetry_span_export_failures_total{reason=\"" + reason + "\"}");
    }
    [[nodiscard]] double exported() const { return metric("parley_telemetry_spans_exported_total"); }

    // Waits until it is so; the metrics follow the collector, not the callers.
    static bool becomes_so(std::function<bool()> const& is_so)
    {
        for (int tries = 0; tries < 1500; ++tries)
        {
            if (is_so()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    }

    support::SpanCollector collector_;
    std::unique_ptr<support::ParleydProcess> service_;
};

TEST_F(Spans, a_request_is_a_span_below_its_callers_and_above_its_visits_to_the_store)
{
    start({"--otlp-sample-per-million", "0", "--otlp-service-name", "parley-tested"}, collector_.url() + "/base/");
    auto const answer = ask("/api/sessions/?page_size=1", traceparent("01"));
    EXPECT_EQ(answer.status, 200);
    auto const said = answer.find("traceparent").value_or("");
    ASSERT_EQ(said.size(), 55U);
    EXPECT_EQ(service_->stop(), 0); // What waits is sent.

    auto const posts = collector_.posts();
    ASSERT_EQ(posts.size(), 1U);
    EXPECT_EQ(posts[0].target, "/base/v1/traces");
    EXPECT_EQ(posts[0].content_type, "application/json");
    EXPECT_NE(posts[0].body.find(R"({"key":"service.name","value":{"stringValue":"parley-tested"}})"), std::string::npos);
    auto spans = spans_of(posts);
    ASSERT_GE(spans.size(), 3U);
    auto const server = spans[0];
    EXPECT_EQ(server.name, "GET /api/sessions/");
    EXPECT_EQ(server.kind, 2);
    EXPECT_EQ(server.trace_id, trace);
    EXPECT_EQ(server.parent, caller);
    EXPECT_EQ(server.id, said.substr(36, 16)) << "the answer's traceparent names this span";
    std::map<std::string, std::string> expected{{"http.request.method", "GET"},
                                                {"url.scheme", "http"},
                                                {"url.path", "/api/sessions/"},
                                                {"http.route", "/api/sessions/"},
                                                {"http.response.status_code", "200"},
                                                {"http.request.body.size", "0"},
                                                {"http.response.body.size", std::to_string(answer.body.size())},
                                                {"parley.operation", "session_list"},
                                                {"parley.team", "small"},
                                                {"parley.request_id", answer.find("X-Request-Id").value_or("")}};
    EXPECT_EQ(server.attributes, expected);

    bool has_statement = false;
    for (std::size_t i = 1; i < spans.size(); ++i)
    {
        EXPECT_EQ(spans[i].trace_id, trace);
        EXPECT_EQ(spans[i].parent, server.id);
        EXPECT_GE(spans[i].began, server.began);
        EXPECT_LE(spans[i].ended, server.ended);
        EXPECT_EQ(spans[i].kind, spans[i].name == "store queue" ? 1 : 3);
        has_statement |= spans[i].name == "session_list" && spans[i].attributes.at("db.system.name") == "postgresql";
        if (spans[i].kind != 3) continue;
        EXPECT_EQ(spans[i].began, spans[i - 1].ended) << "the statement begins where the waiting ends";
    }
    EXPECT_TRUE(has_statement);
    std::ranges::sort(spans, {}, &Span::id);
    EXPECT_EQ(std::ranges::adjacent_find(spans, {}, &Span::id), spans.end()) << "each has an id of its own";
}

TEST_F(Spans, the_caller_decides_for_its_trace_and_the_ratio_for_the_others)
{
    start({"--otlp-sample-per-million", "0"}, collector_.url());
    EXPECT_TRUE(ask("/api/sessions/", traceparent("00")).find("traceparent")) << "the trace goes on";
    EXPECT_FALSE(ask("/api/sessions/").find("traceparent"));
    EXPECT_FALSE(ask("/api/sessions/", "nonsense").find("traceparent"));
    EXPECT_EQ(service_->stop(), 0);
    EXPECT_TRUE(collector_.posts().empty());

    start({"--otlp-sample-per-million", "1000000"}, collector_.url());
    EXPECT_TRUE(ask("/api/sessions/", traceparent("00")).find("traceparent"));
    auto const begun = ask("/api/sessions/").find("traceparent").value_or("");
    ASSERT_EQ(begun.size(), 55U) << "the caller is told which trace it is";
    EXPECT_EQ(begun.substr(52), "-01");
    EXPECT_EQ(service_->stop(), 0);
    auto const spans = spans_of(collector_.posts());
    ASSERT_GE(spans.size(), 1U);
    for (auto const& span : spans)
        EXPECT_EQ(span.trace_id, begun.substr(3, 32));
    EXPECT_EQ(spans[0].id, begun.substr(36, 16));
    EXPECT_EQ(spans[0].parent, "");
}

TEST_F(Spans, hold_nothing_that_a_caller_wrote_but_the_names_of_the_trace)
{
    start({"--otlp-sample-per-million", "1000000"}, collector_.url());
    support::ApiClient const client(*service_, support::small_world_key);
    auto const id = client.create(support::small_world_experiment,
                                  R"(,"participant":"ada.secret@example.org","state":{"hidden-key":"hidden-value"},)"
                                  R"("messages":[{"role":"user","content":"whispered-words"}])");
    EXPECT_EQ(client.get("/api/sessions/" + id + "/?note=query-value").status, 200);
    EXPECT_EQ(client.get("/made/up/path-value/").status, 404);
    EXPECT_EQ(client.get("/api/sessions/no-such-id-value/").status, 404);
    EXPECT_EQ(client.call("POST", "/api/sessions/" + id + "/tags/", R"({"tags":["tag-value"]})").status, 200);
    EXPECT_EQ(service_->stop(), 0);
    std::string sent;
    for (auto const& post : collector_.posts())
        sent += post.body;
    EXPECT_NE(sent.find(R"({"key":"error.type","value":{"stringValue":"session_unknown"}})"), std::string::npos);
    EXPECT_NE(sent.find(R"({"key":"error.type","value":{"stringValue":"path_unknown"}})"), std::string::npos);
    for (std::string const& word : {std::string(support::small_world_key), id, std::string("ada.secret"), std::string("hidden-"),
                                    std::string("whispered"), std::string("-value"), std::string("parley.test")})
        EXPECT_EQ(sent.find(word), std::string::npos) << word;
}

// Of 500 requests with three spans each and more, 64 spans find room. Were a request to wait for room, it would wait for ten
// minutes.
TEST_F(Spans, a_collector_that_hangs_is_not_felt)
{
    collector_.behave({.status = 0});
    start({"--otlp-queue-spans-max", "64", "--otlp-timeout-ms", "600000"}, collector_.url());
    EXPECT_EQ(ask_often(500), 500);
    EXPECT_GE(dropped("queue_full"), 500 * 3 - 64);
    EXPECT_EQ(exported(), 0);
    EXPECT_EQ(service_->stop(), 0) << "nor is it waited for in the end";
    EXPECT_NE(service_->process().output().find("spans could not be sent before the end"), std::string::npos);
}

TEST_F(Spans, a_collector_that_is_away_is_not_felt)
{
    start({"--otlp-queue-spans-max", "64"}, "http://127.0.0.1:" + std::to_string(support::free_port()));
    EXPECT_EQ(ask_often(500), 500);
    EXPECT_GE(dropped("queue_full"), 500 * 3 - 64);
    EXPECT_TRUE(becomes_so([&] { return failures("unreachable") >= 1; }));
    EXPECT_EQ(service_->stop(), 0);
    EXPECT_NE(service_->process().output().find("spans are not taken at"), std::string::npos);
}

TEST_F(Spans, a_collector_has_a_name)
{
    auto const address = collector_.url();
    start({}, "http://localhost" + address.substr(address.rfind(':')));
    EXPECT_EQ(ask("/api/sessions/", traceparent("01")).status, 200);
    EXPECT_TRUE(becomes_so([&] { return exported() >= 3; }));
    EXPECT_EQ(service_->stop(), 0);
}

// The resolver may take many seconds to say no, and cannot be told to stop.
TEST_F(Spans, a_name_that_is_not_known_is_not_felt)
{
    start({"--otlp-queue-spans-max", "64", "--otlp-timeout-ms", "600000"}, "http://collector.invalid:4318");
    EXPECT_EQ(ask_often(500), 500);
    EXPECT_GE(dropped("queue_full"), 500 * 3 - 64);
    EXPECT_EQ(exported(), 0);
    EXPECT_EQ(service_->stop(), 0);
}

TEST_F(Spans, an_answer_without_end_is_not_kept)
{
    collector_.behave({.status = 200, .body = std::string(1'000'000, ' ')});
    start({}, collector_.url());
    EXPECT_EQ(ask("/api/sessions/", traceparent("01")).status, 200);
    EXPECT_TRUE(becomes_so([&] { return failures("malformed") == 1; }));
    EXPECT_TRUE(becomes_so([&] { return dropped("refused") >= 3; }));
    EXPECT_EQ(collector_.posts().size(), 1U) << "it is not sent again";
    EXPECT_EQ(service_->stop(), 0);
}

TEST_F(Spans, what_a_busy_collector_refuses_is_sent_again)
{
    collector_.behave({.status = 503, .fields = "Retry-After: 1\r\n", .body = "busy"});
    start({}, collector_.url());
    EXPECT_EQ(ask("/api/sessions/", traceparent("01")).status, 200);
    ASSERT_TRUE(collector_.wait_until([](auto const& posts) { return posts.size() == 1; }));
    collector_.behave({});
    ASSERT_TRUE(collector_.wait_until([](auto const& posts) { return posts.size() == 2; }));
    auto const posts = collector_.posts();
    EXPECT_EQ(posts[0].body, posts[1].body) << "the same spans under the same ids";
    EXPECT_TRUE(becomes_so([&] { return exported() == static_cast<double>(spans_of({posts[0]}).size()); }));
    EXPECT_EQ(failures("5xx"), 1);
    EXPECT_EQ(dropped("unreachable"), 0);
    EXPECT_EQ(service_->stop(), 0);
    EXPECT_NE(service_->process().output().find("spans are taken again at"), std::string::npos);
}

TEST_F(Spans, what_a_collector_refuses_for_good_is_dropped_and_counted)
{
    collector_.behave({.status = 400, .body = "no"});
    start({}, collector_.url());
    EXPECT_EQ(ask("/api/sessions/", traceparent("01")).status, 200);
    EXPECT_TRUE(becomes_so([&] { return dropped("refused") >= 3; }));
    EXPECT_EQ(failures("4xx"), 1);
    auto const before = dropped("refused");
    collector_.behave({.status = 200, .body = R"({"partialSuccess":{"rejectedSpans":"1"}})"});
    EXPECT_EQ(ask("/api/sessions/", traceparent("01")).status, 200);
    EXPECT_TRUE(becomes_so([&] { return dropped("refused") == before + 1; }));
    EXPECT_GE(exported(), 2);
    EXPECT_EQ(collector_.posts().size(), 2U) << "neither is sent again";
    EXPECT_EQ(service_->stop(), 0);
}

TEST_F(Spans, a_connection_that_was_closed_meanwhile_costs_no_spans)
{
    collector_.behave({.fields = "Connection: close\r\n"});
    start({}, collector_.url());
    for (std::size_t times = 1; times <= 3; ++times)
    {
        EXPECT_EQ(ask("/api/sessions/", traceparent("01")).status, 200);
        ASSERT_TRUE(collector_.wait_until([&](auto const& posts) { return posts.size() == times; }));
    }
    EXPECT_TRUE(becomes_so([&] { return exported() == static_cast<double>(spans_of(collector_.posts()).size()); }));
    for (auto const* reason : {"unreachable", "timeout", "malformed"})
        EXPECT_EQ(failures(reason), 0) << reason;
    EXPECT_EQ(service_->stop(), 0);
}

} // namespace
} // namespace parley::e2e
