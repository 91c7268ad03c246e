// The recorded exchanges: what the service that the API comes from answered, as data (data/README.md says how they were made).
#pragma once

#include "parley/core/json.hpp"
#include "parley/support/raw_http_client.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::contract
{

// A text and the JSON document that looks into it, kept together.
class OwnedJson
{
  public:
    // Throws std::runtime_error for a text that is not JSON.
    explicit OwnedJson(std::string text);
    [[nodiscard]] static std::optional<OwnedJson> parse(std::string text);
    [[nodiscard]] json::Value root() const noexcept { return document_.root(); }

  private:
    OwnedJson(std::unique_ptr<std::string> text, json::Document document);
    std::unique_ptr<std::string> text_; // On the heap, so that views into it stay when this is moved.
    json::Document document_;
};

// Values taken from earlier answers of a chain, put into later requests in place of ${name}.
using Captures = std::map<std::string, std::string, std::less<>>;

struct Exchange
{
    std::string name;
    std::string group;
    std::string chain;
    std::string config; // "default" or "tiny-limits": the settings of the service that was recorded.
    int step = 0;       // Place in the chain.
    int order = 0;      // Place in the whole recording.
    json::Value request;
    json::Value response;
    std::set<std::string, std::less<>> volatile_paths;         // Present with the same type, but of any value.
    std::vector<std::pair<std::string, std::string>> captures; // Name and where the value stands in the answer.
};

// Exchanges that depend on each other, in the order of their steps.
struct Chain
{
    std::string name;
    std::vector<Exchange> exchanges;
};

// A difference that is meant, from divergences.json.
struct Divergence
{
    std::string why;
    std::optional<int> status;
    std::optional<std::vector<std::string>> times; // created_at of every row of a page.
    std::optional<std::string> count;
};

class Recording
{
  public:
    // Reads both files. Throws std::runtime_error where they are not what is expected.
    Recording(std::string const& exchanges_path, std::string const& divergences_path);

    // The chains of a configuration in the order of the recording.
    [[nodiscard]] std::vector<Chain> chains(std::string_view config) const;

    [[nodiscard]] std::vector<Exchange> const& exchanges() const noexcept { return exchanges_; }

    [[nodiscard]] Divergence const* find_divergence(std::string_view exchange_name) const;

  private:
    std::vector<std::unique_ptr<OwnedJson>> lines_; // The exchanges' values look into these.
    std::vector<Exchange> exchanges_;
    std::map<std::string, Divergence, std::less<>> divergences_;
};

// The text of a string member of an object; empty where there is none or null.
[[nodiscard]] std::string text_of(json::Value object, std::string_view member);

[[nodiscard]] std::string with_captures(std::string_view text, Captures const& captures);

// The request as it was sent, with the captures in place.
[[nodiscard]] support::HttpRequest to_request(Exchange const& exchange, Captures const& captures);

// What a capture's path ("$.next|query", "header:location|param:code") names in an answer; body is the parsed one, where it is
// JSON.
// Nothing where the answer has no such member.
[[nodiscard]] std::optional<std::string> capture(std::string_view path, support::HttpAnswer const& answer,
                                                 std::optional<json::Value> body);

[[nodiscard]] std::string read_file(std::string const& path);

} // namespace parley::contract
