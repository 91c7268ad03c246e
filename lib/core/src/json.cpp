#include "parley/core/json.hpp"

#include "parley/core/text.hpp"

#include <boost/throw_exception.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

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

// Bytes that end the plain run of a string: '"', '\' and control characters.
constexpr std::array<bool, 256> make_string_stops()
{
    std::array<bool, 256> stops{};
    for (std::size_t i = 0; i < 0x20; ++i)
        stops[i] = true;
    stops['"'] = true;
    stops['\\'] = true;
    return stops;
}
constexpr auto string_stops = make_string_stops();

std::uint64_t repeated(unsigned char byte) noexcept
{
    return std::uint64_t{0x0101010101010101} * byte;
}

// Whether one of eight bytes is less than bound, which is 0x80 at most.
bool has_less(std::uint64_t bytes, unsigned char bound) noexcept
{
    return ((bytes - repeated(bound)) & ~bytes & repeated(0x80)) != 0;
}

std::size_t plain_run(std::string_view text, std::size_t from) noexcept
{
    for (std::uint64_t bytes = 0; from + sizeof bytes <= text.size(); from += sizeof bytes) // Most text stops nowhere.
    {
        std::memcpy(&bytes, text.data() + from, sizeof bytes);
        if (has_less(bytes, 0x20) || has_less(bytes ^ repeated('"'), 1) || has_less(bytes ^ repeated('\\'), 1)) break;
    }
    while (from < text.size() && !string_stops[static_cast<unsigned char>(text[from])])
        ++from;
    return from;
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

Kind Value::kind() const noexcept
{
    return document_->nodes_[node_].kind;
}
bool Value::boolean() const noexcept
{
    return document_->nodes_[node_].flag;
}
std::string_view Value::text() const noexcept
{
    return document_->nodes_[node_].text;
}
bool Value::has_lone_surrogate() const noexcept
{
    return is_string() && document_->nodes_[node_].flag;
}
bool Value::is_integer() const noexcept
{
    return is_number() && text().find_first_of(".eE") == std::string_view::npos;
}
std::size_t Value::size() const noexcept
{
    return document_->nodes_[node_].size;
}

bool Value::is_falsy() const noexcept
{
    switch (kind())
    {
    case Kind::null:
        return true;
    case Kind::boolean:
        return !boolean();
    case Kind::number:
        return text().substr(0, text().find_first_of("eE")).find_first_not_of("-0.") == std::string_view::npos;
    case Kind::string:
        return text().empty();
    case Kind::array:
    case Kind::object:
        return size() == 0;
    }
    return false;
}

std::string_view Value::type_word() const noexcept
{
    switch (kind())
    {
    case Kind::null:
        return "NoneType";
    case Kind::boolean:
        return "bool";
    case Kind::number:
        return is_integer() ? "int" : "float";
    case Kind::string:
        return "str";
    case Kind::array:
        return "list";
    case Kind::object:
        return "dict";
    }
    return "";
}

Value::Iterator Value::begin() const noexcept
{
    return {document_, node_ + 1, is_object()};
}
Value::Iterator Value::end() const noexcept
{
    return {document_, document_->nodes_[node_].end, is_object()};
}

std::optional<Value> Value::find(std::string_view key) const noexcept
{
    std::optional<Value> found;
    if (!is_object()) return found;
    for (auto member = begin(); member != end(); ++member)
    {
        if (member.key() == key) found = member.value();
    }
    return found;
}

Value Value::Iterator::value() const noexcept
{
    return {document_, object_ ? node_ + 1 : node_};
}
std::string_view Value::Iterator::key() const noexcept
{
    return document_->nodes_[node_].text;
}
bool Value::Iterator::key_has_lone_surrogate() const noexcept
{
    return document_->nodes_[node_].flag;
}

Value::Iterator& Value::Iterator::operator++() noexcept
{
    node_ = document_->nodes_[object_ ? node_ + 1 : node_].end;
    return *this;
}

bool is_infinite(std::string_view number) noexcept
{
    if (number.find_first_of(".eE") == std::string_view::npos) return false;
    if (number.find_first_of("eE") == std::string_view::npos && number.find('.') < 300) return false;
    return std::isinf(std::strtod(std::string(number).c_str(), nullptr));
}

Flaw find_flaw(Value value) noexcept
{
    auto flaw = Flaw::none;
    auto const note = [&](Flaw found) { flaw = std::max(flaw, found); };
    switch (value.kind())
    {
    case Kind::number:
        if (is_infinite(value.text())) note(Flaw::infinite_number);
        break;
    case Kind::string:
        if (value.has_lone_surrogate()) note(Flaw::lone_surrogate);
        break;
    case Kind::array:
        for (Value const element : value)
            note(find_flaw(element));
        break;
    case Kind::object:
        for (auto member = value.begin(); member != value.end(); ++member)
        {
            if (member.key_has_lone_surrogate()) note(Flaw::lone_surrogate);
            if (member.key().find('\0') != std::string_view::npos) note(Flaw::nul_in_key);
            note(find_flaw(member.value()));
        }
        break;
    case Kind::null:
    case Kind::boolean:
        break;
    }
    return flaw;
}

char* put_string(char* at, std::string_view text) noexcept
{
    static constexpr char digits[] = "0123456789abcdef";
    *at++ = '"';
    for (std::size_t from = 0;;)
    {
        std::size_t const run = plain_run(text, from);
        at = std::copy(text.begin() + static_cast<std::ptrdiff_t>(from), text.begin() + static_cast<std::ptrdiff_t>(run), at);
        if (run == text.size()) break;
        from = run + 1;
        char const c = text[run];
        *at++ = '\\';
        switch (c)
        {
        case '"':
        case '\\':
            *at++ = c;
            break;
        case '\b':
            *at++ = 'b';
            break;
        case '\f':
            *at++ = 'f';
            break;
        case '\n':
            *at++ = 'n';
            break;
        case '\r':
            *at++ = 'r';
            break;
        case '\t':
            *at++ = 't';
            break;
        default:
            for (char const sign :
                 {'u', '0', '0', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]})
                *at++ = sign;
        }
    }
    *at++ = '"';
    return at;
}

