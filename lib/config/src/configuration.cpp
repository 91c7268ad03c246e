#include "parley/config/configuration.hpp"

#include "table.hpp"

#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

namespace parley::config
{

namespace
{

constexpr std::size_t file_bytes_max = 1UL << 20;

// A value on its way into the settings, and where it was found.
struct Found
{
    std::string value;
    Source source = Source::default_value;
    std::string origin;
};
using FoundByName = std::map<std::string_view, Found>; // Names are the table's.

std::string in_quotes(std::string_view text)
{
    return json::to_string_literal(text);
}

// Values are shown as JSON, and handed on as C strings.
void require_text(std::string_view value, std::string const& where)
{
    if (find_invalid_utf8(value) || value.find('\0') != std::string_view::npos)
        throw SettingError(where + ": must be text in UTF-8, without U+0000");
}

SettingError unknown(std::string const& what, std::string_view name)
{
    auto const nearest = nearest_name(name);
    return SettingError(what + " is not a setting" + (nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "?"));
}

// ---- Arguments

struct Arguments
{
    FoundByName flags;
    std::optional<std::string> config_file;
    std::vector<std::string> rest;
};

class ArgumentReader
{
  public:
    ArgumentReader(std::vector<std::string> const& arguments, LoadOptions const& options)
        : arguments_(arguments), options_(options)
    {
    }

    Arguments read()
    {
        while (next_ < arguments_.size())
        {
            auto const& argument = arguments_[next_++];
            if (argument == "--")
            {
                result_.rest.insert(result_.rest.end(), arguments_.begin() + static_cast<std::ptrdiff_t>(next_),
                                    arguments_.end());
                break;
            }
            if (argument.starts_with("--"))
                read_flag(argument);
            else
                result_.rest.push_back(argument);
        }
        return std::move(result_);
    }

  private:
    void read_flag(std::string const& argument)
    {
        auto const equals = argument.find('=');
        auto const name = std::string_view(argument).substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
        auto const* row = find_row(name);
        bool const is_config = name == "config";
        if (!is_config && (row == nullptr || !is_wanted(name)))
        {
            if (options_.only.empty()) throw unknown(argument.substr(0, equals), name);
            result_.rest.push_back(argument);
            return;
        }
        auto value = equals == std::string::npos ? take_value(argument) : argument.substr(equals + 1);
        if (is_config)
            result_.config_file = std::move(value);
        else
            result_.flags[row->name] = {std::move(value), Source::flag, "--" + std::string(name)};
    }

    [[nodiscard]] bool is_wanted(std::string_view name) const
    {
        return options_.only.empty() || std::find(options_.only.begin(), options_.only.end(), name) != options_.only.end();
    }

    std::string take_value(std::string const& flag)
    {
        if (next_ == arguments_.size()) throw SettingError(flag + ": needs a value");
        return arguments_[next_++];
    }

