// A PostgreSQL of the tests' own: in a temporary folder, on a Unix socket only, gone with the test. Independent of the service's
// private PostgreSQL (parley::store), since tests stop, kill and restart it under the service's feet.
#pragma once

#include "parley/support/child_process.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::support
{

// A folder under the system's temporary one that is removed at the end.
class TemporaryFolder
{
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

struct PostgresServerSettings
{
    std::vector<std::string> parameters = {};         // Further name=value settings of the server.
    std::optional<std::uint16_t> port = std::nullopt; // Listens on 127.0.0.1 too, for tests that put a gate before it.
};

class PostgresServer
{
  public:
    // Makes a cluster and starts it. As root it runs as the user postgres or nobody, since PostgreSQL refuses root. Throws
    // std::runtime_error where the programs are missing or the server does not come up.
    explicit PostgresServer(PostgresServerSettings settings = {});
    ~PostgresServer();
    PostgresServer(PostgresServer const&) = delete;
    PostgresServer& operator=(PostgresServer const&) = delete;

    // A new, empty database of that name; its URL. Throws std::runtime_error.
    std::string create_database(std::string_view name);
    [[nodiscard]] std::string url(std::string_view database) const;
    [[nodiscard]] std::uint16_t port() const
    {
        return settings_.port.value();
    } // Where it listens on 127.0.0.1, if it was asked to.

    void kill();                  // SIGKILL to the postmaster and every backend: a crash.
    void stop();                  // Fast shutdown, as an administrator does it.
    void start();                 // After kill or stop: the same data, the same URL. Waits until it answers.
    void freeze();                // SIGSTOP to every process: connections stay open and nothing answers.
    void thaw(pid_t but_not = 0); // One of its processes may stay as it is.

  private:
    [[nodiscard]] std::vector<pid_t> processes() const;

    PostgresServerSettings settings_;
    TemporaryFolder folder_;
    std::unique_ptr<ChildProcess> server_;
};

// A new database for a suite: on the server of PARLEY_TEST_DATABASE_URL, or DATABASE_URL, where that is set (its user must be
// allowed to create databases), else on a PostgresServer that all suites of this process share. Returns its URL.
[[nodiscard]] std::string new_database();

// Runs SQL by psql and returns its rows: columns separated by '|', one line a row. Throws std::runtime_error with psql's words.
std::string execute_sql(std::string const& url, std::string_view sql);

// All of a database as pg_dump writes it. Throws std::runtime_error with pg_dump's words.
std::string dump_database(std::string const& url);

} // namespace parley::support
