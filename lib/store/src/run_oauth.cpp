// Access tokens, many at a time; and the jobs that run by themselves.
#include "jobs.hpp"
#include "oauth_rows.hpp"
#include "run_jobs.hpp"

namespace parley::store
{

namespace
{

oauth::AccessToken to_access_token(Rows::Row& row)
{
    oauth::AccessToken token{
        .application_id = row.number(1), .client_id = row.text(2), .scope = row.text(3), .expires = to_moment(row[4])};
    if (!row.is_null(5)) token.standing.user = to_user(row, 5);
    token.standing.team = to_team(row, 11);
    token.standing.is_member = row.flag(15);
    return token;
}

} // namespace

void run_oauth_find_access_token(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = as<FindAccessTokenJob>(jobs);
    ArrayParameter digests(Oid::bytes);
    for (auto const* job : typed)
        digests.add(job->digest);
    Parameters parameters;
    parameters.add(std::move(digests));
    auto const rows = context.statements.run("oauth_find_access_token", parameters);
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        auto& job = *typed[static_cast<std::size_t>(row.number(0)) - 1];
        context.answer(job, std::optional(to_access_token(row)));
    }
    for (auto* job : typed)
        context.answer(*job, std::optional<oauth::AccessToken>()); // Those not found.
}

void run_oauth_save_machine_token(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = as<SaveMachineTokenJob>(jobs);
    ArrayParameter digests(Oid::bytes), applications(Oid::int8), teams(Oid::int8), scopes(Oid::text), expiries(Oid::timestamptz),
        times(Oid::timestamptz);
    for (auto const* job : typed)
    {
        digests.add(job->digest);
        applications.add(job->application_id);
        teams.add(job->team_id);
        scopes.add(job->scope);
        expiries.add(job->expires);
        times.add(job->created_at);
    }
    Parameters parameters;
    parameters.add(std::move(digests)).add(std::move(applications)).add(std::move(teams)).add(std::move(scopes));
    parameters.add(std::move(expiries)).add(std::move(times));
    context.statements.run("oauth_save_machine_token", parameters);
    for (auto* job : typed)
        context.answer(*job, Result<void>());
}

void run_alone(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    for (auto const& job : jobs)
        dynamic_cast<AloneJob&>(*job).run(context);
}

} // namespace parley::store
