// Programs started by tests: run to their end (run_command) or beside the test (ChildProcess). Both are bounded in time, and no
// child outlives the test: the kernel ends it when the test dies.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace parley::support
{

struct Command
{
    std::vector<std::string> argv; // argv[0] is the program: a path, or a name to look up in PATH.
    std::vector<std::pair<std::string, std::string>> environment =
        {};                 // Added to the test's own, without its PARLEY_* and DATABASE_URL.
    std::string input = {}; // What the program reads from its standard input; then the input ends.
    std::chrono::milliseconds timeout = std::chrono::seconds(60); // Then it is killed.
};

struct CommandResult
{
    int exit_code = -1; // 128 + signal for a program that was killed.
    bool timed_out = false;
    std::string out;
    std::string err;
};

// Runs a program to its end. Throws std::runtime_error where it cannot be started.
[[nodiscard]] CommandResult run_command(Command const& command);

// A program that runs beside the test. Start it on the test's main thread: the kernel ends it with the thread that started it.
class ChildProcess
{
  public:
    // Throws std::runtime_error where it cannot be started. Command::timeout does not count here.
    explicit ChildProcess(Command const& command);

    // SIGTERM; after the grace period SIGKILL.
    ~ChildProcess();
    ChildProcess(ChildProcess const&) = delete;
    ChildProcess& operator=(ChildProcess const&) = delete;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    void signal(int number) const noexcept;
    void signal_group(int number) const noexcept; // The program and all it started, as far as these stayed in its process group.

    // The exit code (128 + signal where one ended it), or nothing while it still runs after the timeout.
    std::optional<int> wait_exit(std::chrono::milliseconds timeout);

    // What follows the marker on the first line that has it, once that line is whole; nothing after the timeout or when the
    // program ended.
    std::optional<std::string> wait_for(std::string_view marker, std::chrono::milliseconds timeout);

    // Standard output and standard error so far, as they came.
    [[nodiscard]] std::string output() const;

  private:
    void collect(int descriptor);

    pid_t pid_ = -1;
    std::optional<int> exit_code_;
    mutable std::mutex mutex_; // Guards output_ and ended_.
    std::condition_variable changed_;
    std::string output_;
    bool ended_ = false;
    std::atomic<bool> abandoned_ = false; // The program is gone: do not wait for what it started and left behind with the pipe.
    std::thread collector_;
};

} // namespace parley::support
