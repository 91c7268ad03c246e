#include "parley/oauth/password_workers.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace parley::oauth
{

namespace asio = boost::asio;

struct PasswordWorkers::Impl
{
    struct Job
    {
        std::function<void()> work;
        Deadline deadline;
        std::function<void(bool done)> finish; // Called once, on the worker's thread.
    };

    explicit Impl(PasswordWorkersSettings const& settings)
        : queue_max(settings.queue_max), no_user_hash(auth::hash_password("no user has this password"))
    {
        for (int i = 0; i < settings.threads; ++i)
            threads.emplace_back([this] { work_off(); });
    }

    ~Impl()
    {
        {
            std::lock_guard const lock(mutex);
            is_stopping = true;
        }
        wake.notify_all();
        for (auto& thread : threads)
            thread.join();
    }

    // False where the queue is full; the job is untouched then.
    bool submit(Job& job)
    {
        {
            std::lock_guard const lock(mutex);
            if (is_stopping || queue.size() >= queue_max) return false;
            queue.push_back(std::move(job));
        }
        wake.notify_one();
        return true;
    }

    void work_off()
    {
        while (true)
        {
            std::unique_lock lock(mutex);
            wake.wait(lock, [this] { return is_stopping || !queue.empty(); });
            if (is_stopping) return;
            Job const job = std::move(queue.front());
            queue.pop_front();
            lock.unlock();
            bool const is_late = job.deadline.has_passed();
            if (!is_late) job.work();
            job.finish(!is_late);
        }
    }

    std::size_t const queue_max;
    std::string const no_user_hash; // What the passwords of users who are not there are held against.
    std::mutex mutex;               // Of the two below.
    std::deque<Job> queue;
    bool is_stopping = false;
    std::condition_variable wake;
    std::vector<std::thread> threads;
};

namespace
{

// A move-only handler in a std::function, which wants copies.
template <class Handler>
std::function<void(Result<void>)> resuming(Handler handler, asio::any_io_executor executor)
{
    auto shared = std::make_shared<Handler>(std::move(handler));
    return [shared, executor](Result<void> result)
    { asio::post(executor, [shared, result = std::move(result)]() mutable { std::move (*shared)(std::move(result)); }); };
}

} // namespace

PasswordWorkers::PasswordWorkers(PasswordWorkersSettings const& settings) : impl_(std::make_unique<Impl>(settings)) {}

PasswordWorkers::~PasswordWorkers() = default;

asio::awaitable<Result<void>> PasswordWorkers::run(std::function<void()> work, Deadline deadline)
{
    auto const executor = co_await asio::this_coro::executor;
    auto initiation = [this, executor, work = std::move(work), deadline](auto handler) mutable
    {
        auto const resume = resuming(std::move(handler), executor);
        Impl::Job job{.work = std::move(work), .deadline = deadline, .finish = [resume](bool done) {
                          resume(done ? Result<void>() : Result<void>(Problem{ProblemCode::deadline_passed}));
                      }};
        if (!impl_->submit(job)) resume(Problem{ProblemCode::store_overloaded});
    };
    auto waiting =
        asio::async_initiate<asio::use_awaitable_t<> const, void(Result<void>)>(std::move(initiation), asio::use_awaitable);
    co_return co_await std::move(waiting);
}

asio::awaitable<Result<PasswordVerdict>> PasswordWorkers::verify(std::string encoded, std::string password, Deadline deadline)
{
    auto verdict = std::make_shared<PasswordVerdict>();
    bool const is_user = !encoded.empty();
    if (!is_user) encoded = impl_->no_user_hash;
    std::function<void()> work = [verdict, is_user, encoded = std::move(encoded), password = std::move(password)]
    {
        try
        {
            auto const match = auth::verify_password(encoded, password);
            verdict->matches = is_user && match != auth::PasswordMatch::none;
            if (verdict->matches && match == auth::PasswordMatch::match_but_stale)
                verdict->rehashed = auth::hash_password(password);
        }
        catch (std::exception const&)
        {
            // Out of memory while hashing anew: the old hash stays, and the answer stands.
        }
    };
    auto const ran = co_await run(std::move(work), deadline);
    if (!ran) co_return ran.error();
    co_return std::move(*verdict);
}

} // namespace parley::oauth
