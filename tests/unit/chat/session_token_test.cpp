#include "session_token.hpp"

#include <gtest/gtest.h>

namespace parley::chat
{
namespace
{

Secret const old_secret{1, "an old secret"};
Secret const new_secret{2, "a new secret"};

TEST(SessionToken, opens_its_own_session_only)
{
    auto const token = make_session_token(new_secret, 7, "a");
    EXPECT_TRUE(is_session_token(token, {new_secret}, 7, "a"));
    EXPECT_FALSE(is_session_token(token, {new_secret}, 7, "b"));
    EXPECT_FALSE(is_session_token(token, {new_secret}, 8, "a"));
    EXPECT_FALSE(is_session_token(token, {}, 7, "a"));
}

TEST(SessionToken, does_not_confuse_the_team_with_the_beginning_of_the_id)
{
    EXPECT_NE(make_session_token(new_secret, 1, "2\na"), make_session_token(new_secret, 12, "a"));
    EXPECT_FALSE(is_session_token(make_session_token(new_secret, 1, "1\na"), {new_secret}, 11, "a"));
}

TEST(SessionToken, outlives_a_rotation_until_its_secret_is_retired)
{
    auto const token = make_session_token(old_secret, 7, "a");
    EXPECT_TRUE(is_session_token(token, {old_secret, new_secret}, 7, "a"));
    EXPECT_FALSE(is_session_token(token, {new_secret}, 7, "a"));
}

TEST(SessionToken, is_refused_when_anything_of_it_is_changed)
{
    auto const token = make_session_token(new_secret, 7, "a");
    for (std::size_t i = 0; i < token.size(); ++i)
    {
        auto changed = token;
        changed[i] = changed[i] == '0' ? '1' : '0';
        EXPECT_FALSE(is_session_token(changed, {old_secret, new_secret}, 7, "a")) << i;
    }
    EXPECT_FALSE(is_session_token("", {new_secret}, 7, "a"));
    EXPECT_FALSE(is_session_token(token + "0", {new_secret}, 7, "a"));
    EXPECT_FALSE(is_session_token(token.substr(0, token.size() - 1), {new_secret}, 7, "a"));
}

} // namespace
} // namespace parley::chat
