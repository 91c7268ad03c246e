#include "parley/support/raw_http_client.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cctype>
#include <charconv>
#include <cstring>

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

using Clock = std::chrono::steady_clock;

bool is_token(std::string_view text)
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() &&
           std::all_of(text.begin(), text.end(),
                       [&](unsigned char c) { return std::isalnum(c) != 0 || marks.find(static_cast<char>(c)) != marks.npos; });
}

std::size_t number_from(std::string_view text, int base, char const* what)
{
    std::size_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty())
        throw HttpBroken(std::string(what) + ": " + std::string(text));
    return value;
}

// Waits for the socket; false when the time is over.
bool wait_for(int socket, short what, Clock::time_point end)
{
    for (;;)
    {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) return false;
        pollfd wait{socket, what, 0};
        int const ready = ::poll(&wait, 1, static_cast<int>(left));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) throw HttpBroken(std::string("poll: ") + std::strerror(errno));
    }
}

HttpAnswer parse_status_line(std::string_view line)
{
    HttpAnswer answer;
    bool const shaped = line.size() >= 13 && (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) && line[12] == ' ';
    if (!shaped) throw HttpBroken("not a status line: " + std::string(line));
    answer.status = static_cast<int>(number_from(line.substr(9, 3), 10, "not a status"));
    answer.reason = line.substr(13);
    return answer;
}

std::pair<std::string, std::string> parse_field(std::string_view line)
{
    auto const colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon))) throw HttpBroken("not a field: " + std::string(line));
    std::string_view const value = trim_ows(line.substr(colon + 1));
    for (unsigned char const c : value)
        if ((c < 0x20 && c != '\t') || c == 0x7f) throw HttpBroken("a control character in a field: " + std::string(line));
    return {std::string(line.substr(0, colon)), std::string(value)};
}

} // namespace

std::optional<std::string> HttpAnswer::find(std::string_view name) const
{
    std::optional<std::string> found;
    for (auto const& [field, value] : fields)
        if (equal_ignoring_case(field, name)) found = found ? *found + "\n" + value : value;
    return found;
}

std::size_t HttpAnswer::count(std::string_view name) const
{
    return static_cast<std::size_t>(
        std::count_if(fields.begin(), fields.end(), [&](auto const& field) { return equal_ignoring_case(field.first, name); }));
}

std::string to_bytes(HttpRequest const& request)
{
    std::string bytes = request.method + " " + request.target + " HTTP/1.1\r\nHost: " + request.host + "\r\n";
    for (auto const& [name, value] : request.fields)
        bytes.append(name).append(": ").append(value).append("\r\n");
    constexpr std::array<std::string_view, 4> with_body{"POST", "PUT", "PATCH", "DELETE"};
    if (request.body || std::find(with_body.begin(), with_body.end(), request.method) != with_body.end())
        bytes += "Content-Length: " + std::to_string(request.body.value_or("").size()) + "\r\n";
    return bytes + "\r\n" + request.body.value_or("");
}

RawHttpClient::RawHttpClient(std::string const& address, std::uint16_t port, std::chrono::milliseconds timeout)
    : timeout_(timeout)
{
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    if (::inet_pton(AF_INET, address.c_str(), &peer.sin_addr) != 1) throw HttpBroken("not an IPv4 address: " + address);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0 || ::connect(socket_, reinterpret_cast<sockaddr const*>(&peer), sizeof peer) != 0)
    {
        std::string const why = std::strerror(errno);
        if (socket_ >= 0) ::close(socket_);
        throw HttpBroken("cannot connect to port " + std::to_string(port) + ": " + why);
    }
    int const on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

RawHttpClient::~RawHttpClient()
{
    if (socket_ >= 0) ::close(socket_);
}

RawHttpClient::RawHttpClient(RawHttpClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), timeout_(other.timeout_), buffer_(std::move(other.buffer_))
{
}

RawHttpClient& RawHttpClient::operator=(RawHttpClient&& other) noexcept
{
    std::swap(socket_, other.socket_);
    std::swap(timeout_, other.timeout_);
    std::swap(buffer_, other.buffer_);
    return *this;
}

