#include "parley/store/private_postgres.hpp"

#include "connection_pqxx.hpp"
#include "parley/store/error.hpp"
#include "server_process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace parley::store
{

namespace
{

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::size_t socket_path_bytes_max = 107; // sockaddr_un; PostgreSQL adds "/.s.PGSQL.5432".
constexpr std::string_view socket_name = "/.s.PGSQL.5432";

[[noreturn]] void fail_errno(std::string const& what)
{
    throw StoreError(what + ": " + std::strerror(errno));
}

fs::path find_binaries(fs::path const& wanted)
{
    if (!wanted.empty()) return wanted;
    fs::path best;
    int best_version = 0;
    std::error_code ignored;
    for (auto const& entry : fs::directory_iterator("/usr/lib/postgresql", ignored))
    {
        int const version = std::atoi(entry.path().filename().c_str());
        if (version > best_version && fs::exists(entry.path() / "bin/postgres", ignored) &&
            fs::exists(entry.path() / "bin/initdb", ignored))
        {
            best_version = version;
            best = entry.path() / "bin";
        }
    }
    if (!best.empty()) return best;
    char const* path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): nobody sets the environment while we run.
    std::string const folders = path ? path : "";
    for (std::size_t begin = 0; begin <= folders.size();)
    {
        auto const end = std::min(folders.find(':', begin), folders.size());
        fs::path const folder = folders.substr(begin, end - begin);
        if (!folder.empty() && fs::exists(folder / "initdb", ignored) && fs::exists(folder / "postgres", ignored)) return folder;
        begin = end + 1;
    }
    throw StoreError(
        "no PostgreSQL server is installed (looked under /usr/lib/postgresql and in PATH): install the package postgresql, or "
        "name a database with --database-url");
}

// Who the server runs as: ourselves, or as root somebody who is not.
std::optional<ServerUser> find_server_user()
{
    if (::geteuid() != 0) return std::nullopt;
    for (char const* name : {"postgres", "nobody"})
    {
        if (auto const* entry = ::getpwnam(name)) return ServerUser{entry->pw_name, entry->pw_uid, entry->pw_gid}; // NOLINT
    }
    throw StoreError("PostgreSQL refuses to run as root, and this system has neither the user postgres nor nobody");
}

void make_folder(fs::path const& folder, std::optional<ServerUser> const& user)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw StoreError("cannot make the folder " + folder.string() + ": " + error.message());
    if (user && ::chown(folder.c_str(), user->uid, user->gid) != 0)
        fail_errno("cannot give " + folder.string() + " to the user " + user->name);
    if (::chmod(folder.c_str(), 0700) != 0) fail_errno("cannot set the permissions of " + folder.string());
}

std::uint64_t fnv1a(std::string_view text) noexcept
{
    std::uint64_t hash = 14695981039346656037U;
    for (char const c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return hash;
}

// The socket lies in the data folder, or, where that path is too long for a socket, in a short one made of its hash.
fs::path choose_socket_folder(fs::path const& data_dir)
{
    fs::path const folder = data_dir / "run";
    if (folder.native().size() + socket_name.size() <= socket_path_bytes_max) return folder;
    char name[64];
    std::snprintf(name, sizeof name, "parley-%016llx", static_cast<unsigned long long>(fnv1a(data_dir.native())));
    return fs::path("/tmp") / name;
}

std::string quote_value(std::string const& value)
{
    std::string out = "'";
    for (char const c : value)
    {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out += '\'';
}

std::string read_first_line(fs::path const& path)
{
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::string last_lines(fs::path const& path, int count)
{
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);)
        lines.push_back(line);
    std::string out;
    for (auto i = lines.size() > static_cast<std::size_t>(count) ? lines.size() - static_cast<std::size_t>(count) : 0;
         i < lines.size(); ++i)
        out += "\n  " + lines[i];
    return out;
}

// An exclusive lock on the folder for as long as this lives; the kernel lets go of it when the process dies.
class FolderLock
{
  public:
    explicit FolderLock(fs::path const& path) : path_(path)
    {
        fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd_ < 0) fail_errno("cannot open " + path.string());
    }
    FolderLock(FolderLock const&) = delete;
    FolderLock& operator=(FolderLock const&) = delete;
    ~FolderLock() { ::close(fd_); }

    [[nodiscard]] bool try_take()
    {
        if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) return false;
        auto const text = std::to_string(::getpid()) + "\n";
        if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, text.data(), text.size(), 0) < 0)
            fail_errno("cannot write " + path_.string());
        return true;
    }
    [[nodiscard]] std::string holder() const { return read_first_line(path_); }

  private:
    fs::path path_;
    int fd_ = -1;
};

} // namespace

