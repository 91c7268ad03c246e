#include "browser.hpp"

#include "pages.hpp"

#include "parley/http/cookies.hpp"

#include <algorithm>
#include <array>

namespace parley::oauth
{

namespace
{

constexpr std::chrono::seconds csrf_lifetime{364LL * 24 * 3600};

bool is_over(BrowserSession const& session, OAuthSettings const& settings, Timestamp now) noexcept
{
    return session.created_at + settings.session_age_max <= now || session.last_seen_at + settings.session_idle_max <= now;
}

// Only on plain loopback may a cookie travel without https: elsewhere anybody on the way could take it.
bool needs_https(std::string_view base_url) noexcept
{
    constexpr std::array<std::string_view, 3> loopback{"http://127.0.0.1", "http://localhost", "http://[::1]"};
    auto const is_at = [&](std::string_view origin)
    { return base_url.starts_with(origin) && (base_url.size() == origin.size() || base_url[origin.size()] == ':'); };
    return std::none_of(loopback.begin(), loopback.end(), is_at);
}

void set_csrf_cookie(http::Response& response, std::string_view token, std::string_view base_url)
{
    http::Cookie const cookie{.name = auth::csrf_cookie_name,
                              .value = token,
                              .lifetime = csrf_lifetime,
                              .readable = http::Readable::by_scripts, // A widget on a page of ours repeats it in X-CSRFToken.
                              .is_secure = needs_https(base_url)};
    response.add("Set-Cookie", http::to_set_cookie(cookie));
}

} // namespace

boost::asio::awaitable<Result<Browser>> recognise(Workplace& place, routing::Call const& call)
{
    Browser browser;
    auto const csrf = http::find_cookie(call.request, auth::csrf_cookie_name);
    browser.is_csrf_new = !csrf || !auth::is_csrf_token(*csrf);
    browser.csrf_token = browser.is_csrf_new ? make_secret() : std::string(*csrf);

    auto const shown = http::find_cookie(call.request, session_cookie_name);
    if (!shown || shown->empty()) co_return browser;
    browser.cookie = sha256(*shown);
    auto found = co_await place.with.store.find_browser_session(*browser.cookie, call.deadline);
    if (!found) co_return found.error();
    if (!*found || !(*found)->user.is_active) co_return browser;

    auto const now = place.with.clock.now();
    if (is_over(**found, place.settings, now))
    {
        auto const ended = co_await place.with.store.end_browser_session(*browser.cookie, call.deadline);
        if (!ended) co_return ended.error();
        co_return browser;
    }
    if ((*found)->last_seen_at + place.settings.session_touch_interval <= now)
    {
        auto const touched = co_await place.with.store.touch_browser_session(*browser.cookie, now, call.deadline);
        if (!touched) co_return touched.error();
    }
    browser.session = std::move(**found);
    co_return browser;
}

void give_csrf_cookie(http::Response& response, Browser const& browser, std::string_view base_url)
{
    if (browser.is_csrf_new) set_csrf_cookie(response, browser.csrf_token, base_url);
}

void renew_csrf_cookie(http::Response& response, std::string_view base_url)
{
    set_csrf_cookie(response, make_secret(), base_url);
}

void give_session_cookie(http::Response& response, std::string_view cookie, std::chrono::seconds lifetime,
                         std::string_view base_url)
{
    http::Cookie const made{
        .name = session_cookie_name, .value = cookie, .lifetime = lifetime, .is_secure = needs_https(base_url)};
    response.add("Set-Cookie", http::to_set_cookie(made));
}

void take_session_cookie(http::Response& response, std::string_view base_url)
{
    give_session_cookie(response, "", std::chrono::seconds(0), base_url);
}

http::Response see_other(std::string_view location)
{
    http::Response response{.status = 302};
    response.add("Location", location);
    response.add("Cache-Control", "no-store");
    return response;
}

http::Response unread_form_page(Either<Form> const& read)
{
    if (read.refusal.status != 400) return read.refusal;
    return page_answer(400, render_message("Something went wrong", "The form is malformed."));
}

http::Response csrf_page()
{
    return page_answer(403, render_message("Please try again",
                                           "This form did not come from a page of this site, or the page was open for too long. "
                                           "Go back, load the page again and repeat; cookies must be allowed."));
}

} // namespace parley::oauth
