#include "count_store.hpp"

namespace parley::store
{

using std::chrono::steady_clock;

namespace
{

// The exchange happens some ten times a second: one that takes longer than this is better given up, and counting goes on locally.
constexpr std::chrono::milliseconds exchange_timeout{2000};

Parameters to_parameters(std::vector<rate_limit::CountDelta> const& deltas)
{
    ArrayParameter scopes(Oid::int2), identities(Oid::text), starts(Oid::int8), lengths(Oid::int8), counts(Oid::int8);
    for (auto const& delta : deltas)
    {
        scopes.add(static_cast<std::int16_t>(delta.scope));
        identities.add(delta.identity);
        starts.add(delta.window_start);
        lengths.add(delta.window_seconds);
        counts.add(delta.count);
    }
    Parameters parameters;
    parameters.add(std::move(scopes))
        .add(std::move(identities))
        .add(std::move(starts))
        .add(std::move(lengths))
        .add(std::move(counts));
    return parameters;
}

} // namespace

PgCountStore::PgCountStore(ConnectionSettings settings, Clock const& clock) : settings_(std::move(settings)), clock_(clock)
{
    settings_.application_name = "parley counts";
    settings_.statement_timeout = exchange_timeout;
}

bool PgCountStore::ensure_connected()
{
    if (connection_) return true;
    if (socket_.is_over()) return false;
    auto const now = steady_clock::now();
    if (now < next_attempt_) return false;
    next_attempt_ = now + std::chrono::seconds(1);
    connection_.emplace(settings_, &socket_);
    statements_.emplace(*connection_);
    SocketGuard::Waiting const waiting(socket_, connection_->socket());
    // A count lost in a crash is a window forgotten at most: not worth a flush ten times a second.
    connection_->execute("set synchronous_commit to off");
    return true;
}

Result<std::vector<rate_limit::CountDelta>> PgCountStore::exchange(std::vector<rate_limit::CountDelta> const& deltas)
{
    std::vector<rate_limit::CountDelta> sums;
    if (deltas.empty()) return sums;
    try
    {
        if (!ensure_connected()) return Problem{ProblemCode::store_unavailable};
        SocketGuard::Waiting const waiting(socket_, connection_->socket());
        forget_old_windows();
        auto const rows = statements_->run("rate_count_exchange", to_parameters(deltas));
        sums.reserve(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
        {
            auto row = rows[i];
            sums.push_back(
                {static_cast<rate_limit::Scope>(row.number(0)), row.text(1), row.number(2), row.number(3), row.number(4)});
        }
        return sums;
    }
    catch (DatabaseError const& error)
    {
        auto const failure = classify(error);
        if (!connection_ || failure == Failure::connection_lost || failure == Failure::read_only)
        {
            statements_.reset();
            connection_.reset();
        }
        return Problem{ProblemCode::store_unavailable};
    }
}

void PgCountStore::forget_old_windows()
{
    auto const now = steady_clock::now();
    if (now < next_forget_) return;
    next_forget_ = now + std::chrono::minutes(1);
    Parameters parameters;
    parameters.add(std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count()});
    statements_->run("rate_count_forget", parameters);
}

} // namespace parley::store
