#include "decoder.hpp"

#include <cstdint>
#include <limits>

namespace parley::world
{

namespace
{

constexpr std::int64_t session_token_days_max = 36'500; // A hundred years.

} // namespace

// A version may stand before the chatbot it is of, so their keys are gathered first.
void Decoder::experiments(Place const& list)
{
    list.each(
        [&](Place const& place)
        {
            Members row(place);
            auto const key = row.required("key");
            auto const id = row.required("id");
            experiments_.add(key, key.text(), rows().experiments.size());
            experiment_ids_.add(id, id.uuid().str(), rows().experiments.size());
            auto const team = team_of(row);
            rows().experiments.push_back({.id = id.uuid(),
                                          .team = team,
                                          .name = {},
                                          .description = {},
                                          .working = {},
                                          .version_number = 1,
                                          .is_default = false,
                                          .is_archived = false,
                                          .version_description = {},
                                          .allowlist = {},
                                          .created_at = {}});
        });
    Index index = 0;
    list.each([&](Place const& place) { experiment(place, rows().experiments[index++]); });
}

void Decoder::experiment(Place const& place, store::ExperimentRow& result) const
{
    Members row(place);
    for (auto const* seen : {"key", "id", "team"})
        row.skip(seen);
    result.name = row.required("name").text();
    if (auto const description = row.present("description")) result.description = description->text();
    if (auto const working = row.present("working"))
    {
        result.working = experiment_of(*working, result.team);
        if (&rows().experiments[*result.working] == &result) working->refuse("is this very chatbot");
    }
    auto const number = row.optional("version_number");
    result.version_number = number ? static_cast<int>(number->integer(0, std::numeric_limits<int>::max())) : 1;
    result.is_default = truth(row, "is_default", false);
    result.is_archived = truth(row, "archived", false);
    result.version_description = text_or_empty(row, "version_description");
    result.allowlist = texts(row, "allowlist");
    result.created_at = moment(row, "created_at");
    row.finish();
}

void Decoder::channel(Members& row)
{
    auto const key = row.required("key");
    store::ChannelRow result;
    result.team = team_of(row);
    result.experiment = experiment_of(row.required("experiment"), result.team);
    result.platform = row.required("platform").text();
    result.name = row.required("name").text();
    auto const plain = row.present("embed_key");
    auto const hashed = row.present("embed_key_sha256");
    if (plain || hashed) result.embed_key_sha256 = digest(row, plain ? "embed_key" : "", hashed ? "embed_key_sha256" : "");
    result.allowed_domains = texts(row, "allowed_domains");
    result.auth_level = static_cast<int>(row.required("auth_level").integer(0, 2));
    result.credential_mode = word(row.required("credential_mode"), {"embed_key", "oauth"});
    result.is_enabled = truth(row, "enabled", true);
    result.disabled_message = text_or_empty(row, "disabled_message");
    if (auto const days = row.present("session_token_days"))
        result.session_token_days = static_cast<std::int32_t>(days->integer(1, session_token_days_max));
    result.created_at = moment(row, "created_at");
    channels_.add(key, key.text(), rows().channels.size());
    rows().channels.push_back(std::move(result));
}

} // namespace parley::world
