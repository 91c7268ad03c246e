// A PostgreSQL of our own in a data folder: what runs when nobody gave a DATABASE_URL. Unix socket only, one owner at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace parley::store
{

struct PrivatePostgresSettings
{
    std::filesystem::path data_dir; // Made when missing. Holds postgres/ (the data), run/ (the socket), lock and postgres.log.
    std::filesystem::path binaries =
        {}; // Where initdb and postgres are; empty: the highest version under /usr/lib/postgresql, else PATH.
    std::string shared_buffers = "128MB";   // PostgreSQL's own cache. More helps as long as the data does not fit.
    int connections_max = 32;               // The lanes, the listener, the counts, and a few for people.
    std::chrono::seconds start_timeout{60}; // Recovery after a hard kill is part of the start.
    std::chrono::seconds stop_timeout{20};  // Then the server is told to stop at once, which the next start repairs.
};

// Owns the server process as long as it lives. When this process dies, however hard, the kernel tells the server to stop. A
// server that dies on its own is started again. Throws StoreError with a sentence for the operator.
//
// As root the server runs as the user postgres (else nobody), since PostgreSQL refuses root; the data folder is given to that
// user.
class PrivatePostgres
{
  public:
    // Refuses when another process holds the folder.
    explicit PrivatePostgres(PrivatePostgresSettings settings);

    // Uses the server that another process (parleyd) keeps on this folder, or starts one for as long as this object lives.
    static PrivatePostgres start_or_join(PrivatePostgresSettings settings);

    PrivatePostgres(PrivatePostgres&& other) noexcept;
    ~PrivatePostgres(); // stop()

    // How to connect, in libpq's words.
    [[nodiscard]] std::string const& database_url() const noexcept;

    // Whether the server is another process's.
    [[nodiscard]] bool is_joined() const noexcept;

    // The server's process id; 0 when joined or stopped.
    [[nodiscard]] int pid() const noexcept;

    // Fast shutdown: open transactions are rolled back, what was committed is flushed. Idempotent.
    void stop() noexcept;

  private:
    struct Impl;
    explicit PrivatePostgres(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::store
