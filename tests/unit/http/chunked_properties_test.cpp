// What holds for every body in chunks, however its bytes arrive.
#include "parley/http/chunked.hpp"

#include "parley/support/properties.hpp"

#include <array>
#include <charconv>

namespace parley::http
{
namespace
{

std::string in_chunks(std::vector<std::string> const& chunks)
{
    std::string text;
    for (auto const& chunk : chunks)
    {
        if (chunk.empty()) continue; // An empty chunk is the last.
        std::array<char, 20> size{};
        auto* const end = std::to_chars(size.begin(), size.end(), chunk.size(), 16).ptr;
        text.append(size.data(), end).append("\r\n").append(chunk).append("\r\n");
    }
    return text + "0\r\n\r\n";
}

RC_GTEST_PROP(ChunkedProperties, a_body_does_not_depend_on_its_chunks_and_pieces, ())
{
    auto const chunks = *rc::gen::container<std::vector<std::string>>(support::any_bytes());
    std::string expected;
    for (auto const& chunk : chunks)
        expected += chunk;
    auto const text = in_chunks(chunks) + "next";
    ChunkedDecoder decoder{ChunkedLimits{}};
    std::string body;
    std::size_t consumed = 0;
    auto verdict = Verdict::need_more;
    while (verdict == Verdict::need_more)
    {
        auto const piece = std::string_view(text).substr(consumed, *rc::gen::inRange<std::size_t>(1, 20));
        auto const step = decoder.decode(piece, &body);
        consumed += step.consumed;
        verdict = step.verdict;
    }
    RC_ASSERT(verdict == Verdict::passed);
    RC_ASSERT(body == expected);
    RC_ASSERT(text.substr(consumed) == "next");
}

RC_GTEST_PROP(ChunkedProperties, a_verdict_on_any_bytes_does_not_depend_on_pieces, ())
{
    auto const text = *rc::gen::container<std::string>(rc::gen::element('0', '1', 'a', '\r', '\n', ';', '=', '"', ':', ' '));
    ChunkedDecoder whole{ChunkedLimits{}};
    ChunkedDecoder pieces{ChunkedLimits{}};
    std::string left;
    std::string right;
    auto const at_once = whole.decode(text, &left);
    auto verdict = Verdict::need_more;
    std::size_t consumed = 0;
    while (verdict == Verdict::need_more && consumed < text.size())
    {
        auto const step = pieces.decode(std::string_view(text).substr(consumed, 1), &right);
        consumed += step.consumed;
        verdict = step.verdict;
    }
    RC_ASSERT(verdict == at_once.verdict);
    RC_ASSERT(left == right);
    if (verdict == Verdict::passed) RC_ASSERT(consumed == at_once.consumed);
}

} // namespace
} // namespace parley::http
