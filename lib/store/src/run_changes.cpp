// Writes to sessions that exist: end, update_state, add_tags, remove_tags. A batch names each session once (JobQueue sees to it)
// and goes through them in the order of their keys, so that two lanes, here or in another replica, cannot wait for each other in
// a circle.
#include "jobs.hpp"
#include "run_jobs.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace parley::store
{

namespace
{

template <class T>
std::vector<T*> in_order(std::vector<JobPtr> const& jobs)
{
    auto typed = as<T>(jobs);
    std::ranges::sort(typed, [](T const* a, T const* b) { return std::tie(a->team, a->id) < std::tie(b->team, b->id); });
    return typed;
}

template <class T>
void add_keys(std::vector<T*> const& jobs, Parameters& parameters)
{
    ArrayParameter teams(Oid::int8), ids(Oid::text);
    for (auto const* job : jobs)
    {
        teams.add(job->team);
        ids.add(job->id);
    }
    parameters.add(std::move(teams)).add(std::move(ids));
}

// The rows name the sessions that exist.
void answer_changes(LaneContext& context, std::vector<ChangeJob*> const& jobs, Rows const& rows)
{
    std::vector<bool> found(jobs.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        found[static_cast<std::size_t>(rows[i].number(0)) - 1] = true;
    for (std::size_t i = 0; i < jobs.size(); ++i)
    {
        if (found[i])
            context.answer(*jobs[i], Result<void>());
        else
            context.answer(*jobs[i], Problem{ProblemCode::session_unknown});
    }
}

void answer_tags(LaneContext& context, std::vector<TagsJob*> const& jobs, Rows const& rows)
{
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        context.answer(*jobs[static_cast<std::size_t>(row.number(0)) - 1], domain::JsonText{row.text(1)});
    }
    for (auto* job : jobs)
        context.answer(*job, Problem{ProblemCode::session_unknown}); // Those not answered yet.
}

ArrayParameter times_of(std::vector<ChangeJob*> const& jobs)
{
    ArrayParameter times(Oid::timestamptz);
    for (auto const* job : jobs)
        times.add(job->at);
    return times;
}

// Each team and name that the cache does not know, once, in the order of naming: in that order new tags are made.
using TeamAndName = std::pair<domain::TeamId, std::string_view>;

std::vector<TeamAndName> unknown_tags(LaneContext const& context, std::vector<TagsJob*> const& jobs)
{
    std::vector<TeamAndName> unknown;
    std::set<TeamAndName> seen;
    for (auto const* job : jobs)
        for (auto const& name : job->names)
            if (context.references.find_tag(job->team, name) == 0 && seen.emplace(job->team, name).second)
                unknown.emplace_back(job->team, name);
    return unknown;
}

Parameters to_parameters(std::vector<TeamAndName> const& tags)
{
    ArrayParameter teams(Oid::int8), names(Oid::text);
    for (auto const& [team, name] : tags)
    {
        teams.add(team);
        names.add(name);
    }
    Parameters parameters;
    parameters.add(std::move(teams)).add(std::move(names));
    return parameters;
}

// Returns how many it found.
std::size_t find_tags(LaneContext& context, std::vector<TeamAndName> const& tags)
{
    auto const rows = context.statements.run("session_add_tags_find", to_parameters(tags));
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        auto const& [team, name] = tags[static_cast<std::size_t>(row.number(0)) - 1];
        context.references.add_tag(team, name, row.number(1));
    }
    return rows.size();
}

// Which of the sessions are there: a tag is not made for a session that does not exist.
std::vector<TagsJob*> existing(LaneContext& context, std::vector<TagsJob*> const& jobs)
{
    Parameters parameters;
    add_keys(jobs, parameters);
    auto const rows = context.statements.run("session_create_look", parameters);
    std::vector<TagsJob*> there;
    for (std::size_t i = 0; i < rows.size(); ++i)
        there.push_back(jobs[static_cast<std::size_t>(rows[i].number(0)) - 1]);
    return there;
}

// Afterwards the cache knows the tags of all sessions that exist.
std::vector<TagsJob*> with_tags(LaneContext& context, std::vector<TagsJob*> jobs)
{
    auto unknown = unknown_tags(context, jobs);
    if (unknown.empty() || find_tags(context, unknown) == unknown.size()) return jobs;
    auto const there = existing(context, jobs);
    for (auto* job : jobs)
        if (std::ranges::find(there, job) == there.end()) context.answer(*job, Problem{ProblemCode::session_unknown});
    jobs = there;
    std::ranges::sort(jobs,
                      [](TagsJob const* a, TagsJob const* b) { return std::tie(a->team, a->id) < std::tie(b->team, b->id); });
    unknown = unknown_tags(context, jobs);
    if (unknown.empty()) return jobs;
    context.statements.run("session_add_tags_ensure", to_parameters(unknown));
    find_tags(context, unknown);
    return jobs;
}

} // namespace

