// The words of the API for a session's status and a message's role.
#include "parley/domain/session.hpp"

#include <gtest/gtest.h>

namespace parley::domain
{
namespace
{

TEST(Status, every_number_has_its_word_and_back)
{
    std::pair<Status, std::string_view> const words[] = {
        {Status::setup, "setup"},       {Status::pending, "pending"},
        {Status::active, "active"},     {Status::pending_review, "pending-review"},
        {Status::complete, "complete"}, {Status::unknown, "unknown"},
    };
    for (auto const& [status, word] : words)
    {
        EXPECT_EQ(to_word(status), word);
        EXPECT_EQ(status_from_word(word), status);
    }
}

TEST(Status, other_words_are_no_status)
{
    EXPECT_EQ(status_from_word("Setup"), std::nullopt);
    EXPECT_EQ(status_from_word("pending_review"), std::nullopt);
    EXPECT_EQ(status_from_word(""), std::nullopt);
}

TEST(Status, a_number_of_a_later_release_is_shown_as_unknown)
{
    EXPECT_EQ(to_word(static_cast<Status>(99)), "unknown");
}

TEST(Role, every_role_has_its_word_and_back)
{
    std::pair<Role, std::string_view> const words[] = {
        {Role::user, "user"}, {Role::assistant, "assistant"}, {Role::system, "system"}};
    for (auto const& [role, word] : words)
    {
        EXPECT_EQ(to_word(role), word);
        EXPECT_EQ(role_from_word(word), role);
    }
}

TEST(Role, other_words_are_no_role)
{
    EXPECT_EQ(role_from_word("USER"), std::nullopt);
    EXPECT_EQ(role_from_word("ai"), std::nullopt);
    EXPECT_EQ(role_from_word(""), std::nullopt);
}

} // namespace
} // namespace parley::domain
