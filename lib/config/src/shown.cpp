// The settings and their table as text, JSON and JSON Schema.
#include "parley/config/configuration.hpp"

#include "table.hpp"

#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include <algorithm>
#include <cctype>

namespace parley::config
{

namespace
{

std::string in_quotes(std::string_view text)
{
    return json::to_string_literal(text);
}

std::size_t longest_name()
{
    std::size_t longest = 0;
    for (auto const& row : table())
        longest = std::max(longest, row.name.size());
    return longest;
}

// "http://user:secret@host" keeps all but the secret.
void mask_user_info(std::string& url)
{
    auto const scheme = url.find("://");
    if (scheme == std::string::npos) return;
    auto const begin = scheme + 3;
    auto const end = std::min(url.find('/', begin), url.size());
    auto const at = url.rfind('@', end);
    if (at == std::string::npos || at < begin) return;
    auto const colon = url.find(':', begin);
    if (colon < at) url.replace(colon + 1, at - colon - 1, "***");
}

// Where the value ends that begins at `begin`: at white space or '&', or behind the closing quote.
std::size_t value_end(std::string const& text, std::size_t begin)
{
    if (begin < text.size() && text[begin] == '\'')
    {
        for (auto i = begin + 1; i < text.size(); ++i)
        {
            if (text[i] == '\\')
                ++i;
            else if (text[i] == '\'')
                return i + 1;
        }
        return text.size();
    }
    return std::min(text.find_first_of(" \t\r\n&", begin), text.size());
}

// "password=secret", also among the parameters of a URL, and sslpassword.
void mask_keywords(std::string& text)
{
    constexpr std::string_view word = "password";
    for (auto at = to_lower_ascii(text).find(word); at != std::string::npos; at = to_lower_ascii(text).find(word, at + 1))
    {
        auto begin = text.find_first_not_of(" \t", at + word.size());
        if (begin == std::string::npos || text[begin] != '=') continue;
        begin = std::min(text.find_first_not_of(" \t", begin + 1), text.size());
        text.replace(begin, value_end(text, begin) - begin, "***");
    }
}

std::string_view schema_type(Kind kind) noexcept
{
    switch (kind)
    {
    case Kind::integer:
        return R"("type": "integer")";
    case Kind::bytes:
        return R"("type": ["integer", "string"])";
    case Kind::boolean:
        return R"("type": "boolean")";
    case Kind::list:
        return R"("type": ["string", "array"], "items": {"type": "string"})";
    case Kind::text:
    case Kind::choice:
        break;
    }
    return R"("type": "string")";
}

std::string schema_of(Row const& row)
{
    std::string text(schema_type(row.kind));
    if (row.kind == Kind::integer || row.kind == Kind::bytes)
        text.append(", \"minimum\": ").append(std::to_string(row.min)).append(", \"maximum\": ").append(std::to_string(row.max));
    if (row.kind == Kind::bytes) text.append(R"(, "pattern": "^[0-9]+ *(KiB|MiB|GiB)?$")");
    if (!row.choices.empty())
    {
        text.append(", \"enum\": [");
        for (auto const choice : row.choices)
            text.append(choice == row.choices.front() ? "" : ", ").append(in_quotes(choice));
        text.push_back(']');
    }
    bool const is_json = row.kind == Kind::integer || row.kind == Kind::bytes || row.kind == Kind::boolean;
    if (row.name != "data-dir") text.append(", \"default\": ").append(is_json ? row.default_text : in_quotes(row.default_text));
    text.append(", \"description\": ").append(in_quotes(row.help));
    text.append(", \"x-flag\": ").append(in_quotes("--" + std::string(row.name)));
    text.append(", \"x-environment\": ").append(in_quotes(to_environment_name(row.name)));
    if (row.is_secret) text.append(", \"x-secret\": true");
    return text;
}

} // namespace

std::string mask_passwords(std::string_view url)
{
    std::string text(url);
    mask_user_info(text);
    mask_keywords(text);
    return text;
}

std::string to_text(Configuration const& configuration)
{
    auto const width = longest_name();
    std::string text;
    for (auto const& setting : configuration.effective)
    {
        text.append(setting.name).append(width - setting.name.size(), ' ').append(" = ");
        text.append(setting.value.empty() ? "(empty)" : setting.value).append("  [").append(name_of(setting.source));
        if (!setting.origin.empty()) text.append(": ").append(setting.origin);
        text.append("]\n");
    }
    return text;
}

std::string to_json(Configuration const& configuration)
{
    std::string text = "{\n";
    for (auto const& setting : configuration.effective)
    {
        if (text.size() > 2) text.append(",\n");
        text.append("  ").append(in_quotes(to_file_key(setting.name))).append(": {\"value\": ");
        text.append(setting.is_json ? setting.value : in_quotes(setting.value));
        text.append(", \"source\": ").append(in_quotes(name_of(setting.source)));
        if (!setting.origin.empty()) text.append(", \"origin\": ").append(in_quotes(setting.origin));
        text.push_back('}');
    }
    return text.append("\n}\n");
}

std::string help()
{
    std::string text;
    for (auto const& row : table())
    {
        text.append("  --").append(row.name).append("  (").append(to_environment_name(row.name));
        if (!row.also_environment.empty()) text.append(", ").append(row.also_environment);
        text.append(", ").append(to_file_key(row.name)).append(")\n      ").append(row.help);
        if (row.name == "data-dir")
            text.append(" Default: /var/lib/parley as root, else $XDG_DATA_HOME/parley or ~/.local/share/parley.");
        else if (!row.default_text.empty())
            text.append(" Default: ").append(row.default_text).append(".");
        text.push_back('\n');
    }
    return text.append(
        "  --config  (PARLEY_CONFIG)\n      A file with settings: a JSON object, see proto-free-schemas/config.schema.json.\n");
}

std::string schema()
{
    std::string text =
        "{\n"
        "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
        "  \"title\": \"Settings of parleyd\",\n"
        "  \"description\": \"The file that --config names. Flags and environment variables win over it. Dashes are taken for "
        "underscores in names. Made by `parleyd config --schema`.\",\n"
        "  \"type\": \"object\",\n"
        "  \"additionalProperties\": false,\n"
        "  \"properties\": {\n"
        "    \"$schema\": {\"type\": \"string\"}";
    for (auto const& row : table())
        text.append(",\n    ").append(in_quotes(to_file_key(row.name))).append(": {").append(schema_of(row)).append("}");
    return text.append("\n  }\n}\n");
}

} // namespace parley::config
