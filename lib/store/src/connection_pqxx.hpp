// One blocking connection to PostgreSQL by libpqxx. Everything that differs between libpqxx 6.4 (Debian 12) and 7.10 (Debian 13)
// is here: binary parameters, prepared execution, access to results, exceptions, notifications. So is what we do with its libpq
// connection directly: run a statement with its answer in binary, which no libpqxx offers.
#pragma once

#include "connection_string.hpp"
#include "database_error.hpp"
#include "parameters.hpp"
#include "parley/core/clock.hpp"
#include "socket_guard.hpp"

#include <endian.h>
#include <libpq-fe.h>
#include <pqxx/pqxx>

#include <array>
#include <cstdint>
#include <cstring>
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

// The rows of an answer in binary format: no number, time or UUID was turned into text on the way. Views live as long as owner()
// does; any thread may drop it.
class BinaryRows
{
  public:
    explicit BinaryRows(PGresult* result) : result_(result, PQclear) {}

    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(PQntuples(result_.get())); }
    [[nodiscard]] std::shared_ptr<void const> owner() const noexcept { return result_; }

    [[nodiscard]] bool is_null(std::size_t row, int column) const noexcept
    {
        return PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
    }
    [[nodiscard]] std::string_view text(std::size_t row, int column) const noexcept
    {
        auto const at = static_cast<int>(row);
        return {PQgetvalue(result_.get(), at, column), static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
    }
    [[nodiscard]] std::optional<std::string_view> optional(std::size_t row, int column) const noexcept
    {
        if (is_null(row, column)) return std::nullopt;
        return text(row, column);
    }
    // A smallint, integer or bigint. Null is 0.
    [[nodiscard]] std::int64_t number(std::size_t row, int column) const noexcept
    {
        auto const bytes = text(row, column);
        if (bytes.size() == sizeof(std::uint64_t)) // Most are times.
        {
            std::uint64_t value = 0;
            std::memcpy(&value, bytes.data(), sizeof value);
            return static_cast<std::int64_t>(be64toh(value));
        }
        if (bytes.empty()) return 0;
        auto value = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<signed char>(bytes.front())));
        for (char const byte : bytes.substr(1))
            value = value << 8 | static_cast<unsigned char>(byte);
        return static_cast<std::int64_t>(value);
    }
    [[nodiscard]] bool flag(std::size_t row, int column) const noexcept { return number(row, column) != 0; }
    [[nodiscard]] Timestamp time(std::size_t row, int column) const noexcept { return from_postgres_time(number(row, column)); }

  private:
    std::shared_ptr<PGresult const> result_;
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
                connect(complete(settings));
                forbid_silent_reconnect();
                std::optional<SocketGuard::Waiting> waiting;
                if (guard != nullptr) waiting.emplace(*guard, socket());
                pqxx::nontransaction(*connection_).exec(session_setup(settings));
                was_read_only_ = says_read_only();
            });
    }
    ~Connection() { leave_without_a_word(); }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return connection_ && connection_->is_open(); }
    [[nodiscard]] int backend_pid() const { return connection_->backendpid(); }
    [[nodiscard]] int socket() const { return connection_->sock(); }

    // Whether the server, which took writes when we connected, has said since that it takes none: it is no primary any more, or
    // about to be none. It says so with the answer to the first statement afterwards.
    [[nodiscard]] bool has_become_read_only() const { return !was_read_only_ && says_read_only(); }
    // Whether what is run from now on only reads. Then an answer of a server that has become read-only is thrown away (25006): it
    // may be out of date. A write that was carried out stays carried out.
    void only_reads(bool whether) noexcept { only_reads_ = whether; }

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
        if (prepared_.erase(name) == 0) return;
#if PQXX_VERSION_MAJOR < 7
        defined_.erase(name);
