#include "connection_string.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace parley::store
{

namespace
{

bool is_url(std::string_view text) noexcept
{
    return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

void add_option(std::string& text, std::string_view key, std::string_view value)
{
    if (text.find(std::string(key) + "=") != std::string::npos) return;
    if (is_url(text))
        text += text.find('?') == std::string::npos ? '?' : '&';
    else if (!text.empty())
        text += ' ';
    text.append(key).append("=").append(value);
}

std::string in_quotes(std::string_view text)
{
    std::string out = "'";
    for (char const c : text)
    {
        if (c == '\'') out += '\'';
        out += c;
    }
    return out += '\'';
}

} // namespace

std::string complete(ConnectionSettings const& settings)
{
    std::string text = settings.database_url;
    add_option(text, "target_session_attrs", "read-write");
    add_option(text, "connect_timeout", std::to_string(settings.connect_timeout.count()));
    // A host that vanished without a word is noticed within about half a minute when idle, ten seconds when something was sent.
    add_option(text, "keepalives_idle", "15");
    add_option(text, "keepalives_interval", "5");
    add_option(text, "keepalives_count", "3");
    add_option(text, "tcp_user_timeout", "10000");
    add_option(text, "client_encoding", "UTF8");
    return text;
}

std::string session_setup(ConnectionSettings const& settings)
{
    std::string sql = "set application_name to " + in_quotes(settings.application_name) +
                      "; set timezone to 'UTC'; set datestyle to 'ISO'; set client_min_messages to error; set jit to off";
    sql += "; set statement_timeout to " + std::to_string(settings.statement_timeout.count());
    if (settings.pins_index_plans)
    {
        sql += "; set plan_cache_mode to force_generic_plan; set enable_seqscan to off; set enable_bitmapscan to off"
               "; set enable_hashjoin to off; set enable_mergejoin to off; set enable_material to off; set enable_memoize to off";
    }
    return sql;
}

std::string mask_password(std::string_view database_url)
{
    std::string text(database_url);
    if (is_url(text))
    {
        auto const begin = text.find("://") + 3;
        auto const at = text.find('@', begin);
        auto const colon = text.find(':', begin);
        if (at != std::string::npos && colon != std::string::npos && colon < at) text.replace(colon + 1, at - colon - 1, "***");
    }
    for (std::size_t from = 0; (from = text.find("password=", from)) != std::string::npos;)
    {
        from += 9;
        bool const is_quoted = from < text.size() && text[from] == '\'';
        auto end = is_quoted ? text.find('\'', from + 1) : text.find_first_of(" &", from);
        if (end != std::string::npos && is_quoted) ++end;
        text.replace(from, std::min(end, text.size()) - from, "***");
    }
    return text;
}

} // namespace parley::store
