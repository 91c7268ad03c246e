#include "session_rows.hpp"

#include <algorithm>

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

void load_experiments(LaneContext& context, std::vector<std::string_view> const& ids)
{
    std::vector<std::string_view> missing;
    for (auto const id : ids)
        if (!context.references.find_experiment(id)) missing.push_back(id);
    if (missing.empty()) return;
    std::ranges::sort(missing);
    missing.erase(std::ranges::unique(missing).begin(), missing.end());
    ArrayParameter wanted(Oid::uuid);
    for (auto const id : missing)
        if (auto const uuid = Uuid::parse(id)) wanted.add(*uuid);
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

void load_experiments_of(LaneContext& context, Rows const& rows, int first)
{
    std::vector<std::string_view> missing;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        auto const id = row[first + column::experiment_id];
        if (!id.empty() && !context.references.find_experiment(id)) missing.push_back(id);
    }
    if (!missing.empty()) load_experiments(context, missing);
}

domain::Session to_session(Rows::Row& row, int first, ReferenceCache const& references)
{
    domain::Session session;
    session.id = row.text(first + column::id);
    auto const experiment_id = row[first + column::experiment_id];
    session.experiment = references.find_experiment(experiment_id);
    if (!session.experiment) // Never, but for a hand that went around our statements: still a session.
    {
        auto nameless = std::make_shared<domain::Experiment>();
        if (auto const uuid = Uuid::parse(experiment_id)) nameless->id = *uuid;
        session.experiment = std::move(nameless);
    }
    session.participant = {row.text(first + column::participant_identifier), row.text(first + column::participant_remote_id)};
    session.created_at = to_api_time(row[first + column::created_at]);
    session.updated_at = to_api_time(row[first + column::updated_at]);
    session.status = static_cast<domain::Status>(row.number(first + column::status));
    if (auto const platform = row.optional(first + column::platform)) session.platform = std::string(*platform);
    session.tags.text = row.text(first + column::tags);
    session.state.text = row.text(first + column::state);
    return session;
}

} // namespace parley::store
