// The listener and its connections over real sockets on loopback, with a small handler. One thread runs the service, the test is
// the client.
#include "parley/http/listener.hpp"

#include "parley/support/raw_http_client.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace std::string_literals;

namespace parley::http
{

namespace
{

using support::HttpAnswer;
using support::HttpRequest;
using support::RawHttpClient;

// Answers by path:
//   /echo      the body, read
//   /unread    204 without looking at the body
//   /size/N    N bytes
//   /document/N  N bytes of a text that lives as long as the program
//   /slow      after 200 ms
//   /twice     reads the body twice and says whether both are the same view
//   /throw     throws
//   /thread    the thread it runs on
//   otherwise  what was asked, as text
class Responder final : public Handler
{
  public:
    boost::asio::awaitable<Response> answer(Request const& request) override
    {
        ++requests;
        Response response{.content_type = "text/plain", .fields = {}, .body = {}};
        if (request.path == "/echo")
        {
            auto const body = co_await request.body->read();
            if (!body) co_return to_response(body.error());
            response.body = *body;
        }
        else if (request.path == "/twice")
        {
            auto const first = co_await request.body->read();
            auto const second = co_await request.body->read();
            response.body =
                first && second && first->data() == second->data() && first->size() == second->size() ? "same" : "different";
        }
        else if (request.path == "/unread")
        {
            response.status = 204;
        }
        else if (request.path.starts_with("/size/"))
        {
            response.body = std::string(std::stoul(std::string(request.path.substr(6))), 'x');
        }
        else if (request.path.starts_with("/document/"))
        {
            static std::string const document(100'000, 'd');
            response.document = std::string_view(document).substr(0, std::stoul(std::string(request.path.substr(10))));
        }
        else if (request.path == "/slow")
        {
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 200ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
            response.body = "slow";
        }
        else if (request.path == "/throw")
        {
            throw std::runtime_error("the handler threw");
        }
        else if (request.path == "/thread")
        {
            std::ostringstream id;
            id << std::this_thread::get_id();
            response.body = id.str();
        }
        else if (request.path == "/cached")
        {
            response.add("cache-control", "max-age=60");
        }
        else
        {
            response.body = std::string(request.method_name) + " " + std::string(request.path) + "?" +
                            std::string(request.query) + " " + std::string(request.host) + " " + request.peer.to_string();
        }
        co_return response;
    }

    std::atomic<int> requests = 0;
};

struct Options
{
    ListenerSettings listener{};
    ConnectionCountsSettings counts{};
    std::size_t threads = 1;
};

// A running listener on a free port. Ends with the test.
class Service
{
  public:
    explicit Service(Options options = {})
        : telemetry_(telemetry::TelemetrySettings{.log_level = "off", .log_file = {}}),
          counts_(std::make_shared<ConnectionCounts>(options.counts))
    {
        options.listener.address = "127.0.0.1:0";
        std::vector<std::reference_wrapper<boost::asio::io_context>> references;
        for (std::size_t i = 0; i < options.threads; ++i)
            references.emplace_back(*contexts_.emplace_back(std::make_unique<boost::asio::io_context>(1)));
        listener_ = std::make_unique<Listener>(references, options.listener, responder, telemetry_, counts_);
        port_ = listener_->bind();
        listener_->start();
        for (auto const& context : contexts_)
            threads_.emplace_back([&running = *context] { running.run(); });
    }

    ~Service()
    {
        for (auto const& context : contexts_)
            context->stop();
        for (auto& thread : threads_)
            thread.join();
        listener_.reset();
    }

    Service(Service const&) = delete;
    Service& operator=(Service const&) = delete;

    [[nodiscard]] RawHttpClient client() const { return RawHttpClient("127.0.0.1", port_, 5s); }
    [[nodiscard]] Listener& listener() const { return *listener_; }
    [[nodiscard]] std::string metrics() const { return telemetry_.expose(); }
    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] bool has_open(std::size_t connections) const
    {
        for (auto const end = std::chrono::steady_clock::now() + 5s; std::chrono::steady_clock::now() < end;
             std::this_thread::sleep_for(2ms))
        {
            if (listener_->open_connections() == connections) return true;
        }
        return false;
    }

    // Waits for the threads to run out of work by themselves.
    void join()
    {
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
    }

    Responder responder;

