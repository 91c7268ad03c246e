// How this API says what is wrong with fields: as all of Parley does.
#pragma once

#include "parley/http/field_errors.hpp"

namespace parley::api
{

namespace sentence = http::sentence;
using http::error_problem;
using http::FieldErrors;
using http::to_json_array;

} // namespace parley::api
