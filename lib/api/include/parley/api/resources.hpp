// The operations of the sessions API, ready for the route table.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/domain/session_store.hpp"
#include "parley/routing/route_table.hpp"

#include <string>
#include <vector>

namespace parley::api
{

struct ApiSettings
{
    // Where links to chatbots and files begin ("https://host", no slash at the end): resources of the surrounding platform, which
    // Parley does not serve. Empty: where the request's own links begin.
    std::string platform_url;
};

// The resources /api/sessions/..., /api/schema/ and /api/docs/... with their operations, OPTIONS included. The handlers keep a
// copy of the settings; the store and the clock must outlive the resources and every call of them. Handlers may run on any number
// of threads at once.
//
// A handler decodes the request (415, 400), uses one verb of the store and encodes the answer. It relies on the road for all that
// comes before (404, 406, 401, 403, 429, 405) and for the fields Allow and X-RateLimit-*.
[[nodiscard]] std::vector<routing::Resource> make_resources(domain::SessionStore& sessions, Clock const& clock,
                                                            ApiSettings settings = {});

} // namespace parley::api