TagsJob::TagsJob(Verb what, domain::TeamId of_team, std::string session_id, std::vector<std::string> tag_names, Deadline until)
    : AnswerJob(what, until), team(of_team), id(std::move(session_id))
{
    session_key = store::session_key(team, id);
    for (auto& name : tag_names) // The order of the first mention is the order of attaching.
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    weight = static_cast<std::uint32_t>(1 + names.size());
}

void run_end(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = in_order<ChangeJob>(jobs);
    Parameters parameters;
    add_keys(typed, parameters);
    parameters.add(times_of(typed));
    answer_changes(context, typed, context.statements.run("session_end_experiment_session", parameters));
}

void run_update_state(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = in_order<ChangeJob>(jobs);
    Parameters parameters;
    add_keys(typed, parameters);
    ArrayParameter states(Oid::text);
    for (auto const* job : typed)
        states.add(job->state.text);
    parameters.add(std::move(states)).add(times_of(typed));
    answer_changes(context, typed, context.statements.run("session_update_state", parameters));
}

void run_add_tags(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = with_tags(context, in_order<TagsJob>(jobs));
    if (typed.empty()) return;
    Parameters parameters;
    add_keys(typed, parameters);
    ArrayParameter firsts(Oid::int4), lasts(Oid::int4), ids(Oid::int8), names(Oid::text);
    for (auto const* job : typed)
    {
        firsts.add(static_cast<std::int32_t>(names.size()) + 1);
        for (auto const& name : job->names)
        {
            ids.add(context.references.find_tag(job->team, name));
            names.add(name);
        }
        lasts.add(static_cast<std::int32_t>(names.size()));
    }
    parameters.add(std::move(firsts)).add(std::move(lasts)).add(std::move(ids)).add(std::move(names));
    answer_tags(context, typed, context.statements.run("session_add_tags", parameters));
}

namespace
{

// On a database that is spread by team, one team after another, always in the same order.
void lock_sessions(LaneContext& context, std::vector<TagsJob*> const& jobs, Parameters const& keys)
{
    if (!context.statements.is_spread())
    {
        context.statements.run("session_remove_tags_lock", keys);
        return;
    }
    std::map<domain::TeamId, ArrayParameter> ids_of;
    for (auto const* job : jobs)
        ids_of.try_emplace(job->team, Oid::text).first->second.add(job->id);
    for (auto& [team, ids] : ids_of)
    {
        Parameters parameters;
        parameters.add(team).add(std::move(ids));
        context.statements.run("session_remove_tags_lock_of_team", parameters);
    }
}

} // namespace

void run_remove_tags(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = in_order<TagsJob>(jobs);
    Parameters keys;
    add_keys(typed, keys);
    Parameters parameters = keys;
    ArrayParameter firsts(Oid::int4), lasts(Oid::int4), names(Oid::text);
    for (auto const* job : typed)
    {
        firsts.add(static_cast<std::int32_t>(names.size()) + 1);
        for (auto const& name : job->names)
            names.add(name);
        lasts.add(static_cast<std::int32_t>(names.size()));
    }
    parameters.add(std::move(firsts)).add(std::move(lasts)).add(std::move(names));
    Connection::Transaction transaction(context.statements.connection());
    lock_sessions(context, typed, keys);
    auto const rows = context.statements.run("session_remove_tags", parameters);
    transaction.commit();
    answer_tags(context, typed, rows);
}

} // namespace parley::store
