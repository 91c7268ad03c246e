#include "parley/core/identifier.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace parley;

TEST(Uuid, takes_every_spelling_of_the_api)
{
    auto const canonical = "000000e1-0000-4000-8000-00000000000a";
    for (auto const* text : {canonical, "000000E1-0000-4000-8000-00000000000A", "000000e100004000800000000000000a",
                             "{000000e1-0000-4000-8000-00000000000a}", "urn:uuid:000000e1-0000-4000-8000-00000000000a"})
    {
        auto const uuid = Uuid::parse(text);
        ASSERT_TRUE(uuid.has_value()) << text;
        EXPECT_EQ(uuid->text(), canonical);
    }
}

TEST(Uuid, refuses_everything_else)
{
    for (auto const* text : {"", "nope", "1", " 000000e1-0000-4000-8000-00000000000a ", "000000e1-0000-4000-8000-00000000000g",
                             "000000e1-0000-4000-8000-00000000000", "000000e1-0000-4000-8000-00000000000aa"})
    {
        EXPECT_FALSE(Uuid::parse(text).has_value()) << text;
    }
}

TEST(Uuid, new_ones_differ_and_stand_in_the_order_of_time)
{
    Timestamp const start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
    std::set<std::string> seen;
    std::string last;
    for (int i = 0; i < 1000; ++i)
    {
        auto const uuid = make_uuid(start + std::chrono::milliseconds{i});
        EXPECT_EQ(uuid.text()[14], '7');
        EXPECT_TRUE(uuid.text()[19] == '8' || uuid.text()[19] == '9' || uuid.text()[19] == 'a' || uuid.text()[19] == 'b');
        EXPECT_TRUE(seen.insert(uuid.str()).second);
        EXPECT_LT(last, uuid.str());
        last = uuid.str();
    }
}

TEST(Sha256, is_the_standard_one)
{
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_from_hex(to_hex(sha256("x"))), sha256("x"));
    EXPECT_FALSE(sha256_from_hex("zz").has_value());
}

TEST(Secret, has_43_characters_and_never_repeats)
{
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i)
    {
        auto const secret = make_secret();
        EXPECT_EQ(secret.size(), 43U);
        EXPECT_EQ(secret.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                  std::string::npos);
        EXPECT_TRUE(seen.insert(secret).second);
    }
}
