// What stands for the database: one key, one session of ten messages, pages of 25 sessions.
#pragma once

#include "parley/auth/credential_store.hpp"
#include "parley/domain/session_store.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace parley::micro
{

inline constexpr std::string_view session_id = "0192f0c1-2f5e-7b6a-9d3c-5a1e8f7b2c4d";
inline constexpr std::string_view experiment_id = "6f1dd7a4-7a6b-4f59-9d5f-2f6a4a1c0001";

class OneKey final : public auth::CredentialStore
{
  public:
    explicit OneKey(std::string_view key);

    boost::asio::awaitable<Result<std::optional<auth::CredentialRecord>>> find_api_key(Sha256 digest, Deadline deadline) override;
    boost::asio::awaitable<Result<std::optional<auth::CredentialRecord>>> find_access_token(Sha256 digest,
                                                                                            Deadline deadline) override;

  private:
    Sha256 digest_;
    auth::CredentialRecord record_;
};

class CannedStore final : public domain::SessionStore
{
  public:
    CannedStore();

    boost::asio::awaitable<Result<domain::Page>> list(domain::ListQuery query, Deadline deadline) override;
    boost::asio::awaitable<Result<domain::Transcript>> retrieve(domain::TeamId team, std::string id, Deadline deadline) override;
    boost::asio::awaitable<Result<domain::Session>> create(domain::NewSession session, Deadline deadline) override;
    boost::asio::awaitable<Result<void>> end(domain::TeamId team, std::string id, Timestamp now, Deadline deadline) override;
    boost::asio::awaitable<Result<void>> update_state(domain::TeamId team, std::string id, domain::JsonText state, Timestamp now,
                                                      Deadline deadline) override;
    boost::asio::awaitable<Result<domain::JsonText>> add_tags(domain::TeamId team, std::string id, std::vector<std::string> names,
                                                              Deadline deadline) override;
    boost::asio::awaitable<Result<domain::JsonText>> remove_tags(domain::TeamId team, std::string id,
                                                                 std::vector<std::string> names, Deadline deadline) override;

    [[nodiscard]] domain::Page const& page() const noexcept { return page_; }
    [[nodiscard]] domain::Transcript const& transcript() const noexcept { return transcript_; }

  private:
    std::array<std::shared_ptr<domain::Experiment const>, 5> experiments_;
    std::string messages_;
    domain::Page page_;
    domain::Transcript transcript_;
};

} // namespace parley::micro
