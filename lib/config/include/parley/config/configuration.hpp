// From flags, environment and file to settings. Sources in order: flag, environment, file, default; each value remembers its own.
#pragma once

#include "parley/config/settings.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace parley::config
{

// A sentence for the operator that names the setting and what is wrong with it; never a secret's value. Exit code 2.
class SettingError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

enum class Source : std::uint8_t
{
    default_value,
    file,
    environment,
    flag,
};
[[nodiscard]] std::string_view name_of(Source source) noexcept; // "default", "file", "environment", "flag"

// A setting as it is in force.
struct Effective
{
    std::string name;  // Its flag without the dashes: "rate-limit-api".
    std::string value; // Secrets masked.
    Source source = Source::default_value;
    std::string origin;   // "--listen", "PARLEY_LISTEN", the file's path; empty for a default.
    bool is_json = false; // value is a JSON number or boolean, else text.
};

// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(std::string const& name)>;
[[nodiscard]] Environment process_environment();

struct LoadOptions
{
    Environment environment = process_environment();
    // Where the folder of the private database is by default depends on who we are.
    bool is_root = false;
    // Take only these settings from the arguments and leave every other argument in `rest`, in order: for a program with flags of
    // its own. Empty: all settings, and an unknown flag is an error.
    std::vector<std::string_view> only = {};
};

struct Configuration
{
    Settings settings;
    std::vector<Effective> effective; // In the table's order.
    std::vector<std::string> rest;    // Arguments that are no flags (and, with `only`, flags of others).
};

// Flags are "--name value" or "--name=value"; "--" ends them. "--config FILE" (PARLEY_CONFIG) names a JSON object whose keys are
// the names with underscores or dashes. A secret may also come from the file that PARLEY_<NAME>_FILE names. Throws SettingError.
[[nodiscard]] Configuration load(std::vector<std::string> const& arguments, LoadOptions const& options);

// The settings in force, one a line with their origin, or as a JSON object.
[[nodiscard]] std::string to_text(Configuration const& configuration);
[[nodiscard]] std::string to_json(Configuration const& configuration);

// The table as help for the operator, and as JSON Schema of the file (proto-free-schemas/config.schema.json).
[[nodiscard]] std::string help();
[[nodiscard]] std::string schema();

// The table as a page of the documents (docs/settings.md) and as a manual page (deploy/man/parleyd.8).
[[nodiscard]] std::string reference();
[[nodiscard]] std::string manual();

// Passwords inside a database URL or a libpq connection string are replaced by "***".
[[nodiscard]] std::string mask_passwords(std::string_view url);

} // namespace parley::config
