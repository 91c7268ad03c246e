// An answer's head in bytes.
#pragma once

#include "parley/http/message.hpp"

#include <string>
#include <string_view>

namespace parley::http
{

// What of an answer's head is the connection's to say.
enum class Persistence : std::uint8_t
{
    keep,            // HTTP/1.1 keeps by itself.
    keep_and_say_so, // To a client of HTTP/1.0 that asked for it.
    close,
};

// Appends status line and fields, up to the empty line. date is a whole field line. body_bytes is what Content-Length says.
void append_head(std::string& out, Response const& response, std::string_view date, Persistence persistence, bool is_to_head);

// Whether an answer with this status has neither body nor Content-Length (RFC 9110, 8.6).
[[nodiscard]] bool is_bodiless(int status) noexcept;

// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" (RFC 9110, 5.6.7).
[[nodiscard]] std::string date_line(std::int64_t seconds_since_epoch);

} // namespace parley::http
