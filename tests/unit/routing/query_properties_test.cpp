// What holds for every query string.
#include "parley/core/text.hpp"
#include "parley/routing/route_table.hpp"

#include "parley/support/properties.hpp"

namespace parley::routing
{
namespace
{

using Pairs = std::vector<std::pair<std::string, std::string>>;

RC_GTEST_PROP(QueryProperties, parameters_are_read_as_they_were_encoded, ())
{
    auto const pairs = *rc::gen::scale(0.3, rc::gen::container<Pairs>(rc::gen::pair(support::any_text(), support::any_text())));
    std::string query;
    for (auto const& [name, value] : pairs)
    {
        if (!query.empty()) query += '&';
        append_percent_encoded(query, name);
        query += '=';
        append_percent_encoded(query, value);
    }
    auto const read = parse_query(query);
    RC_ASSERT(read.size() == pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i)
    {
        RC_ASSERT(read[i].name == pairs[i].first);
        RC_ASSERT(read[i].value == pairs[i].second);
    }
}

RC_GTEST_PROP(QueryProperties, whatever_is_sent_becomes_text, ())
{
    auto const query = *support::any_bytes();
    for (auto const& parameter : parse_query(query))
    {
        RC_ASSERT(!find_invalid_utf8(parameter.name));
        RC_ASSERT(!find_invalid_utf8(parameter.value));
    }
}

RC_GTEST_PROP(QueryProperties, what_is_well_formed_is_not_replaced, ())
{
    auto const text = *support::any_text();
    std::string value;
    append_percent_encoded(value, text);
    auto const read = parse_query("a=" + value);
    RC_ASSERT(read.size() == 1U);
    RC_ASSERT(read[0].value == text);
}

} // namespace
} // namespace parley::routing
