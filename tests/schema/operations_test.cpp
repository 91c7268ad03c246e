// One name all the way down: the document's operations are the route table's, with the same method and path.
#include "promises.hpp"

#include "parley/api/resources.hpp"
#include "parley/chat/resources.hpp"
#include "parley/oauth/resources.hpp"
#include "unit/oauth/map_oauth_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace parley::schema_tests
{
namespace
{

std::string_view name_of(http::Method method)
{
    switch (method)
    {
    case http::Method::get:
        return "GET";
    case http::Method::head:
        return "HEAD";
    case http::Method::post:
        return "POST";
    case http::Method::put:
        return "PUT";
    case http::Method::patch:
        return "PATCH";
    case http::Method::delete_:
        return "DELETE";
    case http::Method::options:
        return "OPTIONS";
    case http::Method::trace:
        return "TRACE";
    case http::Method::other:
        break;
    }
    return "other";
}

// Nobody calls it: the handlers only keep a reference.
class NoSessions final : public domain::SessionStore
{
  public:
    using Answer = boost::asio::awaitable<Result<void>>;
    template <class T>
    using Awaited = boost::asio::awaitable<Result<T>>;
    Awaited<domain::Page> list(domain::ListQuery, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Awaited<domain::Transcript> retrieve(domain::TeamId, std::string, Deadline) override
    {
        co_return Problem{ProblemCode::internal};
    }
    Awaited<domain::Session> create(domain::NewSession, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Answer end(domain::TeamId, std::string, Timestamp, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Answer update_state(domain::TeamId, std::string, domain::JsonText, Timestamp, Deadline) override
    {
        co_return Problem{ProblemCode::internal};
    }
    Awaited<domain::JsonText> add_tags(domain::TeamId, std::string, std::vector<std::string>, Deadline) override
    {
        co_return Problem{ProblemCode::internal};
    }
    Awaited<domain::JsonText> remove_tags(domain::TeamId, std::string, std::vector<std::string>, Deadline) override
    {
        co_return Problem{ProblemCode::internal};
    }
};

class NoChats final : public chat::ChatStore
{
  public:
    template <class T>
    using Reply = boost::asio::awaitable<Result<T>>;
    Reply<std::optional<chat::Chatbot>> find_chatbot(Uuid, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Reply<std::optional<chat::MachineToken>> find_machine_token(Sha256, Deadline) override
    {
        co_return Problem{ProblemCode::internal};
    }
    Reply<std::optional<chat::SignedIn>> find_signed_in(Sha256, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Reply<std::optional<chat::ChatSession>> find_session(std::string, Deadline) override
    {
        co_return Problem{ProblemCode::internal};
    }
    Reply<chat::Started> start(chat::NewChat, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Reply<bool> add_message(domain::TeamId, std::string, std::string, chat::StateChange, Timestamp, Deadline) override
    {
        co_return Problem{ProblemCode::internal};
    }
    Reply<chat::Polled> poll(chat::PollQuery, Deadline) override { co_return Problem{ProblemCode::internal}; }
};

class NoWindow final : public oauth::CredentialWindow
{
  public:
    oauth::WindowStanding look_at_address(boost::asio::ip::address const&) override { return {}; }
    oauth::WindowStanding look_at_account(std::string_view) override { return {}; }
    void count_address(boost::asio::ip::address const&) override {}
    void count_account(std::string_view) override {}
};

struct Operations : testing::Test
{
    Operations()
    {
        for (auto& resource : chat::make_resources(chats, limiter, clock))
            resources.push_back(std::move(resource));
        for (auto& resource : authorization_server.resources())
            resources.push_back(std::move(resource));
    }

    NoChats chats;
    telemetry::Telemetry telemetry{{.log_level = "off", .log_queue_lines_max = 64, .log_file = {}}};
    NoSessions sessions;
    ManualClock clock{Timestamp{}};
    rate_limit::Limiter limiter{clock, telemetry, {}};
    oauth::MapOAuthStore grants;
    oauth::PasswordWorkers workers{{}};
    oauth::SigningKeys keys{grants, workers, clock, {}};
    NoWindow window;
    oauth::AuthorizationServer authorization_server{{.store = grants,
                                                     .keys = keys,
                                                     .workers = workers,
                                                     .window = window,
                                                     .clock = clock,
                                                     .telemetry = telemetry,
                                                     .forget_credentials = [] {}},
                                                    {}};
    std::vector<routing::Resource> resources = api::make_resources(sessions, clock);
};

TEST_F(Operations, are_those_of_the_document_with_method_and_path)
{
    std::set<std::string> promised, routed;
    for (auto const& one : promised_operations())
        promised.insert(one.id + " " + one.method + " " + one.path);
    for (auto const& resource : resources)
        for (auto const& one : resource.operations)
            EXPECT_TRUE(
                routed.insert(std::string(one.id) + " " + std::string(name_of(one.method)) + " " + std::string(resource.path))
                    .second)
                << one.id;
    EXPECT_EQ(promised, routed);
}

TEST_F(Operations, that_are_open_promise_no_security_and_the_others_do)
{
    for (auto const& resource : resources)
        for (auto const& one : resource.operations)
        {
            auto const& promised = promised_operation(one.id);
            EXPECT_EQ(promised.content->at("security").as_array().empty(), resource.access == routing::Access::open) << one.id;
        }
}

TEST_F(Operations, are_all_in_the_field_Allow_and_nothing_else_is)
{
    for (auto const& resource : resources)
    {
        std::set<std::string> allowed, routed;
        std::istringstream words{std::string(resource.allow)};
        for (std::string word; words >> word;)
            allowed.insert(word.substr(0, word.find(',')));
        for (auto const& one : resource.operations)
        {
            routed.insert(std::string(name_of(one.method)));
            // The chat's poll answers HEAD as well, but says what it always said.
            if (one.method == http::Method::get && one.id != "chat_poll") routed.insert("HEAD");
        }
        EXPECT_EQ(allowed, routed) << resource.path;
    }
}

} // namespace
} // namespace parley::schema_tests
