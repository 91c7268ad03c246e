#include "parley/world/synthetic.hpp"

#include "parley/world/render.hpp"

#include "portions.hpp"

#include "parley/store/world_writer.hpp"

#include <array>
#include <charconv>
#include <stdexcept>
#include <tuple>

namespace parley::world
{

namespace
{

using store::Index;

constexpr std::size_t progress_sessions = 10'000;            // Between two words of it.
constexpr auto step = std::chrono::microseconds(97'123'457); // Between two sessions: no two at one moment, none at a full second.
constexpr std::string_view prose = "The quick brown fox jumps over the lazy dog and tells nobody why it did so. ";
constexpr std::array statuses{domain::Status::setup, domain::Status::active, domain::Status::pending_review,
                              domain::Status::complete};

// How many of ten sessions in a row have that many tags: 13 in all.
constexpr std::array tags_of_session{0, 1, 2, 1, 1, 2, 1, 2, 1, 2};

struct Option
{
    std::string_view name;
    int SyntheticSettings::*value;
    int least;
};
constexpr std::array options{
    Option{"teams", &SyntheticSettings::teams, 1},       Option{"sessions", &SyntheticSettings::sessions, 0},
    Option{"messages", &SyntheticSettings::messages, 0}, Option{"participants", &SyntheticSettings::participants, 1},
    Option{"chatbots", &SyntheticSettings::chatbots, 1}, Option{"tags", &SyntheticSettings::tags, 2}};
constexpr int value_max = 10'000'000;

void set_option(SyntheticSettings& settings, std::string_view text)
{
    auto const equals = text.find('=');
    auto const name = text.substr(0, equals);
    for (auto const& option : options)
    {
        if (option.name != name || equals == std::string_view::npos) continue;
        auto const digits = text.substr(equals + 1);
        int value = 0;
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc() || end != digits.data() + digits.size() || value < option.least || value > value_max)
            throw std::invalid_argument("\"" + std::string(text) + "\": a number from " + std::to_string(option.least) + " to " +
                                        std::to_string(value_max));
        settings.*option.value = value;
        return;
    }
    throw std::invalid_argument("\"" + std::string(text) +
                                "\" is none of teams=, sessions=, messages=, participants=, chatbots=, tags=");
}

class Synthesis
{
  public:
    Synthesis(SyntheticSettings const& settings, Timestamp now) : settings_(settings)
    {
        auto const sessions = static_cast<std::int64_t>(settings.teams) * settings.sessions;
        begin_ = now - step * (sessions + 1);
        for (int team = 0; team < settings.teams; ++team)
            add_team(team);
    }

    [[nodiscard]] store::WorldRows const& rows() const noexcept { return rows_; }
    [[nodiscard]] std::vector<std::string> const& keys() const noexcept { return keys_; }
    [[nodiscard]] std::size_t sessions() const noexcept
    {
        return static_cast<std::size_t>(settings_.teams) * static_cast<std::size_t>(settings_.sessions);
    }

    // The teams take turns, as they would in life.
    [[nodiscard]] store::SessionRow session(std::size_t number) const
    {
        auto const team = number % count(settings_.teams);
        auto const turn = number / count(settings_.teams);
        Session result;
        auto& row = result.row;
        row.created_at = begin_ + step * static_cast<std::int64_t>(number);
        row.updated_at = row.created_at + std::chrono::microseconds(7'300'000) * settings_.messages;
        row.id = make_uuid(row.created_at).str();
        row.team = team;
        row.experiment = team * count(settings_.chatbots) + turn % count(settings_.chatbots);
        row.participant = team * count(settings_.participants) + turn % count(settings_.participants);
        row.platform = "api";
        row.status = statuses[turn % statuses.size()];
        if (row.status == domain::Status::pending_review || row.status == domain::Status::complete) row.ended_at = row.updated_at;
        row.state = R"({"step":)" + std::to_string(turn % 9) + R"(,"lang":"en","flags":["a","b"]})";
        auto const tags = static_cast<std::size_t>(tags_of_session[turn % tags_of_session.size()]);
        for (std::size_t k = 0; k < tags; ++k)
            row.tags.push_back(first_tag(team) + (turn * 7 + k) % count(settings_.tags));
        for (int i = 1; i <= settings_.messages; ++i)
            result.messages.push_back(message(row, number, i));
        return render(rows_, result);
    }

