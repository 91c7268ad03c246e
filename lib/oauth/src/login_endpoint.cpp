// GET and POST /accounts/login/ and /accounts/logout/.
#include "authorization_request.hpp"
#include "browser.hpp"
#include "endpoints.hpp"
#include "pages.hpp"
#include "redirect_uri.hpp"
#include "safe_next.hpp"

#include "parley/core/text.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace parley::oauth
{

namespace
{

namespace asio = boost::asio;

constexpr std::string_view login_path = "/accounts/login/";
constexpr std::string_view wrong_login = "The e-mail address or the password is not right.";
constexpr std::string_view too_many_logins = "There were too many failed attempts. Wait a few minutes and try again.";
constexpr std::size_t login_bytes_max = 320;
constexpr std::size_t password_bytes_max = 1024;

// What a person typed.
struct Attempt
{
    std::string login;
    std::string password;
    std::string next;
};

// Where the form may lead in the end: with consent given before, the login's redirect goes on to the client, and browsers hold
// that against the login page's form-action too.
asio::awaitable<std::string> form_target(Workplace& place, std::string_view next, Deadline deadline)
{
    constexpr std::string_view authorize = "/o/authorize/?";
    if (!next.starts_with(authorize)) co_return std::string();
    auto const form = Form::parse(next.substr(authorize.size()));
    if (!form) co_return std::string();
    auto const judged = co_await judge_authorization_request(place, *form, deadline);
    if (!judged || !judged->is_redirectable) co_return std::string();
    co_return policy_source(judged->request.redirect_uri);
}

asio::awaitable<http::Response> login_page(Workplace& place, routing::Call const& call, Browser const& browser,
                                           Attempt const& attempt, int status, std::string_view error)
{
    auto const target = co_await form_target(place, attempt.next, call.deadline);
    LoginPage const page{.csrf_token = browser.csrf_token, .next = attempt.next, .login = attempt.login, .error = error};
    auto response = page_answer(status, render(page), target);
    give_csrf_cookie(response, browser, call.base_url);
    co_return response;
}

std::string account_of(std::string_view login)
{
    return "user:" + to_lower_ascii(login);
}

// A window that is used up, of the address or of the account.
std::optional<WindowStanding> find_refusal(Workplace& place, routing::Call const& call, std::string const& account)
{
    auto const address = place.with.window.look_at_address(call.client);
    if (address.is_refused) return address;
    auto const user = place.with.window.look_at_account(account);
    if (user.is_refused) return user;
    return std::nullopt;
}

// The user whose password it is; null for everybody else, in the same time.
asio::awaitable<Result<std::optional<User>>> check_password(Workplace& place, Attempt const& attempt, Deadline deadline)
{
    bool const is_possible =
        !attempt.login.empty() && attempt.login.size() <= login_bytes_max && attempt.password.size() <= password_bytes_max;
    std::optional<UserCredential> credential;
    if (is_possible)
    {
        auto found = co_await place.with.store.find_user(attempt.login, deadline);
        if (!found) co_return found.error();
        credential = std::move(*found);
    }
    auto const hash = credential ? credential->password_hash : std::string();
    auto password = is_possible ? attempt.password : std::string();
    auto const verdict = co_await place.with.workers.verify(hash, std::move(password), deadline);
    if (!verdict) co_return verdict.error();
    bool const is_right = verdict->matches && credential->user.is_active;
    place.with.telemetry.observe(
        telemetry::CredentialResolved{.scheme = "password", .outcome = is_right ? "ok" : "credential_invalid"});
    if (!is_right) co_return std::optional<User>();
    if (!verdict->rehashed.empty())
    {
        // If it cannot be stored now, the next login tries again.
        [[maybe_unused]] auto const stored =
            co_await place.with.store.replace_password_hash(credential->user.id, hash, verdict->rehashed, deadline);
    }
    co_return std::move(credential->user);
}

// A failure's answer leaves at a time that says nothing of why it failed.
asio::awaitable<void> wait_until(std::chrono::steady_clock::time_point when)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, when);
    co_await timer.async_wait(asio::use_awaitable);
}

