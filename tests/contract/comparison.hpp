// How an answer is held against a recorded one: strict in what clients see, lenient in what JSON leaves open.
#pragma once

#include "contract/exchange.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::contract
{

// What differs, one sentence each; empty when the answer is the recorded one.
//   status        equal; where the recorded service itself failed (5xx), 400 or 404
//   fields        Content-Type (without parameters), Location (but for iss), WWW-Authenticate equal; Allow as a set; Retry-After
//   and X-RateLimit-*
//                 equal unless volatile, in any case present
//   JSON body     the same members and elements; numbers equal in value however they are spelled; a path listed as volatile only
//   of the same type next and previous      the same link but for the cursor detail        any text behind "JSON parse error - "
//   other bodies  the same text; of an HTML page only the status and Location count
[[nodiscard]] std::vector<std::string> differences(Exchange const& exchange, support::HttpAnswer const& answer,
                                                   std::optional<json::Value> body);

// The same for an exchange that is deliberately answered differently: held to the divergence's status and page.
[[nodiscard]] std::vector<std::string> differences(Divergence const& divergence, support::HttpAnswer const& answer,
                                                   std::optional<json::Value> body);

// Whether two spellings of JSON numbers mean the same value: 1.10 and 11E-1, -0.0 and 0.
[[nodiscard]] bool same_number(std::string_view left, std::string_view right);

} // namespace parley::contract
