// The pages that people see: server-rendered, no script, everything from outside escaped.
#pragma once

#include "parley/http/message.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::oauth
{

struct LoginPage
{
    std::string_view csrf_token;
    std::string_view next;
    std::string_view login; // What was typed; never the password.
    std::string_view error; // Empty: none.
};

struct TeamChoice
{
    std::string_view slug;
    std::string_view name;
};

struct ConsentPage
{
    std::string_view csrf_token;
    std::string_view application;
    std::string_view user_email;
    std::string_view destination; // Where the browser goes afterwards, as people read it.
    std::vector<std::string_view> meanings;
    std::vector<TeamChoice> teams; // One where the application is pinned.
    bool is_pinned = false;
    std::string_view chosen_team;
    std::string_view error;                                            // Of the team choice; empty: none.
    std::vector<std::pair<std::string_view, std::string_view>> hidden; // The authorization request, name and value.
};

// The pages' HTML.
[[nodiscard]] std::string render(LoginPage const& page);
[[nodiscard]] std::string render(ConsentPage const& page);
[[nodiscard]] std::string render_signed_in(std::string_view user_email,
                                           std::string_view csrf_token); // With a button to sign out.
[[nodiscard]] std::string render_signed_out();
[[nodiscard]] std::string render_message(std::string_view heading, std::string_view sentence);

[[nodiscard]] std::string_view stylesheet() noexcept;

// An answer with a page: its policy, no caching, no framing. form_targets: where else its form may lead
// ("https://client.example"), since browsers hold the redirects after a form against form-action too.
[[nodiscard]] http::Response page_answer(int status, std::string html, std::string_view form_targets = {});

// The page of a Problem.
[[nodiscard]] http::Response problem_page(Problem const& problem);

} // namespace parley::oauth
