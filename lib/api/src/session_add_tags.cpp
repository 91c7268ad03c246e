#include "tag_names.hpp"

#include <utility>

namespace parley::api
{

Answer session_add_tags(Services const& services, routing::Call const& call)
{
    Result<std::vector<std::string>> names = co_await read_tag_names(call, TagLength::limited);
    if (!names) co_return names.error();
    Result<domain::JsonText> const all =
        co_await services.sessions.add_tags(call.principal.team.id, call.parameter, std::move(*names), call.deadline);
    co_return answer_tags(all, call.parameter);
}

} // namespace parley::api
