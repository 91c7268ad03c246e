#include "parley/support/gate.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::support
{

namespace
{

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

// A reset rather than an end of stream: what a dying host leaves.
void close_hard(int& socket) noexcept
{
    if (socket < 0) return;
    linger const at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(socket, -1));
}

// PostgreSQL's CommandComplete of a COMMIT ends so.
constexpr std::string_view commit_tag{"COMMIT", 7};

// Hands on what one side said, unless the word is among it; false then, and when a side is gone. The amounts are small and the
// readers ours, so a blocking write will do.
bool pass(int from, int to, std::string_view unless = {})
{
    std::array<char, 65536> part; // NOLINT: filled by recv.
    ssize_t const got = ::recv(from, part.data(), part.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0) return false;
    std::string_view const said(part.data(), static_cast<std::size_t>(got));
    if (!unless.empty() && said.find(unless) != std::string_view::npos) return false;
    for (ssize_t sent = 0; sent < got;)
    {
        ssize_t const step = ::send(to, part.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
        if (step <= 0) return false;
        sent += step;
    }
    return true;
}

} // namespace

struct Gate::Link
{
    int client = -1;
    int server = -1;

    Link(int client_socket, int server_socket) : client(client_socket), server(server_socket) {}
    ~Link()
    {
        close_hard(client);
        close_hard(server);
    }
    Link(Link const&) = delete;
    Link& operator=(Link const&) = delete;
};

Gate::Gate(std::uint16_t server_port) : server_port_(server_port)
{
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    bool const listens = listener_ >= 0 && ::bind(listener_, reinterpret_cast<sockaddr const*>(&address), size) == 0 &&
                         ::listen(listener_, 64) == 0 &&
                         ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (!listens) throw std::runtime_error("the gate cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

Gate::~Gate()
{
    over_ = true;
    thread_.join();
    ::close(listener_);
}

void Gate::run()
{
    while (!over_)
    {
        bool const passes = mode_ != GateMode::hang;
        std::vector<pollfd> waits{{listener_, POLLIN, 0}};
        for (auto const& link : links_)
        {
            waits.push_back({link->client, static_cast<short>(passes ? POLLIN : 0), 0});
            waits.push_back({link->server, static_cast<short>(passes ? POLLIN : 0), 0});
        }
        ::poll(waits.data(), waits.size(), 20);
        std::vector<std::unique_ptr<Link>> kept;
        for (std::size_t i = 0; i < links_.size(); ++i)
            if (forward(*links_[i], waits[1 + 2 * i].revents, waits[2 + 2 * i].revents)) kept.push_back(std::move(links_[i]));
        links_ = std::move(kept);
        if (waits[0].revents != 0) accept_one();
    }
    links_.clear();
}

void Gate::accept_one()
{
    int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    sockaddr_in const address = loopback(server_port_);
    int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (mode_ == GateMode::refuse || ::connect(server, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0)
    {
        close_hard(client);
        close_hard(server);
        return;
    }
    int const on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    links_.push_back(std::make_unique<Link>(client, server));
}

bool Gate::forward(Link& link, short client_events, short server_events)
{
    GateMode const mode = mode_;
    if (mode == GateMode::refuse) return false;
    if (mode == GateMode::hang) return true;
    if (client_events != 0 && !pass(link.client, link.server)) return false;
    if (server_events == 0) return true;
    if (mode == GateMode::open) return pass(link.server, link.client);
    if (mode == GateMode::cut_commits && pass(link.server, link.client, commit_tag)) return true;
    ++answers_cut_;
    return false;
}

} // namespace parley::support
