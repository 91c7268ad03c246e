// Bodies and queries of the authorization server: application/x-www-form-urlencoded.
#include "promise.hpp"

#include "form.hpp"
#include "scope.hpp"

#include "parley/core/text.hpp"

namespace parley::fuzz
{
namespace
{

void require_same_when_written(oauth::Form const& form)
{
    std::string written;
    std::vector<std::pair<std::string, std::string>> kept;
    for (auto const& parameter : form.parameters())
    {
        if (parameter.value.empty()) continue; // Counts as absent, and is not written.
        oauth::append_parameter(written, parameter.name, parameter.value);
        kept.emplace_back(parameter.name, parameter.value);
    }
    require(is_visible_ascii(written), "a form that is written is visible ASCII", written);
    auto const again = oauth::Form::parse(written);
    require(again.has_value() && again->parameters().size() == kept.size(), "a form that is written is read", written);
    for (std::size_t i = 0; i < kept.size(); ++i)
    {
        auto const& parameter = again->parameters()[i];
        require(parameter.name == kept[i].first && parameter.value == kept[i].second, "a form is read as it was written",
                written);
    }
}

void require_sound(oauth::Form const& form)
{
    require(form.parameters().size() <= 100, "the number of parameters is bounded");
    for (auto const& parameter : form.parameters())
    {
        for (auto const& text : {parameter.name, parameter.value})
            require(!find_invalid_utf8(text) && text.find('\0') == std::string::npos, "a form holds text", text);
        require(form.contains(parameter.name), "a parameter is found by its name", parameter.name);
    }
    auto const doubled = form.doubled();
    require(!doubled || form.count(*doubled) > 1, "a doubled parameter stands twice");
    auto const merged = form.merged_with(form);
    require(!merged || merged->parameters().size() == form.parameters().size(), "a form merged with itself is itself");
}

void read_scope(std::string const& scope)
{
    auto const names = oauth::split_scope(scope);
    require(oauth::split_scope(oauth::join_scope(names)) == names, "scopes are read as they were written", scope);
    for (auto const& name : names)
        require(oauth::has_scope(scope, name), "a scope is found by its name", scope);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    auto const form = oauth::Form::parse(fuzz::text_of(data, size));
    if (!form) return 0;
    fuzz::require_sound(*form);
    fuzz::require_same_when_written(*form);
    fuzz::read_scope(form->value("scope"));
    return 0;
}
