#include "decoder.hpp"

#include "parley/core/text.hpp"
#include "parley/world/render.hpp"

#include <algorithm>
#include <limits>

namespace parley::world
{

namespace
{

constexpr std::size_t session_id_max = 255; // Code points; what the API finds.

} // namespace

std::string Decoder::tag_key(Index team, std::string_view name, std::string_view category, bool is_system)
{
    return joined({std::to_string(team), name, category, is_system ? "system" : "user"});
}

void Decoder::tag(Members& row)
{
    auto const name = row.required("name");
    store::TagRow result{team_of(row), name.text_of_visible(), text_or_empty(row, "category"), truth(row, "system", false)};
    tags_.add(name, tag_key(result.team, result.name, result.category, result.is_system), rows().tags.size());
    rows().tags.push_back(std::move(result));
}

void Decoder::participant(Members& row)
{
    auto const key = row.required("key");
    auto const identifier = row.required("identifier");
    store::ParticipantRow result;
    result.team = team_of(row);
    result.platform = row.required("platform").text();
    result.identifier = identifier.text();
    result.remote_id = text_or_empty(row, "remote_id");
    result.name = text_or_empty(row, "name");
    result.user = user_or_none(row, "user");
    participants_.add(key, key.text(), rows().participants.size());
    identifiers_.add(identifier, joined({std::to_string(result.team), result.platform, result.identifier}),
                     rows().participants.size());
    rows().participants.push_back(std::move(result));
}

void Decoder::file(Members& row)
{
    auto const id = row.required("id");
    store::FileRow result;
    result.team = team_of(row);
    result.id = id.integer(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    result.name = row.required("name").text();
    result.content_type = row.required("content_type").text();
    if (auto const size = row.present("size")) result.size = size->integer(0, std::numeric_limits<std::int64_t>::max());
    result.external_id = text_or_empty(row, "external_id");
    files_.add(id, key_of(result.team, std::to_string(result.id)), rows().files.size());
    rows().files.push_back(std::move(result));
}

Index Decoder::tag_at(Place const& place, Index team) const
{
    std::vector<Place> elements;
    auto const value = place.value();
    auto const is_pair = value.is_array() && (value.size() == 2 || value.size() == 3);
    if (!is_pair) place.refuse("must be a tag: [name, category], or [name, category, system]");
    place.each([&](Place const& element) { elements.push_back(element); });
    auto const name = elements[0].text();
    auto const category = elements[1].text();
    auto const of_user = tags_.find(tag_key(team, name, category, false));
    auto const of_system = tags_.find(tag_key(team, name, category, true));
    if (elements.size() == 3)
    {
        auto const found = elements[2].boolean() ? of_system : of_user;
        if (!found) place.refuse("there is no such tag in this team");
        return *found;
    }
    if (!of_user && !of_system) place.refuse("there is no such tag in this team");
    if (of_user && of_system)
        place.refuse("is a user's tag and a system's: say which, by a third element true (system) or false");
    return of_user ? *of_user : *of_system;
}

std::vector<Index> Decoder::tags_at(Members& row, Index team) const
{
    std::vector<Index> result;
    auto const list = row.optional("tags");
    if (!list) return result;
    list->each(
        [&](Place const& place)
        {
            auto const index = tag_at(place, team);
            if (std::ranges::find(result, index) != result.end()) place.refuse("stands twice");
            result.push_back(index);
        });
    return result;
}

void Decoder::session(Members& row)
{
    auto const id = row.required("id");
    Session result;
    result.row.id = id.text();
    if (result.row.id.empty() || result.row.id.find('/') != std::string::npos ||
        count_code_points(result.row.id) > session_id_max)
        id.refuse("must have 1 to 255 characters and no '/'");
    session_references(row, result.row);
    session_course(row, result.row);
    auto const state = row.optional("state");
    if (state) result.row.state = state->compact_json();
    result.row.tags = tags_at(row, result.row.team);
    session_files(row, result.row);
    if (auto const list = row.optional("messages"))
        list->each([&](Place const& place) { result.messages.push_back(message(place, result.row.team)); });
    if (auto const list = row.optional("usage")) session_usage(*list, result.row);
    sessions_.add(id, key_of(result.row.team, result.row.id), world_.sessions.size());
    world_.sessions.push_back(std::move(result));
}

void Decoder::session_references(Members& row, store::SessionRow& result) const
{
    result.team = teams_.resolve(row.required("team"));
    result.experiment = experiment_of(row.required("experiment"), result.team);
    auto const participant_place = row.required("participant");
    result.participant = participants_.resolve(participant_place);
    require_team(participant_place, rows().participants[result.participant].team, result.team);
    if (auto const channel_place = row.present("channel"))
    {
        result.channel = channels_.resolve(*channel_place);
        require_team(*channel_place, rows().channels[*result.channel].team, result.team);
    }
}

void Decoder::session_course(Members& row, store::SessionRow& result)
{
    if (auto const platform = row.present("platform")) result.platform = platform->text();
    auto const status = row.required("status");
    auto const known = domain::status_from_word(status.text());
    if (!known) status.refuse("is not a status: setup, pending, active, pending-review, complete, unknown");
    result.status = *known;
    result.created_at = row.required("created_at").moment();
    result.updated_at = moment(row, "updated_at").value_or(result.created_at);
    result.ended_at = moment(row, "ended_at");
    result.token_required = truth(row, "token_required", true);
}

void Decoder::session_files(Members& row, store::SessionRow& result) const
{
    auto const list = row.optional("files");
    if (!list) return;
    list->each(
        [&](Place const& place)
        {
            auto const id = place.integer(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
            auto const index = files_.find(key_of(result.team, std::to_string(id)));
            if (!index) place.refuse("there is no such file in this team");
            if (std::ranges::find(result.files, *index) != result.files.end()) place.refuse("stands twice");
            result.files.push_back(*index);
        });
}

void Decoder::session_usage(Place const& list, store::SessionRow& result)
{
    list.each([&](Place const& place) { result.usage.push_back(usage(place)); });
    if (!adds_up(result.usage)) list.refuse("is too much to be added up");
}

Message Decoder::message(Place const& place, Index team) const
{
    Members row(place);
    Message result;
    auto const type = word(row.required("type"), {"human", "ai", "system"});
    result.role = type == "human" ? domain::Role::user : type == "ai" ? domain::Role::assistant : domain::Role::system;
    result.content = row.required("content").text();
    result.tags = tags_at(row, team);
    if (auto const metadata = row.present("metadata"))
    {
        if (!metadata->value().is_object())
            metadata->refuse("must be an object, not " + std::string(metadata->value().type_word()));
        result.metadata = metadata->compact_json();
    }
    if (auto const summary = row.present("summary")) result.summary = summary->text();
    result.created_at = row.required("created_at").moment();
    row.finish();
    return result;
}

std::string Decoder::decimal(Place const& place, std::size_t places_max)
{
    auto const value = place.value();
    auto const spelling = value.is_number() ? std::string(value.text()) : place.text();
    auto const digits = std::string_view(spelling);
    auto const point = digits.find('.');
    auto const whole = digits.substr(0, point);
    auto const fraction = point == std::string_view::npos ? std::string_view() : digits.substr(point + 1);
    auto const all_digits = [](std::string_view text)
    { return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }); };
    auto const is_decimal =
        !whole.empty() && all_digits(whole) && all_digits(fraction) && (point == std::string_view::npos || !fraction.empty());
    if (!is_decimal) place.refuse("must be a decimal such as \"0.0123\"");
    if (whole.size() > 18 - places_max || fraction.size() > places_max)
        place.refuse("must have at most " + std::to_string(18 - places_max) + " digits before the point and " +
                     std::to_string(places_max) + " behind it");
    return spelling;
}

store::UsageRow Decoder::usage(Place const& place)
{
    Members row(place);
    store::UsageRow result{.model = row.required("model").text(),
                           .kind = row.required("kind").text(),
                           .quantity = decimal(row.required("quantity"), 4),
                           .cost = decimal(row.required("cost"), 8),
                           .source = row.required("source").text()};
    row.finish();
    return result;
}

} // namespace parley::world
