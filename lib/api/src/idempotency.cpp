#include "idempotency.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::api
{

namespace
{

constexpr std::string_view field_name = "idempotency-key";
constexpr std::size_t key_bytes_max = 255;

std::string_view without_quotes(std::string_view value)
{
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') return value.substr(1, value.size() - 2);
    return value;
}

bool is_key(std::string_view value)
{
    auto const is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
    return !value.empty() && value.size() <= key_bytes_max && std::ranges::all_of(value, is_visible);
}

} // namespace

Result<std::optional<Sha256>> read_idempotency_key(http::Request const& request)
{
    std::optional<Sha256> key;
    for (auto const& field : request.fields)
    {
        if (field.name.size() != field_name.size() || to_lower_ascii(field.name) != field_name) continue;
        auto const value = without_quotes(field.value);
        if (key || !is_key(value)) return Problem{ProblemCode::idempotency_key_invalid};
        key = sha256(value);
    }
    return key;
}

Result<KeysInUse::Use> KeysInUse::use(domain::TeamId team, Sha256 const& key)
{
    std::lock_guard const lock(mutex_);
    if (!keys_.emplace(team, key).second) return Problem{ProblemCode::idempotency_key_in_use};
    return Use(*this, team, key);
}

KeysInUse::Use& KeysInUse::Use::operator=(Use&& other) noexcept
{
    std::swap(keys_, other.keys_);
    std::swap(key_, other.key_);
    return *this;
}

KeysInUse::Use::~Use()
{
    if (keys_ == nullptr) return;
    std::lock_guard const lock(keys_->mutex_);
    keys_->keys_.erase(key_);
}

} // namespace parley::api
