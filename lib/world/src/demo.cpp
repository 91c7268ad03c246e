#include "parley/world/demo.hpp"

#include "parley/world/load.hpp"

namespace parley::world
{

namespace
{

constexpr std::string_view team_slug = "demo";
constexpr std::string_view user_email = "demo@example.org";

// What was said in the demo's sessions, in pairs of question and answer.
struct Conversation
{
    std::vector<std::string_view> lines;
    domain::Status status;
    std::string_view state;
    std::vector<store::Index> tags;
};

std::vector<Conversation> conversations()
{
    return {
        {.lines = {"Hello! When does the clinic open?",
                   "Good morning! The clinic is open from 8 to 17 o'clock, Monday to Friday.", "Thank you, and on Saturday?",
                   "On Saturday from 9 to 12 o'clock."},
         .status = domain::Status::active,
         .state = R"({"topic":"opening hours","language":"en"})",
         .tags = {0, 1}},
        {.lines = {"Wie bekomme ich einen Termin?", "Gern: nennen Sie mir einen Tag, der Ihnen passt.", "Donnerstag.",
                   "Donnerstag um 10:30 Uhr ist frei. Soll ich den Termin eintragen?"},
         .status = domain::Status::pending_review,
         .state = R"({"topic":"appointment","language":"de","proposed":"2026-01-08T10:30:00+01:00"})",
         .tags = {1}},
        {.lines = {"Is there parking?", "Yes, behind the building. The first two hours are free."},
         .status = domain::Status::complete,
         .state = R"({"topic":"parking"})",
         .tags = {}},
    };
}

Session session_of(Conversation const& conversation, Timestamp begin, store::Index participant)
{
    Session session;
    session.row.id = make_uuid(begin).str();
    session.row.participant = participant;
    session.row.platform = "api";
    session.row.status = conversation.status;
    session.row.created_at = begin;
    session.row.state = conversation.state;
    session.row.tags = conversation.tags;
    auto at = begin;
    for (auto const line : conversation.lines)
    {
        Message message;
        message.created_at = at;
        message.role = session.messages.size() % 2 == 0 ? domain::Role::user : domain::Role::assistant;
        message.content = line;
        session.messages.push_back(std::move(message));
        at += std::chrono::seconds(20);
    }
    session.row.updated_at = at;
    if (conversation.status != domain::Status::active) session.row.ended_at = at;
    return session;
}

World world_of(Uuid const& experiment, store::ApiKeyText const& fresh, Timestamp now)
{
    World world;
    auto& rows = world.rows;
    rows.teams.push_back({.slug = std::string(team_slug), .name = "Demo Team", .api_rate_limit = {}, .created_at = {}});
    rows.users.push_back({.email = std::string(user_email),
                          .first_name = "Demo",
                          .last_name = "",
                          .is_active = true,
                          .email_verified = true,
                          .password_hash = "",
                          .last_login = {},
                          .created_at = {}});
    rows.memberships.push_back({.team = 0, .user = 0, .roles = {"Super Admin"}});
    auto& key = rows.api_keys.emplace_back();
    key.name = "demo";
    key.prefix = fresh.prefix;
    key.key_sha256 = sha256(fresh.key);
    auto& chatbot = rows.experiments.emplace_back();
    chatbot.id = experiment;
    chatbot.name = "Demo Bot";
    chatbot.description = "Answers the questions of a small clinic's visitors";
    for (auto const* name : {"vip", "follow-up"})
        rows.tags.push_back({.team = 0, .name = name, .category = "", .is_system = false});
    auto begin = now - std::chrono::hours(3);
    for (auto const& conversation : conversations())
    {
        auto const number = std::to_string(world.sessions.size() + 1);
        rows.participants.push_back({.team = 0,
                                     .platform = "api",
                                     .identifier = "visitor" + number + "@example.org",
                                     .remote_id = "",
                                     .name = "",
                                     .user = {}});
        world.sessions.push_back(session_of(conversation, begin, world.sessions.size()));
        begin += std::chrono::hours(1);
    }
    return world;
}

} // namespace

std::optional<Demo> make_demo(store::Administration& administration, Clock const& clock)
{
    if (!administration.teams().empty()) return std::nullopt;
    auto const now = clock.now();
    auto const experiment = make_uuid(now);
    auto fresh = store::make_api_key();
    auto const world = world_of(experiment, fresh, now);
    load(administration, world, "demo");
    return Demo{.team = std::string(team_slug),
                .key = std::move(fresh.key),
                .experiment = experiment,
                .session_id = world.sessions.front().row.id};
}

} // namespace parley::world
