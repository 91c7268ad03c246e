// The transactions in which codes and refresh tokens become tokens, and in which tokens die.
#pragma once

#include "parley/oauth/oauth_store.hpp"
#include "statements.hpp"

#include <memory>

namespace parley::store
{

// What was decided when the transaction ran first. It is looked for when the answer to its commit was lost: the tokens are
// random, so finding them means that it was this very caller who won.
using Decided = std::shared_ptr<std::optional<oauth::NewTokens>>;

struct CodeExchangeInput
{
    Sha256 code{};
    std::int64_t application_id = 0;
    oauth::CodeDecision decide;
    Timestamp now;
    Decided decided = std::make_shared<std::optional<oauth::NewTokens>>();
};

struct RefreshExchangeInput
{
    Sha256 token{};
    std::int64_t application_id = 0;
    oauth::RefreshDecision decide;
    Timestamp now;
    Decided decided = std::make_shared<std::optional<oauth::NewTokens>>();
};

[[nodiscard]] oauth::CodeExchange exchange_code(Statements& statements, CodeExchangeInput const& input, bool may_have_run);
[[nodiscard]] oauth::RefreshExchange exchange_refresh_token(Statements& statements, RefreshExchangeInput const& input,
                                                            bool may_have_run);
[[nodiscard]] bool revoke_token(Statements& statements, Sha256 const& token, std::int64_t application_id, Timestamp now);

} // namespace parley::store
