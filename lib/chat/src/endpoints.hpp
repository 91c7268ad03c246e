// The handlers: one file each, named after its operation; and what they share.
#pragma once

#include "session_access.hpp"

#include "parley/chat/resources.hpp"
#include "parley/http/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace parley::chat
{

struct Services
{
    ChatStore& store;
    rate_limit::Limiter& limiter;
    Clock const& clock;
    ChatSettings settings;

    // Where links to chatbots and files begin in the answer to this call.
    [[nodiscard]] std::string_view platform_url(routing::Call const& call) const noexcept
    {
        return settings.platform_url.empty() ? std::string_view(call.base_url) : std::string_view(settings.platform_url);
    }
};

using Answer = boost::asio::awaitable<Result<http::Response>>;

// Both arguments are the caller's until the answer is there.
Answer chat_start(Services const& services, routing::Call const& call);
Answer chat_message(Services const& services, routing::Call const& call);
Answer chat_poll(Services const& services, routing::Call const& call);

// The browser's question before a widget on another site calls, for all three.
Answer chat_preflight(Services const& services, routing::Call const& call);

// Counts the call against this identity's window and says so in the answer's fields; rate_exceeded where it is full.
[[nodiscard]] std::optional<Problem> count(Services const& services, routing::Call const& call, std::string_view identity);

// The session of the path for a caller who may read and write in it; counted.
[[nodiscard]] boost::asio::awaitable<Result<ChatSession>> enter(Services const& services, routing::Call const& call);

// Whom the cookie sessionid stands for, if anybody. A cookie opens an unsafe method only with the CSRF token: permission_denied.
[[nodiscard]] boost::asio::awaitable<Result<std::optional<SignedIn>>> recognise(Services const& services,
                                                                                routing::Call const& call);

// What X-Embed-Key holds, as a digest; nothing where it is empty or missing.
[[nodiscard]] std::optional<Sha256> shown_embed_key(http::Request const& request);

} // namespace parley::chat
