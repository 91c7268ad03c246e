// Runs a coroutine to its end, on an io_context of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

namespace parley::support
{

// An executor that counts the threads that are inside of it: one that posts an answer may still be on its way out when the answer
// has been taken, and the io_context must live as long.
template <class Inner>
class CountingExecutor
{
  public:
    using Count = std::atomic<int>;

    CountingExecutor(Inner inner, std::shared_ptr<Count> entered) : inner_(std::move(inner)), entered_(std::move(entered)) {}

    template <class Function>
    void execute(Function&& function) const
    {
        auto const entered = entered_; // Keeps it when the function takes everything else along.
        ++*entered;
        inner_.execute(std::forward<Function>(function));
        --*entered;
    }

    // The properties are the io_context's.
    template <class Property>
    requires boost::asio::can_query<Inner, Property>::value [[nodiscard]] auto query(Property const& property) const noexcept
        -> decltype(auto)
    {
        return boost::asio::query(inner_, property);
    }
    template <class Property>
    requires boost::asio::can_require<Inner, Property>::value [[nodiscard]] auto require(Property const& property) const
    {
        auto required = boost::asio::require(inner_, property);
        return CountingExecutor<decltype(required)>(std::move(required), entered_);
    }

    friend bool operator==(CountingExecutor const& left, CountingExecutor const& right) noexcept
    {
        return left.inner_ == right.inner_ && left.entered_ == right.entered_;
    }
    friend bool operator!=(CountingExecutor const& left, CountingExecutor const& right) noexcept { return !(left == right); }

  private:
    Inner inner_;
    std::shared_ptr<Count> entered_;
};

// Waits in its destructor until every thread has left the executor that it gives out.
class Posters
{
  public:
    Posters() = default;
    ~Posters()
    {
        while (*entered_ != 0)
            std::this_thread::yield();
    }
    Posters(Posters const&) = delete;
    Posters& operator=(Posters const&) = delete;

    [[nodiscard]] auto executor_of(boost::asio::io_context& context) const
    {
        return CountingExecutor<boost::asio::io_context::executor_type>(context.get_executor(), entered_);
    }

  private:
    std::shared_ptr<std::atomic<int>> entered_ = std::make_shared<std::atomic<int>>(0);
};

// The result of the coroutine; its exception is thrown on. A coroutine that is not done in time throws std::runtime_error and is
// destroyed. The io_context may be given, where the coroutine's objects live on one.
template <class T>
T run_coro(boost::asio::io_context& context, boost::asio::awaitable<T> coroutine,
           std::chrono::steady_clock::duration timeout = std::chrono::seconds(10))
{
    std::exception_ptr failure;
    bool done = false;
    Posters const posters;
    auto const work = boost::asio::make_work_guard(context);
    auto const outcome_of = [&](auto& place)
    {
        context.restart();
        boost::asio::co_spawn(posters.executor_of(context), std::move(coroutine),
                              [&place](auto&&... outcome) { place(std::forward<decltype(outcome)>(outcome)...); });
        auto const end = std::chrono::steady_clock::now() + timeout;
        while (!done && std::chrono::steady_clock::now() < end && context.run_one_until(end) != 0)
        {
        }
        if (!done) throw std::runtime_error("run_coro: the coroutine was not done in time");
        if (failure) std::rethrow_exception(failure);
    };
    if constexpr (std::is_void_v<T>)
    {
        auto place = [&](std::exception_ptr thrown)
        {
            failure = thrown;
            done = true;
        };
        outcome_of(place);
    }
    else
    {
        std::optional<T> result;
        auto place = [&](std::exception_ptr thrown, T value)
        {
            failure = thrown;
            if (!thrown) result.emplace(std::move(value));
            done = true;
        };
        outcome_of(place);
        return std::move(*result);
    }
}

template <class T>
T run_coro(boost::asio::awaitable<T> coroutine, std::chrono::steady_clock::duration timeout = std::chrono::seconds(10))
{
    boost::asio::io_context context;
    return run_coro(context, std::move(coroutine), timeout);
}

} // namespace parley::support
