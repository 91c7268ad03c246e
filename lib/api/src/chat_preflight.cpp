// The browser's question before a widget on another site calls the chat: answered for everybody, since it comes without
// credentials. CORS exists below /api/chat/ only: keys and tokens of the sessions API do not belong into a browser.
#include "operations.hpp"

namespace parley::api
{

Answer chat_options(Services const& /*services*/, routing::Call const& /*call*/)
{
    http::Response response;
    response.add("Access-Control-Allow-Origin", "*");
    response.add("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
    response.add("Access-Control-Allow-Headers",
                 "accept, accept-encoding, content-type, dnt, origin, user-agent, x-requested-with, "
                 "x-ocs-widget-version, x-embed-key, x-session-token, authorization");
    response.add("Access-Control-Expose-Headers", "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After");
    response.add("Access-Control-Max-Age", "86400");
    response.add("Vary", "origin");
    co_return response;
}

} // namespace parley::api
