// The JSON body of a request, within the promised limits.
#pragma once

#include "parley/http/json_body.hpp"
#include "parley/schema/limits.hpp"

namespace parley::api
{

using http::is_json_type;
using http::read_json;
using http::refuse_other_than_object;

static_assert(http::json_body_depth_max == schema::json_depth_max);

} // namespace parley::api
