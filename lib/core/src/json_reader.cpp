#include "parley/core/json.hpp"

#include "json_plain_run.hpp"
#include "parley/core/text.hpp"

#include <boost/throw_exception.hpp>

#include <algorithm>

namespace parley::json
{

namespace
{

constexpr std::size_t integer_digits_max = 4300;

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, std::uint32_t point)
{
    if (point < 0x80)
    {
        out += static_cast<char>(point);
    }
    else if (point < 0x800)
    {
        out += static_cast<char>(0xC0 | point >> 6);
        out += static_cast<char>(0x80 | (point & 0x3F));
    }
    else if (point < 0x10000) // Lone surrogates too: three bytes, marked by the flag.
    {
        out += static_cast<char>(0xE0 | point >> 12);
        out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (point & 0x3F));
    }
    else
    {
        out += static_cast<char>(0xF0 | point >> 18);
        out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (point & 0x3F));
    }
}

bool is_high_surrogate(std::uint32_t point) noexcept
{
    return point >= 0xD800 && point < 0xDC00;
}
bool is_low_surrogate(std::uint32_t point) noexcept
{
    return point >= 0xDC00 && point < 0xE000;
}

} // namespace

// Recursive descent over one text. The depth is bounded, so the recursion is.
class Parser
{
  public:
    Parser(std::string_view text, std::size_t depth_max, Document& document)
        : text_(text), depth_max_(depth_max), document_(document)
    {
    }

    bool parse_document()
    {
        if (auto const bad = find_invalid_utf8(text_)) return fail("Invalid UTF-8", *bad);
        if (text_.starts_with("\xEF\xBB\xBF")) return fail("Unexpected UTF-8 byte order mark", 0);
        skip_white_space();
        if (!parse_value(0)) return false;
        skip_white_space();
        return at_ == text_.size() || fail("Extra data", at_);
    }

    [[nodiscard]] ParseError error() const
    {
        ParseError error{.reason = reason_, .offset = error_at_};
        auto const before = text_.substr(0, error_at_);
        auto const line_start = before.rfind('\n');
        error.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
        error.column = 1 + count_code_points(line_start == std::string_view::npos ? before : before.substr(line_start + 1));
        return error;
    }

  private:
    bool fail(char const* reason, std::size_t at)
    {
        reason_ = reason;
        error_at_ = at;
        return false;
    }

    void skip_white_space() noexcept
    {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
            ++at_;
    }

    std::uint32_t open(Kind kind)
    {
        document_.nodes_.push_back({.kind = kind});
        return static_cast<std::uint32_t>(document_.nodes_.size() - 1);
    }

    void close(std::uint32_t node, std::uint32_t size)
    {
        document_.nodes_[node].end = static_cast<std::uint32_t>(document_.nodes_.size());
        document_.nodes_[node].size = size;
    }

    bool parse_value(std::size_t depth)
    {
        if (at_ == text_.size()) return fail("Expecting value", at_);
        switch (text_[at_])
        {
        case '{':
            return parse_object(depth + 1);
        case '[':
            return parse_array(depth + 1);
        case '"':
            return parse_string();
        case 't':
            return parse_word("true", Kind::boolean, true);
        case 'f':
            return parse_word("false", Kind::boolean, false);
        case 'n':
            return parse_word("null", Kind::null, false);
        default:
            return parse_number();
        }
    }

    bool parse_word(std::string_view word, Kind kind, bool flag)
    {
        if (text_.substr(at_, word.size()) != word) return fail("Expecting value", at_);
        at_ += word.size();
        auto const node = open(kind);
        document_.nodes_[node].flag = flag;
        close(node, 0);
        return true;
    }

    bool parse_number()
    {
        std::size_t const begin = at_;
        std::size_t at = at_;
        auto const peek = [&] { return at < text_.size() ? text_[at] : '\0'; };
        auto const digits = [&]
        {
            std::size_t const from = at;
            while (is_digit(peek()))
                ++at;
            return at - from;
        };
        if (peek() == '-') ++at;
        std::size_t whole = 1;
        if (peek() == '0')
            ++at;
        else if ((whole = digits()) == 0)
            return fail("Expecting value", begin);
        bool integer = true;
        std::size_t const whole_end = at;
        if (peek() == '.')
        {
            ++at;
            if (digits() == 0)
                at = whole_end;
            else
                integer = false;
        }
        if (peek() == 'e' || peek() == 'E')
        {
            std::size_t const mantissa_end = at;
            ++at;
            if (peek() == '+' || peek() == '-') ++at;
            if (digits() == 0)
                at = mantissa_end;
            else
                integer = false;
        }
        if (integer && whole > integer_digits_max) return fail("An integer of more than 4300 digits", begin);
        auto const node = open(Kind::number);
        document_.nodes_[node].text = text_.substr(begin, at - begin);
        close(node, 0);
        at_ = at;
        return true;
    }

    bool parse_string()
    {
        std::size_t const begin = ++at_;
        std::size_t const run = plain_run(text_, begin);
        if (run < text_.size() && text_[run] == '"') // No escape: the text itself will do.
        {
            auto const node = open(Kind::string);
            document_.nodes_[node].text = text_.substr(begin, run - begin);
            close(node, 0);
            at_ = run + 1;
            return true;
        }
        return parse_escaped_string(begin);
    }

    bool parse_escaped_string(std::size_t begin)
    {
        std::string characters;
        bool lone_surrogate = false;
        at_ = begin;
        while (true)
        {
            std::size_t const run = plain_run(text_, at_);
            characters.append(text_, at_, run - at_);
            at_ = run;
            if (at_ == text_.size()) return fail("Unterminated string starting at", begin - 1);
            if (text_[at_] == '"') break;
            if (text_[at_] != '\\') return fail("Invalid control character at", at_);
            if (!parse_escape(characters, lone_surrogate)) return false;
        }
        ++at_;
        document_.unescaped_.push_back(std::move(characters));
        auto const node = open(Kind::string);
        document_.nodes_[node].text = document_.unescaped_.back();
        document_.nodes_[node].flag = lone_surrogate;
        close(node, 0);
        return true;
    }

