// Every answer that a test sees is held against the OpenAPI document, whatever the test is about.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley::support
{

// How an answer breaks what the document promises for this request, or nothing when it keeps it: the status is among those of the
// operation, and the body is what its schema says (empty where it has none, and for HEAD). target is the request's, with its
// query, encoded as sent. A path or method that the document does not have is held against the answers that any request can get.
[[nodiscard]] std::optional<std::string> validate_exchange(std::string_view method, std::string_view target, int status,
                                                           std::string_view body);

} // namespace parley::support
