// Files that hold what is not for everybody.
#pragma once

#include <fstream>
#include <ostream>
#include <string>

namespace parley::command
{

// A file that appears under its name only when it is whole, and that only its owner may read. Throws store::Refused where it
// cannot be written.
class PrivateFile
{
  public:
    explicit PrivateFile(std::string path);
    PrivateFile(PrivateFile const&) = delete;
    PrivateFile& operator=(PrivateFile const&) = delete;
    ~PrivateFile();

    [[nodiscard]] std::ostream& out() noexcept { return out_; }
    void finish();

  private:
    std::string path_;
    std::string unfinished_;
    std::ofstream out_;
    bool is_finished_ = false;
};

} // namespace parley::command
