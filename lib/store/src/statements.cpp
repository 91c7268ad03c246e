#include "statements.hpp"

#include "embedded.hpp"
#include "spread.hpp"

#include <algorithm>

namespace parley::store
{

namespace
{

void replace_all(std::string& text, std::string_view from, std::string_view to)
{
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

} // namespace

Rows Statements::run(std::string_view name, Parameters const& parameters)
{
    std::string const key(name);
    if (!connection_.is_prepared(key)) connection_.prepare(key, sql_text(name));
    return connection_.run(key, parameters);
}

BinaryRows Statements::run_binary(std::string_view name, Parameters const& parameters)
{
    std::string const key(name);
    if (!connection_.is_prepared(key)) connection_.prepare(key, sql_text(name));
    return connection_.run_binary(key, parameters);
}

BinaryRows Statements::run_list(std::string_view name, ListForm const& form, Parameters const& parameters)
{
    auto const key = std::string(name) + (form.descending ? "_down_" : "_up_") + std::to_string(form.rows) +
                     (form.team_parameter == 0 ? "" : "_of_team");
    auto const known = std::ranges::find(lists_, key);
    if (known != lists_.end())
        lists_.splice(lists_.begin(), lists_, known);
    else
    {
        if (lists_.size() >= list_statements_max)
        {
            connection_.forget(lists_.back());
            lists_.pop_back();
        }
        connection_.prepare(key, complete_list(sql_text(name), form));
        lists_.push_front(key);
    }
    return connection_.run_binary(key, parameters);
}

bool Statements::is_spread()
{
    if (!is_spread_) is_spread_ = is_distributed(connection_, "session");
    return *is_spread_;
}

std::string complete_list(std::string_view text, ListForm const& form)
{
    std::string sql(text.substr(text.find("\nselect") + 1)); // Without the comment, which names the placeholders too.
    replace_all(sql, ":before", form.descending ? "<" : ">");
    replace_all(sql, ":way", form.descending ? "desc" : "asc");
    replace_all(sql, ":limit", std::to_string(form.rows));
    replace_all(sql, ":team", form.team_parameter == 0 ? "k.team_id" : "$" + std::to_string(form.team_parameter) + "::bigint");
    return sql;
}

} // namespace parley::store
