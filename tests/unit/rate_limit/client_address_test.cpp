#include "parley/rate_limit/limiter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace parley::rate_limit
{
namespace
{

namespace ip = boost::asio::ip;

std::string address(std::vector<std::string_view> const& forwarded, int hops)
{
    std::vector<http::Field> fields{{"Host", "example.org"}};
    for (auto const value : forwarded)
        fields.push_back({"x-forwarded-FOR", value});
    http::Request request;
    request.fields = fields;
    request.peer = ip::make_address("10.0.0.1");
    return client_address(request, hops).to_string();
}

TEST(ClientAddress, without_trusted_hops_it_is_the_connections)
{
    EXPECT_EQ(address({"203.0.113.9"}, 0), "10.0.0.1");
    EXPECT_EQ(address({"203.0.113.9"}, -1), "10.0.0.1");
}

TEST(ClientAddress, with_n_hops_it_is_the_nth_from_the_right)
{
    EXPECT_EQ(address({"1.1.1.1, 2.2.2.2,3.3.3.3"}, 1), "3.3.3.3");
    EXPECT_EQ(address({"1.1.1.1, 2.2.2.2,3.3.3.3"}, 2), "2.2.2.2");
    EXPECT_EQ(address({"1.1.1.1, 2.2.2.2,3.3.3.3"}, 3), "1.1.1.1");
}

TEST(ClientAddress, several_fields_are_one_list)
{
    EXPECT_EQ(address({"1.1.1.1, 2.2.2.2", "3.3.3.3"}, 1), "3.3.3.3");
    EXPECT_EQ(address({"1.1.1.1, 2.2.2.2", "3.3.3.3"}, 2), "2.2.2.2");
    EXPECT_EQ(address({"1.1.1.1, 2.2.2.2", "3.3.3.3"}, 3), "1.1.1.1");
}

TEST(ClientAddress, with_fewer_entries_than_hops_it_is_the_leftmost)
{
    EXPECT_EQ(address({"1.1.1.1, 2.2.2.2"}, 5), "1.1.1.1");
}

TEST(ClientAddress, what_is_no_address_is_not_believed)
{
    for (auto const* value : {"", "unknown", "1.1.1.1, nonsense", "1.1.1", "_hidden", ",", "[", "[::1", "1.1.1.1,"})
    {
        auto const got = address({value}, 1);
        EXPECT_TRUE(got == "10.0.0.1" || got == "::1") << value << " gave " << got;
    }
    EXPECT_EQ(address({}, 1), "10.0.0.1");
}

TEST(ClientAddress, ports_and_brackets_are_taken_off)
{
    EXPECT_EQ(address({"1.1.1.1:5678"}, 1), "1.1.1.1");
    EXPECT_EQ(address({"[2001:db8::1]:5678"}, 1), "2001:db8::1");
    EXPECT_EQ(address({"2001:db8::1"}, 1), "2001:db8::1");
}

TEST(IdentityOf, is_the_whole_ipv4_and_the_network_of_ipv6)
{
    EXPECT_EQ(identity_of(ip::make_address("192.0.2.7")), "192.0.2.7");
    EXPECT_EQ(identity_of(ip::make_address("::ffff:192.0.2.7")), "192.0.2.7");
    EXPECT_EQ(identity_of(ip::make_address("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
    EXPECT_EQ(identity_of(ip::make_address("2001:db8:1:2::")), "2001:db8:1:2::/64");
    EXPECT_EQ(identity_of(ip::make_address("::1")), "::/64");
}

} // namespace
} // namespace parley::rate_limit
