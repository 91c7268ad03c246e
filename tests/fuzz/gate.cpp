// The gate and the decoder of chunks, over the bytes of one connection.
#include "promise.hpp"

#include "parley/core/text.hpp"
#include "parley/http/chunked.hpp"
#include "parley/http/gate.hpp"

#include <algorithm>
#include <optional>

namespace parley::fuzz
{
namespace
{

using http::Framing;
using http::Verdict;

// What became of a connection's bytes.
struct Outcome
{
    std::vector<std::string> served; // Everything that was read of each request.
    std::optional<Problem> refusal;
    std::size_t read = 0; // Bytes of whole requests.
    friend bool operator==(Outcome const&, Outcome const&) = default;
};

// How the bytes arrive: in pieces of 1 to most bytes, drawn from a generator, so that the same input always arrives alike.
class Arrival
{
  public:
    Arrival(std::size_t most, std::uint64_t seed) : most_(most), state_(seed | 1) {}
    std::size_t next()
    {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return 1 + static_cast<std::size_t>(state_ >> 33) % most_;
    }

  private:
    std::size_t most_;
    std::uint64_t state_;
};

std::size_t count(http::Head const& head, std::string_view name)
{
    return static_cast<std::size_t>(std::count_if(head.fields.begin(), head.fields.end(),
                                                  [&](auto const& field) { return equal_ignoring_case(field.name, name); }));
}

std::string target_of(http::Head const& head)
{
    std::string target(head.path);
    if (head.query.data() != nullptr) target.append("?").append(head.query);
    return target;
}

std::string text_of(http::Head const& head)
{
    std::string text(head.method_name);
    text.append(" ").append(target_of(head)).append(head.is_http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    for (auto const& field : head.fields)
        text.append(field.name).append(": ").append(field.value).append("\r\n");
    return text.append("\r\n");
}

// What a reader behind the gate may rely on, whatever came in.
void require_sound(http::Head const& head, std::string_view bytes)
{
    http::GateLimits const limits;
    require(head.head_bytes <= limits.head_bytes_max, "a head that passes is within its bound");
    require(bytes.substr(0, head.head_bytes).ends_with("\r\n\r\n"), "a head ends where its empty line ends");
    require(head.fields.size() <= limits.fields_max, "the number of fields is bounded");
    require(is_visible_ascii(head.path) && is_visible_ascii(head.query), "a target is visible ASCII", head.path);
    bool const is_of_server = head.path == "*" && head.method == http::Method::options;
    require(head.path.starts_with('/') || is_of_server, "a path begins with a slash", head.path);
    for (auto const& field : head.fields)
    {
        require(!field.name.empty() && is_visible_ascii(field.name), "a field's name is a token", field.name);
        auto const is_bad = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; };
        require(std::none_of(field.value.begin(), field.value.end(), is_bad), "a field's value has no control character");
        require(trim_ows(field.value) == field.value, "a field's value has no white space around it");
    }
    auto const lengths = count(head, "content-length");
    auto const codings = count(head, "transfer-encoding");
    require(lengths + codings <= 1, "a head has at most one framing");
    auto const expected = codings == 1 ? Framing::chunked : lengths == 1 ? Framing::length : Framing::none;
    require(head.framing == expected, "the framing is the one that the fields name");
    require(codings == 0 || !head.is_http_1_0, "HTTP/1.0 has no chunks");
    require(head.framing == Framing::length || head.content_length == 0, "only a length has a length");
    auto const hosts = count(head, "host");
    require(hosts == 1 || (hosts == 0 && head.is_http_1_0), "there is one Host; HTTP/1.0 may leave it out");
    require(!head.host.empty() || head.is_http_1_0, "the host is known");
    require(count(head, "authorization") <= 1 && count(head, "x-api-key") <= 1, "a credential is shown once");
}

// Written down again, a head is read as the same.
void require_same_when_rewritten(http::Head const& head)
{
    auto const text = text_of(head);
    if (text.size() > http::GateLimits{}.head_bytes_max || text.find("\r\n") + 2 > http::GateLimits{}.request_line_bytes_max)
        return;
    http::Gate gate{http::GateLimits{}};
    require(gate.examine(text) == Verdict::passed, "a head that passed passes again when it is written down", text);
    auto const& again = gate.head();
    require(text_of(again) == text, "a head written down is read as it was", text);
    require(again.framing == head.framing && again.content_length == head.content_length, "its framing is the same", text);
    require(again.keep_alive == head.keep_alive && again.expects_continue == head.expects_continue, "so are its wishes", text);
}

// The body in one chunk is the same body.
void require_same_in_one_chunk(std::string const& body)
{
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    auto const text = body.empty() ? std::string("0\r\n\r\n") : size + body + "\r\n0\r\n\r\n";
    http::ChunkedDecoder decoder{http::ChunkedLimits{}};
    std::string again;
    auto const step = decoder.decode(text, &again);
    require(step.verdict == Verdict::passed && step.consumed == text.size() && again == body, "chunks do not change a body");
}

class Reader
{
  public:
    Reader(std::string_view bytes, Arrival arrival) : bytes_(bytes), arrival_(arrival) {}

