#include "parley/core/json.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace parley::json
{

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

} // namespace parley::json
