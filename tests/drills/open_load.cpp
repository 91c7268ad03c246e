// Goal: offer a service more than it can do, and see what it does with it.
// Method: requests from a file over many connections, one in flight on each. With a rate, they arrive at that rate whatever the
// service does (open model): an arrival takes a free connection, and its time counts from when it was due. Without a rate each
// connection asks again as soon as it was answered (closed loop), which finds the peak. One thread, bounded in time; the figures
// are one line of JSON on standard output.
//
//   open_load PORT FILE SECONDS CONNECTIONS RATE
//
// FILE holds requests: a line with the number of bytes, then those bytes, and so on. The first quarter of the time warms up and
// is not counted.
#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace
{

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr std::size_t waiting_max = 200'000; // Arrivals that found no free connection.

struct Connection
{
    int socket = -1;
    Time due{};
    Time sent{};
    std::string received;
    std::size_t body_bytes = std::string::npos; // Unknown until the head is there.
    std::size_t head_bytes = 0;
    int status = 0;
    bool says_when = false; // Retry-After.
    bool closes = false;
};

struct Seen
{
    std::uint64_t count = 0;
    std::uint64_t without_retry_after = 0;
    std::vector<std::uint32_t> from_due; // Microseconds.
    std::vector<std::uint32_t> from_sent;
};

std::vector<std::string> requests_of(char const* path)
{
    std::ifstream file(path, std::ios::binary);
    std::vector<std::string> requests;
    std::string line;
    while (std::getline(file, line))
    {
        std::string bytes(std::stoul(line), '\0');
        file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        requests.push_back(std::move(bytes));
    }
    return requests;
}

std::uint32_t microseconds_between(Time from, Time to)
{
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(to - from).count());
}

double at_share(std::vector<std::uint32_t>& values, double share)
{
    if (values.empty()) return 0;
    auto const place = static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * share);
    std::nth_element(values.begin(), values.begin() + place, values.end());
    return values[static_cast<std::size_t>(place)] / 1000.0;
}

class Load
{
  public:
    Load(int port, std::vector<std::string> requests, double seconds, std::size_t connections, double rate)
        : port_(port), requests_(std::move(requests)), connections_max_(connections), rate_(rate), poll_(::epoll_create1(0)),
          began_(Clock::now()), counted_from_(began_ + to_duration(seconds / 4)), end_(began_ + to_duration(seconds))
    {
        connections_.reserve(connections); // Addresses of connections are kept by the kernel.
    }

    void run()
    {
        if (rate_ <= 0)
        {
            for (std::size_t i = 0; i < connections_max_; ++i)
                arrive(began_);
        }
        while (Clock::now() < end_)
        {
            if (rate_ > 0) take_arrivals();
            handle_events();
        }
    }

    void report()
    {
        auto const seconds = std::chrono::duration<double>(end_ - counted_from_).count();
        std::printf("{\"seconds\":%.3f,\"arrived\":%llu,\"unanswered\":%zu,\"waiting\":%zu,\"waiting_max\":%zu,\"broken\":%llu,"
                    "\"opened\":%zu,\"lag_max_ms\":%.3f,\"statuses\":{",
                    seconds, static_cast<unsigned long long>(arrived_), in_flight_, waiting_.size(), most_waiting_,
                    static_cast<unsigned long long>(broken_), connections_.size(), static_cast<double>(lag_max_) / 1000.0);
        char const* separator = "";
        for (auto& [status, seen] : seen_)
        {
            std::printf("%s\"%d\":{\"count\":%llu,\"without_retry_after\":%llu", separator, status,
                        static_cast<unsigned long long>(seen.count), static_cast<unsigned long long>(seen.without_retry_after));
            print_times("from_due", seen.from_due);
            print_times("from_sent", seen.from_sent);
            std::printf("}");
            separator = ",";
        }
        std::printf("}}\n");
    }

  private:
    static Clock::duration to_duration(double seconds)
    {
        return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    }

    static void print_times(char const* name, std::vector<std::uint32_t>& values)
    {
        std::printf(",\"%s_ms\":{\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}", name, at_share(values, 0.5), at_share(values, 0.99),
                    at_share(values, 1.0));
    }

    void take_arrivals()
    {
        auto const now = Clock::now();
        for (Time due = due_next(); due <= now; due = due_next())
        {
            ++arrivals_;
            if (due >= counted_from_) lag_max_ = std::max(lag_max_, static_cast<std::uint64_t>(microseconds_between(due, now)));
            arrive(due);
        }
    }

    [[nodiscard]] Time due_next() const { return began_ + to_duration(static_cast<double>(arrivals_) / rate_); }

