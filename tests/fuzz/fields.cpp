// Fields that proxies and browsers write: X-Forwarded-For and -Proto, Host, Origin, Referer, Accept, Content-Type. The input is
// the lines of a request's fields.
#include "promise.hpp"

#include "host_names.hpp"
#include "origins.hpp"

#include "parley/core/text.hpp"
#include "parley/http/json_body.hpp"
#include "parley/rate_limit/limiter.hpp"

namespace parley::fuzz
{
namespace
{

namespace ip = boost::asio::ip;

void read_address(http::Request const& request)
{
    require(rate_limit::client_address(request, 0) == request.peer, "without trusted proxies nobody names the client");
    for (int const hops : {1, 2, 5})
    {
        auto const entry = rate_limit::forwarded_entry(request, "X-Forwarded-For", hops);
        require(entry.find(',') == std::string_view::npos && trim_ows(entry) == entry, "an entry is one of the list", entry);
        auto const identity = rate_limit::identity_of(rate_limit::client_address(request, hops));
        boost::system::error_code error;
        ip::make_address(identity.substr(0, identity.find('/')), error);
        require(!error, "a client is counted under an address", identity);
    }
}

void read_host(http::Request const& request)
{
    for (int const hops : {0, 1})
    {
        auto const url = pipeline::base_url_of(request, hops);
        require(url.starts_with("http://") || url.starts_with("https://"), "a link has a scheme", url);
    }
    auto const name = pipeline::without_port(request.host);
    require(request.host.starts_with(name), "a name is the beginning of the field", request.host);
    require(pipeline::is_allowed_host(request.host, {"*"}), "the asterisk takes every host", request.host);
    if (!pipeline::is_allowed_host(request.host, {".parley.test"})) return;
    auto const lower = to_lower_ascii(name);
    require(lower == "parley.test" || lower.ends_with(".parley.test"), "a pattern takes only names below it", request.host);
}

void read_origin(http::Request const& request)
{
    auto const host = chat::calling_host(request);
    require(!chat::is_allowed_origin({}, {"*"}), "nobody is from nowhere");
    require(host.find_first_of("/?#@\\ ") == std::string::npos, "a host is a host", host);
    if (host.empty()) return;
    auto const* const origin = request.find("Origin");
    auto const* const said = origin != nullptr && !origin->empty() ? origin : request.find("Referer");
    require(said != nullptr && to_lower_ascii(*said).find(host) != std::string::npos, "a host is the one that was named", host);
    if (chat::is_allowed_origin(host, {"*.parley.test"}))
        require(host.ends_with(".parley.test") && host != ".parley.test", "a pattern takes only hosts below it", host);
}

void read_types(http::Request const& request)
{
    auto const* const type = request.find("Content-Type");
    if (type == nullptr || !http::is_json_type(*type)) return;
    auto const name = trim(type->substr(0, type->find(';')));
    for (auto const* const known : {"application/json", "*/*", "application/*", "*/json"})
        if (equal_ignoring_case(name, known)) return;
    require(false, "only JSON is read as JSON", *type);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    auto const fields = fuzz::read_fields(fuzz::text_of(data, size));
    auto request = fuzz::request_with(fields);
    request.peer = boost::asio::ip::make_address("192.0.2.1");
    if (auto const* const host = request.find("Host")) request.host = *host;
    fuzz::read_address(request);
    fuzz::read_host(request);
    fuzz::read_origin(request);
    fuzz::read_types(request);
    return 0;
}
