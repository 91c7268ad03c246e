#include "parley/core/json.hpp"

#include "json_plain_run.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace parley::json
{

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
