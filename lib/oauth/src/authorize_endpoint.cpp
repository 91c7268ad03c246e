// GET and POST /o/authorize/: who signs in, in which team, and whether they consent.
#include "authorization_request.hpp"
#include "browser.hpp"
#include "endpoints.hpp"
#include "pages.hpp"
#include "redirect_uri.hpp"
#include "scope.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::oauth
{

namespace
{

namespace asio = boost::asio;

constexpr std::string_view authorize_path = "/o/authorize/";

http::Response error_page(OAuthError const& error)
{
    return page_answer(400, render_message("This link does not work", error.description));
}

// An error goes to the client where that is safe, else to the person.
http::Response refuse(JudgedRequest const& judged, std::string_view issuer)
{
    if (!judged.is_redirectable) return error_page(*judged.error);
    return see_other(error_redirect(judged.request, *judged.error, issuer));
}

http::Response refuse(AuthorizationRequest const& request, std::string_view error, std::string_view issuer)
{
    return see_other(error_redirect(request, OAuthError{.error = error}, issuer));
}

http::Response go_to_login(std::string_view next)
{
    std::string location = "/accounts/login/?next=";
    append_percent_encoded(location, next, "/");
    return see_other(location);
}

// This page again, with these parameters.
std::string page_with(Form const& form, auto const& value_of)
{
    std::string query;
    for (Form::Parameter const& one : form.parameters())
        append_parameter(query, one.name, value_of(one));
    return std::string(authorize_path) + (query.empty() ? "" : "?") + query;
}

// Once the login is done the wish for it is fulfilled.
http::Response login_again(Form const& form)
{
    auto const without_login = [](Form::Parameter const& one) -> std::string
    {
        if (one.name == "max_age") return {};
        if (one.name != "prompt") return one.value;
        auto words = split_scope(one.value);
        std::erase_if(words, [](std::string const& word) { return word == "login" || word == "select_account"; });
        return join_scope(words);
    };
    return go_to_login(page_with(form, without_login));
}

bool is_login_too_old(AuthorizationRequest const& request, Browser const& browser, Timestamp now) noexcept
{
    return request.max_age && browser.authenticated_at() + *request.max_age <= now;
}

// The teams in which the user can let the application act.
std::vector<auth::Team> possible_teams(AuthorizationRequest const& request, BrowserSession const& session)
{
    auto teams = session.teams;
    if (request.application->team)
        std::erase_if(teams, [&](auth::Team const& team) { return team.id != request.application->team->id; });
    return teams;
}

auth::Team const* find_team(std::vector<auth::Team> const& teams, std::string_view slug) noexcept
{
    auto const found = std::find_if(teams.begin(), teams.end(), [&](auth::Team const& team) { return team.slug == slug; });
    return found == teams.end() ? nullptr : &*found;
}

// Those among the teams where the user has consented to everything that is asked; only the wanted one where one is named.
std::vector<auth::Team> consented_teams(AuthorizationRequest const& request, std::vector<auth::Team> teams,
                                        std::vector<Consent> const& consents)
{
    auto const has_consent = [&](auth::Team const& team)
    {
        return std::any_of(consents.begin(), consents.end(),
                           [&](Consent const& one) { return one.team_id == team.id && is_subset(request.scopes, one.scopes); });
    };
    std::erase_if(teams, [&](auth::Team const& team) { return !has_consent(team); });
    if (!request.wanted_team.empty())
        std::erase_if(teams, [&](auth::Team const& team) { return team.slug != request.wanted_team; });
    return teams;
}

Answer give_code(Workplace& place, routing::Call const& call, AuthorizationRequest const& request, Browser const& browser,
                 std::int64_t team_id)
{
    auto const code = make_secret();
    auto const now = place.with.clock.now();
    Grant grant{.application_id = request.application->id,
                .user_id = browser.session->user.id,
                .team_id = team_id,
                .scope = join_scope(request.scopes),
                .redirect_uri = request.redirect_uri,
                .code_challenge = request.code_challenge,
                .code_challenge_method = "S256",
                .nonce = request.nonce,
                .auth_time = browser.authenticated_at(),
                .expires = now + place.settings.code_lifetime};
    auto const saved = co_await place.with.store.save_grant(sha256(code), std::move(grant), now, call.deadline);
    if (!saved) co_return problem_page(saved.error());
    co_return see_other(code_redirect(request, code, call.base_url));
}

http::Response consent_page(routing::Call const& call, Form const& form, AuthorizationRequest const& request,
                            Browser const& browser, std::vector<auth::Team> const& teams, std::string_view error)
{
    auto const target = policy_source(request.redirect_uri);
    auto const scope = join_scope(request.scopes);
    ConsentPage page{.csrf_token = browser.csrf_token,
                     .application =
                         request.application->name.empty() ? request.application->client_id : request.application->name,
                     .user_email = browser.session->user.email,
                     .destination = target,
                     .is_pinned = request.application->team.has_value(),
                     .chosen_team = request.wanted_team,
                     .error = error};
    for (KnownScope const& known : known_scopes())
    {
        if (has_scope(scope, known.name)) page.meanings.push_back(known.meaning);
    }
    for (auth::Team const& team : teams)
        page.teams.push_back({team.slug, team.name});
    for (std::string_view const name :
         {"response_type", "client_id", "redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method"})
    {
        if (form.has(name)) page.hidden.emplace_back(name, form.value(name));
    }
    page.hidden.emplace_back("scope", scope);
    auto response = page_answer(200, render(page), target);
    give_csrf_cookie(response, browser, call.base_url);
    return response;
}

// Whether a consent of before can be meant for whoever asks now: an application that proves itself by a secret, or one at a web
// address of its own. Any program on the user's machine can claim to be the public one on a loopback port or a private scheme
// (RFC 8252, 8.6), so the user is asked each time.
bool is_sure_of_client(AuthorizationRequest const& request) noexcept
{
    return request.application->type == ClientType::confidential || request.redirect_uri.starts_with("https://");
}

// prompt=none: an answer without a page, whatever it is.
Answer answer_silently(Workplace& place, routing::Call const& call, AuthorizationRequest const& request, Browser const& browser,
                       std::vector<auth::Team> const& consented)
{
    if (consented.empty()) co_return refuse(request, "consent_required", call.base_url);
    if (consented.size() > 1)
        co_return refuse(request, "interaction_required", call.base_url); // Which team is not ours to choose.
    co_return co_await give_code(place, call, request, browser, consented.front().id);
}

// The browser is signed in and the request is good.
Answer answer_signed_in(Workplace& place, routing::Call const& call, Form const& form, AuthorizationRequest const& request,
                        Browser const& browser)
{
    if (request.prompt.login) co_return login_again(form);
    if (is_login_too_old(request, browser, place.with.clock.now()))
    {
        if (request.prompt.none) co_return refuse(request, "login_required", call.base_url);
        co_return login_again(form);
    }
    auto const teams = possible_teams(request, *browser.session);
    if (teams.empty()) co_return refuse(request, "access_denied", call.base_url);
    if (request.prompt.none || (request.may_skip_consent && !request.prompt.consent))
    {
        auto const consents =
            co_await place.with.store.list_consents(browser.session->user.id, request.application->id, call.deadline);
        if (!consents) co_return problem_page(consents.error());
        auto const consented =
            is_sure_of_client(request) ? consented_teams(request, teams, *consents) : std::vector<auth::Team>();
        if (request.prompt.none) co_return co_await answer_silently(place, call, request, browser, consented);
        if (consented.size() == 1) co_return co_await give_code(place, call, request, browser, consented.front().id);
    }
    co_return consent_page(call, form, request, browser, teams, {});
}

bool is_allowed(Form const& form)
{
    auto const word = to_lower_ascii(form.value("allow"));
    return !word.empty() && word != "false" && word != "0";
}

} // namespace

Answer answer_authorization(Workplace& place, routing::Call const& call)
{
    auto const form = Form::parse(call.request.query);
    if (!form) co_return error_page(OAuthError{.error = "invalid_request", .description = "The link is malformed."});
    auto const browser = co_await recognise(place, call);
    if (!browser) co_return problem_page(browser.error());

    auto const prompt = parse_prompt(form->value("prompt"));
    bool const is_silent = prompt && prompt->none;
    if (!browser->session && !is_silent)
    {
        // The request as it was sent; it is judged after the login.
        std::string next(authorize_path);
        if (!call.request.query.empty()) next.append("?").append(call.request.query);
        co_return go_to_login(next);
    }
    auto const judged = co_await judge_authorization_request(place, *form, call.deadline);
    if (!judged) co_return problem_page(judged.error());
    if (judged->error) co_return refuse(*judged, call.base_url);
    if (!browser->session) co_return refuse(judged->request, "login_required", call.base_url);
    co_return co_await answer_signed_in(place, call, *form, judged->request, *browser);
}

Answer answer_consent(Workplace& place, routing::Call const& call)
{
    auto const body = co_await read_form(call);
    if (!body.value) co_return unread_form_page(body);
    if (auth::check_csrf(call.request, body.value->value(auth::csrf_form_field), call.base_url) != auth::CsrfVerdict::ok)
        co_return csrf_page();
    auto const query = Form::parse(call.request.query);
    auto const form = query ? body.value->merged_with(*query) : std::nullopt;
    if (!form)
        co_return error_page(
            OAuthError{.error = "invalid_request", .description = "The form and its address do not fit together."});

    auto const browser = co_await recognise(place, call);
    if (!browser) co_return problem_page(browser.error());
    if (!browser->session)
    {
        // The answer on the form counts for nobody; the question comes back after the login.
        auto const question = [](Form::Parameter const& one) -> std::string
        {
            bool const is_answer = one.name == "allow" || one.name == "team_slug" || one.name == auth::csrf_form_field;
            return is_answer ? std::string() : one.value;
        };
        co_return go_to_login(page_with(*form, question));
    }
    auto const judged = co_await judge_authorization_request(place, *form, call.deadline);
    if (!judged) co_return problem_page(judged.error());
    if (judged->error) co_return refuse(*judged, call.base_url);
    AuthorizationRequest const& request = judged->request;

    auto const teams = possible_teams(request, *browser->session);
    if (teams.empty() || !is_allowed(*form)) co_return refuse(request, "access_denied", call.base_url);
    auto const* const team = request.application->team ? &teams.front() : find_team(teams, form->value("team_slug"));
    if (team == nullptr) co_return consent_page(call, *form, request, *browser, teams, "Choose one of your teams.");
    co_return co_await give_code(place, call, request, *browser, team->id);
}

} // namespace parley::oauth
