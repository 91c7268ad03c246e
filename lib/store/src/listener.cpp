#include "listener.hpp"

#include "connection_pqxx.hpp"
#include "lane_state.hpp"

#include <random>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace parley::store
{

namespace
{

// How often the server is asked whether it lives; a migration made meanwhile is noticed by then too.
constexpr std::chrono::milliseconds ping_interval{1000};

// An attempt to connect that fails sooner was refused: somebody is there.
constexpr std::chrono::milliseconds refused_within{500};

} // namespace

Listener::Listener(ConnectionSettings settings, ServersLeft& left)
    : settings_(std::move(settings)), left_(left), wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    settings_.application_name = "parley listener";
    settings_.pins_index_plans = false;
    settings_.statement_timeout = std::chrono::seconds(5);
    thread_ = std::thread([this] { run(); });
}

Listener::~Listener()
{
    stop();
    ::close(wake_fd_);
}

void Listener::on_change(Call call)
{
    std::lock_guard const guard(mutex_);
    calls_.push_back(std::move(call));
}

void Listener::cancel(int server_process, std::function<void()> done)
{
    if (is_stopping_) return done();
    {
        std::lock_guard const guard(mutex_);
        cancels_.emplace_back(server_process, std::move(done));
    }
    wake();
}

bool Listener::hears_nothing(std::chrono::steady_clock::time_point now) const noexcept
{
    // An answer to this little question takes milliseconds; one that is busy beyond measure may take its time.
    return now - heard_.load(std::memory_order_relaxed) > ping_interval + silence_max;
}

bool Listener::waits_in_vain(std::chrono::steady_clock::time_point now) const noexcept
{
    auto const asked = asked_.load(std::memory_order_relaxed);
    return asked != std::chrono::steady_clock::time_point{} && now - asked > silence_max;
}

// A connection that is given up leaves its question open: the next one answers it.
void Listener::note_question() noexcept
{
    if (asked_.load(std::memory_order_relaxed) == std::chrono::steady_clock::time_point{})
        asked_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
}

void Listener::note_answer() noexcept
{
    asked_.store(std::chrono::steady_clock::time_point{}, std::memory_order_relaxed);
}

void Listener::begin_stop() noexcept
{
    is_stopping_ = true;
    wake();
    socket_.shut_down_for_good();
}

void Listener::stop()
{
    begin_stop();
    if (thread_.joinable()) thread_.join();
    drop_cancels();
}

void Listener::run()
{
    Backoff backoff;
    std::minstd_rand random(std::random_device{}());
    while (!is_stopping_)
    {
        auto const began = std::chrono::steady_clock::now();
        try
        {
            note_question();
            listen_until_lost();
        }
        catch (DatabaseError const&)
        {
            // The lanes tell the operator of a database that is away; here it is enough to forget and try again.
            if (!is_listening_ && std::chrono::steady_clock::now() - began < refused_within) note_answer();
        }
        if (is_listening_.exchange(false))
        {
            backoff.reset();
            tell("lost");
        }
        schema_number_ = -1;
        drop_cancels();
        if (!is_stopping_) wait(-1, backoff.next(std::uniform_real_distribution<>(0, 1)(random)));
    }
}

void Listener::listen_until_lost()
{
    Connection connection(settings_, &socket_);
    {
        SocketGuard::Waiting const waiting(socket_, connection.socket());
        connection.listen("parley_changed", [this](std::string_view what) { tell(what); });
        ask_schema(connection);
    }
    is_listening_ = true;
    tell("listening");
    while (!is_stopping_)
    {
        wait(connection.socket(), ping_interval);
        if (is_stopping_) return;
        note_question();
        SocketGuard::Waiting const waiting(socket_, connection.socket());
        connection.poll_notifications();
        run_cancels(connection);
        ask_schema(connection);
        connection.poll_notifications(); // What came along with the answer.
        if (connection.has_become_read_only())
        {
            left_.fetch_add(1, std::memory_order_acq_rel);
            return;
        }
    }
}

// Also tells whether the connection still lives.
void Listener::ask_schema(Connection& connection)
{
    try
    {
        schema_number_ =
            static_cast<int>(connection.execute("select coalesce(max(number), 0) from schema_migration")[0].number(0));
    }
    catch (DatabaseError const& error)
    {
        if (error.sqlstate() != "42P01") throw;
        schema_number_ = 0; // No such table: an empty database.
    }
    heard_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
    note_answer();
}

void Listener::run_cancels(Connection& connection)
{
    std::vector<std::pair<int, std::function<void()>>> cancels;
    {
        std::lock_guard const guard(mutex_);
        cancels.swap(cancels_);
    }
    for (auto const& [process, done] : cancels)
    {
        try
        {
            connection.execute("select pg_cancel_backend(" + std::to_string(process) + ")");
        }
        catch (DatabaseError const&)
        {
            // The statement ends by its timeout.
        }
        done();
    }
}

void Listener::drop_cancels()
{
    std::vector<std::pair<int, std::function<void()>>> cancels;
    {
        std::lock_guard const guard(mutex_);
        cancels.swap(cancels_);
    }
    for (auto const& [process, done] : cancels)
        done();
}

void Listener::tell(std::string_view what)
{
    std::vector<Call> calls;
    {
        std::lock_guard const guard(mutex_);
        calls = calls_;
    }
    for (auto const& call : calls)
        call(what);
}

void Listener::wait(int socket, std::chrono::milliseconds timeout) const
{
    pollfd fds[2]{{wake_fd_, POLLIN, 0}, {socket, POLLIN, 0}};
    ::poll(fds, socket >= 0 ? 2 : 1, static_cast<int>(timeout.count()));
    if ((fds[0].revents & POLLIN) == 0) return;
    std::uint64_t count = 0;
    [[maybe_unused]] auto const got = ::read(wake_fd_, &count, sizeof count);
}

void Listener::wake() const noexcept
{
    std::uint64_t const one = 1;
    [[maybe_unused]] auto const put = ::write(wake_fd_, &one, sizeof one); // It fails only where the thread is awake anyway.
}

} // namespace parley::store
