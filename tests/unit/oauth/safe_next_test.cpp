#include "safe_next.hpp"

#include <gtest/gtest.h>

namespace parley::oauth
{
namespace
{

TEST(SafeNext, stays_on_this_site)
{
    auto const next = [](std::string_view text) { return safe_next(text, "https://auth.example", "/home"); };
    EXPECT_EQ(next("/o/authorize/?a=b%20c"), "/o/authorize/?a=b%20c");
    EXPECT_EQ(next("https://auth.example/o/authorize/"), "/o/authorize/");
    for (auto const* const evil :
         {"", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example/",
          "https://auth.example.evil.example/", "https://auth.example@evil.example/", "https://auth.example//evil.example",
          "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "/x\r\nSet-Cookie: a=b", "o/authorize/", " /x", "/é"})
        EXPECT_EQ(next(evil), "/home") << evil;
    EXPECT_EQ(next("/" + std::string(9000, 'a')), "/home");
}

} // namespace
} // namespace parley::oauth
