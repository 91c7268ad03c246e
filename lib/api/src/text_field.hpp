// A field of a body that takes a text.
#pragma once

#include "parley/http/text_field.hpp"

namespace parley::api
{

using http::decode_text;
using http::TextField;

} // namespace parley::api
