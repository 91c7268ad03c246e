#include "parley/http/gate.hpp"

#include "syntax.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace parley::http
{

namespace
{

enum class Version : std::uint8_t
{
    http_1_0,
    http_1_1,
    other,   // HTTP/ and two digits, but another major version.
    rubbish, // Not a version at all.
};

Version version_from(std::string_view text) noexcept
{
    if (text == "HTTP/1.1") return Version::http_1_1;
    if (text == "HTTP/1.0") return Version::http_1_0;
    // A minor version that does not exist yet is read as the highest that does (RFC 9110, 2.5).
    if (text.size() == 8 && text.starts_with("HTTP/1.") && syntax::is(syntax::digit, text[7])) return Version::http_1_1;
    bool const is_version = text.size() == 8 && text.starts_with("HTTP/") && syntax::is(syntax::digit, text[5]) &&
                            text[6] == '.' && syntax::is(syntax::digit, text[7]);
    return is_version ? Version::other : Version::rubbish;
}

enum class Coding : std::uint8_t
{
    chunked,
    unknown, // A coding that we could learn: 501.
    wrong,   // Where the body ends cannot be told: 400.
};

// Transfer-Encoding has one value that we take. A list is told apart only to answer with the right status.
Coding coding_from(std::string_view value) noexcept
{
    if (syntax::same(value, "chunked")) return Coding::chunked;
    int chunked = 0;
    bool chunked_is_last = false;
    std::string_view element;
    while (syntax::next_element(value, element))
    {
        auto const name = syntax::trim(element.substr(0, element.find(';')));
        if (!syntax::is_token(name)) return Coding::wrong;
        chunked_is_last = syntax::same(name, "chunked");
        if (chunked_is_last) ++chunked;
        if (chunked_is_last && name.size() != element.size()) return Coding::wrong; // "chunked" has no parameters.
    }
    if (chunked == 0) return Coding::unknown;
    return chunked == 1 && chunked_is_last ? Coding::unknown : Coding::wrong;
}

} // namespace

Request to_request(Head const& head) noexcept
{
    Request request;
    request.method = head.method;
    request.method_name = head.method_name;
    request.path = head.path;
    request.query = head.query;
    request.host = head.host;
    request.fields = head.fields;
    return request;
}

Gate::Gate(GateLimits const& limits) : limits_(limits)
{
    head_.fields.reserve(std::min<std::size_t>(limits.fields_max, 16));
}

void Gate::reset() noexcept
{
    auto fields = std::move(head_.fields);
    fields.clear();
    head_ = Head{};
    head_.fields = std::move(fields);
    seen_ = Seen{};
    position_ = 0;
    scanned_ = 0;
    stage_ = Stage::empty_line;
    has_begun_ = false;
    refused_ = false;
    host_is_settled_ = false;
}

Verdict Gate::examine(std::string_view bytes)
{
    if (refused_) return Verdict::refused;
    if (bytes.empty()) return Verdict::need_more;
    // Nothing beyond the bound is ever looked at, so the verdict does not depend on how much has arrived.
    auto const window = bytes.substr(0, limits_.head_bytes_max);
    if (stage_ == Stage::empty_line && pass_over_empty_line(window) == Verdict::need_more) return Verdict::need_more;
    std::string_view line;
    while (take_line(window, line))
    {
        if (stage_ == Stage::request_line)
        {
            if (!read_request_line(line)) return Verdict::refused;
            stage_ = Stage::field_lines;
        }
        else if (line.empty())
        {
            head_.head_bytes = position_;
            return finish() ? Verdict::passed : Verdict::refused;
        }
        else if (!read_field(line))
        {
            return Verdict::refused;
        }
    }
    return refused_ ? Verdict::refused : Verdict::need_more;
}

Verdict Gate::pass_over_empty_line(std::string_view window)
{
    if (window.front() == '\r')
    {
        if (window.size() == 1) return Verdict::need_more;
        if (window[1] == '\n') position_ = scanned_ = 2;
        if (window.size() == 2) return Verdict::need_more;
    }
    has_begun_ = true;
    stage_ = Stage::request_line;
    return Verdict::passed;
}

// The next whole line without its CRLF. False: it is not there yet, or it was refused.
bool Gate::take_line(std::string_view window, std::string_view& line)
{
    auto const* const found =
        scanned_ == window.size()
            ? nullptr
            : static_cast<char const*>(std::memchr(window.data() + scanned_, '\n', window.size() - scanned_));
    auto const line_end = found == nullptr ? window.size() : static_cast<std::size_t>(found - window.data()) + 1;
    auto const line_bytes = line_end - position_;
    bool const is_request_line = stage_ == Stage::request_line;
    if (is_request_line &&
        (line_bytes > limits_.request_line_bytes_max || (found == nullptr && line_bytes == limits_.request_line_bytes_max)))
    {
        return refuse(ProblemCode::target_too_long, "The request line is too long.");
    }
    if (found == nullptr)
    {
        scanned_ = window.size();
        if (window.size() == limits_.head_bytes_max) refuse(ProblemCode::head_too_large, "The request head is too large.");
        return false;
    }
    if (line_bytes < 2 || window[line_end - 2] != '\r')
        return refuse(ProblemCode::head_malformed, "A line ends without a carriage return.");
    line = window.substr(position_, line_bytes - 2);
    position_ = scanned_ = line_end;
    return true;
}

// method SP request-target SP HTTP-version (RFC 9112, 3), with exactly one space each.
bool Gate::read_request_line(std::string_view line)
{
    auto const method_end = line.find(' ');
    auto const target_end = method_end == std::string_view::npos ? method_end : line.find(' ', method_end + 1);
    if (target_end == std::string_view::npos) return refuse(ProblemCode::head_malformed, "The request line has not three parts.");
    head_.method_name = line.substr(0, method_end);
    if (!syntax::is_token(head_.method_name)) return refuse(ProblemCode::head_malformed, "The method is not a token.");
    head_.method = method_from(head_.method_name);
    switch (version_from(line.substr(target_end + 1)))
    {
    case Version::http_1_1:
        break;
    case Version::http_1_0:
        head_.is_http_1_0 = true;
        break;
    case Version::other:
        return refuse(ProblemCode::version_unsupported, "Only HTTP/1 is spoken here.");
    case Version::rubbish:
        return refuse(ProblemCode::head_malformed, "The request line does not end in an HTTP version.");
    }
    return read_target(line.substr(method_end + 1, target_end - method_end - 1));
}

bool Gate::read_target(std::string_view target)
{
    if (!syntax::all(syntax::target, target))
        return refuse(ProblemCode::head_malformed, "The request target has a character that no URI has.");
    // CONNECT names an authority, not a resource (RFC 9112, 3.2.3); we are no proxy.
    if (head_.method_name == "CONNECT") return refuse(ProblemCode::head_malformed, "CONNECT is for proxies.");
    if (target == "*" && head_.method == Method::options) // Of the server as a whole (RFC 9112, 3.2.4).
    {
        head_.path = target;
        return true;
    }
    if (!target.starts_with('/')) return read_absolute_target(target);
    auto const question = target.find('?');
    head_.path = target.substr(0, question);
    if (question != std::string_view::npos) head_.query = target.substr(question + 1);
    return true;
}

// "http://host/path": sent to proxies, but every server must take it, with the host of the target and not of the field
// (RFC 9112, 3.2.2).
bool Gate::read_absolute_target(std::string_view target)
{
    auto const scheme_end = target.find("://");
    auto const scheme = target.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos || !(syntax::same(scheme, "http") || syntax::same(scheme, "https")))
    {
        return refuse(ProblemCode::head_malformed, "The request target is neither a path nor an http URI.");
    }
    auto const rest = target.substr(scheme_end + 3);
    auto const host_end = std::min(rest.find_first_of("/?"), rest.size());
    head_.host = rest.substr(0, host_end);
    if (!syntax::is_authority(head_.host)) return refuse(ProblemCode::head_malformed, "The request target's host is not valid.");
    host_is_settled_ = true;
    auto const question = rest.find('?', host_end);
    head_.path = rest.substr(host_end, question == std::string_view::npos ? question : question - host_end);
    if (head_.path.empty()) head_.path = "/";
    if (question != std::string_view::npos) head_.query = rest.substr(question + 1);
    return true;
}

