#include "parley/telemetry/otlp_endpoint.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace parley::telemetry
{
namespace
{

std::string refusal_of(std::string_view url)
{
    try
    {
        (void)read_otlp_endpoint(url);
    }
    catch (std::invalid_argument const& wrong)
    {
        return wrong.what();
    }
    return "none";
}

TEST(OtlpEndpoint, the_base_address_becomes_that_of_the_traces)
{
    auto const plain = read_otlp_endpoint("http://127.0.0.1:4318");
    EXPECT_EQ(plain.host, "127.0.0.1");
    EXPECT_EQ(plain.port, "4318");
    EXPECT_EQ(plain.authority, "127.0.0.1:4318");
    EXPECT_EQ(plain.path, "/v1/traces");
    EXPECT_EQ(read_otlp_endpoint("http://collector:4318/").path, "/v1/traces");
    EXPECT_EQ(read_otlp_endpoint("http://collector:4318/base/otlp/").path, "/base/otlp/v1/traces");
    EXPECT_EQ(read_otlp_endpoint("http://collector.observability.svc/x").port, "80");
}

TEST(OtlpEndpoint, an_address_of_version_6_stands_in_brackets)
{
    auto const endpoint = read_otlp_endpoint("http://[::1]:4318");
    EXPECT_EQ(endpoint.host, "::1");
    EXPECT_EQ(endpoint.port, "4318");
    EXPECT_EQ(endpoint.authority, "[::1]:4318");
    EXPECT_EQ(read_otlp_endpoint("http://[fe80::1]").authority, "[fe80::1]:80");
}

TEST(OtlpEndpoint, https_is_left_to_a_collector_beside_the_service)
{
    EXPECT_NE(refusal_of("https://collector.example:4318").find("it is the collector that speaks https"), std::string::npos);
}

TEST(OtlpEndpoint, what_is_no_address_is_refused)
{
    for (auto const* url :
         {"", "127.0.0.1:4318", "http://", "http:///v1", "http://:4318", "http://a:0", "http://a:65536", "http://a:x",
          "http://a:", "http://a:1:2", "http://user@a:4318", "http://a:4318/?x=1", "http://a:4318/#x", "http://::1:4318",
          "http://[::1", "http://[::1]x", "http://a b", "http://a/\r\nX: y", "grpc://a:4317"})
        EXPECT_NE(refusal_of(url), "none") << url;
}

} // namespace
} // namespace parley::telemetry
