#include "parley/http/message.hpp"

#include "syntax.hpp"

namespace parley::http
{

Method method_from(std::string_view name) noexcept
{
    switch (name.size())
    {
    case 3:
        return name == "GET" ? Method::get : name == "PUT" ? Method::put : Method::other;
    case 4:
        return name == "POST" ? Method::post : name == "HEAD" ? Method::head : Method::other;
    case 5:
        return name == "PATCH" ? Method::patch : name == "TRACE" ? Method::trace : Method::other;
    case 6:
        return name == "DELETE" ? Method::delete_ : Method::other;
    case 7:
        return name == "OPTIONS" ? Method::options : Method::other;
    default:
        return Method::other;
    }
}

std::string_view const* Request::find(std::string_view name) const noexcept
{
    for (auto const& field : fields)
    {
        if (syntax::same(field.name, name)) return &field.value;
    }
    return nullptr;
}

void Response::add(std::string_view name, std::string_view value)
{
    fields.reserve(fields.size() + name.size() + value.size() + 4);
    fields.append(name).append(": ");
    auto const value_begin = fields.size();
    fields.append(value);
    for (auto i = value_begin; i < fields.size(); ++i)
    {
        if (!syntax::is(syntax::field_value, fields[i])) fields[i] = ' ';
    }
    fields.append("\r\n");
}

} // namespace parley::http