    Outcome read()
    {
        while (!outcome_.refusal && read_request())
        {
        }
        return std::move(outcome_);
    }

  private:
    // False where nothing can follow: the end of the bytes, or of the connection.
    bool read_request()
    {
        auto const bytes = bytes_.substr(outcome_.read);
        http::Gate gate{http::GateLimits{}};
        std::size_t arrived = 0;
        auto verdict = Verdict::need_more;
        while (verdict == Verdict::need_more && arrived < bytes.size())
        {
            arrived = std::min(bytes.size(), arrived + arrival_.next());
            verdict = gate.examine(bytes.substr(0, arrived));
        }
        if (verdict == Verdict::refused) outcome_.refusal = gate.problem();
        if (verdict != Verdict::passed) return false;
        auto const& head = gate.head();
        require_sound(head, bytes);
        require_same_when_rewritten(head);
        auto served = text_of(head) + std::string(head.host) + "|";
        std::size_t whole = head.head_bytes;
        if (head.framing == Framing::chunked)
        {
            std::string body;
            auto const end = read_chunks(bytes.substr(whole), body);
            if (!end) return false;
            require_same_in_one_chunk(body);
            served += body;
            whole += *end;
        }
        else
        {
            if (bytes.size() - whole < head.content_length) return false;
            served += bytes.substr(whole, static_cast<std::size_t>(head.content_length));
            whole += static_cast<std::size_t>(head.content_length);
        }
        outcome_.served.push_back(std::move(served));
        outcome_.read += whole;
        return head.keep_alive;
    }

    std::optional<std::size_t> read_chunks(std::string_view bytes, std::string& body)
    {
        http::ChunkedDecoder decoder{http::ChunkedLimits{}};
        std::size_t consumed = 0;
        while (consumed < bytes.size())
        {
            auto const piece = bytes.substr(consumed, arrival_.next());
            auto const step = decoder.decode(piece, &body);
            require(step.consumed <= piece.size(), "a decoder takes no more than there is");
            consumed += step.consumed;
            if (step.verdict == Verdict::refused) outcome_.refusal = decoder.problem();
            if (step.verdict == Verdict::refused) return std::nullopt;
            if (step.verdict == Verdict::passed) return consumed;
            require(step.consumed == piece.size(), "a body that goes on takes all that there is");
        }
        return std::nullopt;
    }

    std::string_view bytes_;
    Arrival arrival_;
    Outcome outcome_;
};

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley::fuzz;
    auto const bytes = text_of(data, size);
    auto const whole = Reader(bytes, Arrival(std::max<std::size_t>(size, 1), 0)).read();
    auto const all_at_once = Reader(bytes, Arrival(1U << 24, 0)).read();
    require(all_at_once == whole, "a verdict does not depend on how the bytes arrive");
    require(Reader(bytes, Arrival(7, size)).read() == whole, "a verdict does not depend on how the bytes arrive in pieces");
    require(Reader(bytes, Arrival(1, 0)).read() == whole, "a verdict does not depend on how the bytes arrive one by one");
    if (whole.refusal)
    {
        auto const status = parley::http::to_response(*whole.refusal).status;
        require(status == 400 || status == 413 || status == 414 || status == 417 || status == 431 || status == 501 ||
                    status == 505,
                "a refusal has a status of the gate's");
    }
    return 0;
}
