// Spans as OTLP/HTTP has them in JSON: https://opentelemetry.io/docs/specs/otlp/, "JSON Protobuf Encoding". Attributes follow
// OpenTelemetry's semantic conventions for HTTP servers and database clients. Pure.
#pragma once

#include "request_spans.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace parley::telemetry
{

// Who sends: the same for all spans of a process.
struct SpanResource
{
    std::string service_name;
    std::string version;
    std::string instance_id; // A UUID.
    std::string host_name;   // Empty: unknown.
    std::int64_t process_id = 0;
};

// Appends an ExportTraceServiceRequest. draw: numbers for the ids of spans that have none yet.
void append_export_request(std::string& out, SpanResource const& resource, std::span<RequestSpans const> requests,
                           std::function<std::uint64_t()> const& draw);

// How many spans a collector that says 200 did refuse, by its ExportTraceServiceResponse; 0 where it does not say.
[[nodiscard]] std::uint64_t rejected_spans(std::string_view response);

} // namespace parley::telemetry
