#include "parley/api/resources.hpp"

#include "operations.hpp"

#include "parley/core/text.hpp"
#include "parley/http/json_body.hpp"
#include "parley/schema/limits.hpp"

#include <memory>
#include <utility>

namespace parley::api
{

// Bodies are read by http, which does not see what the documents promise.
static_assert(http::json_body_depth_max == schema::json_depth_max);

namespace
{

// What all operations share; it goes with the last of them.
struct Shared
{
    Shared(domain::SessionStore& sessions, Clock const& clock, ApiSettings settings)
        : services{sessions, clock, std::move(settings), keys_in_use}
    {
    }
    KeysInUse keys_in_use;
    Services const services;
};

using Handler = Answer (*)(Services const&, routing::Call const&);

class Binder
{
  public:
    explicit Binder(std::shared_ptr<Shared const> shared) : shared_(std::move(shared)) {}

    [[nodiscard]] routing::Operation operator()(std::string_view id, http::Method method, Handler handler) const
    {
        // Not a coroutine itself, so nothing of it has to outlive the call but the services, which the operation keeps.
        auto handle = [shared = shared_, handler](routing::Call const& call) { return handler(shared->services, call); };
        return routing::Operation{.id = id, .method = method, .handle = std::move(handle)};
    }

  private:
    std::shared_ptr<Shared const> shared_;
};

} // namespace

bool is_possible_session_id(std::string_view id) noexcept
{
    if (id.find('\0') != std::string_view::npos) return false;
    return id.size() <= schema::session_id_max || count_code_points(id) <= schema::session_id_max;
}

std::vector<routing::Resource> make_resources(domain::SessionStore& sessions, Clock const& clock, ApiSettings settings)
{
    using http::Method;
    using routing::Access;
    using routing::Resource;

    Binder const bind(std::make_shared<Shared>(sessions, clock, std::move(settings)));

    std::vector<Resource> resources;
    resources.push_back(Resource{
        .path = "/api/sessions/",
        .allow = "GET, POST, HEAD, OPTIONS",
        .operations = {bind("session_list", Method::get, session_list), bind("session_create", Method::post, session_create),
                       bind("session_list_options", Method::options, session_list_options)},
    });
    resources.push_back(Resource{
        .path = "/api/sessions/{id}/",
        .allow = "GET, HEAD, OPTIONS",
        .operations = {bind("session_retrieve", Method::get, session_retrieve),
                       bind("session_retrieve_options", Method::options, session_retrieve_options)},
    });
    resources.push_back(Resource{
        .path = "/api/sessions/{id}/end_experiment_session/",
        .allow = "POST, OPTIONS",
        .operations = {bind("session_end_experiment_session", Method::post, session_end_experiment_session),
                       bind("session_end_experiment_session_options", Method::options, session_end_experiment_session_options)},
    });
    resources.push_back(Resource{
        .path = "/api/sessions/{id}/update_state/",
        .allow = "PATCH, OPTIONS",
        .operations = {bind("session_update_state", Method::patch, session_update_state),
                       bind("session_update_state_options", Method::options, session_update_state_options)},
    });
    resources.push_back(Resource{
        .path = "/api/sessions/{id}/tags/",
        .allow = "POST, DELETE, OPTIONS",
        .operations = {bind("session_add_tags", Method::post, session_add_tags),
                       bind("session_remove_tags", Method::delete_, session_remove_tags),
                       bind("session_tags_options", Method::options, session_tags_options)},
    });
    resources.push_back(Resource{
        .path = "/api/v2/sessions/{id}/messages/",
        .allow = "POST, OPTIONS",
        .operations = {bind("session_append_messages", Method::post, session_append_messages),
                       bind("session_append_messages_options", Method::options, session_append_messages_options)},
    });
    resources.push_back(Resource{
        .path = "/api/schema/",
        .allow = "GET, HEAD",
        .access = Access::open,
        .produces = "*",
        .operations = {bind("schema_retrieve", Method::get, schema_retrieve)},
    });
    resources.push_back(Resource{
        .path = "/api/docs/",
        .allow = "GET, HEAD",
        .access = Access::open,
        .produces = "*",
        .operations = {bind("docs_retrieve", Method::get, docs_retrieve)},
    });
    resources.push_back(Resource{
        .path = "/api/docs/{name}",
        .allow = "GET, HEAD",
        .access = Access::open,
        .produces = "*",
        .operations = {bind("docs_asset", Method::get, docs_asset)},
    });
    return resources;
}

} // namespace parley::api
