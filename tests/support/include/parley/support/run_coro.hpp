// Runs a coroutine to its end, on an io_context of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>

namespace parley::support
{

// The result of the coroutine; its exception is thrown on. A coroutine that is not done in time throws std::runtime_error and is
// destroyed. The io_context may be given, where the coroutine's objects live on one.
template <class T>
T run_coro(boost::asio::io_context& context, boost::asio::awaitable<T> coroutine,
           std::chrono::steady_clock::duration timeout = std::chrono::seconds(10))
{
    std::exception_ptr failure;
    bool done = false;
    auto const outcome_of = [&](auto& place)
    {
        context.restart();
        boost::asio::co_spawn(context, std::move(coroutine),
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