#endif
        guarded([&] { connection_->unprepare(name); });
    }
    [[nodiscard]] bool is_prepared(std::string const& name) const
    {
        return prepared_.contains(name);
    }

    // Runs a prepared statement: in the open transaction, else as a transaction of its own.
    Rows run(std::string const& name, Parameters const& parameters)
    {
        return guarded(
            [&]
            {
                Rows rows(run_prepared(begin_if_needed(), name, parameters));
                refuse_if_out_of_date();
                return rows;
            });
    }

    // The same, with the answer in binary.
    BinaryRows run_binary(std::string const& name, Parameters const& parameters)
    {
        return guarded(
            [&]
            {
                begin_if_needed();
                define_now(name);
                auto const& all = parameters.all();
                constexpr std::size_t parameters_max = 16;
                if (all.size() > parameters_max) throw std::logic_error("more parameters than were thought of");
                std::array<char const*, parameters_max> values{};
                std::array<int, parameters_max> lengths{};
                std::array<int, parameters_max> formats{};
                for (std::size_t i = 0; i < all.size(); ++i)
                {
                    values[i] = all[i].is_null ? nullptr : all[i].bytes.data();
                    lengths[i] = static_cast<int>(all[i].bytes.size());
                    formats[i] = 1;
                }
                BinaryRows rows(PQexecPrepared(raw_, name.c_str(), static_cast<int>(all.size()), values.data(), lengths.data(),
                                               formats.data(), 1));
                throw_if_failed(static_cast<PGresult const*>(rows.owner().get()));
                refuse_if_out_of_date();
                return rows;
            });
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

    void refuse_if_out_of_date() const
    {
        if (only_reads_ && has_become_read_only()) throw DatabaseError("the server has become read-only", "25006", false);
    }

    [[nodiscard]] bool says_read_only() const
    {
        auto const is_on = [&](char const* parameter)
        {
            auto const* value = PQparameterStatus(raw_, parameter);
            return value != nullptr && std::string_view(value) == "on";
        };
        return is_on("default_transaction_read_only") || is_on("in_hot_standby");
    }

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

    void throw_if_failed(PGresult const* result) const
    {
        auto const status = PQresultStatus(result); // Of nullptr too.
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return;
        auto const* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        std::string const message = result != nullptr ? PQresultErrorMessage(result) : PQerrorMessage(raw_);
        throw DatabaseError(message, state != nullptr ? state : "", PQstatus(raw_) != CONNECTION_OK);
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
    void connect(std::string const& options)
    {
        raw_ = PQconnectdb(options.c_str());
        if (raw_ == nullptr) throw std::bad_alloc();
        if (PQstatus(raw_) != CONNECTION_OK)
        {
            std::string const message = PQerrorMessage(raw_);
            PQfinish(raw_);
            throw pqxx::broken_connection(message);
        }
        connection_ = std::make_unique<pqxx::connection>(pqxx::connection::seize_raw_connection(raw_));
    }
    void forbid_silent_reconnect() {}      // 7 never does.
    void leave_without_a_word() {}         // Nor does it ask anything at the end.
    void define_now(std::string const&) {} // It has.

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
    // A pqxx::connection that shows its handle.
    class Policy final : public pqxx::connect_direct
    {
      public:
        using pqxx::connect_direct::connect_direct;
        handle do_startconnect(handle before) override { return raw = pqxx::connect_direct::do_startconnect(before); }
        handle raw = nullptr;
    };
    class OpenConnection final : public pqxx::connection_base
    {
      public:
        explicit OpenConnection(std::string const& options) : pqxx::connection_base(policy_), policy_(options) { init(); }
        ~OpenConnection() noexcept { close(); }
        [[nodiscard]] PGconn* raw() const noexcept { return policy_.raw; }

      private:
        Policy policy_;
    };
    void connect(std::string const& options)
    {
        auto open = std::make_unique<OpenConnection>(options);
        raw_ = open->raw();
        connection_ = std::move(open);
    }

    // 6 puts the definition of a statement off until it runs it.
    void define_now(std::string const& name)
    {
        if (!defined_.insert(name).second) return;
        connection_->prepare_now(name);
    }

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

    PGconn* raw_ = nullptr; // connection_'s own.
    bool was_read_only_ = false;
    bool only_reads_ = false;
#if PQXX_VERSION_MAJOR >= 7
    std::unique_ptr<pqxx::connection> connection_;
#else
    std::unique_ptr<OpenConnection> connection_;
    std::unordered_set<std::string> defined_;
    std::vector<std::unique_ptr<Receiver>> receivers_;
#endif
    std::unique_ptr<pqxx::transaction_base> idle_; // Kept open between statements: making one costs a registration each time.
    std::unique_ptr<pqxx::work> work_;
    std::unordered_set<std::string> prepared_;
};

} // namespace parley::store
