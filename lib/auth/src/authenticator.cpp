#include "parley/auth/authenticator.hpp"

#include "judgement.hpp"
#include "presented.hpp"
#include "principal_cache.hpp"

#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace parley::auth
{

boost::asio::awaitable<Result<std::optional<Timestamp>>> CredentialStore::next_key_expiry(Timestamp /*now*/,
                                                                                          Deadline /*deadline*/)
{
    co_return std::optional<Timestamp>();
}

namespace
{

namespace asio = boost::asio;

constexpr std::string_view plain_challenge = R"(Bearer realm="api")";
constexpr std::string_view invalid_challenge =
    R"(Bearer realm="api",error="invalid_token",error_description="The access token is invalid.")";
constexpr std::string_view expired_challenge =
    R"(Bearer realm="api",error="invalid_token",error_description="The access token has expired.")";

constexpr std::chrono::days near_expiry{7}; // In which an owner can still make and hand out another key.

using Identified = boost::system::result<std::shared_ptr<Principal const>, Refusal>;

// Tells a thread's caches of different authenticators apart, also after one of them has died.
std::uint64_t next_instance() noexcept
{
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

KnownCredential to_known(std::optional<CredentialRecord>&& record, Scheme scheme)
{
    if (!record) return {};
    record->principal.scheme = scheme;
    return {.principal = std::make_shared<Principal const>(std::move(record->principal)),
            .is_revoked = record->is_revoked,
            .user_is_active = record->user_is_active,
            .is_member = record->is_member,
            .expires = record->expires};
}

// The default sentence of 401 codes stands in the table of http; a good token refused for its user or team gets the plain
// challenge.
Refusal refuse(Judgement const& judgement, std::string_view challenge)
{
    bool const is_forbidden = judgement.code == ProblemCode::permission_denied;
    return {.problem = Problem{.code = judgement.code},
            .is_counted = judgement.is_counted,
            .www_authenticate = is_forbidden ? std::string_view{} : challenge};
}

} // namespace

struct Authenticator::Impl
{
    Impl(CredentialStore& store_, Clock const& clock_, telemetry::Telemetry& telemetry_, AuthenticatorSettings settings_)
        : store(store_), clock(clock_), telemetry(telemetry_), settings(settings_)
    {
    }

    // What came of asking one scheme.
    struct Answer
    {
        Judgement judgement;
        std::shared_ptr<Principal const> principal; // Kind::accepted only.
        std::optional<Problem> store_problem;       // The store could not say.
        bool from_cache = false;
    };

    [[nodiscard]] PrincipalCache& cache();
    [[nodiscard]] Answer judge(KnownCredential const& known, Scheme scheme, bool from_cache) const;
    [[nodiscard]] std::optional<Answer> ask_cache(CacheKey const& key);
    asio::awaitable<Result<std::optional<CredentialRecord>>> find(CacheKey const& key, Deadline deadline);
    asio::awaitable<Answer> ask_store(CacheKey key, Deadline deadline);
    void warn_of_expiry(KnownCredential const& known, Scheme scheme) const;

    Identified accept(Answer& answer, Scheme scheme);
    Identified refuse_because(Answer const& answer, Scheme scheme, std::string_view challenge);

    CredentialStore& store;
    Clock const& clock;
    telemetry::Telemetry& telemetry;
    AuthenticatorSettings settings;
    std::uint64_t const instance = next_instance();
    std::atomic<std::uint64_t> generation{1};

    std::mutex caches_mutex; // Guards caches; taken once a thread.
    std::map<std::thread::id, std::unique_ptr<PrincipalCache>> caches;
};

// The calling thread's own cache.
PrincipalCache& Authenticator::Impl::cache()
{
    struct Remembered
    {
        std::uint64_t instance = 0;
        PrincipalCache* cache = nullptr;
    };
    thread_local Remembered remembered;
    if (remembered.instance == instance) return *remembered.cache;
    std::lock_guard const lock(caches_mutex);
    auto& mine = caches[std::this_thread::get_id()];
    if (!mine) mine = std::make_unique<PrincipalCache>(settings.cache_lifetime, settings.cache_entries_max);
    remembered = {instance, mine.get()};
    return *mine;
}

Authenticator::Impl::Answer Authenticator::Impl::judge(KnownCredential const& known, Scheme scheme, bool from_cache) const
{
    auto const now = clock.now();
    Answer answer;
    answer.judgement = scheme == Scheme::access_token ? judge_access_token(known, now) : judge_api_key(known, now);
    answer.from_cache = from_cache;
    if (answer.judgement.kind == Judgement::Kind::accepted) answer.principal = known.principal;
    return answer;
}

std::optional<Authenticator::Impl::Answer> Authenticator::Impl::ask_cache(CacheKey const& key)
{
    auto const* known = cache().find(key, clock.now(), generation.load(std::memory_order_acquire));
    if (known == nullptr) return std::nullopt;
    return judge(*known, key.scheme, true);
}

asio::awaitable<Result<std::optional<CredentialRecord>>> Authenticator::Impl::find(CacheKey const& key, Deadline deadline)
{
    return key.scheme == Scheme::access_token ? store.find_access_token(key.digest, deadline)
                                              : store.find_api_key(key.digest, deadline);
}

asio::awaitable<Authenticator::Impl::Answer> Authenticator::Impl::ask_store(CacheKey key, Deadline deadline)
{
    // Before the question: an answer that was on its way while something was revoked is not to be kept.
    auto const asked_in = generation.load(std::memory_order_acquire);
    auto record = co_await find(key, deadline);
    if (!record)
    {
        Answer answer;
        answer.store_problem = std::move(record).error();
        co_return answer;
    }
    auto known = to_known(std::move(*record), key.scheme);
    auto answer = judge(known, key.scheme, false);
    if (answer.principal) warn_of_expiry(known, key.scheme);
    cache().keep(key, std::move(known), clock.now(), asked_in);
    co_return answer;
}

// Access tokens live shortly and are renewed by their clients; the end of a key takes somebody by surprise.
void Authenticator::Impl::warn_of_expiry(KnownCredential const& known, Scheme scheme) const
{
    if (scheme == Scheme::access_token || !known.expires || *known.expires - clock.now() > near_expiry) return;
    telemetry.observe(telemetry::KeyNearExpiry{name_of(scheme)});
}

Identified Authenticator::Impl::accept(Answer& answer, Scheme scheme)
{
    telemetry.observe(telemetry::CredentialResolved{name_of(scheme), "ok", answer.from_cache});
    return std::move(answer.principal);
}

Identified Authenticator::Impl::refuse_because(Answer const& answer, Scheme scheme, std::string_view challenge)
{
    auto refusal = answer.store_problem ? Refusal{.problem = *answer.store_problem} : refuse(answer.judgement, challenge);
    telemetry.observe(telemetry::CredentialResolved{name_of(scheme), parley::name_of(refusal.problem.code), answer.from_cache});
    return refusal;
}

Authenticator::Authenticator(CredentialStore& store, Clock const& clock, telemetry::Telemetry& telemetry,
                             AuthenticatorSettings settings)
    : impl_(std::make_unique<Impl>(store, clock, telemetry, settings))
{
}

Authenticator::~Authenticator() = default;

asio::awaitable<Identified> Authenticator::identify(http::Request const& request, Deadline deadline)
{
    auto const presented = read_presented(request);
    if (presented.is_empty())
    {
        impl_->telemetry.observe(telemetry::CredentialResolved{"none", parley::name_of(ProblemCode::credentials_missing), false});
        co_return Refusal{.problem = Problem{.code = ProblemCode::credentials_missing}, .www_authenticate = plain_challenge};
    }

    // A bearer that is no valid token leaves its mark on the challenge, whichever scheme refuses in the end.
    auto challenge = plain_challenge;
    bool token_has_expired = false;
    if (!presented.access_token.empty())
    {
        CacheKey const key{Scheme::access_token, sha256(presented.access_token)};
        auto answer = impl_->ask_cache(key);
        if (!answer) answer = co_await impl_->ask_store(key, deadline);
        if (answer->principal) co_return impl_->accept(*answer, key.scheme);
        if (answer->store_problem || answer->judgement.kind == Judgement::Kind::refused)
            co_return impl_->refuse_because(*answer, key.scheme, plain_challenge);
        token_has_expired = answer->judgement.code == ProblemCode::token_expired;
        challenge = token_has_expired ? expired_challenge : invalid_challenge;
    }

    bool const by_field = !presented.api_key.empty();
    CacheKey const key{by_field ? Scheme::api_key : Scheme::bearer_api_key,
                       sha256(by_field ? presented.api_key : presented.bearer_api_key)};
    auto answer = impl_->ask_cache(key);
    if (!answer) answer = co_await impl_->ask_store(key, deadline);
    if (answer->principal) co_return impl_->accept(*answer, key.scheme);
    if (!by_field && token_has_expired && answer->judgement.code == ProblemCode::credential_invalid)
        answer->judgement.code = ProblemCode::token_expired; // Nobody knows it as a key: it was the token.
    co_return impl_->refuse_because(*answer, key.scheme, challenge);
}

void Authenticator::forget() noexcept
{
    impl_->generation.fetch_add(1, std::memory_order_acq_rel);
}

void throw_exception_from_error(Refusal const& refusal, boost::source_location const&)
{
    throw ProblemIgnored(refusal.problem);
}

} // namespace parley::auth