bool Gate::read_field(std::string_view line)
{
    if (head_.fields.size() == limits_.fields_max) return refuse(ProblemCode::head_too_large, "The request has too many fields.");
    Field field;
    if (auto const* const fault = syntax::read_field_line(line, field)) return refuse(ProblemCode::head_malformed, fault);
    head_.fields.push_back(field);
    return note(field);
}

// Picks out the fields that decide about framing and identity. By length first: few names have these.
bool Gate::note(Field const& field)
{
    auto const is = [&](std::string_view name) { return syntax::same(field.name, name); };
    switch (field.name.size())
    {
    case 4:
        if (!is("host")) return true;
        seen_.host = field.value;
        return note_once(seen_.has_host, "The Host field is doubled.");
    case 6:
        if (!is("expect")) return true;
        if (seen_.has_expect || !syntax::same(field.value, "100-continue"))
        {
            return refuse(ProblemCode::expectation_failed, "Only 100-continue can be expected.");
        }
        return seen_.has_expect = true;
    case 9:
        return !is("x-api-key") || note_once(seen_.has_api_key, "The X-api-key field is doubled.");
    case 10:
        if (is("connection")) note_connection(field.value);
        return true;
    case 13:
        return !is("authorization") || note_once(seen_.has_authorization, "The Authorization field is doubled.");
    case 14:
        return !is("content-length") || note_content_length(field.value);
    case 17:
        if (!is("transfer-encoding")) return true;
        seen_.transfer_encoding = field.value;
        return note_once(seen_.has_transfer_encoding, "The Transfer-Encoding field is doubled.");
    default:
        return true;
    }
}

