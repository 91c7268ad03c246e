#include "parley/support/postgres_server.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <pwd.h>
#include <unistd.h>

namespace parley::support
{

namespace
{

namespace fs = std::filesystem;

// Debian keeps every version in a folder of its own: the highest wins.
fs::path program_folder()
{
    fs::path best;
    int best_version = 0;
    std::error_code none;
    for (auto const& entry : fs::directory_iterator("/usr/lib/postgresql", none))
    {
        int const version = std::atoi(entry.path().filename().c_str());
        if (version <= best_version || !fs::exists(entry.path() / "bin/postgres")) continue;
        best_version = version;
        best = entry.path() / "bin";
    }
    if (best.empty()) throw std::runtime_error("no PostgreSQL server under /usr/lib/postgresql: install the package postgresql");
    return best;
}

passwd const* unprivileged_user()
{
    if (::geteuid() != 0) return nullptr;
    for (char const* name : {"postgres", "nobody"})
        if (passwd const* const user = ::getpwnam(name)) return user;
    throw std::runtime_error("neither a user postgres nor nobody");
}

// Runs the program as a user whom PostgreSQL accepts, and makes sure it dies with the test: changing the user clears the death
// signal, so setpriv sets it again. SIGQUIT lets the server clean up its shared memory.
std::vector<std::string> unprivileged(std::vector<std::string> argv)
{
    std::vector<std::string> whole{"setpriv", "--pdeathsig", "QUIT"};
    if (passwd const* const user = unprivileged_user())
        for (std::string const& word : {"--reuid=" + std::to_string(user->pw_uid), "--regid=" + std::to_string(user->pw_gid),
                                        std::string("--clear-groups")})
            whole.push_back(word);
    whole.insert(whole.end(), argv.begin(), argv.end());
    return whole;
}

void run_or_throw(Command const& command)
{
    CommandResult const result = run_command(command);
    if (result.exit_code != 0) throw std::runtime_error(command.argv.front() + " failed: " + result.out + result.err);
}

std::string with_database(std::string const& url, std::string_view database)
{
    std::size_t const mark = std::min(url.find('?'), url.size());
    std::size_t const authority = url.find("://");
    if (authority == std::string::npos) throw std::runtime_error("the test database must be given as a URL: postgresql://...");
    std::size_t const slash = std::min(url.find('/', authority + 3), mark);
    return url.substr(0, slash) + "/" + std::string(database) + url.substr(mark);
}

std::string next_name()
{
    static int number = 0;
    return "parley_test_" + std::to_string(::getpid()) + "_" + std::to_string(++number);
}

} // namespace

TemporaryFolder::TemporaryFolder()
{
    std::string name = (fs::temp_directory_path() / "parley-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("cannot make a folder in " + fs::temp_directory_path().string());
    path_ = name;
    // Others may pass through (the service's own PostgreSQL runs as another user), but see nothing.
    fs::permissions(path_, fs::perms::owner_all | fs::perms::others_exec | fs::perms::group_exec);
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

PostgresServer::PostgresServer(PostgresServerSettings settings) : settings_(std::move(settings))
{
    if (passwd const* const user = unprivileged_user();
        user != nullptr && ::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
        throw std::runtime_error("cannot give " + folder_.path().string() + " to PostgreSQL's user");
    run_or_throw(
        {.argv = unprivileged({program_folder() / "initdb", "-D", folder_.path() / "cluster", "-U", "parley", "--auth=trust",
                               "--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C.UTF-8"})});
    start();
}

PostgresServer::~PostgresServer()
{
    if (!server_) return;
    thaw();
    server_->signal(SIGQUIT); // At once: nobody needs the data any more.
    server_->wait_exit(std::chrono::seconds(10));
}

void PostgresServer::start()
{
    std::vector<std::string> argv{program_folder() / "postgres", "-D", folder_.path() / "cluster", "-k", folder_.path()};
    // Survives the death of its processes, not of the machine: a commit is written to the kernel before it is acknowledged, but
    // not to the disk.
    std::vector<std::string> parameters{"fsync=off",
                                        "full_page_writes=off",
                                        "shared_buffers=32MB",
                                        "max_connections=100",
                                        "dynamic_shared_memory_type=mmap",
                                        "restart_after_crash=off"};
    parameters.push_back(settings_.port ? "listen_addresses=127.0.0.1" : "listen_addresses=");
    if (settings_.port) parameters.push_back("port=" + std::to_string(*settings_.port));
    parameters.insert(parameters.end(), settings_.parameters.begin(), settings_.parameters.end());
    for (std::string const& parameter : parameters)
        argv.insert(argv.end(), {"-c", parameter});

    server_.reset();
    server_ = std::make_unique<ChildProcess>(Command{.argv = unprivileged(std::move(argv))});
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (run_command({.argv = {program_folder() / "pg_isready", "-q", "-d", url("postgres")}}).exit_code != 0)
    {
        if (server_->wait_exit(std::chrono::milliseconds(20)) || std::chrono::steady_clock::now() > end)
            throw std::runtime_error("PostgreSQL does not come up: " + server_->output());
    }
}

void PostgresServer::stop()
{
    server_->signal(SIGINT);
    if (!server_->wait_exit(std::chrono::seconds(30))) throw std::runtime_error("PostgreSQL does not stop: " + server_->output());
}

void PostgresServer::kill()
{
    auto const all = processes();
    for (pid_t const pid : all)
        ::kill(pid, SIGSTOP); // So that no backend notices the others' death and says so to its client.
    for (pid_t const pid : all)
        ::kill(pid, SIGKILL);
    if (!server_->wait_exit(std::chrono::seconds(10))) throw std::runtime_error("PostgreSQL survived SIGKILL");
}

void PostgresServer::freeze()
{
    for (pid_t const pid : processes())
        ::kill(pid, SIGSTOP);
}

void PostgresServer::thaw(pid_t but_not)
{
    for (pid_t const pid : processes())
        if (pid != but_not) ::kill(pid, SIGCONT);
}

// The postmaster and its children, as /proc has them.
std::vector<pid_t> PostgresServer::processes() const
{
    std::vector<pid_t> found{server_->pid()};
    std::string const children =
        "/proc/" + std::to_string(server_->pid()) + "/task/" + std::to_string(server_->pid()) + "/children";
    std::ifstream list(children);
    for (pid_t pid = 0; list >> pid;)
        found.push_back(pid);
    return found;
}

std::string PostgresServer::url(std::string_view database) const
{
    std::string const port = settings_.port ? "&port=" + std::to_string(*settings_.port) : std::string();
    return "postgresql:///" + std::string(database) + "?host=" + folder_.path().string() + "&user=parley" + port;
}

std::string PostgresServer::create_database(std::string_view name)
{
    execute_sql(url("postgres"), "create database " + std::string(name));
    return url(name);
}

std::string new_database()
{
    std::string const name = next_name();
    for (char const* variable : {"PARLEY_TEST_DATABASE_URL", "DATABASE_URL"})
    {
        char const* const given = std::getenv(variable); // NOLINT(concurrency-mt-unsafe): nobody sets it.
        if (given == nullptr || *given == '\0') continue;
        execute_sql(given, "create database " + name);
        return with_database(given, name);
    }
    static PostgresServer server;
    return server.create_database(name);
}

std::string execute_sql(std::string const& url, std::string_view sql)
{
    CommandResult const result =
        run_command({.argv = {program_folder() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", url},
                     .input = std::string(sql)});
    if (result.exit_code != 0) throw std::runtime_error("psql: " + result.err);
    return result.out;
}

std::string dump_database(std::string const& url)
{
    CommandResult const result = run_command({.argv = {program_folder() / "pg_dump", url}});
    if (result.exit_code != 0) throw std::runtime_error("pg_dump: " + result.err);
    return result.out;
}

} // namespace parley::support
