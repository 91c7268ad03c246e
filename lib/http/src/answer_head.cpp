#include "answer_head.hpp"

#include "syntax.hpp"

#include "parley/core/text.hpp"

#include <chrono>
#include <cstdint>

namespace parley::http
{

namespace
{

// What every answer carries. nosniff: no guessing of types. same-origin: no path of ours in a foreign Referer, and no embedding
// by other sites (which does not concern CORS requests). no-referrer would make forms send "Origin: null".
constexpr std::string_view fixed_fields = "Server: parley\r\n"
                                          "X-Content-Type-Options: nosniff\r\n"
                                          "Referrer-Policy: same-origin\r\n"
                                          "Cross-Origin-Resource-Policy: same-origin\r\n";

// Whether one of the lines is of this field.
bool has_field(std::string_view fields, std::string_view name) noexcept
{
    while (fields.size() > name.size())
    {
        if (fields[name.size()] == ':' && syntax::same(fields.substr(0, name.size()), name)) return true;
        auto const line_end = fields.find('\n');
        if (line_end == std::string_view::npos) return false;
        fields.remove_prefix(line_end + 1);
    }
    return false;
}

} // namespace

bool is_bodiless(int status) noexcept
{
    return status == 204 || status == 304 || status < 200;
}

void append_head(std::string& out, Response const& response, std::string_view date, Persistence persistence, bool is_to_head)
{
    if (auto const line = syntax::status_line(response.status); !line.empty())
    {
        out.append(line);
    }
    else
    {
        out.append("HTTP/1.1 ");
        append_number(out, static_cast<std::uint64_t>(response.status));
        out.append(" \r\n"); // The reason may be empty, its space not.
    }
    out.append(date).append(fixed_fields);
    if (!is_bodiless(response.status))
    {
        if (!response.content().empty() || is_to_head) out.append("Content-Type: ").append(response.content_type).append("\r\n");
        out.append("Content-Length: ");
        append_number(out, response.content().size());
        out.append("\r\n");
    }
    if (!has_field(response.fields, "cache-control")) out.append("Cache-Control: no-store\r\n");
    if (persistence == Persistence::close) out.append("Connection: close\r\n");
    if (persistence == Persistence::keep_and_say_so) out.append("Connection: keep-alive\r\n");
    out.append(response.fields).append("\r\n");
}

std::string date_line(std::int64_t seconds_since_epoch)
{
    constexpr std::string_view weekdays = "SunMonTueWedThuFriSat";
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    std::chrono::sys_seconds const now{std::chrono::seconds(seconds_since_epoch)};
    auto const day = std::chrono::floor<std::chrono::days>(now);
    std::chrono::year_month_day const date{day};
    std::chrono::hh_mm_ss const time{now - day};
    std::string line = "Date: ";
    auto const two_digits = [&](std::int64_t value)
    {
        line += static_cast<char>('0' + value / 10);
        line += static_cast<char>('0' + value % 10);
    };
    line.append(weekdays.substr(3 * std::chrono::weekday(day).c_encoding(), 3)).append(", ");
    two_digits(static_cast<unsigned>(date.day()));
    line.append(" ").append(months.substr(3 * (static_cast<unsigned>(date.month()) - 1), 3)).append(" ");
    append_number(line, static_cast<std::uint64_t>(static_cast<int>(date.year())));
    line.append(" ");
    two_digits(time.hours().count());
    line.append(":");
    two_digits(time.minutes().count());
    line.append(":");
    two_digits(time.seconds().count());
    return line.append(" GMT\r\n");
}

} // namespace parley::http
