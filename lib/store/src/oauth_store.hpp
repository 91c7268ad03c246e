// The port of the authorization server, implemented by handing jobs to the lanes.
#pragma once

#include "job_queue.hpp"
#include "parley/oauth/oauth_store.hpp"

namespace parley::store
{

class PgOAuthStore final : public oauth::OAuthStore
{
  public:
    template <class T>
    using Reply = boost::asio::awaitable<Result<T>>;

    explicit PgOAuthStore(JobQueue& queue) : queue_(queue) {}

    Reply<std::optional<oauth::Application>> find_application(std::string client_id, Deadline deadline) override;
    Reply<std::optional<oauth::UserCredential>> find_user(std::string email, Deadline deadline) override;
    Reply<void> replace_password_hash(std::int64_t user_id, std::string old_hash, std::string new_hash,
                                      Deadline deadline) override;
    Reply<void> replace_secret_hash(std::int64_t application_id, std::string old_hash, std::string new_hash,
                                    Deadline deadline) override;
    Reply<void> create_browser_session(Sha256 cookie, std::int64_t user_id, std::optional<Sha256> replaced, Timestamp now,
                                       Deadline deadline) override;
    Reply<std::optional<oauth::BrowserSession>> find_browser_session(Sha256 cookie, Deadline deadline) override;
    Reply<void> touch_browser_session(Sha256 cookie, Timestamp now, Deadline deadline) override;
    Reply<void> end_browser_session(Sha256 cookie, Deadline deadline) override;
    Reply<std::vector<oauth::Consent>> list_consents(std::int64_t user_id, std::int64_t application_id,
                                                     Deadline deadline) override;
    Reply<void> save_grant(Sha256 code, oauth::Grant grant, Timestamp now, Deadline deadline) override;
    Reply<bool> has_grant(Sha256 code, std::int64_t application_id, Timestamp now, Deadline deadline) override;
    Reply<oauth::CodeExchange> exchange_code(Sha256 code, std::int64_t application_id, oauth::CodeDecision decide, Timestamp now,
                                             Deadline deadline) override;
    Reply<oauth::RefreshExchange> exchange_refresh_token(Sha256 token, std::int64_t application_id, oauth::RefreshDecision decide,
                                                         Timestamp now, Deadline deadline) override;
    Reply<void> save_machine_token(Sha256 access, std::int64_t application_id, std::int64_t team_id, std::string scope,
                                   Timestamp expires, Timestamp now, Deadline deadline) override;
    Reply<std::optional<oauth::AccessToken>> find_access_token(Sha256 token, Deadline deadline) override;
    Reply<bool> revoke_token(Sha256 token, std::int64_t application_id, Timestamp now, Deadline deadline) override;
    Reply<std::int64_t> remove_expired(oauth::Expiry expiry, Deadline deadline) override;
    Reply<std::vector<oauth::SigningKey>> list_signing_keys(Deadline deadline) override;
    Reply<std::vector<oauth::SigningKey>> add_first_signing_key(oauth::SigningKey key, Deadline deadline) override;

  private:
    JobQueue& queue_;
};

} // namespace parley::store
