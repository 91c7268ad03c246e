// The repository as text: its files, their includes, and the picture that lib/CMakeLists.txt draws of the rooms.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace parley::architecture
{

// A parley_add_room(...) of lib/CMakeLists.txt.
struct Room
{
    std::set<std::string, std::less<>> depends;
    std::set<std::string, std::less<>> libraries;
};
using Rooms = std::map<std::string, Room, std::less<>>;

struct Include
{
    std::string target; // What stands between the quotes or brackets.
    bool quoted = false;
    int line = 0;
};

[[nodiscard]] std::filesystem::path source_folder();

// Throws std::runtime_error where the file has no room.
[[nodiscard]] Rooms read_rooms();

// Every file below the folder (relative to the repository) whose name ends so; sorted. An empty ending takes all.
[[nodiscard]] std::vector<std::filesystem::path> files_below(std::string_view folder,
                                                             std::vector<std::string_view> const& endings);

[[nodiscard]] std::vector<Include> includes_of(std::filesystem::path const& file);
[[nodiscard]] std::string text_of(std::filesystem::path const& file);

// The operationIds that proto-free-schemas/openapi.json promises, in its order.
[[nodiscard]] std::vector<std::string> operation_ids();

// "lib/http/src/gate.cpp:12", relative to the repository.
[[nodiscard]] std::string place(std::filesystem::path const& file, int line);

} // namespace parley::architecture
