#include "parley/http/chunked.hpp"

#include "syntax.hpp"

#include <algorithm>

namespace parley::http
{

namespace
{

// Takes 1*HEXDIG from the front. False when there is none, or more than a 60-bit number.
bool take_size(std::string_view& text, std::uint64_t& size) noexcept
{
    std::size_t digits = 0;
    size = 0;
    for (; digits < text.size() && syntax::is(syntax::hex_digit, text[digits]); ++digits)
    {
        if (size >> 56 != 0) return false;
        char const c = text[digits];
        auto const value = c <= '9' ? c - '0' : syntax::lower(c) - 'a' + 10;
        size = size << 4 | static_cast<std::uint64_t>(value);
    }
    text.remove_prefix(digits);
    return digits > 0;
}

void skip_space(std::string_view& text) noexcept
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
}

bool skip_token(std::string_view& text) noexcept
{
    std::size_t size = 0;
    while (size < text.size() && syntax::is(syntax::token, text[size]))
        ++size;
    text.remove_prefix(size);
    return size > 0;
}

bool skip_quoted(std::string_view& text) noexcept
{
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '"')
    {
        bool const is_pair = text.front() == '\\';
        if (is_pair) text.remove_prefix(1);
        if (text.empty() || !syntax::is(is_pair ? syntax::field_value : syntax::quoted_text, text.front())) return false;
        text.remove_prefix(1);
    }
    if (text.empty()) return false;
    text.remove_prefix(1);
    return true;
}

// *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ), and nothing behind it (RFC 9112, 7.1.1).
bool are_extensions(std::string_view text) noexcept
{
    while (!text.empty())
    {
        skip_space(text);
        if (text.empty() || text.front() != ';') return false;
        text.remove_prefix(1);
        skip_space(text);
        if (!skip_token(text)) return false;
        auto rest = text;
        skip_space(rest);
        if (rest.empty() || rest.front() != '=') continue;
        rest.remove_prefix(1);
        skip_space(rest);
        if (rest.empty()) return false;
        if (!(rest.front() == '"' ? skip_quoted(rest) : skip_token(rest))) return false;
        text = rest;
    }
    return true;
}

} // namespace

ChunkedDecoder::Step ChunkedDecoder::decode(std::string_view bytes, std::string* body)
{
    auto const size = bytes.size();
    while (!bytes.empty() && stage_ != Stage::done && stage_ != Stage::refused)
    {
        if (stage_ == Stage::data)
            take_data(bytes, body);
        else if (stage_ == Stage::data_end)
            take_data_end(bytes);
        else
            take_line(bytes);
    }
    auto const verdict = stage_ == Stage::done      ? Verdict::passed
                         : stage_ == Stage::refused ? Verdict::refused
                                                    : Verdict::need_more;
    return {verdict, size - bytes.size()};
}

void ChunkedDecoder::take_data(std::string_view& bytes, std::string* body)
{
    auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    if (body != nullptr) body->append(bytes.substr(0, size));
    bytes.remove_prefix(size);
    left_ -= size;
    if (left_ == 0) stage_ = Stage::data_end;
}

void ChunkedDecoder::take_data_end(std::string_view& bytes)
{
    char const expected = data_end_bytes_ == 0 ? '\r' : '\n';
    if (bytes.front() != expected) return refuse(ProblemCode::head_malformed, "A chunk is not followed by CRLF.");
    bytes.remove_prefix(1);
    if (++data_end_bytes_ < 2) return;
    data_end_bytes_ = 0;
    stage_ = Stage::size_line;
}

void ChunkedDecoder::take_line(std::string_view& bytes)
{
    auto const line_feed = bytes.find('\n');
    auto const piece = bytes.substr(0, line_feed == std::string_view::npos ? line_feed : line_feed + 1);
    bytes.remove_prefix(piece.size());
    auto const line_bytes = line_.size() + piece.size();
    if (line_bytes > line_bytes_max() || (line_feed == std::string_view::npos && line_bytes == line_bytes_max()))
    {
        return stage_ == Stage::trailer_line ? refuse(ProblemCode::head_too_large, "The trailer section is too large.")
                                             : refuse(ProblemCode::head_malformed, "A chunk's size line is too long.");
    }
    if (line_feed == std::string_view::npos)
    {
        line_.append(piece);
        return;
    }
    if (line_.empty()) return read_line(piece);
    line_.append(piece);
    auto const line = std::move(line_);
    line_.clear();
    read_line(line);
}

std::size_t ChunkedDecoder::line_bytes_max() const noexcept
{
    return stage_ == Stage::trailer_line ? limits_.trailer_bytes_max - trailer_bytes_ : limits_.size_line_bytes_max;
}

void ChunkedDecoder::read_line(std::string_view line)
{
    if (line.size() < 2 || line[line.size() - 2] != '\r')
    {
        return refuse(ProblemCode::head_malformed, "A line of the body's framing ends without a carriage return.");
    }
    line.remove_suffix(2);
    if (stage_ == Stage::size_line) return read_size_line(line);
    read_trailer_line(line);
}

void ChunkedDecoder::read_size_line(std::string_view line)
{
    std::uint64_t size = 0;
    if (!take_size(line, size)) return refuse(ProblemCode::head_malformed, "A chunk's size is not a hexadecimal number.");
    extension_bytes_ += line.size();
    if (!are_extensions(line)) return refuse(ProblemCode::head_malformed, "A chunk's extension is not valid.");
    if (extension_bytes_ > limits_.extension_bytes_max)
        return refuse(ProblemCode::head_malformed, "The chunk extensions are too long.");
    if (size > limits_.body_bytes_max - body_bytes_) return refuse(ProblemCode::body_too_large, "The body is too large.");
    body_bytes_ += static_cast<std::size_t>(size);
    left_ = size;
    stage_ = size == 0 ? Stage::trailer_line : Stage::data;
}

void ChunkedDecoder::read_trailer_line(std::string_view line)
{
    if (line.empty())
    {
        stage_ = Stage::done;
        return;
    }
    trailer_bytes_ += line.size() + 2;
    Field dropped;
    if (auto const* const fault = syntax::read_field_line(line, dropped)) refuse(ProblemCode::head_malformed, fault);
}

void ChunkedDecoder::refuse(ProblemCode code, char const* sentence)
{
    stage_ = Stage::refused;
    problem_ = Problem{code, sentence};
}

} // namespace parley::http
