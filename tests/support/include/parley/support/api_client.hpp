// The sessions API in the words of a test.
#pragma once

#include "parley/support/parleyd_process.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::support
{

// Calls with one API key, each on a connection of its own. The service must outlive it.
class ApiClient
{
  public:
    ApiClient(ParleydProcess const& service, std::string_view key) : service_(&service), key_(key) {}

    [[nodiscard]] HttpRequest request(std::string method, std::string target, std::optional<std::string> json = {}) const;
    [[nodiscard]] HttpAnswer call(std::string method, std::string target, std::optional<std::string> json = {}) const;
    [[nodiscard]] HttpAnswer get(std::string target) const { return call("GET", std::move(target)); }
    [[nodiscard]] HttpAnswer post(std::string target, std::string json) const
    {
        return call("POST", std::move(target), std::move(json));
    }

    // Creates a session; its id. Throws std::runtime_error with the answer where it is not 201. body_rest: further members, each
    // with its comma before it.
    [[nodiscard]] std::string create(std::string_view experiment, std::string_view body_rest = {}) const;

  private:
    ParleydProcess const* service_;
    std::string key_;
};

// The text of a string member (or the spelling of a number) of a JSON object; empty where there is none, or null.
[[nodiscard]] std::string member_of(std::string const& json, std::string_view name);

} // namespace parley::support
