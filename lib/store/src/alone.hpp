// Jobs that run by themselves: a function with the statements of the lane's connection.
#pragma once

#include "job_queue.hpp"
#include "jobs.hpp"

#include <boost/asio/awaitable.hpp>

#include <utility>

namespace parley::store
{

// Runs the function on a lane as a job of this verb. session_key: of the session that it writes to, else 0.
template <class Answer>
boost::asio::awaitable<Result<Answer>> run_on_a_lane(JobQueue& queue, Verb verb, typename FunctionJob<Answer>::Function function,
                                                     Deadline deadline, std::uint64_t session_key = 0)
{
    boost::intrusive_ptr<FunctionJob<Answer>> const job(new FunctionJob<Answer>(verb, std::move(function), deadline));
    job->session_key = session_key;
    co_await hand_over(*job, queue);
    co_return job->take_answer();
}

} // namespace parley::store
