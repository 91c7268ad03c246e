// The real service as a child process, on a port of its own.
#pragma once

#include "parley/support/child_process.hpp"
#include "parley/support/raw_http_client.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::support
{

// Where the build left the programs.
[[nodiscard]] std::string parleyd_path();
[[nodiscard]] std::string parley_path();

// Runs the administrator's command.
[[nodiscard]] CommandResult run_parley(std::vector<std::string> arguments, std::string input = {});

// A port of 127.0.0.1 on which nobody listened a moment ago.
[[nodiscard]] std::uint16_t free_port();

struct ParleydSettings
{
    std::string database_url = {}; // Either this ...
    std::string data_dir = {};     // ... or this: then it keeps a private PostgreSQL there.
    std::vector<std::string> flags = {};
    std::vector<std::pair<std::string, std::string>> environment = {};
    std::chrono::seconds start_within = std::chrono::seconds(60);
};

class ParleydProcess
{
  public:
    // Starts it with --listen and --admin-listen on free ports and waits for its line. Throws std::runtime_error with its output
    // where none comes.
    explicit ParleydProcess(ParleydSettings const& settings);

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::uint16_t admin_port() const noexcept { return admin_port_; }
    [[nodiscard]] std::chrono::milliseconds started_in() const noexcept
    {
        return started_in_;
    } // From the start of the program to its line.

    [[nodiscard]] RawHttpClient connect(std::chrono::milliseconds timeout = std::chrono::seconds(15)) const;
    // One request on a connection of its own.
    [[nodiscard]] HttpAnswer exchange(HttpRequest const& request) const;
    [[nodiscard]] HttpAnswer exchange_with_admin(std::string const& target) const;

    // Asks until the answer has that status; false after the timeout. A refused connection is an answer too, with status 0.
    [[nodiscard]] bool answers_within(HttpRequest const& request, int status, std::chrono::milliseconds timeout) const;

    ChildProcess& process() noexcept { return *process_; }
    // SIGTERM; the exit code, or -1 where it has not left in time.
    int stop(std::chrono::milliseconds timeout = std::chrono::seconds(30));

  private:
    std::uint16_t port_ = 0;
    std::uint16_t admin_port_ = 0;
    std::chrono::milliseconds started_in_{};
    std::unique_ptr<ChildProcess> process_;
};

} // namespace parley::support
