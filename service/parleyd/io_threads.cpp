#include "io_threads.hpp"

#include <exception>
#include <utility>

#include <pthread.h>

namespace parley
{

IoThreads::IoThreads(std::string name, std::size_t count, telemetry::Telemetry& telemetry)
    : name_(std::move(name)), telemetry_(telemetry)
{
    for (std::size_t i = 0; i < count; ++i)
    {
        contexts_.push_back(std::make_unique<boost::asio::io_context>(1)); // One thread turns it.
        work_.push_back(boost::asio::make_work_guard(*contexts_.back()));
    }
}

IoThreads::~IoThreads()
{
    stop();
}

std::vector<std::reference_wrapper<boost::asio::io_context>> IoThreads::contexts()
{
    std::vector<std::reference_wrapper<boost::asio::io_context>> references;
    for (auto const& context : contexts_)
        references.emplace_back(*context);
    return references;
}

void IoThreads::start()
{
    for (std::size_t i = 0; i < contexts_.size(); ++i)
    {
        threads_.emplace_back([this, i] { turn(i); });
        auto const shown = contexts_.size() == 1 ? name_ : name_ + std::to_string(i);
        ::pthread_setname_np(threads_.back().native_handle(), shown.substr(0, 15).c_str());
    }
}

// What a handler throws is our mistake; one of them must not take the thread and all its connections along.
void IoThreads::turn(std::size_t index) noexcept
{
    while (!contexts_[index]->stopped())
    {
        try
        {
            contexts_[index]->run();
        }
        catch (std::exception const& exception)
        {
            telemetry_.observe(
                telemetry::Notice{telemetry::Notice::Level::error, name_ + ": a handler threw: " + exception.what()});
        }
        catch (...)
        {
            telemetry_.observe(telemetry::Notice{telemetry::Notice::Level::error,
                                                 name_ + ": a handler threw something that is no std::exception"});
        }
    }
}

void IoThreads::stop() noexcept
{
    work_.clear();
    for (auto const& context : contexts_)
        context->stop();
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
}

} // namespace parley
