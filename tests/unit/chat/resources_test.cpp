#include "parley/chat/resources.hpp"

#include <gtest/gtest.h>

namespace parley::chat
{
namespace
{

// Nobody is asked: the handlers only keep references.
class NoStore final : public ChatStore
{
  public:
    template <class T>
    using Reply = boost::asio::awaitable<Result<T>>;
    Reply<std::optional<Chatbot>> find_chatbot(Uuid, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Reply<std::optional<MachineToken>> find_machine_token(Sha256, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Reply<std::optional<SignedIn>> find_signed_in(Sha256, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Reply<std::optional<ChatSession>> find_session(std::string, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Reply<Started> start(NewChat, Deadline) override { co_return Problem{ProblemCode::internal}; }
    Reply<bool> add_message(domain::TeamId, std::string, std::string, StateChange, Timestamp, Deadline) override
    {
        co_return Problem{ProblemCode::internal};
    }
    Reply<Polled> poll(PollQuery, Deadline) override { co_return Problem{ProblemCode::internal}; }
};

TEST(ChatResources, are_open_to_the_road_counted_by_themselves_and_for_pages_everywhere)
{
    NoStore store;
    SystemClock const clock;
    telemetry::Telemetry telemetry{{.log_level = "off", .log_queue_lines_max = 64, .log_file = {}}};
    rate_limit::Limiter limiter(clock, telemetry, {});
    auto const resources = make_resources(store, limiter, clock);
    EXPECT_EQ(resources.size(), 3U);
    for (auto const& resource : resources)
    {
        EXPECT_TRUE(resource.path.starts_with("/api/chat/")) << resource.path;
        EXPECT_EQ(resource.access, routing::Access::open) << resource.path;
        EXPECT_EQ(resource.counting, routing::Counting::none) << resource.path;
        EXPECT_NE(resource.fields.find("Access-Control-Allow-Origin: *\r\n"), std::string_view::npos) << resource.path;
        EXPECT_EQ(resource.fields.find("Allow-Credentials"), std::string_view::npos)
            << "with every origin allowed, a page anywhere could act as whoever is signed in";
    }
}

} // namespace
} // namespace parley::chat
