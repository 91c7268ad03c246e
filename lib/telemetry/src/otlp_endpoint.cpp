#include "parley/telemetry/otlp_endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace parley::telemetry
{

namespace
{

constexpr std::string_view default_port = "80"; // As every address of http has it.
constexpr auto shape = "must be http://host:port, with a path at will, without user, query or fragment";

bool is_port(std::string_view text)
{
    std::uint16_t port = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), port);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() && port != 0;
}

bool is_host(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c)
                                        {
                                            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                                   c == '.' || c == '-' || c == '_' || c == ':';
                                        });
}

bool is_path(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '?' && c != '#' && c != '"' && c != '\\'; });
}

} // namespace

OtlpEndpoint read_otlp_endpoint(std::string_view url)
{
    constexpr std::string_view scheme = "http://";
    if (url.starts_with("https://"))
        throw std::invalid_argument("must begin with http://: spans are sent to a collector on the same machine or in the same "
                                    "pod, and it is the collector that speaks https to the rest of the world");
    if (!url.starts_with(scheme)) throw std::invalid_argument(shape);
    url.remove_prefix(scheme.size());
    auto const slash = std::min(url.find('/'), url.size());
    auto const authority = url.substr(0, slash);
    auto path = url.substr(slash);
    while (path.ends_with('/'))
        path.remove_suffix(1);

    bool const is_bracketed = authority.starts_with('[');
    auto const end = is_bracketed ? authority.find(']') : authority.find(':');
    auto const host = is_bracketed ? authority.substr(1, std::min(end, authority.size()) - 1) : authority.substr(0, end);
    auto rest = end == std::string_view::npos ? std::string_view{} : authority.substr(is_bracketed ? end + 1 : end);
    bool const is_closed = !is_bracketed || end != std::string_view::npos;
    bool const has_port = rest.starts_with(':');
    if (has_port) rest.remove_prefix(1);
    if (!is_closed || !is_host(host) || !is_path(path) || (has_port ? !is_port(rest) : !rest.empty()))
        throw std::invalid_argument(shape);

    OtlpEndpoint endpoint{
        .host = std::string(host), .port = std::string(has_port ? rest : default_port), .authority = {}, .path = {}};
    endpoint.authority = (is_bracketed ? "[" + endpoint.host + "]" : endpoint.host) + ":" + endpoint.port;
    endpoint.path = std::string(path) + "/v1/traces";
    return endpoint;
}

} // namespace parley::telemetry
