#include "otlp_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::telemetry
{

namespace
{

namespace http = boost::beast::http;
using std::chrono::milliseconds;

constexpr std::size_t answer_bytes_max = 64UL * 1024;
constexpr milliseconds look_interval{50}; // How often a wait looks whether it is to be given up.

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses look_up(std::string const& host, std::string const& port, int flags)
{
    addrinfo const hints{.ai_flags = flags | AI_NUMERICSERV,
                         .ai_family = AF_UNSPEC,
                         .ai_socktype = SOCK_STREAM,
                         .ai_protocol = 0,
                         .ai_addrlen = 0,
                         .ai_addr = nullptr,
                         .ai_canonname = nullptr,
                         .ai_next = nullptr};
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) found = nullptr;
    return {found, &::freeaddrinfo};
}

std::chrono::seconds seconds_of(std::string_view field)
{
    constexpr int seconds_max = 86'400;
    int seconds = 0;
    auto const read = std::from_chars(field.data(), field.data() + field.size(), seconds);
    bool const is_number = read.ec == std::errc() && read.ptr == field.data() + field.size(); // Else it is a date, or nothing.
    return std::chrono::seconds(is_number && seconds > 0 ? std::min(seconds, seconds_max) : 0);
}

} // namespace

// The resolver cannot be told to stop: it has a thread of its own, which shares nothing but this and is left alone where it is
// late.
struct OtlpConnection::Resolution
{
    std::mutex mutex; // Guards all below.
    std::condition_variable changed;
    bool is_done = false;
    Addresses addresses{nullptr, &::freeaddrinfo};
};

OtlpConnection::OtlpConnection(OtlpEndpoint endpoint, std::string user_agent) : endpoint_(std::move(endpoint))
{
    head_ = "POST " + endpoint_.path + " HTTP/1.1\r\nHost: " + endpoint_.authority + "\r\nUser-Agent: " + user_agent +
            "\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: ";
}

OtlpConnection::~OtlpConnection()
{
    close();
}

PostOutcome OtlpConnection::post(std::string_view json, clock::time_point until)
{
    auto const head = head_ + std::to_string(json.size()) + "\r\n\r\n";
    for (;;)
    {
        bool const is_used = socket_ >= 0; // It may have been closed at the other end meanwhile: then once more on a new one.
        was_silent_ = false;
        PostOutcome outcome;
        auto step = is_used ? Step::done : connect(until);
        if (step == Step::done) step = send_all(head, until);
        if (step == Step::done) step = send_all(json, until);
        if (step == Step::done)
            outcome = read_answer(until);
        else
            outcome.kind = step == Step::late ? PostOutcome::Kind::timed_out : PostOutcome::Kind::unreachable;
        if (outcome.kind != PostOutcome::Kind::answered) close();
        bool const was_stale = is_used && outcome.kind == PostOutcome::Kind::unreachable && (step == Step::failed || was_silent_);
        if (!was_stale) return outcome;
    }
}

OtlpConnection::Step OtlpConnection::resolve(clock::time_point until)
{
    auto const set = [this](Addresses addresses)
    {
        resolution_ = std::make_shared<Resolution>();
        resolution_->is_done = true;
        resolution_->addresses = std::move(addresses);
    };
    if (auto numeric = look_up(endpoint_.host, endpoint_.port, AI_NUMERICHOST))
    {
        set(std::move(numeric));
        return Step::done;
    }
    if (!resolution_) // Else the last look-up is still under way.
    {
        auto begun = std::make_shared<Resolution>();
        std::thread(
            [resolution = begun, host = endpoint_.host, port = endpoint_.port]
            {
                auto found = look_up(host, port, AI_ADDRCONFIG);
                std::lock_guard const lock(resolution->mutex);
                resolution->addresses = std::move(found);
                resolution->is_done = true;
                resolution->changed.notify_all();
            })
            .detach();
        resolution_ = std::move(begun); // Not before: where there is no thread, nobody would ever end it.
    }
    std::unique_lock lock(resolution_->mutex);
    while (!resolution_->is_done)
    {
        if (clock::now() >= until || has_given_up()) return Step::late;
        resolution_->changed.wait_for(lock, look_interval);
    }
    return resolution_->addresses ? Step::done : Step::failed;
}

