// Where a browser may be sent: the address of an application, and the page behind a login.
#include "promise.hpp"

#include "redirect_uri.hpp"
#include "safe_next.hpp"

#include <algorithm>

namespace parley::fuzz
{
namespace
{

constexpr std::string_view base_url = "https://parley.test";

void read_next(std::string_view text)
{
    auto const next = oauth::safe_next(text, base_url, "/home/");
    require(next.starts_with('/') && !next.starts_with("//"), "a login leads to a page of this site", next);
    require(is_visible_ascii(next) && next.find('\\') == std::string::npos, "a browser reads no other host out of it", next);
    require(oauth::safe_next(next, base_url, "/home/") == next, "what is safe stays as it is", next);
}

void read_redirect(std::string_view uri)
{
    std::vector<std::string> const registered{"https://app.example/back", "http://127.0.0.1/back", "com.example.app:/back"};
    require(oauth::is_same_redirect(uri, uri), "an address is itself", uri);
    if (auto const chosen = oauth::choose_redirect(registered, uri))
    {
        require(oauth::is_redirectable(*chosen), "nobody is sent to an address that may not be registered", *chosen);
        bool const is_loopback = chosen->starts_with("http://127.0.0.1:") && chosen->ends_with("/back") &&
                                 std::count(chosen->begin(), chosen->end(), '/') == 3;
        require(is_loopback || std::find(registered.begin(), registered.end(), *chosen) != registered.end(),
                "only a registered address is redirected to", *chosen);
    }
    if (!oauth::is_redirectable(uri)) return;
    auto const is_bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '#'; };
    require(std::none_of(uri.begin(), uri.end(), is_bad), "an address can stand in a Location", uri);
    auto const source = oauth::policy_source(uri);
    require(!source.empty() && source.find_first_of(" ;,'\"") == std::string::npos,
            "an address does not end a policy's directive", source);
    require(oauth::with_query(uri, "code=1").starts_with(uri), "parameters come behind the address", uri);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    parley::fuzz::read_next(parley::fuzz::text_of(data, size));
    parley::fuzz::read_redirect(parley::fuzz::text_of(data, size));
    return 0;
}
