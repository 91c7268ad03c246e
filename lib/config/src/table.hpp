// The one table of settings.
#pragma once

#include "parley/config/settings.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::config
{

// What a value looks like in the file and in the schema.
enum class Kind : std::uint8_t
{
    text,
    integer,
    bytes, // An integer, or with KiB, MiB or GiB behind it.
    boolean,
    choice,
    list, // Separated by commas; in the file also an array.
};

struct Row
{
    std::string_view name; // "rate-limit-api": the flag without dashes.
    Kind kind = Kind::text;
    std::string default_text = {};
    std::string_view help; // One sentence, with the consequence of changing it.
    std::int64_t min = 0;  // Numbers only.
    std::int64_t max = 0;
    std::vector<std::string_view> choices = {}; // Kind::choice only.
    bool is_secret = false;
    std::string_view also_environment = {}; // A second variable that is read, as DATABASE_URL.
    // Puts a value into the settings and returns its canonical spelling. Throws SettingError with what is wrong with the value,
    // without naming setting or value.
    std::function<std::string(std::string_view value, Settings& settings)> apply = {};
};

// In the order in which settings are shown.
[[nodiscard]] std::vector<Row> const& table();

[[nodiscard]] Row const* find_row(std::string_view name) noexcept;

// The name in the table that is nearest to what was written, or empty where none is near.
[[nodiscard]] std::string_view nearest_name(std::string_view written);

[[nodiscard]] std::string to_environment_name(std::string_view name); // "PARLEY_RATE_LIMIT_API"
[[nodiscard]] std::string to_file_key(std::string_view name);         // "rate_limit_api"

} // namespace parley::config
