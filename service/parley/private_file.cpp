#include "private_file.hpp"

#include "parley/store/administration.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace parley::command
{

namespace fs = std::filesystem;

PrivateFile::PrivateFile(std::string path) : path_(std::move(path)), unfinished_(path_ + ".unfinished")
{
    int const descriptor = ::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) throw store::Refused("cannot write the file " + path_);
    ::close(descriptor);
    out_.open(unfinished_, std::ios::binary);
}

PrivateFile::~PrivateFile()
{
    std::error_code ignored;
    if (!is_finished_) fs::remove(unfinished_, ignored);
}

void PrivateFile::finish()
{
    out_.close();
    std::error_code error;
    if (out_) fs::rename(unfinished_, path_, error);
    if (!out_ || error) throw store::Refused("cannot write the file " + path_);
    is_finished_ = true;
}

} // namespace parley::command
