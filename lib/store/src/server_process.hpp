// Processes of the private PostgreSQL: started as an unprivileged user, tied to our life, stopped in good order.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace parley::store
{

struct ServerUser
{
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
};

// Runs a program to its end, its output added to the log; returns its exit status, or 128 and the signal that ended it.
[[nodiscard]] int run_and_wait(std::vector<std::string> const& command, std::optional<ServerUser> const& user,
                               std::filesystem::path const& log);

// Whether the user may enter the folder, through every folder above it.
[[nodiscard]] bool is_reachable_for(ServerUser const& user, std::filesystem::path const& folder);

// Whether this process is a PostgreSQL server on that cluster (it works inside its data folder).
[[nodiscard]] bool is_server_of(pid_t pid, std::filesystem::path const& cluster);

// Stops a server that is not our child: fast, then at once. False when it is still there.
[[nodiscard]] bool stop_foreign_server(pid_t pid, std::filesystem::path const& cluster, std::chrono::seconds timeout);

// A server and the thread that is its parent. The kernel ties "tell the child when the parent dies" to the thread that made the
// child, so that thread must live as long as the server: it waits for it, and starts it again when it dies unasked.
class ServerProcess
{
  public:
    ServerProcess(std::vector<std::string> command, std::optional<ServerUser> user, std::filesystem::path log);
    ~ServerProcess(); // Stops with a timeout of a few seconds unless stopped before.
    ServerProcess(ServerProcess const&) = delete;
    ServerProcess& operator=(ServerProcess const&) = delete;

    [[nodiscard]] bool is_running() const noexcept { return pid_.load() > 0; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_.load(); }

    // From now on a server that dies by itself is started again, ever more slowly. Before, its death is final (a start that
    // failed).
    void restart_when_it_dies() noexcept { restarts_ = true; }

    void stop(std::chrono::seconds timeout) noexcept;

  private:
    void keep();
    [[nodiscard]] bool wait_for_exit(std::chrono::steady_clock::time_point until);

    std::vector<std::string> const command_;
    std::optional<ServerUser> const user_;
    std::filesystem::path const log_;
    std::atomic<pid_t> pid_{0};
    std::atomic<bool> restarts_{false};
    std::mutex mutex_; // Guards stopping_ and has_ended_.
    std::condition_variable changed_;
    bool stopping_ = false;
    bool has_started_ = false;
    bool has_ended_ = false;
    std::thread keeper_;
};

} // namespace parley::store
