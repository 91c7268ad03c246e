#include "file_reading.hpp"

#include "parley/store/administration.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace parley::command
{

std::string read_all(std::string const& path)
{
    if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file || std::filesystem::is_directory(path)) throw store::Refused("cannot read the file " + path);
    return text;
}

} // namespace parley::command
