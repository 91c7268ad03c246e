// What holds for every form, and for base64url.
#include "base64.hpp"
#include "form.hpp"

#include "parley/support/properties.hpp"

namespace parley::oauth
{
namespace
{

using Pairs = std::vector<std::pair<std::string, std::string>>;

RC_GTEST_PROP(FormProperties, parameters_are_read_as_they_were_written, ())
{
    auto const has_no_nul = [](std::string const& text) { return text.find('\0') == std::string::npos; };
    auto const text = rc::gen::suchThat(support::any_text(), has_no_nul);
    auto const pairs = *rc::gen::scale(0.3, rc::gen::container<Pairs>(rc::gen::pair(text, rc::gen::nonEmpty(text))));
    std::string written;
    for (auto const& [name, value] : pairs)
        append_parameter(written, name, value);
    auto const form = Form::parse(written);
    RC_ASSERT(form.has_value() == (pairs.size() <= 100));
    if (!form) return;
    RC_ASSERT(form->parameters().size() == pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i)
    {
        RC_ASSERT(form->parameters()[i].name == pairs[i].first);
        RC_ASSERT(form->parameters()[i].value == pairs[i].second);
    }
}

RC_GTEST_PROP(Base64UrlProperties, bytes_are_read_as_they_were_written, ())
{
    auto const bytes = *support::any_bytes();
    RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
}

RC_GTEST_PROP(Base64UrlProperties, every_text_that_is_read_is_the_only_one_for_its_bytes, ())
{
    auto const text = *rc::gen::container<std::string>(rc::gen::element('A', 'B', 'Q', 'g', 'w', '-', '_', '9', '='));
    auto const bytes = from_base64url(text);
    if (bytes) RC_ASSERT(to_base64url(*bytes) == text);
}

} // namespace
} // namespace parley::oauth
