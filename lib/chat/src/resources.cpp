#include "parley/chat/resources.hpp"

#include "endpoints.hpp"

#include <memory>
#include <utility>

namespace parley::chat
{

namespace
{

// For pages on any site, since the widget is on other sites and the channel's own list of domains decides. A browser never sends
// cookies along to "*": a page on another site cannot act as whoever is signed in here.
constexpr std::string_view cors_fields =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After\r\n"
    "Vary: Origin\r\n";

using Handler = Answer (*)(Services const&, routing::Call const&);

class Binder
{
  public:
    explicit Binder(std::shared_ptr<Services const> services) : services_(std::move(services)) {}

    [[nodiscard]] routing::Operation operator()(std::string_view id, http::Method method, Handler handler) const
    {
        // Not a coroutine itself, so nothing of it has to outlive the call but the services, which the operation keeps.
        auto handle = [services = services_, handler](routing::Call const& call) { return handler(*services, call); };
        return routing::Operation{.id = id, .method = method, .handle = std::move(handle)};
    }

  private:
    std::shared_ptr<Services const> services_;
};

routing::Resource widget_resource(std::string_view path, std::string_view allow, std::vector<routing::Operation> operations)
{
    return routing::Resource{.path = path,
                             .allow = allow,
                             .access = routing::Access::open,
                             .operations = std::move(operations),
                             .counting = routing::Counting::none,
                             .fields = cors_fields};
}

} // namespace

Answer chat_preflight(Services const& /*services*/, routing::Call const& /*call*/)
{
    http::Response response;
    response.add("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
    response.add("Access-Control-Allow-Headers",
                 "accept, accept-encoding, content-type, dnt, origin, user-agent, x-requested-with, "
                 "x-ocs-widget-version, x-embed-key, x-session-token, x-csrftoken, authorization");
    response.add("Access-Control-Max-Age", "86400");
    co_return response;
}

std::vector<routing::Resource> make_resources(ChatStore& store, rate_limit::Limiter& limiter, Clock const& clock,
                                              ChatSettings settings)
{
    using http::Method;
    Binder const bind(std::make_shared<Services const>(Services{store, limiter, clock, std::move(settings)}));
    std::vector<routing::Resource> resources;
    resources.push_back(widget_resource(
        "/api/chat/start/", "POST, OPTIONS",
        {bind("chat_start", Method::post, chat_start), bind("chat_start_options", Method::options, chat_preflight)}));
    resources.push_back(widget_resource(
        "/api/chat/{id}/message/", "POST, OPTIONS",
        {bind("chat_message", Method::post, chat_message), bind("chat_message_options", Method::options, chat_preflight)}));
    resources.push_back(
        widget_resource("/api/chat/{id}/poll/", "GET, OPTIONS",
                        {bind("chat_poll", Method::get, chat_poll), bind("chat_poll_options", Method::options, chat_preflight)}));
    return resources;
}

} // namespace parley::chat
