// The database's errors in our words: the one place that knows SQLSTATEs (PostgreSQL, appendix A).
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace parley::store
{

// Thrown by Connection. The message is PostgreSQL's: for the log's eyes at most, never for a client's.
class DatabaseError : public std::runtime_error
{
  public:
    DatabaseError(std::string const& message, std::string sqlstate, bool is_connection_lost)
        : std::runtime_error(message), sqlstate_(std::move(sqlstate)), is_connection_lost_(is_connection_lost)
    {
    }
    [[nodiscard]] std::string const& sqlstate() const noexcept { return sqlstate_; }
    [[nodiscard]] bool is_connection_lost() const noexcept { return is_connection_lost_; } // The socket is no good any more.

  private:
    std::string sqlstate_;
    bool is_connection_lost_;
};

// What an error says about the connection, the statement and the jobs in it.
enum class Failure : std::uint8_t
{
    connection_lost, // Nothing more will come over this connection; what was sent may or may not have been done.
    read_only,       // A standby by now, or a primary that takes no writes: to be left. Nothing was done.
    conflict,        // Deadlock or serialisation: nothing is wrong with any job, and nothing was done. Run it again.
    cancelled,       // statement_timeout, or a cancel request of ours. Nothing was done.
    input,           // Something in a job's own values was refused. Nothing was done.
    resources,       // Disk full, out of memory: the server cannot, for anybody. Nothing was done.
    unexpected,      // Our SQL and the database do not fit together. Nothing was done.
};

[[nodiscard]] Failure classify(std::string_view sqlstate, bool is_connection_lost) noexcept;
[[nodiscard]] inline Failure classify(DatabaseError const& error) noexcept
{
    return classify(error.sqlstate(), error.is_connection_lost());
}

// A short sentence for logs, by SQLSTATE only: PostgreSQL's own text may hold values of a request, and libpq's the connection
// string.
[[nodiscard]] std::string describe(DatabaseError const& error);

// Why no connection can be made. libpq's own words, but only in the form that names host, user and database and no more.
[[nodiscard]] std::string describe_connect(DatabaseError const& error);

} // namespace parley::store
