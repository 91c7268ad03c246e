// Messages and usage as the API shows them, rendered once when they are stored: by whoever makes a session, adds to one, or loads
// a world.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/domain/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::domain
{

struct AttachmentParts
{
    std::int64_t id = 0;
    std::string_view name;
    std::string_view content_type;
    std::optional<std::int64_t> size; // In bytes; shown as null where it is not known.
};

// What a message consists of. Texts are well-formed UTF-8.
struct MessageParts
{
    Timestamp created_at;
    Role role = Role::user;
    std::string_view content;
    std::string_view metadata = "{}";   // The text of a JSON object, without the keys of hidden_metadata_keys.
    std::vector<std::string> tag_names; // In the order in which they were attached.
    std::vector<AttachmentParts> attachments;
    std::optional<std::string_view> summary; // Stands before the message, as a system message of its own.
};

// Keys of a message's metadata that are never shown.
inline constexpr std::string_view hidden_metadata_keys[] = {"openai_run_id", "openai_file_ids", "openai_thread_checkpoint"};

// One element of the array "messages", or two with a comma between where there is a summary. A link to a file begins with
// link_base_mark; nothing else in the text is that byte.
[[nodiscard]] std::string render_message(MessageParts const& parts);

// What a model was used for, added up or in parts.
struct UsageParts
{
    std::string_view model_name;
    std::string_view cost;     // "0.01230000": a decimal that is not negative, with at most eight digits behind the point.
    std::string_view quantity; // "1000.0000": tokens, with at most eight digits behind the point.
};

// {"total_cost": ..., "by_model": [...]}: costs with eight decimals, added exactly; models by descending cost, those of equal
// cost in the order in which they first come; tokens the whole part of the model's sum. Nothing where a number is not of the form
// above or too large.
[[nodiscard]] std::optional<std::string> render_usage(std::vector<UsageParts> const& parts);

} // namespace parley::domain
