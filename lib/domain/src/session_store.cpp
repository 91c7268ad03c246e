#include "parley/domain/session_store.hpp"

namespace parley::domain
{

boost::asio::awaitable<Result<void>> SessionStore::check_experiment(TeamId /*team*/, Uuid /*experiment*/, Deadline /*deadline*/)
{
    co_return Result<void>();
}

} // namespace parley::domain
