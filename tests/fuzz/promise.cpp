#include "promise.hpp"

#include "syntax.hpp"

namespace parley::fuzz
{

std::vector<http::Field> read_fields(std::string_view lines)
{
    std::vector<http::Field> fields;
    while (!lines.empty())
    {
        auto const line = take_until(lines, '\n');
        http::Field field;
        if (!line.empty() && http::syntax::read_field_line(line, field) == nullptr) fields.push_back(field);
    }
    return fields;
}

} // namespace parley::fuzz
