#include "jobs.hpp"
#include "run_jobs.hpp"
#include "session_rows.hpp"

namespace parley::store
{

namespace
{

// Beyond it a transcript is read in pieces, each a turn of its own in the queue: it neither fills a statement's memory nor holds
// up others.
constexpr std::int32_t messages_many = 200;
constexpr std::int64_t bytes_many = 256 << 10;
constexpr std::int32_t messages_piece = 500;
constexpr std::int64_t bytes_piece = 1 << 20;

constexpr int first_session_column = 1;
constexpr int usage_column = 11;
constexpr int has_links_column = 12;
constexpr int number_column = 13;
constexpr int message_count_column = 14;
constexpr int messages_column = 15;

constexpr std::string_view no_usage = R"({"total_cost":"0.00000000","by_model":[]})";

void take_pieces(LaneContext& context, RetrieveJob& job)
{
    job.verb = Verb::session_retrieve_messages;
    job.queued = std::chrono::steady_clock::now();
    job.shape = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&job)); // Alone in its statement.
    job.attempts = 0;
    context.again.emplace_back(&job);
}

} // namespace

void run_retrieve(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = as<RetrieveJob>(jobs);
    ArrayParameter teams(Oid::int8);
    ArrayParameter ids(Oid::text);
    for (auto const* job : typed)
    {
        teams.add(job->team);
        ids.add(job->id);
    }
    Parameters parameters;
    parameters.add(std::move(teams)).add(std::move(ids)).add(messages_many).add(bytes_many);
    auto const rows = context.statements.run_binary("session_retrieve", parameters);
    load_experiments_of(context, rows, first_session_column);
    std::vector<bool> found(typed.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto const place = static_cast<std::size_t>(rows.number(i, 0)) - 1;
        found[place] = true;
        auto& job = *typed[place];
        domain::Transcript transcript;
        transcript.session = to_session(rows, i, first_session_column, context.references);
        transcript.session.owner = rows.owner();
        transcript.usage.text = rows.optional(i, usage_column).value_or(no_usage);
        transcript.has_links = rows.flag(i, has_links_column);
        if (rows.number(i, message_count_column) > 0 && rows.is_null(i, messages_column))
        {
            job.number = rows.number(i, number_column);
            job.last_position = -1;
            job.transcript = std::move(transcript);
            take_pieces(context, job);
            continue;
        }
        transcript.messages.text = rows.text(i, messages_column);
        context.answer(job, std::move(transcript));
    }
    for (std::size_t i = 0; i < typed.size(); ++i)
        if (!found[i]) context.answer(*typed[i], Problem{ProblemCode::session_unknown});
}

void run_retrieve_messages(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    for (auto* job : as<RetrieveJob>(jobs))
    {
        Parameters parameters;
        parameters.add(job->team).add(job->number).add(job->last_position).add(messages_piece).add(bytes_piece);
        auto const rows = context.statements.run("session_retrieve_messages", parameters);
        auto row = rows[0];
        if (row.is_null(0)) // Behind the last message.
        {
            auto const whole = std::make_shared<std::string const>(std::move(job->pieces));
            job->transcript.messages.text = *whole;
            job->transcript.owner = whole;
            context.answer(*job, std::move(job->transcript));
            continue;
        }
        if (!job->pieces.empty()) job->pieces += ',';
        job->pieces.append(row[0]);
        job->last_position = static_cast<std::int32_t>(row.number(1));
        take_pieces(context, *job);
    }
}

} // namespace parley::store