void RawHttpClient::send(std::string_view bytes)
{
    auto const end = Clock::now() + timeout_;
    while (!bytes.empty())
    {
        if (!wait_for(socket_, POLLOUT, end)) throw HttpBroken("the other side does not read");
        ssize_t const sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0)
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno != EAGAIN && errno != EINTR)
            throw HttpBroken(std::string("send: ") + std::strerror(errno));
    }
}

bool RawHttpClient::try_send(std::string_view bytes) noexcept
{
    try
    {
        send(bytes);
        return true;
    }
    catch (HttpBroken const&)
    {
        return false;
    }
}

bool RawHttpClient::fill(Clock::time_point end)
{
    if (!wait_for(socket_, POLLIN, end)) throw HttpBroken("no answer in time; so far: " + buffer_.substr(0, 200));
    std::array<char, 65536> part; // NOLINT: filled by recv.
    ssize_t const got = ::recv(socket_, part.data(), part.size(), 0);
    if (got < 0 && errno == EINTR) return true;
    if (got < 0) throw HttpBroken(std::string("recv: ") + std::strerror(errno));
    buffer_.append(part.data(), static_cast<std::size_t>(got));
    return got > 0;
}

std::string RawHttpClient::take_line(Clock::time_point end)
{
    std::size_t feed = 0;
    while ((feed = buffer_.find('\n')) == std::string::npos)
        if (!fill(end)) throw HttpBroken("the connection ended inside an answer: " + buffer_.substr(0, 200));
    if (feed == 0 || buffer_[feed - 1] != '\r') throw HttpBroken("a line without CRLF: " + buffer_.substr(0, feed));
    std::string line = buffer_.substr(0, feed - 1);
    if (line.find('\r') != std::string::npos) throw HttpBroken("a bare CR in: " + line);
    buffer_.erase(0, feed + 1);
    return line;
}

std::string RawHttpClient::take(std::size_t size, Clock::time_point end)
{
    while (buffer_.size() < size)
        if (!fill(end)) throw HttpBroken("the connection ended inside a body");
    std::string bytes = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return bytes;
}

std::string RawHttpClient::take_chunks(Clock::time_point end)
{
    std::string body;
    while (std::size_t const size = number_from(take_line(end), 16, "not a chunk size"))
    {
        body += take(size, end);
        if (!take_line(end).empty()) throw HttpBroken("a chunk without its CRLF");
    }
    if (!take_line(end).empty()) throw HttpBroken("trailers after the last chunk");
    return body;
}

std::optional<HttpAnswer> RawHttpClient::read_answer(std::string_view to_method)
{
    auto const end = Clock::now() + timeout_;
    while (buffer_.empty())
        if (!fill(end)) return std::nullopt;
    HttpAnswer answer = parse_status_line(take_line(end));
    for (std::string line = take_line(end); !line.empty(); line = take_line(end))
        answer.fields.push_back(parse_field(line));

    if (answer.status < 200 || answer.status == 204 || answer.status == 304 || to_method == "HEAD") return answer;
    auto const length = answer.find("Content-Length");
    auto const coding = answer.find("Transfer-Encoding");
    if (length && coding) throw HttpBroken("both Content-Length and Transfer-Encoding");
    if (length)
        answer.body = take(number_from(*length, 10, "not a Content-Length"), end);
    else if (coding)
        answer.body = take_chunks(end);
    else
    {
        while (fill(end))
        {
        }
        answer.body = std::exchange(buffer_, {});
    }
    return answer;
}

HttpAnswer RawHttpClient::exchange(HttpRequest const& request)
{
    send(to_bytes(request));
    auto answer = read_answer(request.method);
    if (!answer) throw HttpBroken("the connection ended without an answer to " + request.method + " " + request.target);
    return std::move(*answer);
}

bool RawHttpClient::closes_within(std::chrono::milliseconds time)
{
    auto const end = Clock::now() + time;
    try
    {
        while (fill(end))
            buffer_.clear();
        return true;
    }
    catch (HttpBroken const&)
    {
        return Clock::now() < end; // A reset closes too; silence until the end does not.
    }
}

void RawHttpClient::finish_sending() noexcept
{
    ::shutdown(socket_, SHUT_WR);
}

void RawHttpClient::reset() noexcept
{
    linger const at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(socket_, -1));
}

} // namespace parley::support
