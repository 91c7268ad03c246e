// The verbs, one function each; see LaneContext for the rules they keep.
#pragma once

#include "lane.hpp"

#include <vector>

namespace parley::store
{

void run_find_credential(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_find_experiment(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_list(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_retrieve(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_retrieve_messages(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_create(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_end(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_update_state(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_add_tags(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_remove_tags(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_oauth_find_access_token(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_oauth_save_machine_token(LaneContext& context, std::vector<JobPtr> const& jobs);
void run_alone(LaneContext& context, std::vector<JobPtr> const& jobs); // Jobs that bring their own function.

// Jobs of one verb are of one type.
template <class T>
[[nodiscard]] std::vector<T*> as(std::vector<JobPtr> const& jobs)
{
    std::vector<T*> typed;
    typed.reserve(jobs.size());
    for (auto const& job : jobs)
        typed.push_back(static_cast<T*>(job.get()));
    return typed;
}

} // namespace parley::store
