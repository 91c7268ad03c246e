// The road of a request without network and database: from the bytes of a request through gate, pipeline and handler to the bytes
// of its answer. The store answers at once, always the same: what is left is the work of the service itself.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parley::micro
{

// A kind of request, in its bytes.
struct Scenario
{
    std::string name;
    std::string request;
    int status = 200; // Of the answer.
};
[[nodiscard]] std::vector<Scenario> const& scenarios();

// Not thread-safe.
class Road
{
  public:
    Road();
    ~Road();

    // One request, begun and finished. The view lives until the next one.
    [[nodiscard]] std::string_view travel(std::string_view request);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::micro
