#include "parley/support/span_collector.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::support
{

namespace http = boost::beast::http;

struct SpanCollector::Link
{
    explicit Link(int accepted) : socket(accepted) { begin(); }
    ~Link() { ::close(socket); }
    Link(Link const&) = delete;
    Link& operator=(Link const&) = delete;

    void begin()
    {
        parser.emplace();
        parser->eager(true);
        parser->body_limit(std::numeric_limits<std::uint64_t>::max());
    }

    int socket;
    std::string unread;
    std::optional<http::request_parser<http::string_body>> parser;
};

SpanCollector::SpanCollector()
{
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bool const listens = listener_ >= 0 && ::bind(listener_, reinterpret_cast<sockaddr const*>(&address), size) == 0 &&
                         ::listen(listener_, 64) == 0 &&
                         ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (!listens) throw std::runtime_error("the collector cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

SpanCollector::~SpanCollector()
{
    {
        std::lock_guard const lock(mutex_);
        over_ = true;
    }
    thread_.join();
    ::close(listener_);
}

void SpanCollector::behave(Manner manner)
{
    std::lock_guard const lock(mutex_);
    manner_ = std::move(manner);
}

std::vector<CollectedPost> SpanCollector::posts() const
{
    std::lock_guard const lock(mutex_);
    return posts_;
}

bool SpanCollector::wait_until(std::function<bool(std::vector<CollectedPost> const&)> const& is_so,
                               std::chrono::seconds time) const
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return is_so(posts_); });
}

void SpanCollector::run()
{
    std::vector<std::unique_ptr<Link>> links;
    auto const is_over = [this]
    {
        std::lock_guard const lock(mutex_);
        return over_;
    };
    while (!is_over())
    {
        std::vector<pollfd> waits{{listener_, POLLIN, 0}};
        for (auto const& link : links)
            waits.push_back({link->socket, POLLIN, 0});
        ::poll(waits.data(), waits.size(), 20);
        std::vector<std::unique_ptr<Link>> kept;
        for (std::size_t i = 0; i < links.size(); ++i)
            if (waits[i + 1].revents == 0 || serve(*links[i])) kept.push_back(std::move(links[i]));
        links = std::move(kept);
        if (waits[0].revents != 0)
            if (int const accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); accepted >= 0)
                links.push_back(std::make_unique<Link>(accepted));
    }
}

// Whether the connection goes on.
bool SpanCollector::serve(Link& link)
{
    std::array<char, 65536> part; // NOLINT: filled by recv.
    ssize_t const got = ::recv(link.socket, part.data(), part.size(), MSG_DONTWAIT);
    if (got <= 0) return false;
    link.unread.append(part.data(), static_cast<std::size_t>(got));
    boost::system::error_code error;
    link.unread.erase(0, link.parser->put(boost::asio::buffer(link.unread), error));
    if (error && error != http::error::need_more) return false;
    if (!link.parser->is_done()) return true;

    auto const& request = link.parser->get();
    auto const text = [](boost::beast::string_view view) { return std::string(view.data(), view.size()); };
    Manner manner;
    {
        std::lock_guard const lock(mutex_);
        posts_.push_back({text(request.target()), text(request[http::field::content_type]), request.body()});
        manner = manner_;
    }
    changed_.notify_all();
    link.begin();
    if (manner.status == 0) return true;
    auto const answer = "HTTP/1.1 " + std::to_string(manner.status) +
                        " Said\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(manner.body.size()) +
                        "\r\n" + manner.fields + "\r\n" + manner.body;
    return ::send(link.socket, answer.data(), answer.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(answer.size());
}

} // namespace parley::support
