#include "pages.hpp"

namespace parley::oauth
{

namespace
{

// HTML under construction. add() escapes; markup() is for literals of this file.
class Html
{
  public:
    explicit Html(std::string_view title)
    {
        markup(R"(<!doctype html><html lang="en"><head><meta charset="utf-8">)"
               R"(<meta name="viewport" content="width=device-width, initial-scale=1"><title>)");
        add(title);
        markup(R"( - Parley</title><link rel="stylesheet" href="/o/assets/page.css"></head><body><main><h1>)");
        add(title);
        markup("</h1>");
    }

    Html& markup(std::string_view literal)
    {
        out_.append(literal);
        return *this;
    }

    Html& add(std::string_view text)
    {
        for (char const c : text)
        {
            switch (c)
            {
            case '&':
                out_ += "&amp;";
                break;
            case '<':
                out_ += "&lt;";
                break;
            case '>':
                out_ += "&gt;";
                break;
            case '"':
                out_ += "&quot;";
                break;
            case '\'':
                out_ += "&#39;";
                break;
            default:
                out_ += c;
            }
        }
        return *this;
    }

    Html& hidden(std::string_view name, std::string_view value)
    {
        return markup(R"(<input type="hidden" name=")").add(name).markup(R"(" value=")").add(value).markup("\">");
    }

    // The sentence that explains what is wrong; fields refer to it by its id.
    Html& error(std::string_view sentence)
    {
        if (sentence.empty()) return *this;
        return markup(R"(<p class="error" id="error" role="alert">)").add(sentence).markup("</p>");
    }

    [[nodiscard]] std::string done() { return std::move(out_.append("</main></body></html>")); }

  private:
    std::string out_;
};

void add_team_choice(Html& html, ConsentPage const& page)
{
    if (page.is_pinned)
    {
        html.markup("<p>In the team <strong>").add(page.teams.front().name).markup("</strong>.</p>");
        return;
    }
    html.markup(R"(<p><label for="team">Team</label><select id="team" name="team_slug" required)");
    html.markup(page.error.empty() ? ">" : R"( aria-invalid="true" aria-describedby="error">)");
    for (TeamChoice const& team : page.teams)
    {
        html.markup(R"(<option value=")").add(team.slug).markup(team.slug == page.chosen_team ? "\" selected>" : "\">");
        html.add(team.name).markup("</option>");
    }
    html.markup("</select></p>");
}

} // namespace

std::string render(LoginPage const& page)
{
    Html html("Sign in");
    html.error(page.error);
    html.markup(R"(<form method="post" action="/accounts/login/">)");
    html.hidden("csrfmiddlewaretoken", page.csrf_token).hidden("next", page.next);
    std::string_view const fault = page.error.empty() ? "" : R"( aria-invalid="true" aria-describedby="error")";
    html.markup(
        R"(<p><label for="login">E-mail</label><input id="login" name="login" type="email" autocomplete="username" required maxlength="320" value=")");
    html.add(page.login).markup("\"").markup(fault).markup("></p>");
    html.markup(R"(<p><label for="password">Password</label><input id="password" name="password" type="password" )"
                R"(autocomplete="current-password" required maxlength="1024")");
    html.markup(fault).markup(R"(></p><p><button type="submit">Sign in</button></p></form>)");
    return html.done();
}

std::string render(ConsentPage const& page)
{
    Html html("Allow access?");
    html.markup("<p><strong>").add(page.application).markup("</strong> asks to act for you, <strong>").add(page.user_email);
    html.markup("</strong>. It wants to:</p><ul>");
    for (auto const meaning : page.meanings)
        html.markup("<li>").add(meaning).markup("</li>");
    html.markup("</ul>").error(page.error).markup(R"(<form method="post" action="/o/authorize/">)");
    html.hidden("csrfmiddlewaretoken", page.csrf_token);
    for (auto const& [name, value] : page.hidden)
        html.hidden(name, value);
    add_team_choice(html, page);
    html.markup(R"(<p class="choices"><button type="submit" name="allow" value="Authorize">Allow</button> )"
                R"(<button type="submit" class="second">Refuse</button></p></form>)");
    html.markup(R"(<p class="note">Afterwards you go to )").add(page.destination).markup(".</p>");
    return html.done();
}

std::string render_signed_in(std::string_view user_email, std::string_view csrf_token)
{
    Html html("Signed in");
    html.markup("<p>You are signed in as <strong>").add(user_email).markup("</strong>.</p>");
    html.markup(R"(<form method="post" action="/accounts/logout/">)").hidden("csrfmiddlewaretoken", csrf_token);
    return html.markup(R"(<p><button type="submit">Sign out</button></p></form>)").done();
}

std::string render_signed_out()
{
    return Html("Signed out").markup(R"(<p>You are signed out.</p><p><a href="/accounts/login/">Sign in</a></p>)").done();
}

std::string render_message(std::string_view heading, std::string_view sentence)
{
    return Html(heading).markup("<p>").add(sentence).markup("</p>").done();
}

std::string_view stylesheet() noexcept
{
    // Contrast: text 14:1, error 7:1, button 8:1, borders 4.5:1 and more, on either background.
    return R"(:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--line:#6a737d;--act:#0b4f9e;--on-act:#fff;--bad:#a40e26}
@media (prefers-color-scheme:dark){:root{--back:#16191d;--text:#eceff3;--line:#9aa4af;--act:#9cc7ff;--on-act:#10151b;--bad:#ff9aa5}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{max-width:26rem;margin:0 auto;padding:2rem 1rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem;overflow-wrap:anywhere}
p,ul{margin:0 0 1rem;overflow-wrap:anywhere}
label{display:block;font-weight:600;margin-bottom:.25rem}
input,select{width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--back);border:1px solid var(--line);border-radius:.375rem}
button{min-height:2.75rem;padding:.5rem 1.25rem;font:inherit;font-weight:600;color:var(--on-act);background:var(--act);border:2px solid var(--act);border-radius:.375rem;cursor:pointer}
button.second{color:var(--act);background:var(--back)}
a{color:var(--act)}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
.choices{display:flex;gap:.75rem;flex-wrap:wrap}
.error{color:var(--bad);border-left:4px solid var(--bad);padding-left:.75rem;font-weight:600}
.note{font-size:.9375rem}
)";
}

http::Response page_answer(int status, std::string html, std::string_view form_targets)
{
    http::Response response{.status = status, .content_type = "text/html; charset=utf-8"};
    std::string policy = "default-src 'none'; style-src 'self'; form-action 'self'";
    if (!form_targets.empty()) policy.append(" ").append(form_targets);
    response.add("Content-Security-Policy", policy.append("; frame-ancestors 'none'; base-uri 'none'"));
    response.add("X-Frame-Options", "DENY");
    response.add("Cache-Control", "no-store");
    response.body = std::move(html);
    return response;
}

http::Response problem_page(Problem const& problem)
{
    int const status = http::status_of(problem.code);
    bool const is_busy = status == 503 || status == 429;
    auto response = page_answer(
        status, is_busy ? render_message("Please wait", "There is too much to do at the moment. Try again in a moment.")
                        : render_message("Something went wrong", "This request could not be answered."));
    if (is_busy) response.add("Retry-After", std::to_string(problem.retry_after > 0 ? problem.retry_after : 1));
    return response;
}

} // namespace parley::oauth
