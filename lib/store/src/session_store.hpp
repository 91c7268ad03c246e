// The ports, implemented by handing jobs to the lanes.
#pragma once

#include "job_queue.hpp"
#include "parley/auth/credential_store.hpp"
#include "parley/domain/session_store.hpp"

#include <atomic>
#include <cstdint>

namespace parley::store
{

class PgSessionStore final : public domain::SessionStore
{
  public:
    explicit PgSessionStore(JobQueue& queue) : queue_(queue) {}

    boost::asio::awaitable<Result<domain::Page>> list(domain::ListQuery query, Deadline deadline) override;
    boost::asio::awaitable<Result<domain::Transcript>> retrieve(domain::TeamId team, std::string id, Deadline deadline) override;
    boost::asio::awaitable<Result<void>> check_experiment(domain::TeamId team, Uuid experiment, Deadline deadline) override;
    boost::asio::awaitable<Result<domain::Session>> create(domain::NewSession session, Deadline deadline) override;
    boost::asio::awaitable<Result<domain::Reservation>> reserve(domain::TeamId team, Sha256 key, domain::Reservation wish,
                                                                Deadline deadline) override;
    boost::asio::awaitable<Result<void>> release(domain::TeamId team, Sha256 key, Deadline deadline) override;
    boost::asio::awaitable<Result<void>> end(domain::TeamId team, std::string id, Timestamp now, Deadline deadline) override;
    boost::asio::awaitable<Result<void>> update_state(domain::TeamId team, std::string id, domain::JsonText state, Timestamp now,
                                                      Deadline deadline) override;
    boost::asio::awaitable<Result<domain::JsonText>> append_messages(domain::TeamId team, std::string id,
                                                                     std::vector<domain::AddedMessage> messages, Timestamp now,
                                                                     Deadline deadline) override;
    boost::asio::awaitable<Result<domain::JsonText>> add_tags(domain::TeamId team, std::string id, std::vector<std::string> names,
                                                              Deadline deadline) override;
    boost::asio::awaitable<Result<domain::JsonText>> remove_tags(domain::TeamId team, std::string id,
                                                                 std::vector<std::string> names, Deadline deadline) override;

  private:
    JobQueue& queue_;
    std::atomic<std::uint32_t> reservations_{0}; // Made by this replica.
};

class PgCredentialStore final : public auth::CredentialStore
{
  public:
    explicit PgCredentialStore(JobQueue& queue) : queue_(queue) {}

    boost::asio::awaitable<Result<std::optional<auth::CredentialRecord>>> find_api_key(Sha256 digest, Deadline deadline) override;
    boost::asio::awaitable<Result<std::optional<auth::CredentialRecord>>> find_access_token(Sha256 digest,
                                                                                            Deadline deadline) override;
    boost::asio::awaitable<Result<std::optional<Timestamp>>> next_key_expiry(Timestamp now, Deadline deadline) override;

  private:
    JobQueue& queue_;
};

} // namespace parley::store
