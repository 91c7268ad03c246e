// The gate: what a request head must look like before anything else of the service sees it.
//
// Strict where leniency lets two readers of the same bytes (the load balancer and us) disagree about where a request ends or
// whose it is: RFC 9112 and 9110 to the letter, and no repair of anything. Pure: no I/O, no clock. See README.md for the rules.
#pragma once

#include "parley/http/message.hpp"
#include "parley/http/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace parley::http
{

// How the body's end is found.
enum class Framing : std::uint8_t
{
    none,    // There is no body.
    length,  // Content-Length says how many bytes.
    chunked, // Transfer-Encoding: chunked.
};

enum class Verdict : std::uint8_t
{
    need_more, // So far nothing is wrong.
    passed,    // Complete.
    refused,   // problem() says why. Nothing behind this point of the stream can be trusted: the connection must end.
};

// A head that has passed. All views point into the bytes that were examined.
struct Head
{
    Method method = Method::get;
    std::string_view method_name;
    std::string_view path;  // Visible ASCII, begins with '/'; "*" for OPTIONS of the server as a whole.
    std::string_view query; // Behind the first '?'.
    std::string_view host;  // Of the target where that is absolute, else of the Host field; empty only on HTTP/1.0.
    std::vector<Field> fields;
    Framing framing = Framing::none;
    std::uint64_t content_length = 0; // For Framing::length.
    bool is_http_1_0 = false;
    bool keep_alive = true;        // What the client wishes.
    bool expects_continue = false; // Only where there is a body to wait for.
    std::size_t head_bytes = 0;    // Where the body begins.
};

// What the head says of a request. The body, the peer and the time are the caller's to say.
[[nodiscard]] Request to_request(Head const& head) noexcept;

// Examines one head after the other. Each line is looked at once, however many pieces the head arrives in.
class Gate
{
  public:
    explicit Gate(GateLimits const& limits);

    // bytes is everything of this request received so far, from its first byte; what is behind the head is not looked at. When
    // called again for the same head, the bytes must stand at the same address: call reset() after moving them.
    [[nodiscard]] Verdict examine(std::string_view bytes);

    // After Verdict::passed, until reset() or until the bytes go.
    [[nodiscard]] Head const& head() const noexcept { return head_; }

    // After Verdict::refused: head_malformed, head_too_large, target_too_long, coding_unsupported, expectation_failed or
    // version_unsupported.
    [[nodiscard]] Problem const& problem() const noexcept { return problem_; }

    // Whether a byte of a head has been seen; the empty line that may stand before a request (RFC 9112, 2.2) is none.
    [[nodiscard]] bool has_begun() const noexcept { return has_begun_; }

    // Makes ready for the next head, or for the same one at another address.
    void reset() noexcept;

  private:
    enum class Stage : std::uint8_t
    {
        empty_line, // One CRLF before the request line is passed over.
        request_line,
        field_lines,
    };

    // The fields whose number or value decides about framing and identity.
    struct Seen
    {
        std::string_view host;
        std::string_view transfer_encoding;
        bool has_host = false;
        bool has_transfer_encoding = false;
        bool has_content_length = false;
        bool has_authorization = false;
        bool has_api_key = false;
        bool has_expect = false;
        bool asks_close = false;
        bool asks_keep_alive = false;
    };

    Verdict pass_over_empty_line(std::string_view window);
    bool take_line(std::string_view window, std::string_view& line);
    bool read_request_line(std::string_view line);
    bool read_target(std::string_view target);
    bool read_absolute_target(std::string_view target);
    bool read_field(std::string_view line);
    bool note(Field const& field);
    bool note_once(bool& seen, char const* sentence);
    bool note_content_length(std::string_view value);
    void note_connection(std::string_view value);
    bool finish();
    bool settle_host();
    bool settle_framing();
    bool refuse(ProblemCode code, char const* sentence); // Always false, to be returned.

    GateLimits limits_;
    Head head_;
    Seen seen_;
    Problem problem_{ProblemCode::head_malformed};
    std::size_t position_ = 0; // Where the current line begins.
    std::size_t scanned_ = 0;  // Up to where no line feed has been found.
    Stage stage_ = Stage::empty_line;
    bool has_begun_ = false;
    bool refused_ = false;
    bool host_is_settled_ = false; // By an absolute target.
};

} // namespace parley::http