OtlpConnection::Step OtlpConnection::connect(clock::time_point until)
{
    auto step = resolve(until);
    if (step == Step::late) return step;
    auto const resolution = std::exchange(resolution_, nullptr); // The next connection asks anew.
    if (step == Step::failed) return step;
    step = Step::failed;
    for (auto const* address = resolution->addresses.get(); address != nullptr && step == Step::failed;
         address = address->ai_next)
        step = connect_to_one(*address, until);
    return step;
}

OtlpConnection::Step OtlpConnection::connect_to_one(addrinfo const& address, clock::time_point until)
{
    close();
    socket_ = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return Step::failed;
    int const on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto step = Step::done;
    if (::connect(socket_, address.ai_addr, address.ai_addrlen) != 0)
    {
        step = errno == EINPROGRESS ? wait(POLLOUT, until) : Step::failed;
        int error = 0;
        socklen_t size = sizeof error;
        if (step == Step::done && (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0))
            step = Step::failed;
    }
    if (step != Step::done) close();
    return step;
}

OtlpConnection::Step OtlpConnection::send_all(std::string_view bytes, clock::time_point until)
{
    while (!bytes.empty())
    {
        auto const sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0)
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno == EAGAIN)
        {
            if (auto const step = wait(POLLOUT, until); step != Step::done) return step;
        }
        else if (errno != EINTR)
            return Step::failed;
    }
    return Step::done;
}

PostOutcome OtlpConnection::read_answer(clock::time_point until)
{
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    parser.body_limit(answer_bytes_max);
    std::string unread; // What the parser has not taken yet.
    boost::system::error_code error;
    std::array<char, 4096> bytes{};
    while (!parser.is_done())
    {
        if (auto const step = wait(POLLIN, until); step == Step::late) return {.kind = PostOutcome::Kind::timed_out};
        auto const got = ::recv(socket_, bytes.data(), bytes.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got < 0 || (got == 0 && !parser.got_some()))
        {
            was_silent_ = !parser.got_some();
            return {.kind = PostOutcome::Kind::unreachable};
        }
        if (got == 0)
            parser.put_eof(error); // The end of an answer without a length.
        else
        {
            unread.append(bytes.data(), static_cast<std::size_t>(got));
            unread.erase(0, parser.put(boost::asio::buffer(unread), error));
            if (error == http::error::need_more) error = {};
        }
        if (error) return {.kind = PostOutcome::Kind::malformed};
    }
    auto const& answer = parser.get();
    auto const field = answer[http::field::retry_after];
    PostOutcome outcome{.kind = PostOutcome::Kind::answered,
                        .status = static_cast<int>(answer.result_int()),
                        .retry_after = seconds_of({field.data(), field.size()}),
                        .body = answer.body()};
    if (!parser.keep_alive() || !unread.empty()) close();
    return outcome;
}

OtlpConnection::Step OtlpConnection::wait(short events, clock::time_point until) const // NOLINT(google-runtime-int)
{
    for (;;)
    {
        auto const left = until - clock::now();
        if (left <= clock::duration::zero() || has_given_up()) return Step::late;
        pollfd waited{.fd = socket_, .events = events, .revents = 0};
        auto const slice = std::min<clock::duration>(left, look_interval);
        auto const ready = ::poll(&waited, 1, static_cast<int>(std::chrono::ceil<milliseconds>(slice).count()));
        if (ready > 0) return Step::done; // An error too: the next call says which.
        if (ready < 0 && errno != EINTR) return Step::failed;
    }
}

void OtlpConnection::close() noexcept
{
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

} // namespace parley::telemetry