bool Gate::note_once(bool& seen, char const* sentence)
{
    if (seen) return refuse(ProblemCode::head_malformed, sentence);
    return seen = true;
}

// 1*DIGIT and nothing else: no sign, no list, no second field, even with the same value.
bool Gate::note_content_length(std::string_view value)
{
    if (!note_once(seen_.has_content_length, "The Content-Length field is doubled.")) return false;
    if (value.empty() || !syntax::all(syntax::digit, value))
        return refuse(ProblemCode::head_malformed, "Content-Length is not a number.");
    std::uint64_t length = 0;
    for (char const c : value)
    {
        auto const digit = static_cast<std::uint64_t>(c - '0');
        if (length > (std::numeric_limits<std::int64_t>::max() - digit) / 10)
            return refuse(ProblemCode::head_malformed, "Content-Length is too large a number.");
        length = length * 10 + digit;
    }
    head_.content_length = length;
    return true;
}

void Gate::note_connection(std::string_view value)
{
    std::string_view option;
    while (syntax::next_element(value, option))
    {
        if (syntax::same(option, "close")) seen_.asks_close = true;
        if (syntax::same(option, "keep-alive")) seen_.asks_keep_alive = true;
    }
}

// What can be said only when all fields are known.
bool Gate::finish()
{
    if (!settle_host() || !settle_framing()) return false;
    head_.keep_alive = !seen_.asks_close && (!head_.is_http_1_0 || seen_.asks_keep_alive);
    bool const has_body = head_.framing == Framing::chunked || head_.content_length > 0;
    head_.expects_continue = seen_.has_expect && has_body && !head_.is_http_1_0; // Ignored on 1.0 (RFC 9110, 10.1.1).
    return true;
}

bool Gate::settle_host()
{
    if (!seen_.has_host && !head_.is_http_1_0) return refuse(ProblemCode::head_malformed, "The Host field is missing.");
    if (seen_.has_host && !syntax::is_authority(seen_.host))
        return refuse(ProblemCode::head_malformed, "The Host field is not valid.");
    if (!host_is_settled_) head_.host = seen_.host;
    return true;
}

bool Gate::settle_framing()
{
    if (!seen_.has_transfer_encoding)
    {
        if (seen_.has_content_length) head_.framing = Framing::length;
        return true;
    }
    if (seen_.has_content_length)
        return refuse(ProblemCode::head_malformed, "Content-Length and Transfer-Encoding exclude each other.");
    if (head_.is_http_1_0) return refuse(ProblemCode::head_malformed, "HTTP/1.0 has no Transfer-Encoding.");
    switch (coding_from(seen_.transfer_encoding))
    {
    case Coding::chunked:
        head_.framing = Framing::chunked;
        return true;
    case Coding::unknown:
        return refuse(ProblemCode::coding_unsupported, "The only transfer coding here is chunked.");
    case Coding::wrong:
        break;
    }
    return refuse(ProblemCode::head_malformed, "The Transfer-Encoding field is not valid.");
}

bool Gate::refuse(ProblemCode code, char const* sentence)
{
    refused_ = true;
    problem_ = Problem{code, sentence};
    return false;
}

} // namespace parley::http
