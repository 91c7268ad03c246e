// The handlers: one file each, named after its operation.
#pragma once

#include "idempotency.hpp"

#include "parley/api/resources.hpp"

#include <boost/asio/awaitable.hpp>

#include <string_view>

namespace parley::api
{

// What the handlers share.
struct Services
{
    domain::SessionStore& sessions;
    Clock const& clock;
    ApiSettings settings;
    KeysInUse& keys_in_use;

    // Where links to chatbots and files begin in the answer to this call.
    [[nodiscard]] std::string_view platform_url(routing::Call const& call) const noexcept
    {
        return settings.platform_url.empty() ? std::string_view(call.base_url) : std::string_view(settings.platform_url);
    }
};

using Answer = boost::asio::awaitable<Result<http::Response>>;

// Both arguments are the caller's until the answer is there.
Answer session_list(Services const& services, routing::Call const& call);
Answer session_create(Services const& services, routing::Call const& call);
Answer session_retrieve(Services const& services, routing::Call const& call);
Answer session_end_experiment_session(Services const& services, routing::Call const& call);
Answer session_update_state(Services const& services, routing::Call const& call);
Answer session_add_tags(Services const& services, routing::Call const& call);
Answer session_append_messages(Services const& services, routing::Call const& call);
Answer session_remove_tags(Services const& services, routing::Call const& call);

// OPTIONS: what the resource is called. The list also says what a create takes, to whoever may create.
Answer session_list_options(Services const& services, routing::Call const& call);
Answer session_retrieve_options(Services const& services, routing::Call const& call);
Answer session_end_experiment_session_options(Services const& services, routing::Call const& call);
Answer session_update_state_options(Services const& services, routing::Call const& call);
Answer session_append_messages_options(Services const& services, routing::Call const& call);
Answer session_tags_options(Services const& services, routing::Call const& call);

// Documentation, for everybody.
Answer schema_retrieve(Services const& services, routing::Call const& call);
Answer docs_retrieve(Services const& services, routing::Call const& call);
Answer docs_asset(Services const& services, routing::Call const& call);

// Whether any session can have this id: if not, the store need not be asked.
[[nodiscard]] bool is_possible_session_id(std::string_view id) noexcept;

} // namespace parley::api
