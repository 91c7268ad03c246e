#include "parley/core/result.hpp"

#include <boost/throw_exception.hpp>

namespace parley
{

std::string_view name_of(ProblemCode code) noexcept
{
    switch (code)
    {
    case ProblemCode::path_unknown:
        return "path_unknown";
    case ProblemCode::slash_missing:
        return "slash_missing";
    case ProblemCode::not_acceptable:
        return "not_acceptable";
    case ProblemCode::format_unknown:
        return "format_unknown";
    case ProblemCode::method_not_allowed:
        return "method_not_allowed";
    case ProblemCode::media_type_unsupported:
        return "media_type_unsupported";
    case ProblemCode::body_malformed:
        return "body_malformed";
    case ProblemCode::body_too_large:
        return "body_too_large";
    case ProblemCode::field_invalid:
        return "field_invalid";
    case ProblemCode::cursor_invalid:
        return "cursor_invalid";
    case ProblemCode::head_malformed:
        return "head_malformed";
    case ProblemCode::head_too_large:
        return "head_too_large";
    case ProblemCode::host_refused:
        return "host_refused";
    case ProblemCode::request_timeout:
        return "request_timeout";
    case ProblemCode::coding_unsupported:
        return "coding_unsupported";
    case ProblemCode::expectation_failed:
        return "expectation_failed";
    case ProblemCode::version_unsupported:
        return "version_unsupported";
    case ProblemCode::target_too_long:
        return "target_too_long";
    case ProblemCode::idempotency_key_invalid:
        return "idempotency_key_invalid";
    case ProblemCode::idempotency_key_reused:
        return "idempotency_key_reused";
    case ProblemCode::idempotency_key_in_use:
        return "idempotency_key_in_use";
    case ProblemCode::credentials_missing:
        return "credentials_missing";
    case ProblemCode::credential_invalid:
        return "credential_invalid";
    case ProblemCode::token_expired:
        return "token_expired";
    case ProblemCode::user_inactive:
        return "user_inactive";
    case ProblemCode::membership_missing:
        return "membership_missing";
    case ProblemCode::permission_denied:
        return "permission_denied";
    case ProblemCode::rate_exceeded:
        return "rate_exceeded";
    case ProblemCode::session_unknown:
        return "session_unknown";
    case ProblemCode::experiment_unknown:
        return "experiment_unknown";
    case ProblemCode::experiment_elsewhere:
        return "experiment_elsewhere";
    case ProblemCode::store_overloaded:
        return "store_overloaded";
    case ProblemCode::deadline_passed:
        return "deadline_passed";
    case ProblemCode::store_unavailable:
        return "store_unavailable";
    case ProblemCode::internal:
        return "internal";
    case ProblemCode::draining:
        return "draining";
    case ProblemCode::store_refused:
        return "store_refused";
    }
    return "unnamed";
}

void throw_exception_from_error(Problem const& problem, boost::source_location const& where)
{
    boost::throw_exception(ProblemIgnored(problem), where);
}

} // namespace parley
