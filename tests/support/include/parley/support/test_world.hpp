// Worlds for tests: the recorded one, by the names its rows have there, and small ones made to measure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley::support
{

// tests/contract/data/world.json.
[[nodiscard]] std::string recorded_world_path();
// The secret of an API key, or of an access token, of that world ("owner_rw", "machine_both"). Throws std::runtime_error for a
// name it has not.
[[nodiscard]] std::string recorded_key(std::string_view name);
[[nodiscard]] std::string recorded_token(std::string_view name);

// A team with an owner, one chatbot and these sessions.
struct SmallWorldSession
{
    std::string id;
    std::string created_at; // "2026-01-01T00:00:00Z"
    std::vector<std::string> tags = {};
    std::string state = "{}"; // JSON.
};
inline constexpr std::string_view small_world_key = "SmallRW0.00112233445566778899aabbccddeeff";
inline constexpr std::string_view small_world_experiment = "5a1a0000-0000-4000-8000-000000000001";
[[nodiscard]] std::string small_world(std::vector<SmallWorldSession> const& sessions); // As a world file.

} // namespace parley::support
