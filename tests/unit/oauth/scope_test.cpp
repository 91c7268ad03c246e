#include "scope.hpp"

#include <gtest/gtest.h>

namespace parley::oauth
{
namespace
{

using Names = std::vector<std::string>;

Application machine()
{
    return {.grant = ClientGrant::client_credentials};
}

TEST(Scope, is_split_at_spaces_each_name_once)
{
    EXPECT_EQ(split_scope(" a  b a "), (Names{"a", "b"}));
    EXPECT_EQ(join_scope(Names{"a", "b"}), "a b");
    EXPECT_TRUE(has_scope("sessions:read openid", "openid"));
    EXPECT_FALSE(has_scope("sessions:read openid2", "openid"));
    EXPECT_FALSE(has_scope("", ""));
}

TEST(Scope, a_machine_needs_one_and_gets_none_of_users)
{
    EXPECT_EQ(choose_scopes(machine(), "sessions:read chat:start"), (Names{"sessions:read", "chat:start"}));
    for (auto const* const wanted :
         {"", " ", "openid", "profile", "sessions:read openid", "nope", "sessions:read nope", "Sessions:read"})
        EXPECT_FALSE(choose_scopes(machine(), wanted)) << wanted;
}

TEST(Scope, an_application_of_users_gets_all_it_may_have_when_it_names_none)
{
    EXPECT_EQ(choose_scopes(Application(), "")->size(), known_scopes().size());
    EXPECT_EQ(choose_scopes(Application{.allowed_scopes = Names{"openid"}}, ""), Names{"openid"});
    EXPECT_FALSE(choose_scopes(Application{.allowed_scopes = Names{}}, ""));
    EXPECT_FALSE(choose_scopes(Application(), "nope"));
}

TEST(Scope, lists_of_application_and_installation_narrow)
{
    auto narrowed = machine();
    narrowed.machine_scopes = Names{"sessions:read", "usage:read", "openid"};
    narrowed.allowed_scopes = Names{"sessions:read", "openid"};
    EXPECT_EQ(grantable_scopes(narrowed), Names{"sessions:read"});
    EXPECT_FALSE(choose_scopes(narrowed, "usage:read"));
}

} // namespace
} // namespace parley::oauth
