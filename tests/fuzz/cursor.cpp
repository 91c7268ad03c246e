// Cursors: as a text, and as the fields of one.
#include "promise.hpp"

#include "parley/api/cursor.hpp"
#include "parley/core/text.hpp"

#include <cstring>

namespace parley::fuzz
{
namespace
{

void require_same_again(domain::Cursor const& cursor, std::string_view text)
{
    require(api::encode_cursor(cursor) == text, "a cursor that is taken is the one that was given out", text);
    require(!cursor.id.empty() && !find_invalid_utf8(cursor.id) && cursor.id.find('\0') == std::string::npos,
            "a cursor's place is one that a session can have", text);
    auto const year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(cursor.created_at)).year();
    require(year >= std::chrono::year(1) && year <= std::chrono::year(9999), "a cursor's time is one that the store can hold",
            text);
}

void read_as_text(std::string_view text)
{
    if (auto const cursor = api::decode_cursor(text)) require_same_again(*cursor, text);
}

// A guess never meets the checksum: what stands behind it is reached by writing a cursor of any fields.
void read_as_fields(std::string_view bytes)
{
    std::int64_t instant = 0;
    if (bytes.size() < 1 + sizeof instant) return;
    std::memcpy(&instant, bytes.data() + 1, sizeof instant);
    domain::Cursor cursor;
    cursor.direction = static_cast<domain::Cursor::Direction>(static_cast<unsigned char>(bytes[0]) % 4);
    cursor.created_at = Timestamp(std::chrono::microseconds(instant));
    cursor.id = bytes.substr(1 + sizeof instant);
    auto const text = api::encode_cursor(cursor);
    auto const read = api::decode_cursor(text);
    if (!read) return;
    require(*read == cursor, "what comes out is what went in", text);
    require_same_again(*read, text);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    parley::fuzz::read_as_text(parley::fuzz::text_of(data, size));
    parley::fuzz::read_as_fields(parley::fuzz::text_of(data, size));
    return 0;
}
