#include "session_document.hpp"

#include "parley/core/clock.hpp"
#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include <algorithm>
#include <cstring>

namespace parley::api
{

namespace
{

// What stays as it is in the id of a link: RFC 3986's sub-delims and ':', '@' (3.3), as in the service that the API comes from.
constexpr std::string_view id_characters = "!$&'()*+,;=:@";

// Those and the unreserved ones: an id of nothing else is written as it is, in a link and in a JSON string.
constexpr auto plain_id_characters = []
{
    std::array<bool, 256> plain{};
    for (std::size_t i = 0; i < plain.size(); ++i)
    {
        auto const c = static_cast<char>(i);
        plain[i] = is_unreserved(c) || id_characters.find(c) != std::string_view::npos;
    }
    return plain;
}();

bool is_plain_id(std::string_view id) noexcept
{
    return std::ranges::all_of(id, [](char c) { return plain_id_characters[static_cast<unsigned char>(c)]; });
}

// Writes at the end of a text without looking at every piece whether there is room: most bytes at most.
class Writer
{
  public:
    Writer(std::string& out, std::size_t most) : out_(out), begin_(out.size())
    {
        out_.resize(begin_ + most);
        at_ = out_.data() + begin_;
    }
    ~Writer() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }
    Writer(Writer const&) = delete;
    Writer& operator=(Writer const&) = delete;

    Writer& plain(std::string_view text) noexcept
    {
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
        return *this;
    }
    Writer& string(std::string_view text) noexcept
    {
        at_ = json::put_string(at_, text);
        return *this;
    }
    Writer& time(Timestamp when) noexcept
    {
        at_ = put_timestamp(at_, when);
        return *this;
    }

  private:
    std::string& out_;
    std::size_t begin_;
    char* at_ = nullptr;
};

std::string inside_string(std::string_view text)
{
    std::string literal = json::to_string_literal(text);
    literal.pop_back();
    literal.erase(0, 1);
    return literal;
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
    : platform_(inside_string(platform_url))
{
    before_id_.append(R"({"url":")").append(inside_string(base_url)).append("/api/sessions/");
    team_.reserve(64 + team.name.size() + team.slug.size());
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
    return keys_and_times + before_id_.size() + platform_.size() + team_.size() + 2 * session.id.size() +
           session.experiment->name.size() + description + session.participant.identifier.size() +
           session.participant.remote_id.size() + session.tags.text.size() + session.state.text.size();
}

std::string const& SessionEncoder::rendered(domain::Experiment const& experiment)
{
    auto const known = std::ranges::find(experiments_, &experiment, &RenderedExperiment::experiment);
    if (known != experiments_.end()) return known->text;
    RenderedExperiment& place = experiments_[next_experiment_];
    next_experiment_ = (next_experiment_ + 1) % experiments_.size();
    place.experiment = &experiment;
    std::string& out = place.text;
    std::string_view const id = experiment.id.text();
    out.clear();
    out.reserve(160 + platform_.size() + 2 * id.size() + experiment.name.size() +
                (experiment.description ? experiment.description->size() : 0));
    out.append(R"({"id":")").append(id).append(R"(","name":)");
    json::append_string(out, experiment.name);
    out += R"(,"description":)";
    if (experiment.description)
        json::append_string(out, *experiment.description);
    else
        out += "null";
    out.append(R"(,"url":")").append(platform_).append("/api/experiments/").append(id);
    out.append(R"(/","version_number":)").append(std::to_string(experiment.version_number)).append("}");
    return out;
}

void SessionEncoder::append_beginning(std::string& out, domain::Session const& session)
{
    constexpr std::size_t keys_and_times = 200;
    constexpr std::size_t encoded_byte = 3; // %XX
    auto const& [identifier, remote_id] = session.participant;
    std::string_view const experiment = rendered(*session.experiment);
    std::string_view const status = domain::to_word(session.status);
    std::size_t const most = keys_and_times + before_id_.size() + encoded_byte * session.id.size() +
                             json::string_room(session.id) + team_.size() + experiment.size() + json::string_room(identifier) +
                             json::string_room(remote_id) + status.size() + json::string_room(session.platform.value_or(""));
    Writer writer(out, most);
    writer.plain(before_id_);
    if (is_plain_id(session.id))
    {
        writer.plain(session.id).plain(R"(/","id":")").plain(session.id).plain(R"(")");
    }
    else
    {
        std::string encoded;
        append_percent_encoded(encoded, session.id, id_characters);
        writer.plain(encoded).plain(R"(/","id":)").string(session.id);
    }
    writer.plain(team_).plain(experiment);
    writer.plain(R"(,"participant":{"identifier":)").string(identifier).plain(R"(,"remote_id":)").string(remote_id);
    writer.plain(R"(},"created_at":")").time(session.created_at).plain(R"(","updated_at":")").time(session.updated_at);
    writer.plain(R"(","status":")").plain(status).plain(R"(","platform":)");
    if (session.platform)
        writer.string(*session.platform);
    else
        writer.plain("null");
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
