// What the administrator's verbs share: the connection, the change with its audit row, and the database's errors as sentences.
#pragma once

#include "parley/store/administration.hpp"

#include "connection_pqxx.hpp"
#include "embedded.hpp"
#include "row_values.hpp"

#include "parley/core/json.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::store
{

// The detail of an audit row: a JSON object, written member by member.
class Detail
{
  public:
    Detail& text(std::string_view key, std::string_view value) { return json(key, json::to_string_literal(value)); }
    Detail& flag(std::string_view key, bool value) { return json(key, value ? "true" : "false"); }
    Detail& number(std::string_view key, std::int64_t value) { return json(key, std::to_string(value)); }
    Detail& texts(std::string_view key, std::vector<std::string> const& values);

    // Where only the work finds out what it is done to.
    void set_subject(std::string subject) { subject_ = std::move(subject); }
    [[nodiscard]] std::string const& subject() const noexcept { return subject_; }

    [[nodiscard]] std::string str() const { return text_.empty() ? "{}" : text_ + "}"; }

  private:
    Detail& json(std::string_view key, std::string_view value);
    std::string text_;
    std::string subject_;
};

struct Administration::Impl
{
    Impl(std::string const& url, std::string actor_name, Clock const& the_clock);

    // Runs the statement of lib/store/sql of that name.
    Rows run(std::string_view name, Parameters const& parameters = {})
    {
        return connection.run_once(std::string(sql_text(name)), parameters);
    }

    // Runs work(detail) as one transaction with the audit row and the notification, and returns what it returns.
    template <class Work>
    auto change(std::string_view action, std::string_view subject, Work work)
    {
        return guarded(
            [&]
            {
                Connection::Transaction transaction(connection);
                Detail detail;
                auto result = work(detail);
                record(clock.now(), action, detail.subject().empty() ? subject : detail.subject(), detail);
                transaction.commit();
                return result;
            });
    }

    // Writes the audit row and tells the replicas, in the open transaction.
    void record(Timestamp at, std::string_view action, std::string_view subject, Detail const& detail);

    // Turns what the database says into sentences for the administrator.
    template <class Action>
    auto guarded(Action action) -> decltype(action())
    {
        try
        {
            return action();
        }
        catch (DatabaseError const& error)
        {
            rethrow(error);
        }
    }
    [[noreturn]] void rethrow(DatabaseError const& error) const;

    // Ids by the names that people use. Refused where there is none.
    [[nodiscard]] std::int64_t team_id(std::string const& slug);
    [[nodiscard]] std::int64_t user_id(std::string const& email);
    void require_roles(std::vector<std::string> const& roles);

    std::string database_url;
    std::string actor;
    Clock const& clock;
    Connection connection;
};

// A moment as the database writes it; throws StoreError beyond the calendar.
[[nodiscard]] Timestamp timestamp_at(std::string_view text);

// An array literal of texts, "{"a","b"}", for arrays inside arrays of parameters.
[[nodiscard]] std::string array_literal(std::vector<std::string> const& elements);
[[nodiscard]] std::string array_literal(std::vector<std::int64_t> const& elements);

[[nodiscard]] ArrayParameter text_array(std::vector<std::string> const& elements);

} // namespace parley::store
