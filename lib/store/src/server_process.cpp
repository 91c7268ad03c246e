#include "server_process.hpp"

#include "parley/store/error.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace parley::store
{

namespace
{

namespace fs = std::filesystem;

// What the child needs between fork and exec, prepared before: there it may only make system calls.
struct Launch
{
    std::vector<char*> words;
    std::optional<ServerUser> user;
    int log = -1;
    pid_t parent = 0;
};

void become(ServerUser const& user) noexcept
{
    if (::setgroups(0, nullptr) != 0 || ::setgid(user.gid) != 0 || ::setuid(user.uid) != 0) ::_exit(126);
}

[[noreturn]] void run_child(Launch const& launch) noexcept
{
    // A session of its own: Ctrl-C in the terminal is for us; we stop the server after the last answer.
    ::setsid();
    int const null = ::open("/dev/null", O_RDONLY);
    if (null >= 0) ::dup2(null, 0);
    ::dup2(launch.log, 1);
    ::dup2(launch.log, 2);
    // Listeners and connections are ours: a server that outlives us for a moment must not hold our ports.
    ::close_range(3, ~0U, 0);
    if (launch.user) become(*launch.user);
    // After the change of user, which clears it. SIGINT is PostgreSQL's fast shutdown.
    ::prctl(PR_SET_PDEATHSIG, SIGINT);
    if (::getppid() != launch.parent) ::_exit(125); // The parent died before the line above.
    for (int number = 1; number < NSIG; ++number)
        ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::chdir("/") != 0) ::_exit(124);
    ::execv(launch.words[0], launch.words.data());
    ::_exit(127);
}

pid_t launch_process(std::vector<std::string> const& command, std::optional<ServerUser> const& user, fs::path const& log)
{
    Launch launch{.words = {},
                  .user = user,
                  .log = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
                  .parent = ::getpid()};
    if (launch.log < 0) throw StoreError("cannot write " + log.string() + ": " + std::strerror(errno));
    for (auto const& word : command)
        launch.words.push_back(const_cast<char*>(word.c_str())); // NOLINT: exec takes them so.
    launch.words.push_back(nullptr);
    pid_t const pid = ::fork();
    if (pid == 0) run_child(launch);
    int const error = errno;
    ::close(launch.log);
    if (pid < 0) throw StoreError(std::string("cannot start a process: ") + std::strerror(error));
    return pid;
}

int wait_for(pid_t pid) noexcept
{
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR)
    {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_gone(pid_t pid, fs::path const& cluster, std::chrono::steady_clock::time_point until)
{
    while (is_server_of(pid, cluster))
    {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

} // namespace

int run_and_wait(std::vector<std::string> const& command, std::optional<ServerUser> const& user, fs::path const& log)
{
    return wait_for(launch_process(command, user, log));
}

bool is_reachable_for(ServerUser const& user, fs::path const& folder)
{
    pid_t const pid = ::fork();
    if (pid == 0)
    {
        become(user);
        ::_exit(::access(folder.c_str(), R_OK | W_OK | X_OK) == 0 ? 0 : 1);
    }
    return pid > 0 && wait_for(pid) == 0;
}

bool is_server_of(pid_t pid, fs::path const& cluster)
{
    std::error_code error;
    auto const folder = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", error);
    if (error) return false;
    return fs::equivalent(folder, cluster, error) && !error;
}

bool stop_foreign_server(pid_t pid, fs::path const& cluster, std::chrono::seconds timeout)
{
    for (int const signal : {SIGINT, SIGQUIT, SIGKILL})
    {
        ::kill(pid, signal);
        if (is_gone(pid, cluster, std::chrono::steady_clock::now() + timeout)) return true;
    }
    return false;
}

ServerProcess::ServerProcess(std::vector<std::string> command, std::optional<ServerUser> user, fs::path log)
    : command_(std::move(command)), user_(std::move(user)), log_(std::move(log)), keeper_([this] { keep(); })
{
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [&] { return has_started_; });
}

ServerProcess::~ServerProcess()
{
    stop(std::chrono::seconds(5));
}

void ServerProcess::keep()
{
    auto pause = std::chrono::milliseconds(200);
    for (;;)
    {
        auto const began = std::chrono::steady_clock::now();
        pid_t pid = 0;
        try
        {
            pid = launch_process(command_, user_, log_);
        }
        catch (StoreError const&)
        {
            // Out of processes or of disk: tried again below, and seen by the caller as a server that does not run.
        }
        {
            std::lock_guard const guard(mutex_);
            pid_ = pid;
            has_started_ = true;
            if (pid > 0 && stopping_) ::kill(pid, SIGINT);
        }
        changed_.notify_all();
        if (pid > 0) wait_for(pid);
        pid_ = 0;
        if (std::chrono::steady_clock::now() - began > std::chrono::minutes(1)) pause = std::chrono::milliseconds(200);
        std::unique_lock guard(mutex_);
        if (!stopping_ && restarts_) changed_.wait_for(guard, pause, [&] { return stopping_; });
        pause = std::min(pause * 2, std::chrono::milliseconds(10'000));
        if (stopping_ || !restarts_) break;
    }
    std::lock_guard const guard(mutex_);
    has_ended_ = true;
    changed_.notify_all();
}

bool ServerProcess::wait_for_exit(std::chrono::steady_clock::time_point until)
{
    std::unique_lock guard(mutex_);
    return changed_.wait_until(guard, until, [&] { return has_ended_; });
}

void ServerProcess::stop(std::chrono::seconds timeout) noexcept
{
    {
        std::lock_guard const guard(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    // SIGINT: fast shutdown. SIGQUIT: at once, repaired by the next start. SIGKILL: it does not even hear that.
    for (int const signal : {SIGINT, SIGQUIT, SIGKILL})
    {
        if (pid_t const pid = pid_; pid > 0) ::kill(pid, signal);
        if (wait_for_exit(std::chrono::steady_clock::now() + timeout)) break;
    }
    if (keeper_.joinable()) keeper_.join();
}

} // namespace parley::store
