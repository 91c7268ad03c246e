// One blocking connection to PostgreSQL by libpqxx. Everything that differs between libpqxx 6.4 (Debian 12) and 7.10 (Debian 13)
// is here: binary parameters, prepared execution, access to results, exceptions, notifications.
#pragma once

#include "connection_string.hpp"
#include "database_error.hpp"
#include "parameters.hpp"
#include "socket_guard.hpp"

#include <pqxx/pqxx>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace parley::store
{

// The rows of an answer, in text format. Views live as long as the Rows.
class Rows
{
  public:
    Rows() = default;
    explicit Rows(pqxx::result result) : result_(std::move(result)) {}

    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(result_.size()); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::size_t affected() const { return static_cast<std::size_t>(result_.affected_rows()); }

    // Reads the columns of one row. A field of libpqxx shares ownership of the whole result, which costs two atomic operations
    // each; the iterator walks along the row and pays for that once.
    class Row
    {
      public:
        Row(pqxx::result const& result, std::size_t index) : at_(result[static_cast<pqxx::result::size_type>(index)].begin()) {}

        [[nodiscard]] std::string_view operator[](int column)
        {
            move_to(column);
            return {at_->c_str(), static_cast<std::size_t>(at_->size())};
        }
        [[nodiscard]] bool is_null(int column)
        {
            move_to(column);
            return at_->is_null();
        }
        [[nodiscard]] std::optional<std::string_view> optional(int column)
        {
            if (is_null(column)) return std::nullopt;
            return (*this)[column];
        }
        [[nodiscard]] std::string text(int column) { return std::string((*this)[column]); }
        [[nodiscard]] std::int64_t number(int column)
        {
            std::int64_t value = 0;
            auto const text = (*this)[column];
            bool const negative = text.starts_with('-');
            for (char const digit : text.substr(negative ? 1 : 0))
                value = value * 10 + (digit - '0');
            return negative ? -value : value;
        }
        [[nodiscard]] bool flag(int column) { return (*this)[column] == "t"; }

      private:
        void move_to(int column)
        {
            at_ += column - column_;
            column_ = column;
        }
        pqxx::const_row_iterator at_;
        int column_ = 0;
    };
    [[nodiscard]] Row operator[](std::size_t index) const { return Row(result_, index); }

  private:
    pqxx::result result_;
};

// Not thread-safe, but for socket(), which another thread may shut down to free one that waits.
class Connection
{
  public:
    // Connects, which takes the settings' connect_timeout for each host at most; the session is set up as all of ours are (time
    // zone, planner), under the guard, since a server may stop answering just then. Throws DatabaseError.
    explicit Connection(ConnectionSettings const& settings, SocketGuard* guard = nullptr)
    {
        guarded(
            [&]
            {
                connection_ = std::make_unique<pqxx::connection>(complete(settings));
                forbid_silent_reconnect();
                std::optional<SocketGuard::Waiting> waiting;
                if (guard != nullptr) waiting.emplace(*guard, socket());
                pqxx::nontransaction(*connection_).exec(session_setup(settings));
            });
    }
    ~Connection() { leave_without_a_word(); }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return connection_ && connection_->is_open(); }
    [[nodiscard]] int backend_pid() const { return connection_->backendpid(); }
    [[nodiscard]] int socket() const { return connection_->sock(); }

    // One or several statements without parameters, outside any transaction of ours.
    Rows execute(std::string const& sql)
    {
        return guarded([&] { return Rows(begin_if_needed().exec(sql)); });
    }

    // Defines a statement of this name, which the server parses once; nothing when it is defined already.
    void prepare(std::string const& name, std::string_view sql)
    {
        if (is_prepared(name)) return;
        guarded([&] { connection_->prepare(name, std::string(sql)); });
        prepared_.insert(name);
    }
    void forget(std::string const& name)
    {
        if (prepared_.erase(name) != 0) guarded([&] { connection_->unprepare(name); });
    }
    [[nodiscard]] bool is_prepared(std::string const& name) const { return prepared_.contains(name); }

    // Runs a prepared statement: in the open transaction, else as a transaction of its own.
    Rows run(std::string const& name, Parameters const& parameters)
    {
        return guarded([&] { return Rows(run_prepared(begin_if_needed(), name, parameters)); });
    }

    // Runs a statement that is used once.
    Rows run_once(std::string const& sql, Parameters const& parameters)
    {
        return guarded([&] { return Rows(run_unprepared(begin_if_needed(), sql, parameters)); });
    }

    // A transaction of several statements. Left without commit() it is rolled back.
    class Transaction
    {
      public:
        explicit Transaction(Connection& connection) : connection_(connection)
        {
            connection_.guarded(
                [&]
                {
                    connection_.idle_.reset();
                    connection_.work_ = std::make_unique<pqxx::work>(*connection_.connection_);
                });
        }
        Transaction(Transaction const&) = delete;
        Transaction& operator=(Transaction const&) = delete;
        ~Transaction()
        {
            try
            {
                connection_.work_.reset();
            }
            catch (...)
            {
                // The connection is gone, and with it the transaction.
            }
        }
        void commit()
        {
            connection_.guarded([&] { connection_.work_->commit(); });
            connection_.work_.reset();
        }

      private:
        Connection& connection_;
    };

    // Calls on every notification of the channel, during poll_notifications.
    void listen(std::string const& channel, std::function<void(std::string_view)> call)
    {
        guarded(
            [&]
            {
                idle_.reset();
#if PQXX_VERSION_MAJOR >= 7
                connection_->listen(channel, [call = std::move(call)](pqxx::notification const& note) { call(note.payload); });
#else
                receivers_.push_back(std::make_unique<Receiver>(*connection_, channel, std::move(call)));
#endif
            });
    }

    // Takes in what has come over the socket. Throws DatabaseError when the connection is lost.
    void poll_notifications()
    {
        guarded(
            [&]
            {
                idle_.reset(); // libpqxx delivers none while a transaction object is open.
                connection_->get_notifs();
                if (!connection_->is_open()) throw DatabaseError("the connection was lost", {}, true);
            });
    }

  private:
    friend class Transaction;

    pqxx::transaction_base& begin_if_needed()
    {
        if (work_) return *work_;
        if (!idle_) idle_ = std::make_unique<pqxx::nontransaction>(*connection_);
        return *idle_;
    }

    // Turns every exception of libpqxx into a DatabaseError.
    template <class Action>
    auto guarded(Action&& action) -> decltype(action())
    {
        try
        {
            return action();
        }
        catch (DatabaseError const&)
        {
            idle_.reset();
            throw;
        }
        catch (pqxx::sql_error const& error)
        {
            fail(error.what(), error.sqlstate(), !is_open());
        }
        catch (pqxx::too_many_connections const& error) // Derived from broken_connection, yet only one more was refused.
        {
            fail(error.what(), "53300", false);
        }
        catch (pqxx::broken_connection const& error)
        {
            fail(error.what(), {}, true);
        }
        catch (std::exception const& error)
        {
            fail(error.what(), {}, !is_open());
        }
    }

    // What of the connection has failed is closed: a nontransaction of libpqxx stays usable after an error, a lost connection
    // does not.
    [[noreturn]] void fail(std::string const& message, std::string const& sqlstate, bool is_lost)
    {
        try
        {
            idle_.reset();
        }
        catch (...)
        {
            // Its connection is gone.
        }
        throw DatabaseError(message, sqlstate, is_lost);
    }

#if PQXX_VERSION_MAJOR >= 7
    void forbid_silent_reconnect() {} // 7 never does.
    void leave_without_a_word() {}    // Nor does it ask anything at the end.

    static pqxx::params bind(Parameters const& parameters)
    {
        pqxx::params bound;
        bound.reserve(parameters.all().size());
        for (auto const& parameter : parameters.all())
        {
            if (parameter.is_null)
                bound.append();
            else
                bound.append(
                    pqxx::bytes_view(reinterpret_cast<std::byte const*>(parameter.bytes.data()), parameter.bytes.size()));
        }
        return bound;
    }
    static pqxx::result run_prepared(pqxx::transaction_base& transaction, std::string const& name, Parameters const& parameters)
    {
        return transaction.exec(pqxx::prepped{name}, bind(parameters));
    }
    static pqxx::result run_unprepared(pqxx::transaction_base& transaction, std::string const& sql, Parameters const& parameters)
    {
        return transaction.exec(sql, bind(parameters));
    }
#else
    // 6 would open a new session behind our back: without our settings, and with the answer of a lost statement unknown.
    void forbid_silent_reconnect()
    {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
        connection_->inhibit_reactivation(true);
#pragma GCC diagnostic pop
    }

    // 6 would have every receiver say UNLISTEN and wait for the answer, of a host that may be gone.
    void leave_without_a_word()
    {
        idle_.reset();
        if (connection_) connection_->disconnect();
    }

    // 6 sends every binarystring in binary format.
    static std::vector<pqxx::binarystring> bind(Parameters const& parameters)
    {
        std::vector<pqxx::binarystring> bound;
        bound.reserve(parameters.all().size());
        for (auto const& parameter : parameters.all())
        {
            if (parameter.is_null)
                throw std::logic_error("a parameter is null: send an array with a null, or spell null in the statement");
            bound.emplace_back(parameter.bytes.data(), parameter.bytes.size());
        }
        return bound;
    }
    static pqxx::result run_prepared(pqxx::transaction_base& transaction, std::string const& name, Parameters const& parameters)
    {
        return transaction.exec_prepared(name, pqxx::prepare::make_dynamic_params(bind(parameters)));
    }
    static pqxx::result run_unprepared(pqxx::transaction_base& transaction, std::string const& sql, Parameters const& parameters)
    {
        return transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(bind(parameters)));
    }

    class Receiver final : public pqxx::notification_receiver
    {
      public:
        Receiver(pqxx::connection_base& connection, std::string const& channel, std::function<void(std::string_view)> call)
            : pqxx::notification_receiver(connection, channel), call_(std::move(call))
        {
        }
        void operator()(std::string const& payload, int) override { call_(payload); }

      private:
        std::function<void(std::string_view)> call_;
    };
#endif

    std::unique_ptr<pqxx::connection> connection_;
#if PQXX_VERSION_MAJOR < 7
    std::vector<std::unique_ptr<Receiver>> receivers_;
#endif
    std::unique_ptr<pqxx::transaction_base> idle_; // Kept open between statements: making one costs a registration each time.
    std::unique_ptr<pqxx::work> work_;
    std::unordered_set<std::string> prepared_;
};

} // namespace parley::store
