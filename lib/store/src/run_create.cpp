#include "jobs.hpp"
#include "run_jobs.hpp"
#include "session_rows.hpp"

#include <algorithm>
#include <iterator>

namespace parley::store
{

namespace
{

constexpr std::int64_t numbers_block = 1024; // The increment of the sequence session_number.

std::int64_t take_number(LaneContext& context)
{
    if (context.next_number == context.last_number)
    {
        context.next_number = context.statements.run("session_create_numbers", {})[0].number(0);
        context.last_number = context.next_number + numbers_block;
    }
    return context.next_number++;
}

void load_experiments_of(LaneContext& context, std::vector<CreateJob*> const& jobs)
{
    std::vector<Uuid> ids;
    ids.reserve(jobs.size());
    for (auto const* job : jobs)
        ids.push_back(job->session.experiment);
    load_experiments(context, ids);
}

// Answers jobs whose chatbot may not be used; returns the others.
std::vector<CreateJob*> with_usable_experiments(LaneContext& context, std::vector<CreateJob*> jobs)
{
    std::erase_if(jobs,
                  [&](CreateJob* job)
                  {
                      auto const experiment = context.references.find_experiment(job->session.experiment);
                      if (!experiment || experiment->is_archived)
                      {
                          context.answer(*job, Problem{ProblemCode::experiment_unknown});
                          return true;
                      }
                      if (experiment->team_id != job->session.team_id)
                      {
                          context.answer(*job, Problem{ProblemCode::experiment_elsewhere});
                          return true;
                      }
                      return false;
                  });
    return jobs;
}

Parameters to_parameters(std::vector<CreateJob*> const& jobs, std::int16_t slot)
{
    ArrayParameter teams(Oid::int8), ids(Oid::text), numbers(Oid::int8), experiments(Oid::uuid), identifiers(Oid::text),
        states(Oid::text);
    ArrayParameter times(Oid::timestamptz), message_counts(Oid::int4);
    ArrayParameter message_teams(Oid::int8), message_numbers(Oid::int8), positions(Oid::int4), message_times(Oid::timestamptz),
        rendered(Oid::text);
    for (auto const* job : jobs)
    {
        auto const& session = job->session;
        teams.add(session.team_id);
        ids.add(session.id);
        numbers.add(job->number);
        experiments.add(session.experiment);
        identifiers.add(session.participant_identifier);
        states.add(session.state.text);
        times.add(session.created_at);
        message_counts.add(static_cast<std::int32_t>(session.messages.size()));
        std::int32_t position = 0;
        for (auto const& message : session.messages)
        {
            message_teams.add(session.team_id);
            message_numbers.add(job->number);
            positions.add(position++);
            message_times.add(message.created_at);
            rendered.add(message.rendered);
        }
    }
    Parameters parameters;
    parameters.add(std::move(teams))
        .add(std::move(ids))
        .add(std::move(numbers))
        .add(std::move(experiments))
        .add(std::move(identifiers));
    parameters.add(std::move(states)).add(std::move(times)).add(std::move(message_counts));
    parameters.add(std::move(message_teams))
        .add(std::move(message_numbers))
        .add(std::move(positions))
        .add(std::move(message_times));
    parameters.add(std::move(rendered)).add(slot);
    return parameters;
}

// What a new session's texts are views of.
struct Made
{
    domain::NewSession given;
    std::string remote_id;
};

void answer_created(LaneContext& context, CreateJob& job, std::string_view remote_id)
{
    auto const made = std::make_shared<Made const>(Made{std::move(job.session), std::string(remote_id)});
    auto const& given = made->given;
    domain::Session session;
    session.owner = made;
    session.id = given.id;
    session.experiment = context.references.find_experiment(given.experiment);
    session.participant = {given.participant_identifier, made->remote_id};
    session.created_at = given.created_at;
    session.updated_at = given.created_at;
    session.tags.text = "[]";
    session.state = given.state;
    context.answer(job, std::move(session));
}

// Runs the statement; returns the jobs that it passed over.
std::vector<CreateJob*> insert(LaneContext& context, std::vector<CreateJob*> const& jobs)
{
    auto const rows = context.statements.run("session_create", to_parameters(jobs, context.slot));
    std::vector<CreateJob*> left = jobs;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        auto const made =
            std::ranges::find(left, row.number(0), &CreateJob::number); // As a rule the first: rows come as they went.
        if (made == left.end()) continue;
        answer_created(context, **made, row[1]);
        left.erase(made);
    }
    return left;
}

// Answers those that are there already: written by an attempt whose answer was lost, or by an earlier request. Returns the
// others.
std::vector<CreateJob*> look(LaneContext& context, std::vector<CreateJob*> jobs)
{
    ArrayParameter teams(Oid::int8), ids(Oid::text);
    for (auto const* job : jobs)
    {
        teams.add(job->session.team_id);
        ids.add(job->session.id);
    }
    Parameters parameters;
    parameters.add(std::move(teams)).add(std::move(ids));
    auto const rows = context.statements.run("session_create_look", parameters);
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        answer_created(context, *jobs[static_cast<std::size_t>(row.number(0)) - 1], row[1]);
    }
    std::erase_if(jobs, [](CreateJob const* job) { return job->is_settled(); });
    return jobs;
}

