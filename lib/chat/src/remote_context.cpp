#include "remote_context.hpp"

#include "parley/core/json.hpp"

namespace parley::chat
{

namespace
{

constexpr std::string_view member_name = "remote_context";

} // namespace

std::optional<std::string> with_remote_context(std::string_view state, std::string_view context)
{
    auto const document = json::Document::parse(state);
    if (!document || !document->root().is_object()) return std::nullopt;
    std::string out = "{";
    auto const root = document->root();
    for (auto member = root.begin(); member != root.end(); ++member)
    {
        if (member.key() == member_name) continue;
        json::append_string(out, member.key());
        out += ':';
        json::append_compact(out, member.value());
        out += ',';
    }
    json::append_string(out, member_name);
    out.append(":").append(context).append("}");
    return out;
}

} // namespace parley::chat
