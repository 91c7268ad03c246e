// Stands for an OpenTelemetry Collector: takes what is posted to it, or fails in the ways that collectors do.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace parley::support
{

struct CollectedPost
{
    std::string target;
    std::string content_type;
    std::string body;
};

// Listens on a free port of 127.0.0.1 from its construction on. One thread of its own.
class SpanCollector
{
  public:
    // What it does with a post.
    struct Manner
    {
        int status = 200;        // 0: it reads and never answers.
        std::string fields = {}; // Of the answer, each "Name: value\r\n".
        std::string body = "{}";
    };

    SpanCollector();
    ~SpanCollector();
    SpanCollector(SpanCollector const&) = delete;
    SpanCollector& operator=(SpanCollector const&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    void behave(Manner manner); // From the next post on.

    // Everything that was posted so far, whatever the answer.
    [[nodiscard]] std::vector<CollectedPost> posts() const;
    // Waits until it is so of the posts; false after the time.
    [[nodiscard]] bool wait_until(std::function<bool(std::vector<CollectedPost> const&)> const& is_so,
                                  std::chrono::seconds time = std::chrono::seconds(30)) const;

  private:
    struct Link; // A connection.

    void run();
    bool serve(Link& link);

    std::uint16_t port_ = 0;
    int listener_ = -1;
    mutable std::mutex mutex_; // Guards posts_, manner_ and over_.
    mutable std::condition_variable changed_;
    std::vector<CollectedPost> posts_;
    Manner manner_;
    bool over_ = false;
    std::thread thread_;
};

} // namespace parley::support
