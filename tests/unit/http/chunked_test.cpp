// The chunked decoder against a corpus of bodies; as with the gate, the verdict may not depend on the pieces they come in.
#include "parley/http/chunked.hpp"

#include "unit/http/printing.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

using namespace std::string_view_literals;

namespace parley::http
{

namespace
{

constexpr auto passed = Verdict::passed;
constexpr auto refused = Verdict::refused;
constexpr auto need_more = Verdict::need_more;

struct Case
{
    std::string_view name;
    std::string_view bytes;
    Verdict verdict;
    std::string_view body = {}; // Where passed.
};

void PrintTo(Case const& one, std::ostream* out)
{
    *out << one.name;
}

// RFC 9112, 7.1 throughout.
Case const corpus[] = {
    {"no chunk", "0\r\n\r\n"sv, passed, ""},
    {"a chunk", "5\r\nhello\r\n0\r\n\r\n"sv, passed, "hello"},
    {"two chunks", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"sv, passed, "hello world"},
    {"upper and lower hexadecimal", "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"sv, passed, "01234567890123456789"},
    {"leading zeros", "0005\r\nhello\r\n000\r\n\r\n"sv, passed, "hello"},
    {"CRLF as data", "4\r\n\r\n\r\n\r\n0\r\n\r\n"sv, passed, "\r\n\r\n"},
    {"an extension", "5;a\r\nhello\r\n0\r\n\r\n"sv, passed, "hello"},
    {"an extension with a value", "5;a=b\r\nhello\r\n0;c=d\r\n\r\n"sv, passed, "hello"},
    {"an extension with a quoted value", "5;a=\"b;\\\"=\t\xc3\xa9\"\r\nhello\r\n0\r\n\r\n"sv, passed, "hello"},
    {"several extensions with white space", "5 ; a = b\t;c;d=\"\"\r\nhello\r\n0\r\n\r\n"sv, passed, "hello"},
    {"a trailer field", "5\r\nhello\r\n0\r\nX: y\r\n\r\n"sv, passed, "hello"},
    {"trailer fields that would matter are dropped", "0\r\nContent-Length: 5\r\nAuthorization: x\r\nHost: b\r\n\r\n"sv, passed,
     ""},

    {"nothing", ""sv, need_more},
    {"half a size", "5"sv, need_more},
    {"half a chunk", "5\r\nhel"sv, need_more},
    {"the CRLF behind data missing", "5\r\nhello"sv, need_more},
    {"the last CRLF missing", "0\r\n"sv, need_more},
    {"the last line feed missing", "0\r\n\r"sv, need_more},

    {"an empty size", "\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"no size but an extension", ";a\r\n\r\n"sv, refused},
    {"a sign", "+5\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a negative size", "-5\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"0x", "0x5\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a letter that is no digit", "5g\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a space before the size", " 5\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a space behind the size", "5 \r\nhello\r\n0\r\n\r\n"sv, refused},
    {"two sizes", "5 6\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a size beyond 60 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a size that wraps to five", "100000000000000000000000000000005\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a bare line feed behind the size", "5\nhello\r\n0\r\n\r\n"sv, refused},
    {"a bare carriage return behind the size", "5\rhello\r\n0\r\n\r\n"sv, refused},
    {"two carriage returns behind the size", "5\r\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"data longer than its size", "5\r\nhello!\r\n0\r\n\r\n"sv, refused},
    {"data shorter than its size", "6\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"no CRLF behind data", "5\r\nhello0\r\n\r\n"sv, refused},
    {"a bare line feed behind data", "5\r\nhello\n0\r\n\r\n"sv, refused},
    {"a carriage return and no line feed behind data", "5\r\nhello\r0\r\n\r\n"sv, refused},
    {"two CRLF behind data", "5\r\nhello\r\n\r\n0\r\n\r\n"sv, refused},
    {"NUL in the size", "5\0\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"an extension without a name", "5;\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"an extension without a name but a value", "5;=b\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"an extension with an empty value", "5;a=\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"an extension that is no token", "5;a/b\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"an extension with white space at its end", "5;a \r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a quoted value not closed", "5;a=\"b\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a quoted value with a line feed", "5;a=\"b\nc\"\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a quoted value with CRLF", "5;a=\"b\r\nhello\r\n0\r\n\r\n\"\r\n0\r\n\r\n"sv, refused},
    {"a quoted value with a control character", "5;a=\"\x01\"\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a quoted value with an escaped NUL", "5;a=\"\\\0\"\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"text behind a quoted value", "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n"sv, refused},
    {"a bare line feed as the end", "0\r\n\n"sv, refused},
    {"a bare line feed behind the last size", "0\n\r\n"sv, refused},
    {"a trailer without a colon", "0\r\nX\r\n\r\n"sv, refused},
    {"a trailer with a space before the colon", "0\r\nX : y\r\n\r\n"sv, refused},
    {"a continued trailer", "0\r\nX: y\r\n z\r\n\r\n"sv, refused},
    {"a trailer with a bare line feed", "0\r\nX: y\nZ: a\r\n\r\n"sv, refused},
    {"a trailer with NUL", "0\r\nX: \0\r\n\r\n"sv, refused},
};

class ChunkedCorpus : public testing::TestWithParam<Case>
{
  protected:
    // Feeds the pieces and holds the outcome against the case.
    static void expect_in_pieces(std::string_view first, std::string_view second, std::string_view behind)
    {
        ChunkedDecoder decoder{ChunkedLimits{}};
        std::string body;
        auto step = decoder.decode(first, &body);
        auto consumed = step.consumed;
        if (step.verdict == need_more)
        {
            EXPECT_EQ(step.consumed, first.size());
            auto const rest = std::string(second) + std::string(behind);
            step = decoder.decode(rest, &body);
            consumed += step.consumed;
        }
        auto const& wanted = GetParam();
        ASSERT_EQ(step.verdict, wanted.verdict) << decoder.problem().detail;
        if (wanted.verdict == passed)
        {
            EXPECT_EQ(body, wanted.body);
            EXPECT_EQ(consumed, wanted.bytes.size());
        }
        if (wanted.verdict == refused)
        {
            EXPECT_EQ(name_of(decoder.problem().code), "head_malformed");
        }
    }
};

TEST_P(ChunkedCorpus, gets_its_verdict_whole_and_takes_no_byte_of_what_follows)
{
    expect_in_pieces(GetParam().bytes, "", "");
    if (GetParam().verdict == passed) expect_in_pieces("", GetParam().bytes, "GET / HTTP/1.1\r\n");
}

TEST_P(ChunkedCorpus, gets_the_same_verdict_in_two_pieces_wherever_it_is_cut)
{
    auto const bytes = GetParam().bytes;
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
        expect_in_pieces(bytes.substr(0, cut), bytes.substr(cut), "");
}

TEST_P(ChunkedCorpus, gets_the_same_verdict_byte_by_byte)
{
    ChunkedDecoder decoder{ChunkedLimits{}};
    std::string body;
    auto verdict = need_more;
    auto const bytes = GetParam().bytes;
    for (std::size_t i = 0; verdict == need_more && i < bytes.size(); ++i)
        verdict = decoder.decode(bytes.substr(i, 1), &body).verdict;
    EXPECT_EQ(verdict, GetParam().verdict);
    if (verdict == passed)
    {
        EXPECT_EQ(body, GetParam().body);
    }
}

INSTANTIATE_TEST_SUITE_P(Bodies, ChunkedCorpus, testing::ValuesIn(corpus),
                         [](testing::TestParamInfo<Case> const& each)
                         {
                             std::string name;
                             for (char const c : each.param.name)
                                 name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
                             return std::to_string(each.index) + "_" + name;
                         });

// The code of the refusal, or the verdict's absence of one.
std::string_view refusal_of(ChunkedLimits const& limits, std::string_view bytes)
{
    ChunkedDecoder decoder{limits};
    std::string body;
    auto const step = decoder.decode(bytes, &body);
    return step.verdict == refused ? name_of(decoder.problem().code) : step.verdict == passed ? "passed" : "need_more";
}

TEST(ChunkedDecoder, a_body_may_be_so_large_and_not_one_byte_more)
{
    ChunkedLimits const limits{.body_bytes_max = 10};
    EXPECT_EQ(refusal_of(limits, "5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n"), "passed");
    EXPECT_EQ(refusal_of(limits, "5\r\n12345\r\n6\r\n"), "body_too_large");
    EXPECT_EQ(refusal_of(limits, "b\r\n"), "body_too_large");
    EXPECT_EQ(refusal_of(limits, "fffffffffffffff\r\n"), "body_too_large");
}

TEST(ChunkedDecoder, a_size_line_is_bounded_also_while_it_is_incomplete)
{
    ChunkedLimits const limits{.size_line_bytes_max = 32};
    EXPECT_EQ(refusal_of(limits, "1;" + std::string(28, 'a') + "\r\nx\r\n0\r\n\r\n"), "passed");
    EXPECT_EQ(refusal_of(limits, "1;" + std::string(29, 'a') + "\r\nx\r\n0\r\n\r\n"), "head_malformed");
    EXPECT_EQ(refusal_of(limits, "1;" + std::string(29, 'a')), "need_more");
    EXPECT_EQ(refusal_of(limits, "1;" + std::string(30, 'a')), "head_malformed");
    EXPECT_EQ(refusal_of(limits, std::string(32, '0')), "head_malformed");
}

TEST(ChunkedDecoder, extensions_are_bounded_over_the_whole_body)
{
    ChunkedLimits const limits{.extension_bytes_max = 10};
    EXPECT_EQ(refusal_of(limits, "1;aaaa\r\nx\r\n1;bbbb\r\nx\r\n0\r\n\r\n"), "passed");
    EXPECT_EQ(refusal_of(limits, "1;aaaa\r\nx\r\n1;bbbb\r\nx\r\n1;c\r\nx\r\n"), "head_malformed");
}

TEST(ChunkedDecoder, trailers_are_bounded_together)
{
    ChunkedLimits const limits{.trailer_bytes_max = 20};
    EXPECT_EQ(refusal_of(limits, "0\r\nA: 1\r\nB: 12345678\r\n\r\n"), "head_too_large");
    EXPECT_EQ(refusal_of(limits, "0\r\nA: 1\r\nB: 1234567\r\n\r\n"), "passed");
    EXPECT_EQ(refusal_of(limits, "0\r\nA: " + std::string(100'000, 'a')), "head_too_large");
}

TEST(ChunkedDecoder, data_nobody_wants_is_thrown_away)
{
    ChunkedDecoder decoder{ChunkedLimits{}};
    auto const step = decoder.decode("5\r\nhello\r\n0\r\n\r\nrest", nullptr);
    EXPECT_EQ(step.verdict, passed);
    EXPECT_EQ(step.consumed, 15U);
}

} // namespace

} // namespace parley::http
