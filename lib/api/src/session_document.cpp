#include "session_document.hpp"

#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include <charconv>

namespace parley::api
{

namespace
{

// What stays as it is in the id of a link: RFC 3986's sub-delims and ':', '@' (3.3), as in the service that the API comes from.
constexpr std::string_view id_characters = "!$&'()*+,;=:@";

void append_quoted(std::string& out, std::string_view plain)
{
    out += '"';
    out += plain; // Times, words and UUIDs hold nothing to escape.
    out += '"';
}

void append_quoted(std::string& out, Timestamp when)
{
    out += '"';
    append_timestamp(out, when);
    out += '"';
}

std::string inside_string(std::string_view text)
{
    std::string literal = json::to_string_literal(text);
    return literal.substr(1, literal.size() - 2);
}

void append_session_path(std::string& out, std::string_view id)
{
    out += "/api/sessions/";
    append_percent_encoded(out, id, id_characters);
    out += '/';
}

} // namespace

std::string session_url(std::string_view base_url, std::string_view id)
{
    std::string url(base_url);
    append_session_path(url, id);
    return url;
}

SessionEncoder::SessionEncoder(auth::Team const& team, std::string_view base_url, std::string_view platform_url)
    : base_(inside_string(base_url)), platform_(inside_string(platform_url))
{
    before_id_ = R"({"url":")" + base_ + "/api/sessions/";
    team_ = R"(,"team":{"name":)";
    json::append_string(team_, team.name);
    team_ += R"(,"slug":)";
    json::append_string(team_, team.slug);
    team_ += R"(},"experiment":)";
}

void SessionEncoder::append(std::string& out, domain::Session const& session)
{
    append_beginning(out, session);
    out += R"(,"tags":)";
    out += session.tags.text;
    out += R"(,"state":)";
    out += session.state.text;
    out += '}';
}

void SessionEncoder::append(std::string& out, domain::Transcript const& transcript)
{
    append_beginning(out, transcript.session);
    out += R"(,"messages":[)";
    append_messages(out, transcript);
    out += R"(],"usage":)";
    out += transcript.usage.text;
    out += R"(,"tags":)";
    out += transcript.session.tags.text;
    out += R"(,"state":)";
    out += transcript.session.state.text;
    out += '}';
}

std::size_t SessionEncoder::estimate(domain::Session const& session) const noexcept
{
    constexpr std::size_t keys_and_times = 400;
    std::size_t const description = session.experiment->description ? session.experiment->description->size() : 0;
    return keys_and_times + base_.size() + platform_.size() + team_.size() + 2 * session.id.size() +
           session.experiment->name.size() + description + session.participant.identifier.size() +
           session.participant.remote_id.size() + session.tags.text.size() + session.state.text.size();
}

void SessionEncoder::append_experiment(std::string& out, domain::Experiment const& experiment)
{
    if (rendered_experiment_ != &experiment)
    {
        rendered_experiment_ = &experiment;
        experiment_ = R"({"id":)";
        append_quoted(experiment_, experiment.id.text());
        experiment_ += R"(,"name":)";
        json::append_string(experiment_, experiment.name);
        experiment_ += R"(,"description":)";
        if (experiment.description)
            json::append_string(experiment_, *experiment.description);
        else
            experiment_ += "null";
        experiment_ += R"(,"url":")";
        experiment_ += platform_;
        experiment_ += "/api/experiments/";
        experiment_ += experiment.id.text();
        experiment_ += R"(/","version_number":)";
        experiment_ += std::to_string(experiment.version_number);
        experiment_ += '}';
    }
    out += experiment_;
}

void SessionEncoder::append_beginning(std::string& out, domain::Session const& session)
{
    out += before_id_;
    append_percent_encoded(out, session.id, id_characters);
    out += R"(/","id":)";
    json::append_string(out, session.id);
    out += team_;
    append_experiment(out, *session.experiment);
    out += R"(,"participant":{"identifier":)";
    json::append_string(out, session.participant.identifier);
    out += R"(,"remote_id":)";
    json::append_string(out, session.participant.remote_id);
    out += R"(},"created_at":)";
    append_quoted(out, session.created_at);
    out += R"(,"updated_at":)";
    append_quoted(out, session.updated_at);
    out += R"(,"status":)";
    append_quoted(out, domain::to_word(session.status));
    out += R"(,"platform":)";
    if (session.platform)
        json::append_string(out, *session.platform);
    else
        out += "null";
}

void SessionEncoder::append_messages(std::string& out, domain::Transcript const& transcript) const
{
    std::string_view rest = transcript.messages.text;
    if (transcript.has_links)
    {
        for (auto mark = rest.find(domain::link_base_mark); mark != std::string_view::npos;
             mark = rest.find(domain::link_base_mark))
        {
            out += rest.substr(0, mark);
            out += platform_;
            rest.remove_prefix(mark + 1);
        }
    }
    out += rest;
}

} // namespace parley::api
