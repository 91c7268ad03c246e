// Requests whose spans wait to be sent: bounded, and never waited for by those who fill it.
#pragma once

#include "request_spans.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace parley::telemetry
{

// Filled by any thread, emptied by one. The mutex is held for a copy of a record or an exchange of two buffers, which have their
// whole room from the beginning.
class SpanQueue
{
  public:
    explicit SpanQueue(std::size_t spans_max);

    // False where it is full: the bound counts what waits and what was taken and is not settled yet.
    [[nodiscard]] bool push(RequestSpans const& request) noexcept;

    // Waits until so many spans wait, or the time has passed, or close(); then exchanges `taken`, which is emptied, for all that
    // waits. False: it is closed and was empty.
    [[nodiscard]] bool take(std::vector<RequestSpans>& taken, std::size_t spans_wanted, std::chrono::milliseconds gathering);

    // Of those taken, so many are sent or given up.
    void settle(std::size_t spans) noexcept;

    // Waits for the time to pass, or for close(); whether it was the time.
    [[nodiscard]] bool rest(std::chrono::milliseconds time);

    void close() noexcept;

  private:
    std::size_t const spans_max_;
    std::mutex mutex_; // Guards all below.
    std::condition_variable changed_;
    std::vector<RequestSpans> waiting_;
    std::size_t spans_waiting_ = 0;
    std::size_t spans_held_ = 0; // Those waiting, and those taken and not settled.
    std::size_t spans_wanted_ = 1;
    bool is_closed_ = false;
};

} // namespace parley::telemetry
