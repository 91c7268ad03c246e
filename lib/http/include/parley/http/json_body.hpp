// The JSON body of a request.
#pragma once

#include "parley/core/json.hpp"
#include "parley/core/result.hpp"
#include "parley/http/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace parley::http
{

// Levels of a whole body, as the documents promise.
inline constexpr std::size_t json_body_depth_max = 1000;

// Reads and parses the whole body; an empty one counts as {} and needs no media type. Problems: those of BodySource::read,
// media_type_unsupported, body_malformed. The document points into the request's body. Nesting beyond depth_max is malformed.
[[nodiscard]] boost::asio::awaitable<Result<json::Document>> read_json(Request const& request,
                                                                       std::size_t depth_max = json_body_depth_max);

// field_invalid where the body is not an object, or nothing.
[[nodiscard]] std::optional<Problem> refuse_other_than_object(json::Value body);

// Whether a Content-Type field lets a body be read as JSON: application/json or a media range that includes it, in UTF-8. The
// value is empty where there is no such field.
[[nodiscard]] bool is_json_type(std::string_view content_type);

} // namespace parley::http