void append_string(std::string& out, std::string_view text)
{
    if (plain_run(text, 0) == text.size())
    {
        out += '"';
        out += text;
        out += '"';
        return;
    }
    auto const size = out.size();
    out.resize(size + string_room(text));
    out.resize(static_cast<std::size_t>(put_string(out.data() + size, text) - out.data()));
}

std::string to_string_literal(std::string_view text)
{
    std::string out;
    append_string(out, text);
    return out;
}

namespace
{

using Member = std::pair<std::string_view, Value>;

// The members as a dict keeps them: each key once, at its first place, with its last value.
std::vector<Member> distinct_members(Value object)
{
    std::vector<Member> members;
    members.reserve(object.size());
    std::unordered_map<std::string_view, std::size_t> place;
    for (auto member = object.begin(); member != object.end(); ++member)
    {
        auto const [found, is_new] = place.try_emplace(member.key(), members.size());
        if (is_new)
            members.emplace_back(member.key(), member.value());
        else
            members[found->second].second = member.value();
    }
    return members;
}

void append_text(std::string& out, std::string_view text, ControlCharacters controls)
{
    auto const vanishes = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r'; };
    if (controls == ControlCharacters::keep || std::none_of(text.begin(), text.end(), vanishes)) return append_string(out, text);
    std::string kept(text);
    std::erase_if(kept, vanishes);
    append_string(out, kept);
}

// Whether to look for repeated keys with a map: below this, comparing each with each is quicker.
constexpr std::size_t members_compared_max = 12;

bool has_repeated_key(Value object)
{
    if (object.size() > members_compared_max) return true; // Perhaps: the map will tell.
    for (auto member = object.begin(); member != object.end(); ++member)
    {
        auto other = member;
        for (++other; other != object.end(); ++other)
        {
            if (other.key() == member.key()) return true;
        }
    }
    return false;
}

void append_object(std::string& out, Value object, ControlCharacters controls)
{
    bool first = true;
    auto const append_member = [&](std::string_view key, Value value)
    {
        if (!first) out += ',';
        first = false;
        append_string(out, key);
        out += ':';
        append_compact(out, value, controls);
    };
    out += '{';
    if (has_repeated_key(object))
    {
        for (auto const& [key, value] : distinct_members(object))
            append_member(key, value);
    }
    else
    {
        for (auto member = object.begin(); member != object.end(); ++member)
            append_member(member.key(), member.value());
    }
    out += '}';
}

} // namespace

void append_compact(std::string& out, Value value, ControlCharacters controls)
{
    switch (value.kind())
    {
    case Kind::null:
        out += "null";
        break;
    case Kind::boolean:
        out += value.boolean() ? "true" : "false";
        break;
    case Kind::number:
        out += value.text();
        break;
    case Kind::string:
        append_text(out, value.text(), controls);
        break;
    case Kind::object:
        append_object(out, value, controls);
        break;
    case Kind::array:
    {
        out += '[';
        bool first = true;
        for (Value const element : value)
        {
            if (!first) out += ',';
            first = false;
            append_compact(out, element, controls);
        }
        out += ']';
        break;
    }
    }
}

} // namespace parley::json