  private:
    [[nodiscard]] static std::size_t count(int value) noexcept { return static_cast<std::size_t>(value); }
    // A team's tags, and behind them the one that says which version answered.
    [[nodiscard]] std::size_t first_tag(std::size_t team) const noexcept { return team * (count(settings_.tags) + 1); }

    void add_team(int index)
    {
        auto const number = std::to_string(index + 1);
        auto const team = rows_.teams.size();
        rows_.teams.push_back(
            {.slug = "synthetic-" + number, .name = "Synthetic Team " + number, .api_rate_limit = {}, .created_at = {}});
        rows_.users.push_back({.email = "owner@synthetic-" + number + ".example",
                               .first_name = "",
                               .last_name = "",
                               .is_active = true,
                               .email_verified = true,
                               .password_hash = "",
                               .last_login = {},
                               .created_at = {}});
        rows_.memberships.push_back({.team = team, .user = team, .roles = {"Super Admin"}});
        auto fresh = store::make_api_key();
        auto& key = rows_.api_keys.emplace_back();
        key.name = "synthetic";
        key.prefix = fresh.prefix;
        key.key_sha256 = sha256(fresh.key);
        key.user = team;
        key.team = team;
        keys_.push_back(std::move(fresh.key));
        add_subjects(team);
    }

    void add_subjects(Index team)
    {
        for (int i = 1; i <= settings_.chatbots; ++i)
        {
            auto& chatbot = rows_.experiments.emplace_back();
            chatbot.id = make_uuid(begin_);
            chatbot.team = team;
            chatbot.name = "Chatbot " + std::to_string(i);
            chatbot.description = "A chatbot that answers questions about subject " + std::to_string(i);
        }
        for (int i = 1; i <= settings_.participants; ++i)
            rows_.participants.push_back({.team = team,
                                          .platform = "api",
                                          .identifier = "user" + std::to_string(i) + "@example.com",
                                          .remote_id = i % 3 == 0 ? "r" + std::to_string(i) : "",
                                          .name = "",
                                          .user = {}});
        for (int i = 1; i <= settings_.tags; ++i)
            rows_.tags.push_back({.team = team, .name = "tag-" + std::to_string(i), .category = "", .is_system = false});
        rows_.tags.push_back(
            {.team = team, .name = "v1", .category = std::string(store::version_tag_category), .is_system = true});
    }

    [[nodiscard]] Message message(store::SessionRow const& session, std::size_t number, int position) const
    {
        Message result;
        result.created_at = session.created_at + std::chrono::microseconds(7'300'000) * position;
        result.role = position % 2 == 1 ? domain::Role::user : domain::Role::assistant;
        result.content =
            "Message " + std::to_string(position) + " of session " + std::to_string(number) + ": \"quoted\", line\nbreak. ";
        auto const length = result.content.size() + 80 + (number * 31 + count(position) * 17) % 140;
        while (result.content.size() < length)
            result.content += prose.substr(0, length - result.content.size());
        if (result.role == domain::Role::assistant) result.metadata = R"({"model":"gpt"})";
        if (position == settings_.messages) result.tags = {first_tag(session.team) + count(settings_.tags)};
        return result;
    }

    SyntheticSettings settings_;
    Timestamp begin_;
    store::WorldRows rows_;
    std::vector<std::string> keys_;
};

} // namespace

SyntheticSettings parse_synthetic(std::string_view text)
{
    SyntheticSettings settings;
    while (!text.empty())
    {
        auto const comma = text.find(',');
        set_option(settings, text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return settings;
}

SyntheticReport synthesize(store::Administration& administration, SyntheticSettings const& settings, Clock const& clock,
                           std::function<void(std::size_t)> const& progress)
{
    Synthesis const synthesis(settings, clock.now());
    store::WorldWriter writer(administration);
    writer.write(synthesis.rows());
    Portions portions(writer);
    while (portions.sessions() < synthesis.sessions())
    {
        portions.add(synthesis.session(portions.sessions()));
        if (portions.sessions() % progress_sessions == 0) progress(portions.sessions());
    }
    portions.flush();
    writer.commit("world.synthesize", "synthetic");
    return {.rows = {.teams = synthesis.rows().teams.size(),
                     .users = synthesis.rows().users.size(),
                     .sessions = portions.sessions(),
                     .messages = portions.messages()},
            .keys = synthesis.keys()};
}

} // namespace parley::world
