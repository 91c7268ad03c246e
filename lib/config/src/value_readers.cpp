#include "value_readers.hpp"

#include "parley/config/configuration.hpp"
#include "parley/core/text.hpp"
#include "parley/telemetry/otlp_endpoint.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

namespace parley::config
{

namespace
{

std::optional<std::int64_t> whole_number(std::string_view text) noexcept
{
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::int64_t within(std::int64_t value, std::int64_t min, std::int64_t max)
{
    if (value < min || value > max) throw SettingError("must be " + std::to_string(min) + " to " + std::to_string(max));
    return value;
}

} // namespace

std::int64_t read_integer(std::string_view text, std::int64_t min, std::int64_t max)
{
    auto const value = whole_number(text);
    if (!value) throw SettingError("must be a whole number");
    return within(*value, min, max);
}

std::int64_t read_bytes(std::string_view text, std::int64_t min, std::int64_t max)
{
    static constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> units{
        {{"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}}};
    std::int64_t factor = 1;
    for (auto const& [unit, bytes] : units)
        if (text.ends_with(unit))
        {
            factor = bytes;
            text = trim(text.substr(0, text.size() - unit.size()));
            break;
        }
    auto const value = whole_number(text);
    if (!value || *value < 0 || *value > std::numeric_limits<std::int64_t>::max() / factor)
        throw SettingError("must be a number of bytes, such as 65536, 64KiB or 10MiB");
    return within(*value * factor, min, max);
}

bool read_boolean(std::string_view text)
{
    if (text == "true") return true;
    if (text == "false") return false;
    throw SettingError("must be true or false");
}

rate_limit::Limit read_limit(std::string_view text)
{
    auto const limit = rate_limit::parse_limit(text);
    if (!limit) throw SettingError("must be requests/window, such as 2000/5m; a window is 1s to 1d");
    return *limit;
}

std::string read_address(std::string_view text)
{
    auto const colon = text.rfind(':');
    auto const port = colon == std::string_view::npos ? std::nullopt : whole_number(text.substr(colon + 1));
    auto host = text.substr(0, colon);
    bool const is_bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    auto const address = boost::asio::ip::make_address(host, error);
    if (error || address.is_v6() != is_bracketed || !port || *port < 0 || *port > 65'535)
        throw SettingError("must be an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080");
    return std::string(text);
}

std::string read_url(std::string_view text)
{
    if (text.empty()) return {};
    auto const authority = text.starts_with("https://")  ? text.substr(8)
                           : text.starts_with("http://") ? text.substr(7)
                                                         : std::string_view{};
    bool const is_plain =
        std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
    if (authority.empty() || authority.front() == '/' || !is_plain || text.find_first_of("?#@") != std::string_view::npos)
        throw SettingError("must begin with http:// or https:// and a host, without user, query or fragment");
    while (text.ends_with('/'))
        text.remove_suffix(1);
    return std::string(text);
}

std::string read_otlp_url(std::string_view text)
{
    try
    {
        if (!text.empty()) (void)telemetry::read_otlp_endpoint(text);
    }
    catch (std::invalid_argument const& wrong)
    {
        throw SettingError(wrong.what());
    }
    return std::string(text);
}

std::vector<std::string> read_list(std::string_view text)
{
    std::vector<std::string> parts;
    for (bool is_last = false; !is_last;)
    {
        auto const comma = text.find(',');
        auto const part = trim(text.substr(0, comma));
        if (part.empty()) throw SettingError("must be a list separated by commas, without empty parts");
        parts.emplace_back(part);
        is_last = comma == std::string_view::npos;
        if (!is_last) text.remove_prefix(comma + 1);
    }
    return parts;
}

} // namespace parley::config