  private:
    telemetry::Telemetry telemetry_;
    std::shared_ptr<ConnectionCounts> counts_;
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
    std::unique_ptr<Listener> listener_;
    std::uint16_t port_ = 0;
    std::vector<std::thread> threads_;
};

// A bound listener whose threads the test runs, or does not run.
struct Bare
{
    Bare(Options const& options, std::uint16_t wanted_port)
    {
        auto settings = options.listener;
        settings.address = "127.0.0.1:" + std::to_string(wanted_port);
        std::vector<std::reference_wrapper<boost::asio::io_context>> contexts{first};
        if (options.threads > 1) contexts.emplace_back(second);
        auto const counts = std::make_shared<ConnectionCounts>(options.counts);
        listener = std::make_unique<Listener>(contexts, settings, responder, telemetry, counts);
        port = listener->bind();
    }

    Responder responder;
    telemetry::Telemetry telemetry{telemetry::TelemetrySettings{.log_level = "off", .log_file = {}}};
    boost::asio::io_context first{1};
    boost::asio::io_context second{1};
    std::unique_ptr<Listener> listener;
    std::uint16_t port = 0;
};

// An answer that must be there.
HttpAnswer next(RawHttpClient& client, std::string_view to_method = "GET")
{
    auto answer = client.read_answer(to_method);
    if (!answer) throw std::runtime_error("the connection ended where an answer was due");
    return *answer;
}

std::string get(std::string const& target, std::string const& fields = {})
{
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string post(std::string const& target, std::string const& body, std::string const& fields = {})
{
    return "POST " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

Options with_times(TimeLimits const& time)
{
    Options options;
    options.listener.time = time;
    return options;
}

TEST(Connection, hands_over_what_was_asked_and_by_whom)
{
    Service const service;
    auto client = service.client();
    client.send("FOO /a%2Fb/?c=d HTTP/1.1\r\nHost: h:1\r\n\r\n");
    EXPECT_EQ(next(client).body, "FOO /a%2Fb/?c=d h:1 127.0.0.1");
}

TEST(Connection, an_answer_carries_what_every_answer_carries)
{
    Service const service;
    auto client = service.client();
    client.send(get("/x"));
    auto const answer = next(client);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.reason, "OK");
    EXPECT_EQ(answer.find("server"), "parley") << "no version, and nothing of what it is made of";
    EXPECT_EQ(answer.find("content-type"), "text/plain");
    EXPECT_EQ(answer.find("content-length"), std::to_string(answer.body.size()));
    EXPECT_EQ(answer.find("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.find("referrer-policy"), "same-origin");
    EXPECT_EQ(answer.find("cross-origin-resource-policy"), "same-origin");
    EXPECT_EQ(answer.find("cache-control"), "no-store");
    EXPECT_EQ(answer.find("connection"), std::nullopt);
    auto const date = answer.find("date").value_or("");
    EXPECT_EQ(date.size(), 29U);
    EXPECT_TRUE(date.ends_with(" GMT")) << date;
}

TEST(Connection, an_answer_keeps_a_cache_control_of_its_own)
{
    Service const service;
    auto client = service.client();
    client.send(get("/cached"));
    auto const answer = next(client);
    EXPECT_EQ(answer.count("cache-control"), 1U);
    EXPECT_EQ(answer.find("cache-control"), "max-age=60");
    EXPECT_EQ(answer.find("content-length"), "0");
    EXPECT_EQ(answer.find("content-type"), std::nullopt);
}

TEST(Connection, a_document_is_sent_like_a_body)
{
    Service const service;
    auto client = service.client();
    for (std::size_t const size : {1UL, 1000UL, 100'000UL})
    {
        auto const path = "/document/" + std::to_string(size);
        client.send(get(path) + get(path));
        EXPECT_EQ(next(client).body, std::string(size, 'd'));
        EXPECT_EQ(next(client).body, std::string(size, 'd'));
    }
}

TEST(Connection, serves_one_request_after_the_other)
{
    Service const service;
    auto client = service.client();
    for (int i = 0; i < 50; ++i)
    {
        client.send(post("/echo", "body " + std::to_string(i)));
        EXPECT_EQ(next(client).body, "body " + std::to_string(i));
    }
    EXPECT_EQ(service.listener().open_connections(), 1U);
}

TEST(Connection, answers_pipelined_requests_in_order)
{
    Service const service;
    auto client = service.client();
    std::string bytes;
    for (int i = 0; i < 100; ++i)
        bytes += i % 3 == 0 ? get("/" + std::to_string(i)) : post("/echo", std::to_string(i));
    client.send(bytes);
    for (int i = 0; i < 100; ++i)
    {
        auto const expected = i % 3 == 0 ? "GET /" + std::to_string(i) + "? a 127.0.0.1" : std::to_string(i);
        ASSERT_EQ(next(client).body, expected);
    }
}

TEST(Connection, a_slow_request_between_pipelined_ones_keeps_the_order)
{
    Service const service;
    auto client = service.client();
    client.send(get("/1") + get("/slow") + get("/size/100000") + get("/2"));
    EXPECT_EQ(next(client).body, "GET /1? a 127.0.0.1");
    EXPECT_EQ(next(client).body, "slow");
    EXPECT_EQ(next(client).body.size(), 100000U);
    EXPECT_EQ(next(client).body, "GET /2? a 127.0.0.1");
}

TEST(Connection, a_request_may_come_in_drops)
{
    Service const service;
    auto client = service.client();
    for (char const c : "\r\n" + post("/echo", "hello") + get("/x"))
    {
        client.send(std::string_view(&c, 1));
        std::this_thread::sleep_for(200us);
    }
    EXPECT_EQ(next(client).body, "hello");
    EXPECT_EQ(next(client).body, "GET /x? a 127.0.0.1");
}

TEST(Connection, many_large_heads_in_a_row_are_cut_rightly)
{
    Service const service;
    auto client = service.client();
    std::string bytes;
    for (int i = 0; i < 40; ++i)
        bytes += get("/" + std::to_string(i), "X: " + std::string(static_cast<std::size_t>(i) * 371 % 9000, 'x') + "\r\n");
    std::thread sender([&] { client.try_send(bytes); });
    sender.join();
    for (int i = 0; i < 40; ++i)
        ASSERT_EQ(next(client).body, "GET /" + std::to_string(i) + "? a 127.0.0.1");
}

TEST(Connection, head_gets_the_fields_of_get_and_no_body)
{
    Service const service;
    auto client = service.client();
    client.send("HEAD /size/50000 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/x"));
    auto const answer = next(client, "HEAD");
    EXPECT_EQ(answer.find("content-length"), "50000");
    EXPECT_EQ(answer.find("content-type"), "text/plain");
    EXPECT_EQ(next(client).body, "GET /x? a 127.0.0.1");
}

TEST(Connection, no_content_has_neither_length_nor_type)
{
    Service const service;
    auto client = service.client();
    client.send(get("/unread") + get("/x"));
    auto const answer = next(client);
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.find("content-length"), std::nullopt);
    EXPECT_EQ(answer.find("content-type"), std::nullopt);
    EXPECT_EQ(next(client).status, 200);
}

TEST(Connection, closes_when_the_client_says_so)
{
    Service const service;
    auto client = service.client();
    client.send(get("/x", "Connection: close\r\n"));
    EXPECT_EQ(next(client).find("connection"), "close");
    EXPECT_EQ(client.read_answer(), std::nullopt);
}

TEST(Connection, closes_behind_1_0_unless_asked_not_to)
{
    Service const service;
    auto once = service.client();
    once.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(next(once).find("connection"), "close");
    EXPECT_EQ(once.read_answer(), std::nullopt);
    auto twice = service.client();
    twice.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(next(twice).find("connection"), "keep-alive");
    twice.send(get("/x"));
    EXPECT_EQ(next(twice).status, 200);
}

TEST(Connection, a_client_that_closed_its_half_still_gets_its_answer)
{
    Service const service;
    auto client = service.client();
    client.send(get("/slow"));
    client.finish_sending();
    EXPECT_EQ(next(client).body, "slow");
    EXPECT_EQ(client.read_answer(), std::nullopt);
}

// Bodies.

TEST(Connection, bodies_of_every_size_come_whole)
{
    Service const service;
    auto client = service.client();
    for (std::size_t const size :
         {0UL, 1UL, 100UL, 3900UL, 4096UL, 5000UL, 16000UL, 16384UL, 70000UL, 1'000'000UL, 10UL * 1024 * 1024})
    {
        std::string body(size, '\0');
        for (std::size_t i = 0; i < size; ++i)
            body[i] = static_cast<char>(i * 31 % 251);
        client.send(post("/echo", body));
        ASSERT_EQ(next(client).body, body) << size;
    }
}

TEST(Connection, a_body_may_come_behind_its_head)
{
    Service const service;
    auto client = service.client();
    auto const bytes = post("/echo", "hello");
    client.send(bytes.substr(0, bytes.size() - 3));
    std::this_thread::sleep_for(20ms);
    client.send(bytes.substr(bytes.size() - 3) + get("/x"));
    EXPECT_EQ(next(client).body, "hello");
    EXPECT_EQ(next(client).body, "GET /x? a 127.0.0.1");
}

TEST(Connection, earlier_answers_leave_before_a_body_is_awaited)
{
    Service const service;
    auto client = service.client();
    auto const bytes = post("/echo", "hello");
    client.send(get("/x") + bytes.substr(0, bytes.size() - 3));
    EXPECT_EQ(next(client).body, "GET /x? a 127.0.0.1");
    client.send(bytes.substr(bytes.size() - 3));
    EXPECT_EQ(next(client).body, "hello");
}

TEST(Connection, a_body_read_twice_is_the_same)
{
    Service const service;
    auto client = service.client();
    client.send(post("/twice", "hello") + get("/twice"));
    EXPECT_EQ(next(client).body, "same");
    EXPECT_EQ(next(client).body, "same");
}

TEST(Connection, chunks_are_joined_and_the_next_request_follows)
{
    Service const service;
    auto client = service.client();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nHost: b\r\n\r\n" +
        get("/x"));
    EXPECT_EQ(next(client).body, "hello!");
    EXPECT_EQ(next(client).body, "GET /x? a 127.0.0.1");
}

TEST(Connection, chunks_in_drops_and_a_large_one_come_whole)
{
    Service const service;
    auto client = service.client();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (char const c : "3\r\nabc\r\n"s)
    {
        client.send(std::string_view(&c, 1));
        std::this_thread::sleep_for(200us);
    }
    std::string const large(300'000, 'y');
    client.send("493e0\r\n" + large + "\r\n0\r\n\r\n" + get("/1") + get("/2"));
    EXPECT_EQ(next(client).body, "abc" + large);
    EXPECT_EQ(next(client).body, "GET /1? a 127.0.0.1");
    EXPECT_EQ(next(client).body, "GET /2? a 127.0.0.1");
}

TEST(Connection, bad_chunks_are_refused_and_end_the_connection)
{
    Service const service;
    auto client = service.client();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n" + get("/x"));
    EXPECT_EQ(next(client).status, 400);
    EXPECT_EQ(client.read_answer(), std::nullopt);
    EXPECT_EQ(service.responder.requests, 1);
}

TEST(Connection, a_body_too_large_is_refused_before_it_is_read)
{
    Options options;
    options.listener.body_bytes_max = 1000;
    Service const service(options);
    auto client = service.client();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
    auto const answer = next(client);
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.find("connection"), "close");
    EXPECT_EQ(client.read_answer(), std::nullopt);

    auto other = service.client();
    other.send(post("/echo", std::string(1000, 'x')));
    EXPECT_EQ(next(other).status, 200);
}

TEST(Connection, chunks_are_counted_against_the_bound)
{
    Options options;
    options.listener.body_bytes_max = 1000;
    Service const service(options);
    auto client = service.client();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + std::string(1000, 'x') +
                "\r\n1\r\n");
    EXPECT_EQ(next(client).status, 413);
    EXPECT_EQ(client.read_answer(), std::nullopt);
}

TEST(Connection, says_continue_when_somebody_wants_the_body)
{
    Service const service;
    auto client = service.client();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(next(client).status, 100);
    client.send("hello");
    EXPECT_EQ(next(client).body, "hello");
    client.send(get("/x"));
    EXPECT_EQ(next(client).status, 200);
}

TEST(Connection, does_not_say_continue_to_who_did_not_wait)
{
    Service const service;
    auto client = service.client();
    client.send(post("/echo", "hello", "Expect: 100-continue\r\n"));
    EXPECT_EQ(next(client).body, "hello");
}

TEST(Connection, does_not_say_continue_when_nobody_wants_the_body)
{
    Service const service;
    auto client = service.client();
    client.send("POST /unread HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    auto const answer = next(client);
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.find("connection"), "close");
    EXPECT_EQ(client.read_answer(), std::nullopt);
}

TEST(Connection, a_body_too_large_is_refused_without_continue)
{
    Options options;
    options.listener.body_bytes_max = 4;
    Service const service(options);
    auto client = service.client();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(next(client).status, 413);
}

TEST(Connection, a_small_body_nobody_read_is_passed_over)
{
    Service const service;
    auto client = service.client();
    client.send(post("/unread", "hello") + get("/1"));
    EXPECT_EQ(next(client).status, 204);
    EXPECT_EQ(next(client).body, "GET /1? a 127.0.0.1");
    client.send(post("/unread", std::string(60'000, 'x')) + get("/2"));
    EXPECT_EQ(next(client).status, 204);
    EXPECT_EQ(next(client).body, "GET /2? a 127.0.0.1");
    client.send("POST /unread HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + get("/3"));
    EXPECT_EQ(next(client).status, 204);
    EXPECT_EQ(next(client).body, "GET /3? a 127.0.0.1");
    client.send("POST /unread HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
    EXPECT_EQ(next(client).status, 204);
    client.send("lo\r\n0\r\n\r\n" + get("/4"));
    EXPECT_EQ(next(client).body, "GET /4? a 127.0.0.1");
}

TEST(Connection, a_large_body_nobody_read_costs_the_connection_but_not_the_answer)
{
    Service const service;
    auto client = service.client();
    client.send("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(200'000, 'x'));
    auto const answer = next(client);
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.find("connection"), "close");
    EXPECT_EQ(client.read_answer(), std::nullopt);
}

TEST(Connection, a_body_that_ends_early_is_refused)
{
    Service const service;
    auto client = service.client();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    client.finish_sending();
    EXPECT_EQ(next(client).status, 400);
    EXPECT_EQ(client.read_answer(), std::nullopt);
}

// Refusals.

TEST(Connection, a_refused_head_gets_its_answer_and_a_close_but_no_handler)
{
    Service const service;
    auto client = service.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" + get("/smuggled"));
    auto const answer = next(client);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.find("connection"), "close");
    EXPECT_EQ(answer.find("content-type"), "application/json");
    EXPECT_EQ(answer.body, R"({"detail":"Content-Length and Transfer-Encoding exclude each other."})");
    EXPECT_EQ(client.read_answer(), std::nullopt);
    EXPECT_EQ(service.responder.requests, 0);
    EXPECT_NE(service.metrics().find("head_malformed"), std::string::npos);
}

TEST(Connection, a_refusal_comes_behind_the_answers_before_it)
{
    Service const service;
    auto client = service.client();
    client.send(get("/1") + "GET / HTTP/1.1\nHost: a\r\n\r\n");
    EXPECT_EQ(next(client).status, 200);
    EXPECT_EQ(next(client).status, 400);
    EXPECT_EQ(client.read_answer(), std::nullopt);
}

TEST(Connection, a_head_too_large_is_answered_although_the_client_is_still_sending)
{
    Service const service;
    auto client = service.client();
    client.try_send(get("/", "X: " + std::string(100'000, 'x') + "\r\n"));
    EXPECT_EQ(next(client).status, 431);
    auto other = service.client();
    other.try_send(get("/" + std::string(100'000, 'x')));
    EXPECT_EQ(next(other).status, 414);
}

TEST(Connection, a_refused_client_may_go_on_sending_for_a_moment)
{
    Service const service;
    auto client = service.client();
    client.send("BAD\r\n");
    EXPECT_EQ(next(client).status, 400);
    EXPECT_EQ(client.read_answer(), std::nullopt) << "nothing more comes";
    for (int i = 0; i < 5; ++i)
    {
        std::this_thread::sleep_for(10ms);
        EXPECT_TRUE(client.try_send("more"));
    }
    EXPECT_EQ(service.listener().open_connections(), 1U) << "closed at once, the answer could be lost to a reset";
    client.reset();
    EXPECT_TRUE(service.has_open(0));
}

TEST(Connection, a_refused_client_that_never_ends_is_cut_off)
{
    Service const service(with_times({.linger = 50ms}));
    auto client = service.client();
    client.send("BAD\r\n");
    EXPECT_EQ(next(client).status, 400);
    EXPECT_TRUE(service.has_open(0));
}

TEST(Connection, a_head_that_ends_early_is_refused)
{
    Service const service;
    auto client = service.client();
    client.send("GET / HTTP/1.1\r\nHo");
    client.finish_sending();
    EXPECT_EQ(next(client).status, 400);
}

TEST(Connection, an_exception_of_the_handler_is_a_500)
{
    Service const service;
    auto client = service.client();
    client.send(get("/throw"));
    EXPECT_EQ(next(client).status, 500);
    EXPECT_EQ(client.read_answer(), std::nullopt);
    auto other = service.client();
    other.send(get("/x"));
    EXPECT_EQ(next(other).status, 200);
}

// Time.

TEST(Connection, a_head_that_takes_too_long_is_a_408)
{
    Service const service(with_times({.head = 100ms}));
    auto client = service.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    auto const answer = next(client);
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(answer.find("connection"), "close");
    EXPECT_EQ(client.read_answer(), std::nullopt);
}

TEST(Connection, dripping_does_not_give_a_head_more_time)
{
    Service const service(with_times({.head = 200ms, .linger = 20ms}));
    auto client = service.client();
    auto const end = std::chrono::steady_clock::now() + 3s;
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    ASSERT_TRUE(service.has_open(1));
    while (service.listener().open_connections() == 1 && std::chrono::steady_clock::now() < end)
    {
        client.try_send("x");
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_LT(std::chrono::steady_clock::now(), end);
}

TEST(Connection, an_idle_connection_is_closed_in_silence)
{
    Service const service(with_times({.idle = 100ms}));
    auto fresh = service.client();
    EXPECT_EQ(fresh.read_answer(), std::nullopt);
    auto used = service.client();
    used.send(get("/x"));
    EXPECT_EQ(next(used).status, 200);
    EXPECT_EQ(used.read_answer(), std::nullopt);
}

TEST(Connection, an_empty_line_alone_is_idle)
{
    Service const service(with_times({.head = 50ms, .idle = 150ms}));
    auto client = service.client();
    client.send("\r\n");
    EXPECT_EQ(client.read_answer(), std::nullopt);
}

TEST(Connection, a_slow_handler_is_not_the_clients_fault)
{
    Service const service(with_times({.head = 50ms, .idle = 50ms, .body = 50ms, .write = 50ms}));
    auto client = service.client();
    client.send(get("/slow"));
    EXPECT_EQ(next(client).body, "slow");
}

TEST(Connection, a_body_that_takes_too_long_is_a_408)
{
    Service const service(with_times({.body = 100ms}));
    for (auto const* const framing :
         {"Content-Length: 10\r\n\r\nhello", "Content-Length: 100000\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"})
    {
        auto client = service.client();
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\n"s + framing);
        EXPECT_EQ(next(client).status, 408) << framing;
        EXPECT_EQ(client.read_answer(), std::nullopt);
    }
}

TEST(Connection, a_client_that_does_not_take_its_answer_is_cut_off)
{
    Service const service(with_times({.write = 100ms}));
    auto client = service.client();
    client.send(get("/size/50000000"));
    ASSERT_TRUE(service.has_open(1));
    EXPECT_TRUE(service.has_open(0));
}

TEST(Connection, a_large_answer_reaches_a_slow_reader)
{
    Service const service;
    auto client = service.client();
    client.send(get("/size/20000000") + get("/x"));
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(next(client).body.size(), 20'000'000U);
    EXPECT_EQ(next(client).status, 200);
}

// Clients that leave.

TEST(Connection, a_client_that_resets_harms_nobody)
{
    Service const service;
    for (auto const& bytes :
         {get("/slow"), get("/size/10000000"), "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhe"s, "GET /"s, ""s})
    {
        auto client = service.client();
        client.send(bytes);
        std::this_thread::sleep_for(10ms);
        client.reset();
    }
    EXPECT_TRUE(service.has_open(0));
    auto client = service.client();
    client.send(get("/x"));
    EXPECT_EQ(next(client).status, 200);
}

// Limits.

TEST(Connection, beyond_the_limit_a_client_is_told_to_come_back)
{
    Options options;
    options.counts.connections_max = 2;
    Service const service(options);
    auto first = service.client();
    auto second = service.client();
    ASSERT_TRUE(service.has_open(2));
    auto third = service.client();
    third.send(get("/x"));
    auto const answer = next(third);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.find("retry-after"), "1");
    EXPECT_EQ(answer.find("connection"), "close");
    EXPECT_EQ(third.read_answer(), std::nullopt);
    first.reset();
    third.reset();
    ASSERT_TRUE(service.has_open(1));
    auto fourth = service.client();
    fourth.send(get("/x"));
    EXPECT_EQ(next(fourth).status, 200);
}

TEST(Connection, one_address_cannot_take_all_connections)
{
    Options options;
    options.counts.connections_per_address_max = 1;
    Service const service(options);
    auto first = service.client();
    ASSERT_TRUE(service.has_open(1));
    auto second = service.client();
    EXPECT_EQ(next(second).status, 503);
    first.send(get("/x"));
    EXPECT_EQ(next(first).status, 200);
}

// Draining.

TEST(Listener, while_draining_answers_say_close)
{
    Service const service;
    auto busy = service.client();
    busy.send(get("/slow"));
    auto idle = service.client();
    ASSERT_TRUE(service.has_open(2));
    while (service.responder.requests == 0)
        std::this_thread::sleep_for(1ms);
    service.listener().begin_drain();
    idle.send(get("/x"));
    EXPECT_EQ(next(idle).find("connection"), "close");
    EXPECT_EQ(idle.read_answer(), std::nullopt);
    auto const answer = next(busy);
    EXPECT_EQ(answer.body, "slow");
    EXPECT_EQ(answer.find("connection"), "close");
}

TEST(Listener, while_draining_idle_connections_end_soon)
{
    Service const service(with_times({.drain_idle = 50ms}));
    auto client = service.client();
    client.send(get("/x"));
    EXPECT_EQ(next(client).status, 200);
    service.listener().begin_drain();
    EXPECT_EQ(client.read_answer(), std::nullopt);
    EXPECT_TRUE(service.has_open(0));
    auto late = service.client();
    late.send(get("/x"));
    EXPECT_EQ(next(late).find("connection"), "close");
}

TEST(Listener, after_the_stop_open_connections_go_on_and_new_ones_are_refused)
{
    Service const service;
    auto client = service.client();
    client.send(get("/x"));
    EXPECT_EQ(next(client).status, 200);
    service.listener().stop_accepting();
    bool is_refused = false;
    for (auto const end = std::chrono::steady_clock::now() + 5s; !is_refused && std::chrono::steady_clock::now() < end;)
    {
        try
        {
            auto late = service.client();
            std::this_thread::sleep_for(2ms);
        }
        catch (support::HttpBroken const&)
        {
            is_refused = true;
        }
    }
    EXPECT_TRUE(is_refused);
    client.send(get("/x"));
    EXPECT_EQ(next(client).status, 200);
}

TEST(Listener, stopped_and_drained_the_threads_run_out_of_work)
{
    Options options;
    options.threads = 2;
    options.listener.time.drain_idle = 20ms;
    Service service(options);
    std::vector<RawHttpClient> clients;
    for (int i = 0; i < 20; ++i)
    {
        clients.push_back(service.client());
        clients.back().send(get("/slow"));
    }
    while (service.responder.requests < 20)
        std::this_thread::sleep_for(1ms);
    service.listener().stop_accepting();
    service.listener().begin_drain();
    for (auto& client : clients)
        EXPECT_EQ(next(client).body, "slow");
    service.join();
    EXPECT_EQ(service.listener().open_connections(), 0U);
}

// The port is shared by its threads; a second process must not come to share it unnoticed.
TEST(Listener, a_port_shared_by_threads_is_not_shared_with_strangers)
{
    Options options;
    options.threads = 2;
    Service const service(options);
    EXPECT_THROW(Bare(options, service.port()), std::runtime_error);
}

TEST(Listener, clients_that_the_kernel_has_let_in_before_the_stop_are_served)
{
    Options options;
    options.listener.time.drain_idle = 2s;
    Bare bare(options, 0);
    bare.listener->start();
    std::vector<RawHttpClient> clients;
    for (int i = 0; i < 10; ++i)
    {
        clients.emplace_back("127.0.0.1", bare.port, 5s);
        clients.back().send(get("/x"));
    }
    bare.listener->stop_accepting();
    bare.listener->begin_drain();
    std::thread running([&] { bare.first.run(); });
    for (auto& client : clients)
        EXPECT_NO_THROW(EXPECT_EQ(next(client).status, 200));
    running.join();
}

class ListenerSpread : public testing::TestWithParam<Spread>
{
};

TEST_P(ListenerSpread, threads_share_one_port)
{
    Options options;
    options.threads = 3;
    options.listener.spread = GetParam();
    options.listener.time.drain_idle = 20ms;
    Service service(options);
    std::vector<RawHttpClient> clients;
    for (int i = 0; i < 60; ++i)
    {
        clients.push_back(service.client());
        clients.back().send(get("/thread"));
    }
    std::map<std::string, int> threads;
    for (auto& client : clients)
        ++threads[next(client).body];
    EXPECT_EQ(threads.size(), 3U) << "60 connections missed a thread";
    if (GetParam() == Spread::in_turn)
    {
        for (auto const& [thread, connections] : threads)
            EXPECT_EQ(connections, 20);
    }
    service.listener().stop_accepting();
    service.listener().begin_drain();
    service.join();
    EXPECT_EQ(service.listener().open_connections(), 0U);
}

INSTANTIATE_TEST_SUITE_P(BothWays, ListenerSpread, testing::Values(Spread::by_kernel, Spread::in_turn));

TEST(Listener, a_port_that_is_taken_is_an_error_with_a_sentence)
{
    Service const service;
    boost::asio::io_context context;
    boost::asio::io_context other;
    telemetry::Telemetry telemetry(telemetry::TelemetrySettings{.log_level = "off", .log_file = {}});
    Responder responder;
    ListenerSettings settings;
    auto const counts = std::make_shared<ConnectionCounts>(ConnectionCountsSettings{});
    for (auto const& address : {"127.0.0.1:" + std::to_string(service.port()), "127.0.0.1"s, "nowhere:80"s, "127.0.0.1:"s,
                                "127.0.0.1:65536"s, "::1:80"s, "[127.0.0.1]:80"s, ""s})
    {
        settings.address = address;
        Listener listener({context, other}, settings, responder, telemetry, counts);
        EXPECT_THROW(listener.bind(), std::runtime_error) << address;
    }
}

TEST(Listener, speaks_on_ipv6_and_says_where)
{
    boost::asio::io_context context;
    telemetry::Telemetry telemetry(telemetry::TelemetrySettings{.log_level = "off", .log_file = {}});
    Responder responder;
    ListenerSettings settings;
    settings.address = "[::1]:0";
    Listener listener({context}, settings, responder, telemetry, std::make_shared<ConnectionCounts>(ConnectionCountsSettings{}));
    try
    {
        auto const port = listener.bind();
        EXPECT_EQ(listener.url(), "http://[::1]:" + std::to_string(port));
    }
    catch (std::runtime_error const&)
    {
        GTEST_SKIP() << "no IPv6 here";
    }
}

TEST(ConnectionCounts, counts_an_ipv6_network_as_one_address)
{
    ConnectionCounts counts(ConnectionCountsSettings{.connections_max = 10, .connections_per_address_max = 1});
    auto const one = boost::asio::ip::make_address("2001:db8::1");
    auto const neighbour = boost::asio::ip::make_address("2001:db8::2");
    auto const other = boost::asio::ip::make_address("2001:db8:0:1::1");
    EXPECT_EQ(counts.enter(one), ConnectionCounts::Entry::admitted);
    EXPECT_EQ(counts.enter(neighbour), ConnectionCounts::Entry::address_limit);
    EXPECT_EQ(counts.enter(other), ConnectionCounts::Entry::admitted);
    EXPECT_EQ(counts.open(), 2U);
    counts.leave(one);
    EXPECT_EQ(counts.enter(neighbour), ConnectionCounts::Entry::admitted);
}

TEST(ConnectionCounts, refuses_beyond_the_whole)
{
    ConnectionCounts counts(ConnectionCountsSettings{.connections_max = 1, .connections_per_address_max = 0});
    auto const one = boost::asio::ip::make_address("192.0.2.1");
    EXPECT_EQ(counts.enter(one), ConnectionCounts::Entry::admitted);
    EXPECT_EQ(counts.enter(one), ConnectionCounts::Entry::process_limit);
    counts.leave(one);
    EXPECT_EQ(counts.enter(one), ConnectionCounts::Entry::admitted);
}

} // namespace

} // namespace parley::http
