// Messages as the API shows them. The rendering is the domain's, since the store renders too: the time of an added message is
// known only there.
#pragma once

#include "parley/domain/message_document.hpp"

namespace parley::api
{

using domain::AttachmentParts;
using domain::hidden_metadata_keys;
using domain::MessageParts;
using domain::render_message;
using domain::render_usage;
using domain::UsageParts;

} // namespace parley::api
