#include "syntax.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <cstring>

namespace parley::http::syntax
{

bool next_element(std::string_view& list, std::string_view& element) noexcept
{
    if (list.data() == nullptr) return false;
    auto const comma = list.find(',');
    element = trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    return true;
}

char const* read_field_line(std::string_view line, Field& field) noexcept
{
    // A line that begins with white space would continue the one before (obs-fold, RFC 9112, 5.2).
    if (line.front() == ' ' || line.front() == '\t') return "A field line begins with white space.";
    std::size_t name_end = 0;
    while (name_end < line.size() && is(token, line[name_end]))
        ++name_end;
    if (name_end == line.size()) return "A field line has no colon.";
    if (line[name_end] != ':') return "A field name is not a token.";
    if (name_end == 0) return "A field name is empty.";
    field.name = line.substr(0, name_end);
    auto const value = line.substr(name_end + 1);
    if (!all(field_value, value)) return "A field value has a control character.";
    field.value = trim(value);
    return nullptr;
}

namespace
{

bool is_port(std::string_view text) noexcept
{
    if (text.size() > 5 || !all(digit, text)) return false;
    unsigned value = 0;
    for (char const c : text)
        value = value * 10 + static_cast<unsigned>(c - '0');
    return value <= 65535;
}

bool is_ipv6(std::string_view text) noexcept
{
    std::array<char, 46> copy{};
    if (text.size() >= copy.size()) return false;
    std::memcpy(copy.data(), text.data(), text.size());
    if (text.find('%') != std::string_view::npos) return false; // A zone means something on the client's machine only.
    boost::system::error_code error;
    boost::asio::ip::make_address_v6(copy.data(), error);
    return !error;
}

} // namespace

bool is_authority(std::string_view text) noexcept
{
    if (text.size() > 261) return false; // 255 for the longest name, 6 for the port.
    std::size_t host_end = 0;
    if (!text.empty() && text.front() == '[')
    {
        host_end = text.find(']');
        if (host_end == std::string_view::npos || !is_ipv6(text.substr(1, host_end - 1))) return false;
        ++host_end;
    }
    else
    {
        while (host_end < text.size() && is(host_name, text[host_end]))
            ++host_end;
        if (host_end == 0) return false;
    }
    if (host_end == text.size()) return true;
    return text[host_end] == ':' && is_port(text.substr(host_end + 1));
}

std::string_view status_line(int status) noexcept
{
    switch (status)
    {
    case 200:
        return "HTTP/1.1 200 OK\r\n";
    case 201:
        return "HTTP/1.1 201 Created\r\n";
    case 202:
        return "HTTP/1.1 202 Accepted\r\n";
    case 204:
        return "HTTP/1.1 204 No Content\r\n";
    case 206:
        return "HTTP/1.1 206 Partial Content\r\n";
    case 301:
        return "HTTP/1.1 301 Moved Permanently\r\n";
    case 302:
        return "HTTP/1.1 302 Found\r\n";
    case 303:
        return "HTTP/1.1 303 See Other\r\n";
    case 304:
        return "HTTP/1.1 304 Not Modified\r\n";
    case 307:
        return "HTTP/1.1 307 Temporary Redirect\r\n";
    case 308:
        return "HTTP/1.1 308 Permanent Redirect\r\n";
    case 400:
        return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
        return "HTTP/1.1 401 Unauthorized\r\n";
    case 403:
        return "HTTP/1.1 403 Forbidden\r\n";
    case 404:
        return "HTTP/1.1 404 Not Found\r\n";
    case 405:
        return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 406:
        return "HTTP/1.1 406 Not Acceptable\r\n";
    case 408:
        return "HTTP/1.1 408 Request Timeout\r\n";
    case 409:
        return "HTTP/1.1 409 Conflict\r\n";
    case 410:
        return "HTTP/1.1 410 Gone\r\n";
    case 412:
        return "HTTP/1.1 412 Precondition Failed\r\n";
    case 413:
        return "HTTP/1.1 413 Content Too Large\r\n";
    case 414:
        return "HTTP/1.1 414 URI Too Long\r\n";
    case 415:
        return "HTTP/1.1 415 Unsupported Media Type\r\n";
    case 417:
        return "HTTP/1.1 417 Expectation Failed\r\n";
    case 422:
        return "HTTP/1.1 422 Unprocessable Content\r\n";
    case 428:
        return "HTTP/1.1 428 Precondition Required\r\n";
    case 429:
        return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431:
        return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 500:
        return "HTTP/1.1 500 Internal Server Error\r\n";
    case 501:
        return "HTTP/1.1 501 Not Implemented\r\n";
    case 502:
        return "HTTP/1.1 502 Bad Gateway\r\n";
    case 503:
        return "HTTP/1.1 503 Service Unavailable\r\n";
    case 504:
        return "HTTP/1.1 504 Gateway Timeout\r\n";
    case 505:
        return "HTTP/1.1 505 HTTP Version Not Supported\r\n";
    default:
        return {};
    }
}

} // namespace parley::http::syntax
