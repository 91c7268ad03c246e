#include "run_jobs.hpp"

namespace parley::store
{

void run_jobs(LaneContext& context, Verb verb, std::vector<JobPtr> const& jobs)
{
    switch (verb)
    {
    case Verb::credential_find_api_key:
    case Verb::credential_find_access_token:
        return run_find_credential(context, jobs);
    case Verb::experiment_find:
        return run_find_experiment(context, jobs);
    case Verb::session_list:
        return run_list(context, jobs);
    case Verb::session_retrieve:
        return run_retrieve(context, jobs);
    case Verb::session_retrieve_messages:
        return run_retrieve_messages(context, jobs);
    case Verb::session_create:
        return run_create(context, jobs);
    case Verb::session_end_experiment_session:
        return run_end(context, jobs);
    case Verb::session_update_state:
        return run_update_state(context, jobs);
    case Verb::session_add_tags:
        return run_add_tags(context, jobs);
    case Verb::session_remove_tags:
        return run_remove_tags(context, jobs);
    case Verb::oauth_find_access_token:
        return run_oauth_find_access_token(context, jobs);
    case Verb::oauth_save_machine_token:
        return run_oauth_save_machine_token(context, jobs);
    case Verb::oauth_look:
    case Verb::oauth_change:
    case Verb::session_append_messages:
    case Verb::chat_look:
    case Verb::chat_change:
    case Verb::session_create_reserve:
        return run_alone(context, jobs);
    }
}

} // namespace parley::store
