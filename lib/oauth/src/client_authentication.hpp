// Which client calls /o/token/ and its sisters.
#pragma once

#include "endpoints.hpp"

namespace parley::oauth
{

// The application that the request names and, where it has a secret, proves to be. Refused: invalid_client (401), invalid_request
// (two clients named), 429 (too many wrong secrets for this client), Problems of the store.
[[nodiscard]] boost::asio::awaitable<Either<ApplicationPtr>> authenticate_client(Workplace& place, routing::Call const& call,
                                                                                 Form const& form);

} // namespace parley::oauth