    bool parse_escape(std::string& out, bool& lone_surrogate)
    {
        std::size_t const backslash = at_++;
        if (at_ == text_.size()) return fail("Unterminated string", backslash);
        switch (text_[at_++])
        {
        case '"':
            out += '"';
            return true;
        case '\\':
            out += '\\';
            return true;
        case '/':
            out += '/';
            return true;
        case 'b':
            out += '\b';
            return true;
        case 'f':
            out += '\f';
            return true;
        case 'n':
            out += '\n';
            return true;
        case 'r':
            out += '\r';
            return true;
        case 't':
            out += '\t';
            return true;
        case 'u':
            return parse_unicode_escape(out, lone_surrogate, backslash);
        default:
            return fail("Invalid \\escape", backslash);
        }
    }

    bool parse_unicode_escape(std::string& out, bool& lone_surrogate, std::size_t backslash)
    {
        auto const first = four_hex_digits(at_);
        if (!first) return fail("Invalid \\uXXXX escape", backslash);
        at_ += 4;
        std::uint32_t point = *first;
        if (is_high_surrogate(point) && text_.substr(at_, 2) == "\\u")
        {
            auto const second = four_hex_digits(at_ + 2);
            if (second && is_low_surrogate(*second))
            {
                at_ += 6;
                point = 0x10000 + ((point - 0xD800) << 10) + (*second - 0xDC00);
            }
        }
        lone_surrogate = lone_surrogate || is_high_surrogate(point) || is_low_surrogate(point);
        append_utf8(out, point);
        return true;
    }

    [[nodiscard]] std::optional<std::uint32_t> four_hex_digits(std::size_t at) const noexcept
    {
        if (at + 4 > text_.size()) return std::nullopt;
        std::uint32_t value = 0;
        for (std::size_t i = at; i < at + 4; ++i)
        {
            char const c = text_[i];
            std::uint32_t digit = 0;
            if (is_digit(c))
                digit = static_cast<std::uint32_t>(c - '0');
            else if (c >= 'a' && c <= 'f')
                digit = static_cast<std::uint32_t>(c - 'a' + 10);
            else if (c >= 'A' && c <= 'F')
                digit = static_cast<std::uint32_t>(c - 'A' + 10);
            else
                return std::nullopt;
            value = value << 4 | digit;
        }
        return value;
    }

    bool parse_array(std::size_t depth)
    {
        if (depth > depth_max_) return fail("Nested too deeply", at_);
        auto const node = open(Kind::array);
        ++at_;
        skip_white_space();
        std::uint32_t size = 0;
        if (at_ < text_.size() && text_[at_] == ']')
        {
            ++at_;
            close(node, 0);
            return true;
        }
        while (true)
        {
            if (!parse_value(depth)) return false;
            ++size;
            skip_white_space();
            if (at_ == text_.size()) return fail("Expecting ',' delimiter", at_);
            char const c = text_[at_++];
            if (c == ']') break;
            if (c != ',') return fail("Expecting ',' delimiter", at_ - 1);
            std::size_t const comma = at_ - 1;
            skip_white_space();
            if (at_ < text_.size() && text_[at_] == ']') return fail("Illegal trailing comma before end of array", comma);
        }
        close(node, size);
        return true;
    }

    bool parse_object(std::size_t depth)
    {
        if (depth > depth_max_) return fail("Nested too deeply", at_);
        auto const node = open(Kind::object);
        ++at_;
        skip_white_space();
        std::uint32_t size = 0;
        if (at_ < text_.size() && text_[at_] == '}')
        {
            ++at_;
            close(node, 0);
            return true;
        }
        while (true)
        {
            if (!parse_member(depth)) return false;
            ++size;
            skip_white_space();
            if (at_ == text_.size()) return fail("Expecting ',' delimiter", at_);
            char const c = text_[at_++];
            if (c == '}') break;
            if (c != ',') return fail("Expecting ',' delimiter", at_ - 1);
            std::size_t const comma = at_ - 1;
            skip_white_space();
            if (at_ < text_.size() && text_[at_] == '}') return fail("Illegal trailing comma before end of object", comma);
        }
        close(node, size);
        return true;
    }

    bool parse_member(std::size_t depth)
    {
        if (at_ == text_.size() || text_[at_] != '"') return fail("Expecting property name enclosed in double quotes", at_);
        if (!parse_string()) return false;
        skip_white_space();
        if (at_ == text_.size() || text_[at_] != ':') return fail("Expecting ':' delimiter", at_);
        ++at_;
        skip_white_space();
        return parse_value(depth);
    }

    std::string_view text_;
    std::size_t depth_max_;
    Document& document_;
    std::size_t at_ = 0;
    char const* reason_ = "";
    std::size_t error_at_ = 0;
};

std::string ParseError::sentence() const
{
    return reason + ": line " + std::to_string(line) + " column " + std::to_string(column) + " (char " + std::to_string(offset) +
           ")";
}

void throw_exception_from_error(ParseError const& error, boost::source_location const& where)
{
    boost::throw_exception(std::logic_error("a ParseError was taken for a Document: " + error.sentence()), where);
}

boost::system::result<Document, ParseError> Document::parse(std::string_view text, std::size_t depth_max)
{
    Document document;
    document.nodes_.reserve(16 + text.size() / 32);
    Parser parser(text, depth_max, document);
    if (!parser.parse_document()) return parser.error();
    return document;
}

} // namespace parley::json
