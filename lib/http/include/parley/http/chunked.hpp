// Reads a body in chunks (RFC 9112, 7.1), strictly. Pure: no I/O, no clock.
#pragma once

#include "parley/core/result.hpp"
#include "parley/http/gate.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley::http
{

struct ChunkedLimits
{
    std::size_t body_bytes_max = 10 * 1024 * 1024;
    std::size_t size_line_bytes_max = 256;      // The size and its extensions, with CRLF.
    std::size_t extension_bytes_max = 4 * 1024; // All extensions of a body together: they carry nothing for us.
    std::size_t trailer_bytes_max = 4 * 1024;   // The trailer section, with its last CRLF.
};

// Takes the bytes of one body as they come, in any pieces. Extensions and trailer fields are held against the grammar and
// dropped: a trailer never becomes a field.
class ChunkedDecoder
{
  public:
    explicit ChunkedDecoder(ChunkedLimits const& limits) noexcept : limits_(limits) {}

    struct Step
    {
        Verdict verdict;
        std::size_t consumed; // Bytes from the front that belong to this body. All of them unless passed or refused.
    };

    // Appends the chunks' data to body (nullptr: thrown away, as for a body nobody wants).
    [[nodiscard]] Step decode(std::string_view bytes, std::string* body);

    // After Verdict::refused: head_malformed, body_too_large or head_too_large (trailers).
    [[nodiscard]] Problem const& problem() const noexcept { return problem_; }

  private:
    enum class Stage : std::uint8_t
    {
        size_line,
        data,
        data_end, // The CRLF behind a chunk's data.
        trailer_line,
        done,
        refused,
    };

    void take_line(std::string_view& bytes);
    void take_data(std::string_view& bytes, std::string* body);
    void take_data_end(std::string_view& bytes);
    void read_line(std::string_view line); // With its CRLF.
    void read_size_line(std::string_view line);
    void read_trailer_line(std::string_view line);
    void refuse(ProblemCode code, char const* sentence);
    [[nodiscard]] std::size_t line_bytes_max() const noexcept;

    ChunkedLimits limits_;
    Problem problem_{ProblemCode::head_malformed};
    std::string line_;       // The beginning of a line whose end has not arrived.
    std::uint64_t left_ = 0; // Bytes of the current chunk still to come.
    std::size_t body_bytes_ = 0;
    std::size_t extension_bytes_ = 0;
    std::size_t trailer_bytes_ = 0;
    std::size_t data_end_bytes_ = 0;
    Stage stage_ = Stage::size_line;
};

} // namespace parley::http