struct PrivatePostgres::Impl
{
    PrivatePostgresSettings settings;
    std::optional<ServerUser> user;
    fs::path cluster;
    fs::path sockets;
    std::string database_url;
    std::unique_ptr<FolderLock> lock;
    std::unique_ptr<ServerProcess> server;
    bool joined = false;

    explicit Impl(PrivatePostgresSettings given) : settings(std::move(given)), user(find_server_user())
    {
        if (settings.data_dir.empty()) throw StoreError("the private database needs a data folder");
        settings.data_dir = fs::absolute(settings.data_dir).lexically_normal();
        if (!settings.data_dir.has_filename()) settings.data_dir = settings.data_dir.parent_path();
        cluster = settings.data_dir / "postgres";
        sockets = choose_socket_folder(settings.data_dir);
        make_folder(settings.data_dir, user);
        make_folder(sockets, user);
        database_url = "host=" + quote_value(sockets.string()) + " port=5432 user=parley dbname=postgres";
        lock = std::make_unique<FolderLock>(settings.data_dir / "lock");
    }

    [[nodiscard]] fs::path log() const { return settings.data_dir / "postgres.log"; }

    [[nodiscard]] bool accepts() const
    {
        try
        {
            Connection({.database_url = database_url, .application_name = "parley start", .pins_index_plans = false});
            return true;
        }
        catch (DatabaseError const&)
        {
            return false;
        }
    }

    void start()
    {
        settings.binaries = find_binaries(settings.binaries);
        check_reachable();
        stop_orphan();
        make_cluster();
        std::error_code ignored;
        if (fs::file_size(log(), ignored) > 16U << 20 && !ignored) fs::remove(log(), ignored);
        server = std::make_unique<ServerProcess>(command(), user, log());
        wait_until_it_accepts();
    }

    void check_reachable() const
    {
        if (user && !is_reachable_for(*user, settings.data_dir))
            throw StoreError("the user " + user->name + ", as whom the private PostgreSQL runs, cannot reach " +
                             settings.data_dir.string() + ": choose another folder with --data-dir, for example /var/lib/parley");
    }

    // A server whose parleyd was killed may still be shutting down. The lock is ours, so nobody else wants it.
    void stop_orphan() const
    {
        auto const pid_file = cluster / "postmaster.pid";
        int const pid = std::atoi(read_first_line(pid_file).c_str());
        if (pid > 0 && is_server_of(pid, cluster) && !stop_foreign_server(pid, cluster, settings.stop_timeout))
            throw StoreError("a PostgreSQL left over by an earlier run (process " + std::to_string(pid) + ") does not stop");
        // Left by a hard kill; the number in them may belong to anybody by now, or to a dead process that nobody has collected
        // yet: PostgreSQL would mistake either for a running server.
        std::error_code ignored;
        fs::remove(pid_file, ignored);
        fs::remove(sockets / ".s.PGSQL.5432.lock", ignored);
    }

    // Made under another name first, so that a start that is killed meanwhile leaves nothing half-made behind.
    void make_cluster() const
    {
        if (fs::exists(cluster / "PG_VERSION"))
        {
            check_version();
            return;
        }
        auto const unfinished = settings.data_dir / "postgres.new";
        fs::remove_all(unfinished);
        // --no-sync: nothing of value is in it yet; the kernel writes it out in its own time, and the first checkpoint does so
        // for certain.
        int const status =
            run_and_wait({(settings.binaries / "initdb").string(), "--pgdata=" + unfinished.string(), "--username=parley",
                          "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"},
                         user, log());
        if (status != 0) throw StoreError("initdb failed:" + last_lines(log(), 5));
        fs::rename(unfinished, cluster);
    }