// A chatbot may have been archived since: what was made stays made. Answers those that were; returns the others.
std::vector<CreateJob*> without_made(LaneContext& context, std::vector<CreateJob*> jobs)
{
    std::vector<CreateJob*> perhaps_made;
    std::ranges::copy_if(jobs, std::back_inserter(perhaps_made),
                         [&](CreateJob const* job)
                         {
                             bool const was_tried = job->fate_unknown || job->session.is_repeat;
                             return was_tried && context.references.find_experiment(job->session.experiment);
                         });
    if (perhaps_made.empty()) return jobs;
    (void)look(context, std::move(perhaps_made));
    std::erase_if(jobs, [](CreateJob const* job) { return job->is_settled(); });
    return jobs;
}

constexpr int rounds_max = 4;

} // namespace

CreateJob::CreateJob(domain::NewSession given, Deadline until) : AnswerJob(Verb::session_create, until), session(std::move(given))
{
    std::size_t bytes = session.state.text.size();
    for (auto const& message : session.messages)
        bytes += message.rendered.size();
    weight = static_cast<std::uint32_t>(1 + session.messages.size() + bytes / 4096);
}

void run_create(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto left = as<CreateJob>(jobs);
    load_experiments_of(context, left);
    left = with_usable_experiments(context, without_made(context, std::move(left)));
    for (auto* job : left)
        if (job->number == 0) job->number = take_number(context);
    std::ranges::sort(left, {}, &CreateJob::number);
    // A session is passed over only when it is there already, or when another lane makes its participant at this very moment.
    for (int round = 0; round < rounds_max && !left.empty(); ++round)
    {
        left = insert(context, left);
        if (!left.empty()) left = look(context, std::move(left));
    }
    for (auto* job : left)
        context.answer(*job, Problem{ProblemCode::store_unavailable});
}

void run_find_experiment(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = as<FindExperimentJob>(jobs);
    std::vector<Uuid> ids;
    ids.reserve(typed.size());
    for (auto const* job : typed)
        ids.push_back(job->experiment);
    load_experiments(context, ids);
    for (auto* job : typed)
    {
        auto const experiment = context.references.find_experiment(job->experiment);
        if (!experiment || experiment->is_archived)
            context.answer(*job, Problem{ProblemCode::experiment_unknown});
        else if (experiment->team_id != job->team)
            context.answer(*job, Problem{ProblemCode::experiment_elsewhere});
        else
            context.answer(*job, Result<void>());
    }
}

} // namespace parley::store
