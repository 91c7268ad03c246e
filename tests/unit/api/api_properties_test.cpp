// What holds for every cursor, every link and every list of tags.
#include "list_request.hpp"
#include "tag_names.hpp"

#include "parley/api/cursor.hpp"
#include "parley/core/text.hpp"
#include "parley/schema/limits.hpp"

#include "parley/support/properties.hpp"

#include <algorithm>

namespace parley::api
{
namespace
{

using support::any_moment;
using support::any_text;

bool is_possible(std::string_view id)
{
    return !id.empty() && id.find('\0') == std::string_view::npos && count_code_points(id) <= schema::session_id_max;
}

domain::Cursor any_cursor()
{
    auto const direction = *rc::gen::element(domain::Cursor::Direction::forward, domain::Cursor::Direction::backward);
    return {.direction = direction, .created_at = *any_moment(), .id = *rc::gen::suchThat(any_text(), is_possible)};
}

RC_GTEST_PROP(CursorProperties, what_comes_out_goes_in_again, ())
{
    auto const cursor = any_cursor();
    RC_ASSERT(decode_cursor(encode_cursor(cursor)) == cursor);
}

RC_GTEST_PROP(CursorProperties, one_changed_character_is_found, ())
{
    auto text = encode_cursor(any_cursor());
    auto const at = *rc::gen::inRange<std::size_t>(0, text.size());
    auto const other = *rc::gen::suchThat(rc::gen::arbitrary<char>(), [&](char c) { return c != text[at]; });
    text[at] = other;
    RC_ASSERT(!decode_cursor(text));
}

RC_GTEST_PROP(CursorProperties, a_guess_is_no_cursor, ())
{
    RC_ASSERT(!decode_cursor(*support::any_bytes()));
    RC_ASSERT(!decode_cursor("1" + *support::any_bytes()));
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// The names are those of parameters that mean something, and others.
std::vector<routing::QueryParameter> any_parameters()
{
    auto const name = rc::gen::element<std::string>("tags", "versions", "ordering", "page_size", "other", "cursor");
    std::vector<routing::QueryParameter> parameters;
    for (auto& [key, value] : *rc::gen::scale(0.3, rc::gen::container<Pairs>(rc::gen::pair(name, any_text()))))
        parameters.push_back({key, value});
    return parameters;
}

RC_GTEST_PROP(PageUrlProperties, a_link_asks_for_the_same_from_another_place, ())
{
    auto const parameters = any_parameters();
    auto without_cursor = parameters;
    std::erase_if(without_cursor, [](auto const& parameter) { return parameter.name == "cursor"; });
    auto const asked = decode_list_query(without_cursor, 7);
    RC_PRE(asked.has_value());
    auto const place = any_cursor();
    auto const url = page_url("https://parley.test", "/api/sessions/", parameters, place);
    auto const next = decode_list_query(routing::parse_query(url.substr(url.find('?') + 1)), 7);
    RC_ASSERT(next.has_value());
    RC_ASSERT(next->cursor == place);
    RC_ASSERT(next->tags == asked->tags);
    RC_ASSERT(next->versions == asked->versions);
    RC_ASSERT(next->order == asked->order);
    RC_ASSERT(next->page_size == asked->page_size);
}

RC_GTEST_PROP(TagNamesProperties, are_each_name_once_in_the_order_of_their_coming, ())
{
    auto const is_name = [](std::string const& name)
    { return !is_blank(name) && name.find('\0') == std::string::npos && count_code_points(name) <= schema::tag_name_max; };
    auto const names = *rc::gen::scale(
        0.3, rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(rc::gen::suchThat(any_text(), is_name))));
    std::string body = R"({"tags":[)";
    for (auto const& name : names)
        body += (body.back() == '[' ? "" : ",") + json::to_string_literal(name);
    body += "]}";
    auto const document = json::Document::parse(body);
    RC_ASSERT(document.has_value());
    auto const decoded = decode_tag_names(document->root(), TagLength::limited);
    RC_ASSERT(decoded.has_value());
    std::vector<std::string> expected;
    for (auto const& name : names)
        if (std::find(expected.begin(), expected.end(), name) == expected.end()) expected.push_back(name);
    RC_ASSERT(*decoded == expected);
}

} // namespace
} // namespace parley::api