    void check_version() const
    {
        auto const data_version = read_first_line(cluster / "PG_VERSION");
        auto const binary_version = settings.binaries.parent_path().filename().string();
        if (std::atoi(binary_version.c_str()) == 0 || data_version == binary_version) return;
        auto const fitting = fs::path("/usr/lib/postgresql") / data_version / "bin";
        throw StoreError("the data in " + cluster.string() + " is of PostgreSQL " + data_version + ", the server is " +
                         binary_version + ": install postgresql-" + data_version + " (expected in " + fitting.string() +
                         ") or move the data with pg_upgrade");
    }

    [[nodiscard]] std::vector<std::string> command() const
    {
        std::vector<std::string> words{(settings.binaries / "postgres").string(), "-D", cluster.string()};
        auto const set = [&](std::string const& setting)
        {
            words.emplace_back("-c");
            words.push_back(setting);
        };
        set("listen_addresses=");
        set("port=5432");
        set("unix_socket_directories=" + sockets.string());
        set("unix_socket_permissions=0700");
        set("max_connections=" + std::to_string(settings.connections_max));
        set("shared_buffers=" + settings.shared_buffers);
        set("wal_compression=on");
        set("max_wal_size=2GB");
        set("checkpoint_timeout=15min");
        set("jit=off");
        set("log_min_messages=warning");
        set("logging_collector=off");
        set("log_line_prefix=%m [%p] ");
        return words;
    }

    void wait_until_it_accepts()
    {
        auto const deadline = steady_clock::now() + settings.start_timeout;
        while (!accepts())
        {
            if (!server->is_running()) throw StoreError("the private PostgreSQL did not start:" + last_lines(log(), 5));
            if (steady_clock::now() > deadline)
                throw StoreError("the private PostgreSQL does not answer:" + last_lines(log(), 5));
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        server->restart_when_it_dies();
    }

    // Takes the lock or finds a server that answers, whichever comes first.
    void start_or_join()
    {
        auto const deadline = steady_clock::now() + settings.start_timeout;
        for (;;)
        {
            if (lock->try_take()) return start();
            if (accepts())
            {
                joined = true;
                return;
            }
            if (steady_clock::now() > deadline)
                throw StoreError("process " + lock->holder() + " holds " + settings.data_dir.string() +
                                 " but its PostgreSQL does not answer");
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }

    void stop() noexcept
    {
        if (server) server->stop(settings.stop_timeout);
        server.reset();
        if (!joined) lock.reset();
    }
};

PrivatePostgres::PrivatePostgres(PrivatePostgresSettings settings) : impl_(std::make_unique<Impl>(std::move(settings)))
{
    if (!impl_->lock->try_take())
        throw StoreError("the data folder " + impl_->settings.data_dir.string() + " is in use by process " +
                         impl_->lock->holder() + ": stop it, or choose another folder with --data-dir");
    impl_->start();
}

PrivatePostgres::PrivatePostgres(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PrivatePostgres PrivatePostgres::start_or_join(PrivatePostgresSettings settings)
{
    auto impl = std::make_unique<Impl>(std::move(settings));
    impl->start_or_join();
    return PrivatePostgres(std::move(impl));
}

PrivatePostgres::PrivatePostgres(PrivatePostgres&& other) noexcept = default;

PrivatePostgres::~PrivatePostgres()
{
    stop();
}

std::string const& PrivatePostgres::database_url() const noexcept
{
    return impl_->database_url;
}

bool PrivatePostgres::is_joined() const noexcept
{
    return impl_->joined;
}

int PrivatePostgres::pid() const noexcept
{
    return impl_->server ? impl_->server->pid() : 0;
}

void PrivatePostgres::stop() noexcept
{
    if (impl_) impl_->stop();
}

} // namespace parley::store
