#include "parameters.hpp"

#include <bit>
#include <concepts>

namespace parley::store
{

namespace
{

template <std::integral T>
void append_big_endian(std::string& out, T value)
{
    auto const bits = static_cast<std::make_unsigned_t<T>>(value);
    for (int shift = int(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(bits >> shift & 0xff));
}

constexpr std::int64_t epoch_2000_seconds = 946'684'800;

// PostgreSQL counts microseconds from the beginning of the year 2000.
std::int64_t to_postgres_time(Timestamp when) noexcept
{
    constexpr std::int64_t first = -211'813'488'000'000'000; // PostgreSQL's calendar begins in 4713 BC.
    auto const unix_time = when.time_since_epoch().count();
    // The ends of our calendar are infinity there; so is what lies before its beginning, as only a made-up cursor can.
    if (when == Timestamp::max()) return INT64_MAX;
    if (unix_time < first + epoch_2000_seconds * 1'000'000) return INT64_MIN;
    return unix_time - epoch_2000_seconds * 1'000'000;
}

int hex_value(char digit) noexcept
{
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

void append_uuid(std::string& out, Uuid const& uuid)
{
    for (auto const byte : to_bytes(uuid))
        out.push_back(static_cast<char>(byte));
}

void append_digest(std::string& out, Sha256 const& digest)
{
    for (auto const byte : digest)
        out.push_back(static_cast<char>(byte));
}

constexpr std::size_t header_bytes = 20;

} // namespace

Timestamp from_postgres_time(std::int64_t microseconds) noexcept
{
    if (microseconds == INT64_MAX) return Timestamp::max();
    if (microseconds == INT64_MIN) return Timestamp::min();
    return Timestamp(std::chrono::microseconds(microseconds + epoch_2000_seconds * 1'000'000));
}

std::array<std::uint8_t, 16> to_bytes(Uuid const& uuid) noexcept
{
    std::array<std::uint8_t, 16> bytes{};
    auto const text = uuid.text();
    std::size_t at = 0;
    for (auto& byte : bytes)
    {
        if (text[at] == '-') ++at;
        byte = static_cast<std::uint8_t>(hex_value(text[at]) << 4 | hex_value(text[at + 1]));
        at += 2;
    }
    return bytes;
}

ArrayParameter::ArrayParameter(Oid element)
{
    append_big_endian(bytes_, std::int32_t{1}); // One dimension.
    append_big_endian(bytes_, std::int32_t{0}); // No null; see take().
    append_big_endian(bytes_, static_cast<std::int32_t>(element));
    append_big_endian(bytes_, std::int32_t{0}); // The length; see take().
    append_big_endian(bytes_, std::int32_t{1}); // The lower bound.
}

void ArrayParameter::begin_element(std::size_t length)
{
    append_big_endian(bytes_, static_cast<std::int32_t>(length));
    ++count_;
}

ArrayParameter& ArrayParameter::add(bool value)
{
    begin_element(1);
    bytes_.push_back(value ? '\1' : '\0');
    return *this;
}

ArrayParameter& ArrayParameter::add(std::int16_t value)
{
    begin_element(sizeof value);
    append_big_endian(bytes_, value);
    return *this;
}

ArrayParameter& ArrayParameter::add(std::int32_t value)
{
    begin_element(sizeof value);
    append_big_endian(bytes_, value);
    return *this;
}

ArrayParameter& ArrayParameter::add(std::int64_t value)
{
    begin_element(sizeof value);
    append_big_endian(bytes_, value);
    return *this;
}

ArrayParameter& ArrayParameter::add(Timestamp value)
{
    return add(to_postgres_time(value));
}

ArrayParameter& ArrayParameter::add(Uuid const& value)
{
    begin_element(16);
    append_uuid(bytes_, value);
    return *this;
}

ArrayParameter& ArrayParameter::add(std::string_view value)
{
    begin_element(value.size());
    bytes_.append(value);
    return *this;
}

ArrayParameter& ArrayParameter::add(Sha256 const& value)
{
    begin_element(value.size());
    append_digest(bytes_, value);
    return *this;
}

ArrayParameter& ArrayParameter::add_null()
{
    append_big_endian(bytes_, std::int32_t{-1});
    ++count_;
    has_null_ = true;
    return *this;
}

std::string ArrayParameter::take()
{
    std::string header;
    append_big_endian(header, std::int32_t{1});
    append_big_endian(header, std::int32_t{has_null_ ? 1 : 0});
    header.append(bytes_, 8, 4);
    append_big_endian(header, static_cast<std::int32_t>(count_));
    append_big_endian(header, std::int32_t{1});
    bytes_.replace(0, header_bytes, header);
    return std::move(bytes_);
}

Parameters& Parameters::add(bool value)
{
    all_.push_back({std::string(1, value ? '\1' : '\0')});
    return *this;
}

Parameters& Parameters::add(std::int16_t value)
{
    append_big_endian(all_.emplace_back().bytes, value);
    return *this;
}

Parameters& Parameters::add(std::int32_t value)
{
    append_big_endian(all_.emplace_back().bytes, value);
    return *this;
}

Parameters& Parameters::add(std::int64_t value)
{
    append_big_endian(all_.emplace_back().bytes, value);
    return *this;
}

Parameters& Parameters::add(Timestamp value)
{
    return add(to_postgres_time(value));
}

Parameters& Parameters::add(Uuid const& value)
{
    append_uuid(all_.emplace_back().bytes, value);
    return *this;
}

Parameters& Parameters::add(std::string_view value)
{
    all_.push_back({std::string(value)});
    return *this;
}

Parameters& Parameters::add(Sha256 const& value)
{
    append_digest(all_.emplace_back().bytes, value);
    return *this;
}

Parameters& Parameters::add(ArrayParameter&& array)
{
    all_.push_back({array.take()});
    return *this;
}

Parameters& Parameters::add_null()
{
    all_.push_back({{}, true});
    return *this;
}

} // namespace parley::store
