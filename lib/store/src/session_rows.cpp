#include "session_rows.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace parley::store
{

std::string to_api_time(std::string_view postgres)
{
    constexpr std::size_t seconds_end = 19; // 2026-01-01 01:00:00
    std::string out;
    out.reserve(27);
    out.append(postgres.substr(0, seconds_end));
    if (out.size() > 10) out[10] = 'T';
    if (postgres.size() > seconds_end && postgres[seconds_end] == '.')
    {
        auto const end = std::min(postgres.find_first_not_of("0123456789", seconds_end + 1), postgres.size());
        out.append(postgres.substr(seconds_end, end - seconds_end));
        out.append(6 - std::min<std::size_t>(6, end - seconds_end - 1), '0'); // PostgreSQL leaves trailing zeros out.
    }
    out += 'Z';
    return out;
}

namespace
{

using UuidBytes = std::array<std::uint8_t, 16>;

UuidBytes uuid_of(std::string_view bytes) noexcept
{
    UuidBytes id{};
    std::memcpy(id.data(), bytes.data(), std::min(bytes.size(), id.size()));
    return id;
}

} // namespace

void load_experiments(LaneContext& context, std::vector<Uuid> const& ids)
{
    std::vector<Uuid> missing;
    for (auto const& id : ids)
        if (!context.references.find_experiment(id)) missing.push_back(id);
    if (missing.empty()) return;
    std::ranges::sort(missing);
    missing.erase(std::ranges::unique(missing).begin(), missing.end());
    ArrayParameter wanted(Oid::uuid);
    for (auto const& id : missing)
        wanted.add(id);
    Parameters parameters;
    parameters.add(std::move(wanted));
    auto const rows = context.statements.run("experiment_find", parameters);
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        auto experiment = std::make_shared<domain::Experiment>();
        experiment->id = *Uuid::parse(row[0]);
        experiment->team_id = row.number(1);
        experiment->name = row.text(2);
        if (auto const description = row.optional(3)) experiment->description = std::string(*description);
        experiment->version_number = static_cast<int>(row.number(4));
        experiment->is_archived = row.flag(5);
        context.references.add_experiment(std::move(experiment));
    }
}

void load_experiments_of(LaneContext& context, BinaryRows const& rows, int first)
{
    std::vector<Uuid> missing;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto const bytes = rows.text(i, first + column::experiment_id);
        if (bytes.empty()) continue;
        auto const id = uuid_of(bytes);
        if (!context.references.find_experiment(id)) missing.push_back(Uuid::from_bytes(id));
    }
    if (!missing.empty()) load_experiments(context, missing);
}

domain::Session to_session(BinaryRows const& rows, std::size_t row, int first, ReferenceCache const& references)
{
    domain::Session session;
    session.id = rows.text(row, first + column::id);
    auto const experiment_id = uuid_of(rows.text(row, first + column::experiment_id));
    if (auto const* known = references.find_experiment(experiment_id))
    {
        session.experiment = *known;
    }
    else // Never, but for a hand that went around our statements: still a session.
    {
        auto nameless = std::make_shared<domain::Experiment>();
        nameless->id = Uuid::from_bytes(experiment_id);
        session.experiment = std::move(nameless);
    }
    session.participant = {rows.text(row, first + column::participant_identifier),
                           rows.text(row, first + column::participant_remote_id)};
    session.created_at = rows.time(row, first + column::created_at);
    session.updated_at = rows.time(row, first + column::updated_at);
    session.status = static_cast<domain::Status>(rows.number(row, first + column::status));
    session.platform = rows.optional(row, first + column::platform);
    session.tags.text = rows.text(row, first + column::tags);
    session.state.text = rows.optional(row, first + column::state).value_or("{}");
    return session;
}

} // namespace parley::store
