#include "client_authentication.hpp"

#include "client_credentials.hpp"

namespace parley::oauth
{

namespace
{

namespace asio = boost::asio;

constexpr std::size_t client_id_bytes_max = 255;
constexpr std::size_t secret_bytes_max = 512;

Either<ApplicationPtr> refused(http::Response response)
{
    return {.value = {}, .refusal = std::move(response)};
}

Either<ApplicationPtr> refused(OAuthError const& error)
{
    return refused(to_response(error));
}

// The slow way: the hash. Counts a wrong secret against the client; while its window is full nobody's guess is tried.
asio::awaitable<Either<ApplicationPtr>> prove(Workplace& place, ApplicationPtr application, std::string secret, Deadline deadline)
{
    auto const account = "client:" + application->client_id;
    if (auto const standing = place.with.window.look_at_account(account); standing.is_refused)
    {
        Problem const problem{.code = ProblemCode::rate_exceeded, .retry_after = static_cast<int>(standing.reset_seconds)};
        co_return refused(http::to_response(problem));
    }
    auto const verdict = co_await place.with.workers.verify(application->secret_hash, secret, deadline);
    if (!verdict) co_return refused(http::to_response(verdict.error()));
    place.with.telemetry.observe(
        telemetry::CredentialResolved{.scheme = "client_secret", .outcome = verdict->matches ? "ok" : "credential_invalid"});
    if (!verdict->matches)
    {
        place.with.window.count_account(account);
        co_return refused(invalid_client);
    }
    place.secrets.remember(secret, application->secret_hash);
    if (!verdict->rehashed.empty())
    {
        // If it cannot be stored now, the next use tries again.
        auto const stored =
            co_await place.with.store.replace_secret_hash(application->id, application->secret_hash, verdict->rehashed, deadline);
        if (stored) place.applications.forget();
    }
    co_return Either<ApplicationPtr>{.value = application, .refusal = {}};
}

} // namespace

asio::awaitable<Either<ApplicationPtr>> authenticate_client(Workplace& place, routing::Call const& call, Form const& form)
{
    ClientCredentials shown;
    auto const kind = read_client_credentials(call.request, form, shown);
    if (kind == ShownCredentials::conflicting)
        co_return refused(OAuthError{.error = "invalid_request", .description = "Two clients or secrets are named."});
    if (kind != ShownCredentials::present || shown.client_id.size() > client_id_bytes_max ||
        shown.secret.size() > secret_bytes_max)
        co_return refused(invalid_client);

    auto const found = co_await place.applications.find(place.with.store, shown.client_id, call.deadline);
    if (!found) co_return refused(http::to_response(found.error()));
    ApplicationPtr const application = *found;
    if (!application) co_return refused(invalid_client);

    if (application->type == ClientType::public_)
    {
        if (!shown.secret.empty()) co_return refused(invalid_client); // It has none.
        co_return Either<ApplicationPtr>{.value = application, .refusal = {}};
    }
    if (shown.secret.empty() || application->secret_hash.empty()) co_return refused(invalid_client);
    if (place.secrets.knows(shown.secret, application->secret_hash))
        co_return Either<ApplicationPtr>{.value = application, .refusal = {}};
    co_return co_await prove(place, application, std::move(shown.secret), call.deadline);
}

} // namespace parley::oauth
