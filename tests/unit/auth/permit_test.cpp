#include "parley/auth/principal.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace parley::auth
{
namespace
{

using http::Method;

Principal user_with(Permission permissions)
{
    return {.scheme = Scheme::api_key, .team = {}, .user_email = "a@example.org", .permissions = permissions};
}

Principal token(bool read, bool write, bool machine = false)
{
    auto principal = user_with(Permission::view | Permission::add | Permission::change | Permission::delete_);
    principal.is_scoped = true;
    principal.has_read_scope = read;
    principal.has_write_scope = write;
    if (machine)
    {
        principal.user_email.reset();
        principal.permissions = Permission::none;
    }
    return principal;
}

bool may(Principal const& principal, Method method)
{
    auto const problem = permit(principal, method);
    EXPECT_TRUE(!problem || problem->code == ProblemCode::permission_denied);
    return !problem;
}

TEST(Permit, each_method_needs_its_own_role)
{
    auto const viewer = user_with(Permission::view);
    EXPECT_TRUE(may(viewer, Method::get));
    EXPECT_TRUE(may(viewer, Method::head));
    EXPECT_FALSE(may(viewer, Method::post));
    EXPECT_FALSE(may(viewer, Method::put));
    EXPECT_FALSE(may(viewer, Method::patch));
    EXPECT_FALSE(may(viewer, Method::delete_));

    EXPECT_TRUE(may(user_with(Permission::add), Method::post));
    EXPECT_FALSE(may(user_with(Permission::add), Method::get));
    EXPECT_TRUE(may(user_with(Permission::change), Method::put));
    EXPECT_TRUE(may(user_with(Permission::change), Method::patch));
    EXPECT_FALSE(may(user_with(Permission::change), Method::delete_));
    EXPECT_TRUE(may(user_with(Permission::delete_), Method::delete_));
}

TEST(Permit, head_needs_what_get_needs)
{
    EXPECT_FALSE(may(user_with(Permission::none), Method::head));
}

TEST(Permit, options_trace_and_unknown_methods_need_no_role)
{
    auto const nobody = user_with(Permission::none);
    EXPECT_TRUE(may(nobody, Method::options));
    EXPECT_TRUE(may(nobody, Method::trace));
    EXPECT_TRUE(may(nobody, Method::other));
}

TEST(Permit, a_read_only_key_only_reads)
{
    auto key = user_with(Permission::view | Permission::add | Permission::change | Permission::delete_);
    key.read_only = true;
    for (auto const method : {Method::get, Method::head, Method::options})
        EXPECT_TRUE(may(key, method));
    for (auto const method : {Method::post, Method::put, Method::patch, Method::delete_, Method::trace, Method::other})
        EXPECT_FALSE(may(key, method));
}

TEST(Permit, write_does_not_imply_read)
{
    auto const writer = token(false, true);
    EXPECT_FALSE(may(writer, Method::get));
    EXPECT_FALSE(may(writer, Method::head));
    EXPECT_FALSE(may(writer, Method::options));
    for (auto const method : {Method::post, Method::put, Method::patch, Method::delete_, Method::trace, Method::other})
        EXPECT_TRUE(may(writer, method));
}

TEST(Permit, read_does_not_imply_write)
{
    auto const reader = token(true, false);
    for (auto const method : {Method::get, Method::head, Method::options})
        EXPECT_TRUE(may(reader, method));
    for (auto const method : {Method::post, Method::put, Method::patch, Method::delete_, Method::trace, Method::other})
        EXPECT_FALSE(may(reader, method));
}

TEST(Permit, a_users_token_needs_the_role_as_well)
{
    auto reader = token(true, true);
    reader.permissions = Permission::view;
    EXPECT_TRUE(may(reader, Method::get));
    EXPECT_FALSE(may(reader, Method::post));
}

TEST(Permit, a_machine_needs_the_scope_only)
{
    auto const machine = token(true, true, true);
    for (auto const method :
         {Method::get, Method::head, Method::options, Method::post, Method::patch, Method::delete_, Method::other})
        EXPECT_TRUE(may(machine, method));
    EXPECT_FALSE(may(token(false, false, true), Method::get));
    EXPECT_FALSE(may(token(false, false, true), Method::post));
}

TEST(Permission, is_read_from_the_names_roles_are_stored_with)
{
    EXPECT_EQ(permission_from_name("view_experimentsession"), Permission::view);
    EXPECT_EQ(permission_from_name("add_experimentsession"), Permission::add);
    EXPECT_EQ(permission_from_name("change_experimentsession"), Permission::change);
    EXPECT_EQ(permission_from_name("delete_experimentsession"), Permission::delete_);
    EXPECT_EQ(permission_from_name("view_team"), std::nullopt);
}

} // namespace
} // namespace parley::auth
