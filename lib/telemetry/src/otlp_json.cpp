#include "otlp_json.hpp"

#include "parley/core/identifier.hpp"
#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::telemetry
{

namespace
{

// The version of the semantic conventions in which these attributes are stable.
constexpr std::string_view schema_url = "https://opentelemetry.io/schemas/1.33.0";

// Numbers of the enumerations SpanKind, StatusCode and SpanFlags (trace/v1/trace.proto).
constexpr int kind_internal = 1;
constexpr int kind_server = 2;
constexpr int kind_client = 3;
constexpr int status_error = 2;
constexpr unsigned flag_sampled = 0x001;
constexpr unsigned flag_knows_whether_remote = 0x100;
constexpr unsigned flag_is_remote = 0x200;

// A list of KeyValue. Closes itself.
class Attributes
{
  public:
    explicit Attributes(std::string& out) : out_(out) { out_.append(R"("attributes":[)"); }
    ~Attributes() { out_.push_back(']'); }
    Attributes(Attributes const&) = delete;
    Attributes& operator=(Attributes const&) = delete;

    Attributes& text(std::string_view key, std::string_view value)
    {
        if (value.empty()) return *this;
        begin(key).append(R"("stringValue":)");
        json::append_string(out_, value);
        out_.append("}}");
        return *this;
    }

    // 64-bit numbers are strings in the JSON of protobuf.
    Attributes& number(std::string_view key, std::int64_t value)
    {
        begin(key).append(R"("intValue":")");
        append_number(out_, value);
        out_.append("\"}}");
        return *this;
    }

  private:
    std::string& begin(std::string_view key)
    {
        if (!std::exchange(is_first_, false)) out_.push_back(',');
        return out_.append(R"({"key":")").append(key).append(R"(","value":{)");
    }

    std::string& out_;
    bool is_first_ = true;
};

struct SpanHead
{
    std::string_view trace_id;
    std::string_view span_id; // Empty: a new one is drawn.
    std::string_view parent_id;
    unsigned flags = flag_sampled | flag_knows_whether_remote;
    int kind = kind_internal;
    std::int64_t began_unix_ns = 0;
    std::int64_t duration_ns = 0;
};

// Up to the attributes, but for the name.
void append_head(std::string& out, SpanHead const& head, std::uint64_t drawn)
{
    out.append(R"({"traceId":")").append(head.trace_id).append(R"(","spanId":")");
    if (head.span_id.empty())
    {
        auto const digits = to_hex(std::max<std::uint64_t>(drawn, 1)); // An id of zeros would be invalid.
        out.append(digits.data(), digits.size());
    }
    else
        out.append(head.span_id);
    if (!head.parent_id.empty()) out.append(R"(","parentSpanId":")").append(head.parent_id);
    out.append(R"(","flags":)");
    append_number(out, head.flags);
    out.append(R"(,"kind":)");
    append_number(out, head.kind);
    out.append(R"(,"startTimeUnixNano":")");
    append_number(out, head.began_unix_ns);
    out.append(R"(","endTimeUnixNano":")");
    append_number(out, head.began_unix_ns + head.duration_ns);
    out.append("\",");
}

// The path itself stays out: it has ids in it, and anything at all where a client made it up.
void append_request(std::string& out, RequestSpans const& request)
{
    SpanHead head{.trace_id = request.trace_id.view(),
                  .span_id = request.span_id.view(),
                  .parent_id = request.parent_id.view(),
                  .kind = kind_server,
                  .began_unix_ns = request.began_unix_ns,
                  .duration_ns = request.duration_ns};
    if (!head.parent_id.empty()) head.flags |= flag_is_remote;
    append_head(out, head, 0);
    bool const is_failure = request.status >= 500; // Of a server; what a client did wrong is not one.
    out.append(R"("name":")").append(request.method == "_OTHER" ? "HTTP" : request.method);
    if (!request.route.empty()) out.append(" ").append(request.route);
    out.append("\",");
    {
        auto const status = std::to_string(request.status);
        auto const error = request.problem.empty() && is_failure ? std::string_view(status) : request.problem;
        Attributes attributes(out);
        attributes.text("http.request.method", request.method).text("url.scheme", request.scheme);
        attributes.text("url.path", request.route).text("http.route", request.route);
        attributes.number("http.response.status_code", request.status).text("error.type", error);
        attributes.number("http.request.body.size", request.request_bytes)
            .number("http.response.body.size", request.response_bytes);
        attributes.text("parley.operation", request.operation).text("parley.team", request.team.view());
        attributes.text("parley.request_id", request.request_id.view());
    }
    if (is_failure)
    {
        out.append(R"(,"status":{"code":)");
        append_number(out, status_error);
        out.append("}");
    }
    out.append("}");
}

void append_visit(std::string& out, RequestSpans const& request, RequestSpans::Visit const& visit,
                  std::function<std::uint64_t()> const& draw)
{
    SpanHead head{.trace_id = request.trace_id.view(),
                  .span_id = {},
                  .parent_id = request.span_id.view(),
                  .began_unix_ns = request.began_unix_ns + visit.asked_after_ns,
                  .duration_ns = visit.queue_ns};
    out.push_back(',');
    append_head(out, head, draw());
    out.append(R"("name":"store queue",)");
    Attributes(out).text("parley.store.verb", visit.verb);
    out.append("}");
    if (visit.sql_ns <= 0) return;
    head.kind = kind_client;
    head.began_unix_ns += visit.queue_ns;
    head.duration_ns = visit.sql_ns;
    out.push_back(',');
    append_head(out, head, draw());
    out.append(R"("name":")").append(visit.verb).append("\",");
    Attributes(out).text("db.system.name", "postgresql").text("db.query.summary", visit.verb);
    out.append("}");
}

} // namespace

void append_export_request(std::string& out, SpanResource const& resource, std::span<RequestSpans const> requests,
                           std::function<std::uint64_t()> const& draw)
{
    out.append(R"({"resourceSpans":[{"resource":{)");
    Attributes(out)
        .text("service.name", resource.service_name)
        .text("service.version", resource.version)
        .text("service.instance.id", resource.instance_id)
        .text("host.name", resource.host_name)
        .number("process.pid", resource.process_id);
    out.append(R"(},"scopeSpans":[{"scope":{"name":"parleyd","version":)");
    json::append_string(out, resource.version);
    out.append(R"(},"spans":[)");
    bool is_first = true;
    for (auto const& request : requests)
    {
        if (!std::exchange(is_first, false)) out.push_back(',');
        append_request(out, request);
        for (std::size_t i = 0; i < request.visits_kept; ++i)
            append_visit(out, request, request.visits[i], draw);
    }
    out.append(R"(],"schemaUrl":")").append(schema_url);
    out.append(R"("}],"schemaUrl":")").append(schema_url).append(R"("}]})");
}

std::uint64_t rejected_spans(std::string_view response)
{
    constexpr std::size_t depth_max = 16;
    auto const document = json::Document::parse(response, depth_max);
    if (!document || !document->root().is_object()) return 0;
    auto const partial = document->root().find("partialSuccess");
    if (!partial || !partial->is_object()) return 0;
    auto const rejected = partial->find("rejectedSpans");
    if (!rejected || !(rejected->is_string() || rejected->is_number())) return 0;
    std::uint64_t number = 0;
    auto const text = rejected->text();
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

} // namespace parley::telemetry
