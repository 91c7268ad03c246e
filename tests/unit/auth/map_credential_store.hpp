// Credentials in a map: what the auth stage is tried against. (The session store has no such stand-in; see docs on tests.)
#pragma once

#include "parley/auth/credential_store.hpp"

#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace parley::auth
{

class MapCredentialStore final : public CredentialStore
{
  public:
    void add_key(std::string_view key, CredentialRecord record) { keys_[sha256(key)] = std::move(record); }
    void add_token(std::string_view token, CredentialRecord record) { tokens_[sha256(token)] = std::move(record); }
    void drop_key(std::string_view key) { keys_.erase(sha256(key)); }

    boost::asio::awaitable<Result<std::optional<CredentialRecord>>> find_api_key(Sha256 digest, Deadline) override
    {
        ++key_look_ups;
        return answer(keys_, digest);
    }

    boost::asio::awaitable<Result<std::optional<CredentialRecord>>> find_access_token(Sha256 digest, Deadline) override
    {
        ++token_look_ups;
        return answer(tokens_, digest);
    }

    std::optional<Problem> problem; // What the store answers instead, while set.
    void (*during_look_up)(void*) = nullptr;
    void* during_look_up_with = nullptr;
    int key_look_ups = 0;
    int token_look_ups = 0;

  private:
    using Records = std::map<Sha256, CredentialRecord>;

    boost::asio::awaitable<Result<std::optional<CredentialRecord>>> answer(Records const& records, Sha256 digest)
    {
        if (during_look_up != nullptr) during_look_up(during_look_up_with);
        if (problem) co_return *problem;
        auto const found = records.find(digest);
        if (found == records.end()) co_return std::optional<CredentialRecord>{};
        co_return std::optional<CredentialRecord>(found->second);
    }

    Records keys_;
    Records tokens_;
};

} // namespace parley::auth