    std::vector<std::string> const& arguments_;
    LoadOptions const& options_;
    std::size_t next_ = 0;
    Arguments result_;
};

// ---- Environment

std::string read_file(std::string const& path, std::string const& who)
{
    std::ifstream file(path, std::ios::binary);
    std::string text;
    if (file)
    {
        text.resize(file_bytes_max + 1);
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
    }
    if (!file.eof()) throw SettingError(who + ": cannot read the file " + in_quotes(path) + ", or it is larger than 1 MiB");
    return text;
}

// An empty variable is as good as none: that is how deployments switch one off.
std::optional<std::string> get(Environment const& environment, std::string const& name)
{
    auto value = environment(name);
    if (value && value->empty()) value.reset();
    return value;
}

std::optional<Found> find_in_environment(Row const& row, Environment const& environment)
{
    auto const name = to_environment_name(row.name);
    auto value = get(environment, name);
    if (row.is_secret)
    {
        auto const file_name = name + "_FILE";
        if (auto const path = get(environment, file_name))
        {
            if (value) throw SettingError(name + ": is given twice, by itself and by " + file_name);
            auto text = read_file(*path, file_name);
            while (text.ends_with('\n') || text.ends_with('\r'))
                text.pop_back();
            return Found{std::move(text), Source::environment, file_name};
        }
    }
    if (value) return Found{std::move(*value), Source::environment, name};
    if (row.also_environment.empty()) return std::nullopt;
    std::string other(row.also_environment);
    auto also = get(environment, other);
    if (!also) return std::nullopt;
    return Found{std::move(*also), Source::environment, std::move(other)};
}

// ---- File

std::string text_of(json::Value value, Row const& row, std::string const& where)
{
    switch (value.kind())
    {
    case json::Kind::string:
    case json::Kind::number:
        return std::string(value.text());
    case json::Kind::boolean:
        return value.boolean() ? "true" : "false";
    case json::Kind::array:
        if (row.kind == Kind::list)
        {
            std::string joined;
            for (auto it = value.begin(); it != value.end(); ++it)
            {
                if (!(*it).is_string()) break;
                joined.append(joined.empty() ? "" : ",").append((*it).text());
            }
            if (!joined.empty()) return joined;
        }
        [[fallthrough]];
    case json::Kind::null:
    case json::Kind::object:
        break;
    }
    throw SettingError(where + ": must be a string, a number or a boolean");
}

FoundByName read_config_file(std::string const& path)
{
    auto const text = read_file(path, "--config");
    auto const document = json::Document::parse(text);
    if (!document) throw SettingError(path + ": is not JSON: " + document.error().sentence());
    if (!document->root().is_object()) throw SettingError(path + ": must hold a JSON object");
    FoundByName found;
    auto const root = document->root();
    for (auto member = root.begin(); member != root.end(); ++member)
    {
        if (member.key() == "$schema") continue; // For editors.
        std::string name(member.key());
        std::replace(name.begin(), name.end(), '_', '-');
        auto const* row = find_row(name);
        if (row == nullptr) throw unknown(path + ": " + in_quotes(member.key()), name);
        auto const where = path + ": " + std::string(member.key());
        if (!found.emplace(row->name, Found{text_of(member.value(), *row, where), Source::file, path}).second)
            throw SettingError(where + ": stands twice");
    }
    return found;
}

// ---- Defaults

std::string default_data_dir(LoadOptions const& options)
{
    if (options.is_root) return "/var/lib/parley";
    if (auto const data_home = get(options.environment, "XDG_DATA_HOME"); data_home && data_home->starts_with('/'))
        return *data_home + "/parley";
    if (auto const home = get(options.environment, "HOME")) return *home + "/.local/share/parley";
    return "parley-data"; // No home: beside where we were started.
}

std::string default_of(Row const& row, LoadOptions const& options)
{
    return row.name == "data-dir" ? default_data_dir(options) : row.default_text;
}

// ---- Together

Found choose(Row const& row, Arguments& arguments, FoundByName& file, LoadOptions const& options)
{
    if (auto const flag = arguments.flags.find(row.name); flag != arguments.flags.end()) return std::move(flag->second);
    if (auto found = find_in_environment(row, options.environment)) return std::move(*found);
    if (auto const entry = file.find(row.name); entry != file.end()) return std::move(entry->second);
    return {default_of(row, options), Source::default_value, ""};
}

Effective apply(Row const& row, Found found, Settings& settings)
{
    auto const where = found.source == Source::file ? found.origin + ": " + to_file_key(row.name) : found.origin;
    require_text(found.value, where);
    try
    {
        auto const canonical = row.apply(found.value, settings);
        bool const is_json = row.kind == Kind::integer || row.kind == Kind::bytes || row.kind == Kind::boolean;
        return {.name = std::string(row.name),
                .value = row.is_secret ? mask_passwords(canonical) : canonical,
                .source = found.source,
                .origin = std::move(found.origin),
                .is_json = is_json};
    }
    catch (SettingError const& error)
    {
        throw SettingError(where + ": " + error.what() +
                           (row.is_secret ? "" : ", not " + in_quotes(mask_passwords(found.value))));
    }
}

} // namespace

std::string_view name_of(Source source) noexcept
{
    switch (source)
    {
    case Source::default_value:
        return "default";
    case Source::file:
        return "file";
    case Source::environment:
        return "environment";
    case Source::flag:
        return "flag";
    }
    return "unknown";
}

Environment process_environment()
{
    return [](std::string const& name) -> std::optional<std::string>
    {
        auto const* value = std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe): nobody sets variables.
        if (value == nullptr) return std::nullopt;
        return value;
    };
}

Configuration load(std::vector<std::string> const& arguments, LoadOptions const& options)
{
    auto given = ArgumentReader(arguments, options).read();
    auto const config_file = given.config_file ? given.config_file : get(options.environment, "PARLEY_CONFIG");
    if (config_file) require_text(*config_file, "--config");
    auto file = config_file ? read_config_file(*config_file) : FoundByName{};

    Configuration configuration;
    for (auto const& row : table())
        configuration.effective.push_back(apply(row, choose(row, given, file, options), configuration.settings));
    configuration.rest = std::move(given.rest);
    return configuration;
}

} // namespace parley::config
