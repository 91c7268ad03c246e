#include "parley/support/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX gives no header for it.

namespace parley::support
{

namespace
{

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(std::string const& what)
{
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

struct Pipe
{
    int read = -1;
    int write = -1;

    Pipe()
    {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
        read = ends[0];
        write = ends[1];
    }
    ~Pipe()
    {
        close_read();
        close_write();
    }
    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;

    void close_read() { close_one(read); }
    void close_write() { close_one(write); }
    int take_read() { return std::exchange(read, -1); }

  private:
    static void close_one(int& end)
    {
        if (end >= 0) ::close(end);
        end = -1;
    }
};

// The test's environment without what would configure the service behind the test's back.
std::vector<std::string> environment_of(Command const& command)
{
    std::vector<std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry)
    {
        std::string_view const text = *entry;
        if (!text.starts_with("PARLEY_") && !text.starts_with("DATABASE_URL=")) variables.emplace_back(text);
    }
    for (auto const& [name, value] : command.environment)
        variables.push_back(name + "=" + value);
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// Everything the child needs is made before fork: between fork and exec only async-signal-safe calls are allowed.
pid_t start(Command const& command, int in, int out, int err)
{
    if (command.argv.empty()) throw std::runtime_error("a command without a program");
    std::vector<std::string> argv_texts = command.argv;
    std::vector<std::string> environment_texts = environment_of(command);
    std::vector<char*> argv = pointers_to(argv_texts);
    std::vector<char*> environment = pointers_to(environment_texts);
    pid_t const parent = ::getpid();

    pid_t const pid = ::fork();
    if (pid < 0) fail("fork");
    if (pid == 0)
    {
        ::setpgid(0, 0);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(126); // The test died before prctl.
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::signal(SIGPIPE, SIG_DFL);
        ::dup2(in, STDIN_FILENO);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(err, STDERR_FILENO);
        ::execvpe(argv[0], argv.data(), environment.data());
        ::_exit(127);
    }
    ::setpgid(pid, pid); // In both, so that the group is there for whoever comes first.
    return pid;
}

int exit_code_from(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::optional<int> wait_until(pid_t pid, Clock::time_point end)
{
    for (;;)
    {
        int status = 0;
        pid_t const got = ::waitpid(pid, &status, WNOHANG);
        if (got == pid) return exit_code_from(status);
        if (got < 0 && errno != EINTR) fail("waitpid");
        if (Clock::now() >= end) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

// Reads what is there; false at the end of the stream.
bool read_some(int descriptor, std::string& into)
{
    std::array<char, 16384> buffer; // NOLINT: filled by read.
    ssize_t const got = ::read(descriptor, buffer.data(), buffer.size());
    if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && errno == EINTR);
}

// Feeds the input and gathers both outputs until these end or the time is over. Whether they ended.
bool converse(Pipe& in, Pipe& out, Pipe& err, std::string_view input, CommandResult& result, Clock::time_point end)
{
    ::fcntl(in.write, F_SETFL, O_NONBLOCK);
    while (out.read >= 0 || err.read >= 0)
    {
        if (input.empty()) in.close_write();
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) return false;
        std::array<pollfd, 3> waits{{{out.read, POLLIN, 0}, {err.read, POLLIN, 0}, {in.write, POLLOUT, 0}}};
        if (::poll(waits.data(), waits.size(), static_cast<int>(left)) < 0 && errno != EINTR) fail("poll");
        if (waits[0].revents != 0 && !read_some(out.read, result.out)) out.close_read();
        if (waits[1].revents != 0 && !read_some(err.read, result.err)) err.close_read();
        if (waits[2].revents != 0)
        {
            ssize_t const sent = ::write(in.write, input.data(), input.size());
            if (sent > 0)
                input.remove_prefix(static_cast<std::size_t>(sent));
            else if (errno != EAGAIN && errno != EINTR)
                input = {}; // The program does not want to hear the rest.
        }
    }
    return true;
}

void ignore_broken_pipes()
{
    static bool const once = (::signal(SIGPIPE, SIG_IGN), true);
    static_cast<void>(once);
}

} // namespace

CommandResult run_command(Command const& command)
{
    ignore_broken_pipes();
    Pipe in;
    Pipe out;
    Pipe err;
    auto const end = Clock::now() + command.timeout;
    pid_t const pid = start(command, in.read, out.write, err.write);
    in.close_read();
    out.close_write();
    err.close_write();

    CommandResult result;
    bool const ended = converse(in, out, err, command.input, result, end);
    std::optional<int> const code = ended ? wait_until(pid, end) : std::nullopt;
    if (!code)
    {
        ::kill(-pid, SIGKILL);
        result.timed_out = true;
    }
    result.exit_code = code ? *code : wait_until(pid, Clock::now() + std::chrono::seconds(10)).value_or(-1);
    if (result.exit_code == 127 && result.out.empty() && result.err.empty())
        throw std::runtime_error("cannot start " + command.argv.front());
    return result;
}

ChildProcess::ChildProcess(Command const& command)
{
    ignore_broken_pipes();
    Pipe out;
    int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0) fail("/dev/null");
    pid_ = start(command, nothing, out.write, out.write);
    ::close(nothing);
    out.close_write();
    collector_ = std::thread([this, descriptor = out.take_read()] { collect(descriptor); });
}

ChildProcess::~ChildProcess()
{
    // Sanitizers and a private PostgreSQL take their time to leave.
    constexpr auto grace = std::chrono::seconds(20);
    signal(SIGTERM);
    if (!wait_exit(grace))
    {
        signal_group(SIGKILL);
        wait_exit(std::chrono::seconds(10));
    }
    signal_group(SIGKILL); // Whatever it left behind.
    abandoned_ = true;
    collector_.join();
}

void ChildProcess::signal(int number) const noexcept
{
    if (!exit_code_) ::kill(pid_, number);
}

void ChildProcess::signal_group(int number) const noexcept
{
    ::kill(-pid_, number);
}

std::optional<int> ChildProcess::wait_exit(std::chrono::milliseconds timeout)
{
    if (!exit_code_) exit_code_ = wait_until(pid_, Clock::now() + timeout);
    return exit_code_;
}

std::optional<std::string> ChildProcess::wait_for(std::string_view marker, std::chrono::milliseconds timeout)
{
    std::optional<std::string> found;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout,
                      [&]
                      {
                          auto const at = output_.find(marker);
                          auto const end = at == std::string::npos ? at : output_.find('\n', at);
                          if (end != std::string::npos) found = output_.substr(at + marker.size(), end - at - marker.size());
                          return found || ended_;
                      });
    return found;
}

std::string ChildProcess::output() const
{
    std::lock_guard const lock(mutex_);
    return output_;
}

void ChildProcess::collect(int descriptor)
{
    std::string part;
    for (;;)
    {
        pollfd wait{descriptor, POLLIN, 0};
        if (::poll(&wait, 1, 50) == 0)
        {
            if (abandoned_) break;
            continue;
        }
        if (!read_some(descriptor, part)) break;
        std::lock_guard const lock(mutex_);
        output_ += part;
        part.clear();
        changed_.notify_all();
    }
    ::close(descriptor);
    std::lock_guard const lock(mutex_);
    ended_ = true;
    changed_.notify_all();
}

} // namespace parley::support
