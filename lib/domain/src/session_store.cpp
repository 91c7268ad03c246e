#include "parley/domain/session_store.hpp"

namespace parley::domain
{

boost::asio::awaitable<Result<void>> SessionStore::check_experiment(TeamId /*team*/, Uuid /*experiment*/, Deadline /*deadline*/)
{
    co_return Result<void>();
}

boost::asio::awaitable<Result<Reservation>> SessionStore::reserve(TeamId /*team*/, Sha256 /*key*/, Reservation /*wish*/,
                                                                  Deadline /*deadline*/)
{
    co_return Problem{ProblemCode::internal};
}

boost::asio::awaitable<Result<void>> SessionStore::release(TeamId /*team*/, Sha256 /*key*/, Deadline /*deadline*/)
{
    co_return Problem{ProblemCode::internal};
}

boost::asio::awaitable<Result<JsonText>> SessionStore::append_messages(TeamId /*team*/, std::string /*id*/,
                                                                       std::vector<AddedMessage> /*messages*/, Timestamp /*now*/,
                                                                       Deadline /*deadline*/)
{
    co_return Problem{ProblemCode::internal};
}

} // namespace parley::domain
