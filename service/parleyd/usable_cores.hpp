// How many cores this process may use.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace parley
{

// By the scheduler's affinity and the CPU quota of the container, at least 1. The machine's count would be wrong in a container.
[[nodiscard]] std::size_t usable_cores();

// "200000 100000" (cpu.max of cgroup v2) is 2; a part of a core counts as one. Nothing for "max" or any other text.
[[nodiscard]] std::optional<std::size_t> cores_of_quota(std::string_view cpu_max);

} // namespace parley
