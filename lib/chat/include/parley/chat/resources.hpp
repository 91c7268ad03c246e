// The widget's endpoints, ready for the route table.
#pragma once

#include "parley/chat/chat_store.hpp"
#include "parley/core/clock.hpp"
#include "parley/rate_limit/limiter.hpp"
#include "parley/routing/route_table.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace parley::chat
{

struct ChatSettings
{
    std::chrono::days token_lifetime{7}; // Of a session token, from the session's creation; a channel may have its own.
    std::chrono::seconds sign_in_idle_max{7LL * 24 * 3600}; // As the login pages have it: a cookie unused for so long is over.
    std::chrono::seconds sign_in_age_max{14LL * 24 * 3600};
    std::string platform_url; // Where links to chatbots and files begin; empty: where the request's own links begin.
};

// /api/chat/start/, /api/chat/{id}/message/, /api/chat/{id}/poll/ with their preflights. They are open to the road: who may do
// what is decided here, since it depends on the session or the body, and so is the counting. Store, limiter and clock must
// outlive the resources and every call of them. Handlers may run on any number of threads at once.
[[nodiscard]] std::vector<routing::Resource> make_resources(ChatStore& store, rate_limit::Limiter& limiter, Clock const& clock,
                                                            ChatSettings settings = {});

} // namespace parley::chat
