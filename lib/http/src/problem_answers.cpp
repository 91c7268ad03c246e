// The one table from Problem to answer.
#include "parley/http/message.hpp"

#include "parley/core/json.hpp"

namespace parley::http
{

namespace
{

struct Row
{
    int status;
    std::string_view sentence; // Where the Problem has none of its own.
    int retry_after = 0;       // Seconds; 0: no Retry-After.
    bool closes = false;       // The connection cannot go on: where the next request begins is unknown, or it was too slow.
};

Row row_of(ProblemCode code) noexcept
{
    switch (code)
    {
    case ProblemCode::path_unknown:
    case ProblemCode::format_unknown:
        return {404, "Not found."};
    case ProblemCode::slash_missing:
        return {301, ""};
    case ProblemCode::not_acceptable:
        return {406, "Could not satisfy the request Accept header."};
    case ProblemCode::method_not_allowed:
        return {405, "Method not allowed."};
    case ProblemCode::media_type_unsupported:
        return {415, "Unsupported media type in request."};
    case ProblemCode::body_malformed:
        return {400, "JSON parse error - the body is not JSON"};
    case ProblemCode::body_too_large:
        return {413, "The body is too large.", 0, true};
    case ProblemCode::field_invalid:
        return {400, "Invalid input."};
    case ProblemCode::cursor_invalid:
        return {404, "Invalid cursor"};
    case ProblemCode::head_malformed:
        return {400, "The request is malformed.", 0, true};
    case ProblemCode::head_too_large:
        return {431, "The request head is too large.", 0, true};
    case ProblemCode::target_too_long:
        return {414, "The request line is too long.", 0, true};
    case ProblemCode::host_refused:
        return {400, "The Host is not one of this service."};
    case ProblemCode::request_timeout:
        return {408, "The request did not arrive in time.", 0, true};
    case ProblemCode::coding_unsupported:
        return {501, "The only transfer coding here is chunked.", 0, true};
    case ProblemCode::expectation_failed:
        return {417, "Only 100-continue can be expected.", 0, true};
    case ProblemCode::version_unsupported:
        return {505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.", 0, true};
    case ProblemCode::idempotency_key_invalid:
        return {400, "Idempotency-Key must be 1 to 255 visible characters."};
    case ProblemCode::idempotency_key_reused:
        return {422, "This Idempotency-Key was used for another request."};
    case ProblemCode::idempotency_key_in_use:
        return {409, "The request with this Idempotency-Key is being answered.", 1};
    case ProblemCode::credentials_missing:
        return {401, "Authentication credentials were not provided."};
    case ProblemCode::credential_invalid:
    case ProblemCode::token_expired:
        return {401, "Invalid token."};
    case ProblemCode::user_inactive:
        return {401, "User inactive or deleted."};
    case ProblemCode::membership_missing:
        return {401, "Incorrect authentication credentials."};
    case ProblemCode::permission_denied:
        return {403, "You do not have permission to perform this action."};
    case ProblemCode::rate_exceeded:
        return {429, "Rate limit exceeded.", 1};
    case ProblemCode::session_unknown:
        return {404, "No ExperimentSession matches the given query."};
    case ProblemCode::experiment_unknown:
        return {400, "The experiment does not exist."};
    case ProblemCode::experiment_elsewhere:
        return {404, "Experiment not found"};
    case ProblemCode::store_overloaded:
        return {503, "The service is busy. Try again in a moment.", 1};
    case ProblemCode::deadline_passed:
        // Not 504: nothing was done, and a client or load balancer that honours Retry-After may simply ask again.
        return {503, "The service could not answer in time. Nothing was changed; try again in a moment.", 1};
    case ProblemCode::store_unavailable:
        return {503, "The service is not available at the moment. Try again in a moment.", 1};
    case ProblemCode::draining:
        return {503, "This instance is shutting down. Try again.", 1, true};
    case ProblemCode::store_refused:
        return {400, "The input cannot be stored."};
    case ProblemCode::internal:
        break;
    }
    return {500, "Internal server error."};
}

std::string body_of(Problem const& problem, Row const& row, int retry_after)
{
    if (!problem.body.empty()) return problem.body;
    std::string body = "{\"detail\":";
    json::append_string(body, problem.detail.empty() ? row.sentence : std::string_view(problem.detail));
    if (problem.code == ProblemCode::rate_exceeded) body.append(",\"available_in\":").append(std::to_string(retry_after));
    body += '}';
    return body;
}

} // namespace

int status_of(ProblemCode code) noexcept
{
    return row_of(code).status;
}

Response to_response(Problem const& problem)
{
    auto const row = row_of(problem.code);
    Response response{.status = row.status, .fields = {}, .body = {}, .close = row.closes};
    if (problem.code == ProblemCode::slash_missing)
    {
        response.add("Location", problem.detail);
        return response;
    }
    auto const retry_after = problem.retry_after > 0 ? problem.retry_after : row.retry_after;
    if (retry_after > 0) response.add("Retry-After", std::to_string(retry_after));
    response.body = body_of(problem, row, retry_after);
    return response;
}

} // namespace parley::http
