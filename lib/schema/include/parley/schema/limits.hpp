// The limits and words that the documents promise and the decoders keep. tests/schema holds each of them against the documents:
// change the document first, then the constant.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace parley::schema
{

// List.
inline constexpr int page_size_default = 100; // Where page_size is missing, zero, negative or not a number.
inline constexpr int page_size_max = 1500;    // A larger page_size means this one.

// Identifiers and names, in code points.
inline constexpr std::size_t session_id_max = 255;             // A longer id is that of no session: 404.
inline constexpr std::size_t participant_identifier_max = 320; // 400 beyond.
inline constexpr std::size_t tag_name_max = 100;               // 400 beyond when tags are added; no effect when they are removed.

// Messages that one request adds to a session.
inline constexpr std::size_t messages_appended_max = 20; // 400 beyond.

// JSON bodies.
inline constexpr std::size_t json_depth_max = 1000;          // Levels of the whole body; 400 beyond.
inline constexpr std::size_t json_integer_digits_max = 4300; // Digits of one integer; 400 beyond.

// The words of a session's status and of a message's role, in the documents' order.
inline constexpr std::array<std::string_view, 6> status_words{"setup",          "pending",  "active",
                                                              "pending-review", "complete", "unknown"};
inline constexpr std::array<std::string_view, 3> role_words{"user", "assistant", "system"};

// What an access token needs: the first for GET, HEAD and OPTIONS, the second for every other method.
inline constexpr std::string_view scope_sessions_read = "sessions:read";
inline constexpr std::string_view scope_sessions_write = "sessions:write";

} // namespace parley::schema
