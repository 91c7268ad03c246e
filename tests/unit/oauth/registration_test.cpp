#include "parley/oauth/registration.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace parley::oauth
{
namespace
{

TEST(Registration, https_loopback_http_and_private_use_schemes_can_be_registered)
{
    for (auto const* const uri :
         {"https://client.example/cb", "https://client.example:8443/cb?x=1", "https://client.example", "https://[2001:db8::1]/cb",
          "http://127.0.0.1/cb", "http://127.0.0.1:8000/cb", "http://[::1]:1/cb", "http://localhost:3000/",
          "com.example.app:/callback", "com.example.app://callback", "HTTPS://client.example/"})
        EXPECT_EQ(why_not_registrable(uri), std::nullopt) << uri;
}

TEST(Registration, nothing_else_can)
{
    for (auto const* const uri : {"",
                                  "client.example/cb",
                                  "/cb",
                                  "//client.example/cb",
                                  "https://client.example/#f",
                                  "https://client.example/cb#",
                                  "http://client.example/cb",
                                  "http://127.0.0.1.evil.example/",
                                  "http://127.0.0.1@evil.example/",
                                  "http://10.0.0.1/cb",
                                  "https://user@client.example/",
                                  "https://*.client.example/",
                                  "https://client.example:0/",
                                  "https://client.example:99999/",
                                  "https://client.example:/",
                                  "https://",
                                  "https:///cb",
                                  "https:client.example",
                                  "javascript:alert(1)",
                                  "data:text/html,x",
                                  "myapp:/cb",
                                  "urn:ietf:wg:oauth:2.0:oob",
                                  "com.example.app:",
                                  "https://client.example/ x",
                                  "https://client.example/\r\nX: y",
                                  "https://client.example/\xff",
                                  "https://[::1/",
                                  "https://[]/",
                                  "ftp://client.example/"})
        EXPECT_NE(why_not_registrable(uri), std::nullopt) << uri;
    EXPECT_NE(why_not_registrable("https://client.example/" + std::string(2000, 'x')), std::nullopt);
}

TEST(Registration, machines_cannot_have_the_scopes_of_people)
{
    auto const machine = registrable_scopes(ClientGrant::client_credentials);
    EXPECT_EQ(std::ranges::count(machine, "openid"), 0);
    EXPECT_EQ(std::ranges::count(machine, "sessions:read"), 1);
    EXPECT_EQ(std::ranges::count(registrable_scopes(ClientGrant::authorization_code), "openid"), 1);
}

} // namespace
} // namespace parley::oauth
