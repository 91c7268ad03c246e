// Where spans are sent: the address of an OpenTelemetry Collector, or of whoever else takes OTLP/HTTP.
#pragma once

#include <string>
#include <string_view>

namespace parley::telemetry
{

struct OtlpEndpoint
{
    std::string host; // A name or an address, without brackets.
    std::string port;
    std::string authority; // "host:port" for the Host field, with brackets where they belong.
    std::string path;      // Of the traces: what the address has, and "/v1/traces".
};

// From the base address, as OTEL_EXPORTER_OTLP_ENDPOINT has it: "http://127.0.0.1:4318". Pure. Throws std::invalid_argument with
// a sentence that says what is wrong.
[[nodiscard]] OtlpEndpoint read_otlp_endpoint(std::string_view url);

} // namespace parley::telemetry
