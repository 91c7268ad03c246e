#include "parley/core/clock.hpp"

#include <array>
#include <cstring>

namespace parley
{

namespace
{

// "00" to "99".
constexpr auto digit_pairs = []
{
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i)
    {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

// Two digits of a number below 100.
char* put_pair(char* at, unsigned value) noexcept
{
    std::memcpy(at, digit_pairs.data() + std::size_t{2} * value, 2);
    return at + 2;
}

// Reads exactly so many decimal digits.
std::optional<int> take_digits(std::string_view& text, std::size_t width) noexcept
{
    if (text.size() < width) return std::nullopt;
    int value = 0;
    for (char c : text.substr(0, width))
    {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, char expected) noexcept
{
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::microseconds> take_fraction(std::string_view& text) noexcept
{
    std::int64_t micros = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
    {
        micros = micros * 10 + (text[digits] - '0');
        if (++digits > 6) return std::nullopt;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    for (; digits < 6; ++digits)
        micros *= 10;
    return std::chrono::microseconds{micros};
}

// "Z", "+02:00" or "-0330"; the rest of the text.
std::optional<std::chrono::minutes> take_offset(std::string_view text) noexcept
{
    if (text == "Z" || text == "z") return std::chrono::minutes{0};
    int const sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
    if (sign == 0) return std::nullopt;
    auto const hours = take_digits(text, 2);
    if (!hours || *hours > 23) return std::nullopt;
    take(text, ':');
    auto const minutes = take_digits(text, 2);
    if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
    return std::chrono::minutes{sign * (*hours * 60 + *minutes)};
}

// The years 1 to 9999: what four digits can write and the database can hold. An offset may lead out of them.
bool can_be_written(Timestamp when) noexcept
{
    using namespace std::chrono;
    constexpr sys_days first{year{1} / January / 1};
    constexpr sys_days behind{year{10'000} / January / 1};
    return when >= first && when < behind;
}

} // namespace

Timestamp SystemClock::now() const noexcept
{
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

char* put_timestamp(char* at, Timestamp when) noexcept
{
    auto const day = std::chrono::floor<std::chrono::days>(when);
    std::chrono::year_month_day const date{day};
    auto const micros = (when - day).count();
    auto const seconds = static_cast<unsigned>(micros / 1'000'000);
    auto const fraction = static_cast<unsigned>(micros % 1'000'000);
    auto const year = static_cast<unsigned>(static_cast<int>(date.year())) % 10'000;
    at = put_pair(put_pair(at, year / 100), year % 100);
    *at++ = '-';
    at = put_pair(at, static_cast<unsigned>(date.month()));
    *at++ = '-';
    at = put_pair(at, static_cast<unsigned>(date.day()));
    *at++ = 'T';
    at = put_pair(at, seconds / 3600);
    *at++ = ':';
    at = put_pair(at, seconds / 60 % 60);
    *at++ = ':';
    at = put_pair(at, seconds % 60);
    if (fraction != 0)
    {
        *at++ = '.';
        at = put_pair(put_pair(put_pair(at, fraction / 10'000), fraction / 100 % 100), fraction % 100);
    }
    *at++ = 'Z';
    return at;
}

void append_timestamp(std::string& out, Timestamp when)
{
    std::array<char, timestamp_room> text{};
    out.append(text.data(), put_timestamp(text.data(), when));
}

std::string format_timestamp(Timestamp when)
{
    std::string out;
    out.reserve(27);
    append_timestamp(out, when);
    return out;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept
{
    auto const year = take_digits(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    auto const month = take_digits(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    auto const day = take_digits(text, 2);
    if (!day || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return std::nullopt;
    std::chrono::year_month_day const date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    auto const hour = take_digits(text, 2);
    if (!date.ok() || !hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    auto const minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    auto const second = take_digits(text, 2);
    if (!second || *second > 59) return std::nullopt;
    std::chrono::microseconds fraction{0};
    if (take(text, '.'))
    {
        auto const taken = take_fraction(text);
        if (!taken) return std::nullopt;
        fraction = *taken;
    }
    auto const offset = take_offset(text);
    if (!offset) return std::nullopt;
    Timestamp const when = Timestamp{std::chrono::sys_days{date}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
                           std::chrono::seconds{*second} + fraction - *offset;
    if (!can_be_written(when)) return std::nullopt;
    return when;
}

} // namespace parley