    void arrive(Time due)
    {
        if (due >= counted_from_) ++arrived_;
        if (!free_.empty())
        {
            auto* const connection = free_.back();
            free_.pop_back();
            return ask(*connection, due);
        }
        if (connections_.size() < connections_max_)
        {
            auto& connection = connections_.emplace_back();
            open(connection);
            return ask(connection, due);
        }
        if (waiting_.size() < waiting_max) waiting_.push_back(due);
        most_waiting_ = std::max(most_waiting_, waiting_.size());
    }

    void open(Connection& connection)
    {
        connection.socket = ::socket(AF_INET, SOCK_STREAM, 0);
        int const on = 1;
        ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port_));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        // Loopback: done at once, unless the service's queue of connections is full.
        if (connection.socket < 0 || ::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        {
            std::perror("open_load: connect");
            std::exit(1);
        }
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
    }

    void ask(Connection& connection, Time due)
    {
        auto const& request = requests_[place_++ % requests_.size()];
        connection.due = due;
        connection.sent = Clock::now();
        if (rate_ <= 0) connection.due = connection.sent;
        ++in_flight_;
        // A request of some hundred bytes on a connection with nothing in flight fits its buffer.
        if (::send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
            broke(connection);
    }

    void handle_events()
    {
        epoll_event events[256];
        // A millisecond late at most: one that spins would take from the service what they share, caches and clock rate.
        int const count = ::epoll_wait(poll_, events, 256, rate_ > 0 ? 1 : 10);
        for (int i = 0; i < count; ++i)
            read(*static_cast<Connection*>(events[i].data.ptr));
    }

    void read(Connection& connection)
    {
        static char bytes[256 * 1024];
        auto const got = ::recv(connection.socket, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) return broke(connection);
        connection.received.append(bytes, static_cast<std::size_t>(got));
        if (connection.body_bytes == std::string::npos && !read_head(connection)) return;
        if (connection.received.size() < connection.head_bytes + connection.body_bytes) return;
        answered(connection);
    }

    static bool read_head(Connection& connection)
    {
        auto const end = connection.received.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        std::string_view const head(connection.received.data(), end + 2);
        connection.head_bytes = end + 4;
        connection.status = std::atoi(head.data() + 9);
        auto const length = head.find("\r\nContent-Length: ");
        connection.body_bytes =
            length == std::string_view::npos ? 0 : static_cast<std::size_t>(std::atoll(head.data() + length + 18));
        connection.says_when = head.find("\r\nRetry-After: ") != std::string_view::npos;
        connection.closes = head.find("\r\nConnection: close") != std::string_view::npos;
        return true;
    }

    void answered(Connection& connection)
    {
        auto const now = Clock::now();
        if (now >= counted_from_)
        {
            auto& seen = seen_[connection.status];
            ++seen.count;
            if (!connection.says_when) ++seen.without_retry_after;
            seen.from_due.push_back(microseconds_between(connection.due, now));
            seen.from_sent.push_back(microseconds_between(connection.sent, now));
        }
        --in_flight_;
        connection.received.clear();
        connection.body_bytes = std::string::npos;
        if (connection.closes) reopen(connection);
        go_on(connection, now);
    }

    void broke(Connection& connection)
    {
        ++broken_;
        --in_flight_;
        connection.received.clear();
        connection.body_bytes = std::string::npos;
        reopen(connection);
        go_on(connection, Clock::now());
    }

    void reopen(Connection& connection)
    {
        ::close(connection.socket);
        open(connection);
    }

    void go_on(Connection& connection, Time now)
    {
        if (rate_ <= 0)
        {
            if (now >= counted_from_) ++arrived_;
            return ask(connection, now);
        }
        if (waiting_.empty()) return free_.push_back(&connection);
        auto const due = waiting_.front();
        waiting_.pop_front();
        ask(connection, due);
    }

    int port_;
    std::vector<std::string> requests_;
    std::size_t connections_max_;
    double rate_;
    int poll_;
    Time began_;
    Time counted_from_;
    Time end_;
    std::vector<Connection> connections_;
    std::vector<Connection*> free_;
    std::deque<Time> waiting_;
    std::map<int, Seen> seen_;
    std::size_t place_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t most_waiting_ = 0;
    std::uint64_t arrivals_ = 0;
    std::uint64_t arrived_ = 0;
    std::uint64_t broken_ = 0;
    std::uint64_t lag_max_ = 0; // How late the generator itself was, in microseconds.
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 6)
    {
        std::fputs("usage: open_load PORT FILE SECONDS CONNECTIONS RATE\n", stderr);
        return 2;
    }
    auto requests = requests_of(argv[2]);
    if (requests.empty()) return 2;
    Load load(std::atoi(argv[1]), std::move(requests), std::atof(argv[3]), static_cast<std::size_t>(std::atoll(argv[4])),
              std::atof(argv[5]));
    load.run();
    load.report();
    return 0;
}
