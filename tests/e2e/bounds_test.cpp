// Goal: every bound on what a client may send is where it is said to be: at it a request is served, one past it is refused with a
// status that says why.
// Method: the real program with its own settings. (Bounds of time and of connections: tests/unit/http/connection_test.cpp, with
// short ones; depth of JSON: tests/contract/state_test.cpp.)
#include "parley/support/api_client.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace parley::e2e
{
namespace
{

class Bounds : public testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        service_ = support::start_with_small_world(support::small_world({}), {"--rate-limit-enforce", "false"});
    }
    static void TearDownTestSuite() { service_.reset(); }

    static int status_of(std::string const& bytes)
    {
        auto connection = service_->connect();
        connection.try_send(bytes);
        return connection.read_answer().value().status;
    }

    static std::unique_ptr<support::ParleydProcess> service_;
};

std::unique_ptr<support::ParleydProcess> Bounds::service_;

std::string const fields = "Host: parley.test\r\nX-api-key: " + std::string(support::small_world_key) + "\r\n";
std::string const get_list = "GET /api/sessions/ HTTP/1.1\r\n" + fields;
std::string const post_session = "POST /api/sessions/ HTTP/1.1\r\n" + fields + "Content-Type: application/json\r\n";

TEST_F(Bounds, a_request_line_has_8_kib)
{
    auto const of = [](std::size_t bytes)
    {
        std::string const begin = "GET /api/sessions/?a=";
        std::string const end = " HTTP/1.1\r\n";
        return begin + std::string(bytes - begin.size() - end.size(), 'a') + end + fields + "\r\n";
    };
    EXPECT_EQ(status_of(of(8192)), 200);
    EXPECT_EQ(status_of(of(8193)), 414);
}

TEST_F(Bounds, a_head_has_16_kib)
{
    auto const of = [](std::size_t bytes)
    {
        std::string const begin = get_list + "A: ";
        return begin + std::string(bytes - begin.size() - 4, 'a') + "\r\n\r\n";
    };
    EXPECT_EQ(status_of(of(16'384)), 200);
    EXPECT_EQ(status_of(of(16'385)), 431);
}

TEST_F(Bounds, a_head_has_100_fields)
{
    auto const of = [](int count)
    {
        std::string bytes = get_list;
        for (int i = 2; i < count; ++i)
            bytes += "A: b\r\n";
        return bytes + "\r\n";
    };
    EXPECT_EQ(status_of(of(100)), 200);
    EXPECT_EQ(status_of(of(101)), 431);
}

// White space behind the object belongs to the body.
std::string body_of(std::size_t bytes)
{
    std::string body = R"({"experiment":")" + std::string(support::small_world_experiment) + "\"}";
    body.resize(bytes, ' ');
    return body;
}

constexpr std::size_t body_max = 10 * 1024 * 1024;

TEST_F(Bounds, a_body_has_10_mib)
{
    EXPECT_EQ(status_of(post_session + "Content-Length: " + std::to_string(body_max) + "\r\n\r\n" + body_of(body_max)), 201);
    EXPECT_EQ(status_of(post_session + "Content-Length: " + std::to_string(body_max + 1) + "\r\n\r\n"), 413);
}

TEST_F(Bounds, a_body_in_chunks_has_as_much)
{
    auto const in_chunks = [](std::size_t bytes)
    {
        std::string const body = body_of(bytes);
        // Ten chunks of a MiB, and where there is one byte more, a chunk of its own.
        std::string out = post_session + "Transfer-Encoding: chunked\r\n\r\n";
        for (std::size_t place = 0; place < bytes; place += 0x100000)
        {
            auto const piece = body.substr(place, 0x100000);
            out += (piece.size() == 1 ? "1" : "100000") + std::string("\r\n") + piece + "\r\n";
        }
        return out + "0\r\n\r\n";
    };
    EXPECT_EQ(status_of(in_chunks(body_max)), 201);
    EXPECT_EQ(status_of(in_chunks(body_max + 1)), 413);
}

} // namespace
} // namespace parley::e2e
