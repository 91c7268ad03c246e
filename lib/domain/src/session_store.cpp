#include "parley/domain/session_store.hpp"

namespace parley::domain
{

boost::asio::awaitable<Result<void>> SessionStore::check_experiment(TeamId /*team*/, Uuid /*experiment*/, Deadline /*deadline*/)
{
    co_return Result<void>();
}

boost::asio::awaitable<Result<JsonText>> SessionStore::append_messages(TeamId /*team*/, std::string /*id*/,
                                                                       std::vector<AddedMessage> /*messages*/, Timestamp /*now*/,
                                                                       Deadline /*deadline*/)
{
    co_return Problem{ProblemCode::internal};
}

} // namespace parley::domain
