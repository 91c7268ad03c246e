// The browser behind a request to a page: its sign-in and its CSRF token.
#pragma once

#include "endpoints.hpp"

#include "parley/auth/csrf.hpp"

#include <memory>

namespace parley::oauth
{

inline constexpr std::string_view session_cookie_name = "sessionid";

struct Browser
{
    std::optional<Sha256> cookie;          // The digest of the cookie sessionid that was shown.
    std::optional<BrowserSession> session; // Who is signed in: active, and not expired.
    std::string csrf_token;                // To repeat in forms: the cookie's, or a new one.
    bool is_csrf_new = false;              // The answer has to set it.

    [[nodiscard]] Timestamp authenticated_at() const noexcept
    {
        if (session->authenticated_at) return *session->authenticated_at;
        return session->user.last_login ? *session->user.last_login : session->created_at;
    }
};

// Reads the cookies, finds the session, ends an expired one and notes that a live one was seen. Problems of the store.
[[nodiscard]] boost::asio::awaitable<Result<Browser>> recognise(Workplace& place, routing::Call const& call);

// Sets the CSRF cookie where the browser has none yet.
void give_csrf_cookie(http::Response& response, Browser const& browser, std::string_view base_url);

void give_session_cookie(http::Response& response, std::string_view cookie, std::chrono::seconds lifetime,
                         std::string_view base_url);
void take_session_cookie(http::Response& response, std::string_view base_url);

// A new CSRF token with its cookie: after a login, so that one fixed before is worth nothing.
void renew_csrf_cookie(http::Response& response, std::string_view base_url);

[[nodiscard]] http::Response see_other(std::string_view location);

// The answer where a form could not be read: a page where it is malformed, and what HTTP says of one that is too large or slow.
[[nodiscard]] http::Response unread_form_page(Either<Form> const& read);

// The page that refuses a form which did not come from one of our pages.
[[nodiscard]] http::Response csrf_page();

} // namespace parley::oauth
