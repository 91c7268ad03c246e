#include "architecture/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace parley::architecture
{

namespace fs = std::filesystem;

namespace
{

Room to_room(std::istringstream& words)
{
    Room room;
    std::set<std::string, std::less<>>* into = nullptr;
    for (std::string word; words >> word;)
    {
        if (word == "DEPENDS")
            into = &room.depends;
        else if (word == "LIBRARIES")
            into = &room.libraries;
        else if (into != nullptr)
            into->insert(word);
    }
    return room;
}

} // namespace

fs::path source_folder()
{
    return PARLEY_SOURCE_DIR;
}

Rooms read_rooms()
{
    constexpr std::string_view call = "parley_add_room(";
    std::string const text = text_of(source_folder() / "lib/CMakeLists.txt");
    Rooms rooms;
    for (std::size_t at = 0; (at = text.find(call, at)) != std::string::npos;)
    {
        at += call.size();
        std::istringstream words(text.substr(at, text.find(')', at) - at));
        std::string name;
        words >> name;
        rooms.emplace(name, to_room(words));
    }
    if (rooms.empty()) throw std::runtime_error("lib/CMakeLists.txt has no parley_add_room");
    return rooms;
}

std::vector<fs::path> files_below(std::string_view folder, std::vector<std::string_view> const& endings)
{
    std::vector<fs::path> files;
    fs::path const root = source_folder() / folder;
    if (!fs::exists(root)) return files;
    for (auto const& entry : fs::recursive_directory_iterator(root))
    {
        std::string const name = entry.path().filename().string();
        bool const wanted =
            std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
        if (entry.is_regular_file() && wanted) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<Include> includes_of(fs::path const& file)
{
    std::vector<Include> includes;
    std::istringstream lines(text_of(file));
    int number = 0;
    for (std::string line; std::getline(lines, line);)
    {
        ++number;
        std::size_t const hash = line.find_first_not_of(" \t");
        if (hash == std::string::npos || line[hash] != '#') continue;
        std::size_t const word = line.find_first_not_of(" \t", hash + 1);
        if (word == std::string::npos || line.compare(word, 7, "include") != 0) continue;
        std::size_t const opening = line.find_first_of("\"<", word);
        if (opening == std::string::npos) continue;
        std::size_t const closing = line.find_first_of("\">", opening + 1);
        includes.push_back(
            {.target = line.substr(opening + 1, closing - opening - 1), .quoted = line[opening] == '"', .line = number});
    }
    return includes;
}

std::string text_of(fs::path const& file)
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error("cannot read " + file.string());
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> operation_ids()
{
    constexpr std::string_view key = "\"operationId\": \"";
    std::string const text = text_of(source_folder() / "proto-free-schemas/openapi.json");
    std::vector<std::string> ids;
    for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos;)
    {
        at += key.size();
        ids.push_back(text.substr(at, text.find('"', at) - at));
    }
    return ids;
}

std::string place(fs::path const& file, int line)
{
    return file.lexically_relative(source_folder()).string() + ":" + std::to_string(line);
}

} // namespace parley::architecture
