// The prepared statements of one connection, defined when they are first used.
#pragma once

#include "connection_pqxx.hpp"

#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace parley::store
{

// How a list statement is completed: what stands in its text for :before, :way, :limit and :team.
struct ListForm
{
    bool descending = true; // The direction of reading, which for a page backward is against the order of the list.
    int rows = 101;         // The page and one more.
    int team_parameter = 0; // The number of the parameter that is the team of all pages; 0: each page has its own.
};

class Statements
{
  public:
    explicit Statements(Connection& connection) : connection_(connection) {}

    // Runs lib/store/sql/<name>.sql.
    Rows run(std::string_view name, Parameters const& parameters);

    // The same, with the answer in binary.
    BinaryRows run_binary(std::string_view name, Parameters const& parameters);

    // Runs a list statement in this form, with the answer in binary. Every page size is a statement of its own; the least
    // recently used are dropped beyond a bound.
    BinaryRows run_list(std::string_view name, ListForm const& form, Parameters const& parameters);

    // Whether the database is spread by team (see distribute()): then some statements have to be for one team. Asked once.
    bool is_spread();

    [[nodiscard]] Connection& connection() noexcept { return connection_; }

    static constexpr std::size_t list_statements_max = 32;

  private:
    Connection& connection_;
    std::list<std::string> lists_; // The most recently used first.
    std::optional<bool> is_spread_;
};

// The text of a list statement in this form.
[[nodiscard]] std::string complete_list(std::string_view text, ListForm const& form);

} // namespace parley::store