Answer refuse_login(Workplace& place, routing::Call const& call, Browser const& browser, Attempt const& attempt,
                    std::chrono::steady_clock::time_point begun)
{
    place.with.window.count_address(call.client);
    place.with.window.count_account(account_of(attempt.login));
    co_await wait_until(begun + place.settings.failed_login_time);
    co_return co_await login_page(place, call, browser, attempt, 200, wrong_login);
}

Answer welcome(Workplace& place, routing::Call const& call, Browser const& browser, User const& user, std::string_view next)
{
    auto const cookie = make_secret();
    auto const created = co_await place.with.store.create_browser_session(sha256(cookie), user.id, browser.cookie,
                                                                          place.with.clock.now(), call.deadline);
    if (!created) co_return problem_page(created.error());
    auto response = see_other(next);
    give_session_cookie(response, cookie, place.settings.session_age_max, call.base_url);
    renew_csrf_cookie(response, call.base_url);
    co_return response;
}

std::string next_of(Form const& form, routing::Call const& call)
{
    return safe_next(form.value("next"), call.base_url, login_path);
}

} // namespace

Answer show_login(Workplace& place, routing::Call const& call)
{
    auto const query = Form::parse(call.request.query).value_or(Form());
    auto const browser = co_await recognise(place, call);
    if (!browser) co_return problem_page(browser.error());
    if (browser->session && !query.has("next"))
    {
        auto response = page_answer(200, render_signed_in(browser->session->user.email, browser->csrf_token));
        give_csrf_cookie(response, *browser, call.base_url);
        co_return response;
    }
    Attempt const attempt{.login = {}, .password = {}, .next = next_of(query, call)};
    std::string_view const no_error;
    co_return co_await login_page(place, call, *browser, attempt, 200, no_error);
}

Answer answer_login(Workplace& place, routing::Call const& call)
{
    auto const begun = std::chrono::steady_clock::now();
    auto const read = co_await read_form(call);
    if (!read.value) co_return unread_form_page(read);
    Form const& form = *read.value;
    if (auth::check_csrf(call.request, form.value(auth::csrf_form_field), call.base_url) != auth::CsrfVerdict::ok)
        co_return csrf_page();
    auto const browser = co_await recognise(place, call);
    if (!browser) co_return problem_page(browser.error());

    Attempt const attempt{
        .login = std::string(trim(form.value("login"))), .password = form.value("password"), .next = next_of(form, call)};
    if (auto const refusal = find_refusal(place, call, account_of(attempt.login)))
    {
        auto response = co_await login_page(place, call, *browser, attempt, 429, too_many_logins);
        response.add("Retry-After", std::to_string(refusal->reset_seconds));
        co_return response;
    }
    auto const user = co_await check_password(place, attempt, call.deadline);
    if (!user) co_return problem_page(user.error());
    if (!*user) co_return co_await refuse_login(place, call, *browser, attempt, begun);
    co_return co_await welcome(place, call, *browser, **user, attempt.next);
}

Answer show_logout(Workplace& place, routing::Call const& call)
{
    auto const browser = co_await recognise(place, call);
    if (!browser) co_return problem_page(browser.error());
    if (!browser->session) co_return page_answer(200, render_signed_out());
    auto response = page_answer(200, render_signed_in(browser->session->user.email, browser->csrf_token));
    give_csrf_cookie(response, *browser, call.base_url);
    co_return response;
}

Answer answer_logout(Workplace& place, routing::Call const& call)
{
    auto const read = co_await read_form(call);
    if (!read.value) co_return unread_form_page(read);
    if (auth::check_csrf(call.request, read.value->value(auth::csrf_form_field), call.base_url) != auth::CsrfVerdict::ok)
        co_return csrf_page();
    auto const browser = co_await recognise(place, call);
    if (!browser) co_return problem_page(browser.error());
    if (browser->cookie)
    {
        auto const ended = co_await place.with.store.end_browser_session(*browser->cookie, call.deadline);
        if (!ended) co_return problem_page(ended.error());
    }
    auto response = page_answer(200, render_signed_out());
    take_session_cookie(response, call.base_url);
    co_return response;
}

Answer answer_stylesheet(Workplace& /*place*/, routing::Call const& /*call*/)
{
    http::Response response{.content_type = "text/css; charset=utf-8"};
    response.body = stylesheet();
    response.add("Cache-Control", "public, max-age=300");
    co_return response;
}

} // namespace parley::oauth
