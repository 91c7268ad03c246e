#include "span_queue.hpp"

#include <utility>

namespace parley::telemetry
{

SpanQueue::SpanQueue(std::size_t spans_max) : spans_max_(spans_max)
{
    waiting_.reserve(spans_max_); // A request has a span at least. Memory that is not written to costs none.
}

bool SpanQueue::push(RequestSpans const& request) noexcept
{
    auto const spans = request.count();
    bool wakes = false;
    {
        std::lock_guard const lock(mutex_);
        if (is_closed_ || spans > spans_max_ - spans_held_) return false;
        waiting_.push_back(request);
        spans_held_ += spans;
        auto const before = std::exchange(spans_waiting_, spans_waiting_ + spans);
        wakes = before < spans_wanted_ && spans_waiting_ >= spans_wanted_;
    }
    if (wakes) changed_.notify_one(); // Once for a batch: waking somebody is a system call.
    return true;
}

bool SpanQueue::take(std::vector<RequestSpans>& taken, std::size_t spans_wanted, std::chrono::milliseconds gathering)
{
    taken.clear();
    taken.reserve(spans_max_);
    std::unique_lock lock(mutex_);
    spans_wanted_ = spans_wanted;
    changed_.wait_for(lock, gathering, [&] { return is_closed_ || spans_waiting_ >= spans_wanted_; });
    std::swap(taken, waiting_);
    spans_waiting_ = 0;
    return !taken.empty() || !is_closed_;
}

void SpanQueue::settle(std::size_t spans) noexcept
{
    std::lock_guard const lock(mutex_);
    spans_held_ -= spans;
}

bool SpanQueue::rest(std::chrono::milliseconds time)
{
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [&] { return is_closed_; });
}

void SpanQueue::close() noexcept
{
    {
        std::lock_guard const lock(mutex_);
        is_closed_ = true;
    }
    changed_.notify_all();
}

} // namespace parley::telemetry
