// JSON on the wire: a strict reader that keeps every number as it was spelled, and a compact writer.
//
// Why not boost::json::value: it keeps numbers as 64-bit integers and doubles, so 12345678901234567890123 or 1.10 would not come
// back as sent; it gives no line and column; and it copies every string. See docs/decisions.md, "JSON on the wire".
#pragma once

#include "parley/core/result.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::json
{

enum class Kind : std::uint8_t
{
    null,
    boolean,
    number,
    string,
    array,
    object,
};

// Where and why a text is not JSON. Line and column count from 1, columns in code points.
struct ParseError
{
    std::string reason;
    std::size_t line = 1;
    std::size_t column = 1;
    std::size_t offset = 0; // Bytes from the beginning.

    // "Expecting ',' delimiter: line 1 column 7 (char 6)"
    [[nodiscard]] std::string sentence() const;
};

class Document;

// A value inside a Document. Cheap to copy; valid as long as the Document and the text it was parsed from.
class Value
{
  public:
    [[nodiscard]] Kind kind() const noexcept;
    [[nodiscard]] bool is_null() const noexcept { return kind() == Kind::null; }
    [[nodiscard]] bool is_string() const noexcept { return kind() == Kind::string; }
    [[nodiscard]] bool is_number() const noexcept { return kind() == Kind::number; }
    [[nodiscard]] bool is_array() const noexcept { return kind() == Kind::array; }
    [[nodiscard]] bool is_object() const noexcept { return kind() == Kind::object; }

    [[nodiscard]] bool boolean() const noexcept; // Kind::boolean only.

    // A string's characters (escapes resolved), or a number's spelling.
    [[nodiscard]] std::string_view text() const noexcept;

    // Strings only: whether the text holds a lone surrogate (then text() has it in three bytes, which is not UTF-8).
    [[nodiscard]] bool has_lone_surrogate() const noexcept;

    // Numbers only: spelled without '.', 'e' or 'E'.
    [[nodiscard]] bool is_integer() const noexcept;

    // What Python calls falsy: null, false, zero in any spelling, "", [] and {}.
    [[nodiscard]] bool is_falsy() const noexcept;

    // "dict", "list", "str", "int", "float", "bool" or "NoneType": the words of the API's error sentences.
    [[nodiscard]] std::string_view type_word() const noexcept;

    // Arrays: the elements. Objects: the members in order, duplicates included.
    [[nodiscard]] std::size_t size() const noexcept;

    class Iterator;
    [[nodiscard]] Iterator begin() const noexcept;
    [[nodiscard]] Iterator end() const noexcept;

    // Objects: the member of that name; of several, the last.
    [[nodiscard]] std::optional<Value> find(std::string_view key) const noexcept;

  private:
    friend class Document;
    friend class Iterator;
    Value(Document const* document, std::uint32_t node) noexcept : document_(document), node_(node) {}
    Document const* document_;
    std::uint32_t node_;
};

// Walks an array's elements or an object's members (key() and value()).
class Value::Iterator
{
  public:
    [[nodiscard]] Value operator*() const noexcept { return value(); }
    [[nodiscard]] Value value() const noexcept;
    [[nodiscard]] std::string_view key() const noexcept;        // Objects only.
    [[nodiscard]] bool key_has_lone_surrogate() const noexcept; // Objects only.
    Iterator& operator++() noexcept;
    friend bool operator==(Iterator const&, Iterator const&) = default;

  private:
    friend class Value;
    Iterator(Document const* document, std::uint32_t node, bool object) noexcept
        : document_(document), node_(node), object_(object)
    {
    }
    Document const* document_;
    std::uint32_t node_;
    bool object_;
};

// A parsed text. Holds views into the text, which must outlive it.
class Document
{
  public:
    // RFC 8259, strictly: no NaN or Infinity, no trailing comma, no leading zero, no raw control character in a string, nothing
    // after the value, no byte order mark, well-formed UTF-8. Lone surrogates as \uD800 are let through and marked. Integers of
    // more than 4,300 digits are refused (the limit of the service that the API comes from). Nesting beyond depth_max is refused.
    [[nodiscard]] static boost::system::result<Document, ParseError> parse(std::string_view text, std::size_t depth_max = 1000);

    Document(Document&&) noexcept = default;
    Document& operator=(Document&&) noexcept = default;

    [[nodiscard]] Value root() const noexcept { return Value(this, 0); }

    struct Node
    {
        std::string_view text; // String or number.
        std::uint32_t end = 0; // Index behind the last node of this value.
        std::uint32_t size = 0;
        Kind kind = Kind::null;
        bool flag = false; // boolean: its value; string: has a lone surrogate.
    };

  private:
    friend class Value;
    friend class Value::Iterator;
    friend class Parser;
    Document() = default;
    std::vector<Node> nodes_;
    std::deque<std::string> unescaped_; // Strings whose escapes had to be resolved; a deque, so that views into it stay.
};

[[noreturn]] void throw_exception_from_error(ParseError const& error, boost::source_location const& where);

// What to do with U+0000 to U+001F (other than tab, line feed and carriage return) in string values while writing.
enum class ControlCharacters : std::uint8_t
{
    keep,
    drop, // The API's rule for session state; keys keep theirs.
};

// What of a value cannot be stored. In order of severity.
enum class Flaw : std::uint8_t
{
    none,
    infinite_number, // A number beyond a double, such as 1e999.
    nul_in_key,      // U+0000 in a key.
    lone_surrogate,  // In a key or a value.
};

// The first flaw (by Flaw's order, the greatest wins) anywhere in the value.
[[nodiscard]] Flaw find_flaw(Value value) noexcept;

// Whether a number's spelling goes beyond the largest double (1e999). Integers never do: they are exact.
[[nodiscard]] bool is_infinite(std::string_view number) noexcept;

// Appends the value without white space. Numbers keep their spelling; of members with the same key the last value stands at the
// first one's place (as a Python dict has it). The value must be free of lone surrogates.
void append_compact(std::string& out, Value value, ControlCharacters controls = ControlCharacters::keep);

// Appends text as a JSON string with its quotes: escapes '"', '\' and control characters, leaves all else as it is.
void append_string(std::string& out, std::string_view text);
[[nodiscard]] std::string to_string_literal(std::string_view text);

// The same into memory that the caller has: string_room(text) bytes at most are written. Returns the place behind the last.
[[nodiscard]] char* put_string(char* at, std::string_view text) noexcept;
[[nodiscard]] constexpr std::size_t string_room(std::string_view text) noexcept
{
    return 2 + 6 * text.size();
}

} // namespace parley::json
