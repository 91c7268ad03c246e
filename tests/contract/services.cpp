#include "contract/services.hpp"

#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>

namespace parley::contract
{

namespace
{

std::map<std::string, std::unique_ptr<support::ParleydProcess>>& services()
{
    static std::map<std::string, std::unique_ptr<support::ParleydProcess>> instance;
    return instance;
}

// Stops them while their database is still there.
class StopServices : public testing::Environment
{
  public:
    void TearDown() override { services().clear(); }
};
[[maybe_unused]] testing::Environment const* const stop_services =
    testing::AddGlobalTestEnvironment(new StopServices); // GoogleTest owns it.

} // namespace

support::ParleydProcess& service_with_recorded_world(std::string const& name, std::vector<std::string> const& flags)
{
    auto& service = services()[name];
    if (!service) service = support::start_with_world(support::recorded_world_path(), flags);
    return *service;
}

support::ParleydProcess& service_with_small_world(std::string const& name, std::string const& world)
{
    auto& service = services()[name];
    if (!service) service = support::start_with_small_world(world, {"--rate-limit-enforce", "false"});
    return *service;
}

} // namespace parley::contract
