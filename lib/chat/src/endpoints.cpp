#include "endpoints.hpp"

#include "origins.hpp"

#include "parley/auth/csrf.hpp"
#include "parley/http/cookies.hpp"

#include <utility>

namespace parley::chat
{

namespace
{

constexpr std::string_view sign_in_cookie = "sessionid";
constexpr std::size_t session_id_bytes_max = 1020; // 255 characters: what is longer is nobody's.

bool is_safe(http::Method method) noexcept
{
    return method == http::Method::get || method == http::Method::head || method == http::Method::options;
}

Problem csrf_failed(std::string_view why)
{
    return Problem{.code = ProblemCode::permission_denied, .detail = "CSRF Failed: " + std::string(why)};
}

std::optional<Problem> refuse_forgery(routing::Call const& call)
{
    switch (auth::check_csrf(call.request, {}, call.base_url))
    {
    case auth::CsrfVerdict::ok:
        return std::nullopt;
    case auth::CsrfVerdict::cookie_missing:
        return csrf_failed("CSRF cookie not set.");
    case auth::CsrfVerdict::token_mismatch:
        if (call.request.find(auth::csrf_header_name) == nullptr) return csrf_failed("CSRF token missing.");
        return csrf_failed("CSRF token from the 'X-Csrftoken' HTTP header incorrect.");
    case auth::CsrfVerdict::origin_mismatch:
        if (auto const* origin = call.request.find("Origin"))
            return csrf_failed("Origin checking failed - " + std::string(*origin) + " does not match any trusted origins.");
        return csrf_failed("Referer checking failed.");
    }
    return csrf_failed("CSRF token missing.");
}

bool is_over(SignedIn const& signed_in, ChatSettings const& settings, Timestamp now) noexcept
{
    return signed_in.created_at + settings.sign_in_age_max <= now || signed_in.last_seen_at + settings.sign_in_idle_max <= now;
}

std::string text_of(http::Request const& request, std::string_view field)
{
    auto const* value = request.find(field);
    return value == nullptr ? std::string() : std::string(*value);
}

bool is_possible_id(std::string_view id) noexcept
{
    return id.size() <= session_id_bytes_max && id.find('\0') == std::string_view::npos;
}

} // namespace

std::optional<Problem> count(Services const& services, routing::Call const& call, std::string_view identity)
{
    auto const standing = services.limiter.count_chat(identity);
    if (call.fields != nullptr) rate_limit::append_fields(*call.fields, standing);
    if (standing.is_refused) return rate_limit::over_the_limit(standing);
    return std::nullopt;
}

boost::asio::awaitable<Result<std::optional<SignedIn>>> recognise(Services const& services, routing::Call const& call)
{
    auto const cookie = http::find_cookie(call.request, sign_in_cookie);
    if (!cookie || cookie->empty()) co_return std::optional<SignedIn>();
    auto found = co_await services.store.find_signed_in(sha256(*cookie), call.deadline);
    if (!found) co_return found.error();
    if (!*found || is_over(**found, services.settings, services.clock.now())) co_return std::optional<SignedIn>();
    if (!is_safe(call.request.method))
        if (auto const refused = refuse_forgery(call)) co_return *refused;
    co_return std::move(*found);
}

std::optional<Sha256> shown_embed_key(http::Request const& request)
{
    auto const* key = request.find("X-Embed-Key");
    if (key == nullptr || key->empty()) return std::nullopt;
    return sha256(*key);
}

boost::asio::awaitable<Result<ChatSession>> enter(Services const& services, routing::Call const& call)
{
    Shown shown;
    auto signed_in = co_await recognise(services, call);
    if (!signed_in) co_return signed_in.error();
    shown.signed_in = std::move(*signed_in);
    shown.embed_key = shown_embed_key(call.request);
    shown.host = calling_host(call.request);
    shown.session_token = text_of(call.request, "X-Session-Token");

    std::optional<ChatSession> session;
    if (is_possible_id(call.parameter))
    {
        auto found = co_await services.store.find_session(call.parameter, call.deadline);
        if (!found) co_return found.error();
        session = std::move(*found);
    }
    auto const* known = session ? &*session : nullptr;
    if (auto const refused = refuse_access(known, shown, services.settings, services.clock.now())) co_return *refused;

    auto const identity = "session " + std::to_string(session->team_id) + " " + session->id;
    if (auto const full = count(services, call, identity)) co_return *full;
    co_return std::move(*session);
}

} // namespace parley::chat
