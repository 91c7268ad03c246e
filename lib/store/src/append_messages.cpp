#include "append_messages.hpp"

#include "row_values.hpp"

#include "parley/domain/message_document.hpp"

#include <algorithm>
#include <chrono>

namespace parley::store
{

namespace
{

// The session's row as it was locked.
struct Locked
{
    std::int64_t number = 0;
    std::int32_t message_count = 0;
    bool is_ended = false;
    std::string state;
};

std::optional<Locked> lock(Statements& statements, Addition const& addition)
{
    Parameters parameters;
    parameters.add(addition.team).add(addition.session_id);
    auto const rows = statements.run("session_append_messages_lock", parameters);
    if (rows.empty()) return std::nullopt;
    auto row = rows[0];
    Locked locked;
    locked.number = row.number(0);
    locked.message_count = static_cast<std::int32_t>(row.number(1));
    locked.is_ended = row.flag(2);
    locked.state = row.text(3);
    return locked;
}

Rows read_message(Statements& statements, Addition const& addition, Locked const& locked, std::int32_t position)
{
    Parameters parameters;
    parameters.add(addition.team).add(locked.number).add(position);
    return statements.run("session_append_messages_read", parameters);
}

domain::JsonText joined(std::vector<std::string> const& rendered)
{
    domain::JsonText all;
    for (auto const& one : rendered)
    {
        if (!all.text.empty()) all.text += ',';
        all.text += one;
    }
    return all;
}

bool was_written(Statements& statements, Addition const& addition, Locked const& locked)
{
    auto const& attempt = *addition.attempt;
    if (attempt.position < 0) return false;
    auto const rows = read_message(statements, addition, locked, attempt.position);
    return !rows.empty() && rows[0][1] == attempt.rendered.front();
}

// Never before the last message there is, whatever the clocks of the replicas say, and each with a moment of its own.
Timestamp first_moment(Statements& statements, Addition const& addition, Locked const& locked)
{
    if (locked.message_count == 0) return addition.at;
    auto const rows = read_message(statements, addition, locked, locked.message_count - 1);
    if (rows.empty()) return addition.at;
    return std::max(addition.at, to_moment(rows[0][0]) + std::chrono::microseconds(1));
}

void write(Statements& statements, Addition const& addition, Locked const& locked)
{
    auto& attempt = *addition.attempt;
    attempt.position = locked.message_count;
    attempt.rendered.clear();
    auto moment = first_moment(statements, addition, locked);
    ArrayParameter positions(Oid::int4), times(Oid::timestamptz), rendered(Oid::text);
    auto position = locked.message_count;
    for (auto const& message : addition.messages)
    {
        domain::MessageParts parts;
        parts.created_at = moment;
        parts.role = message.role;
        parts.content = message.content;
        attempt.rendered.push_back(domain::render_message(parts));
        positions.add(position++);
        times.add(moment);
        rendered.add(attempt.rendered.back());
        moment += std::chrono::microseconds(1);
    }
    Parameters parameters;
    parameters.add(addition.team).add(locked.number).add(std::move(positions)).add(std::move(times)).add(std::move(rendered));
    parameters.add(addition.session_id).add(addition.at);
    statements.run("session_append_messages", parameters);
}

void change_state(Statements& statements, Addition const& addition, Locked const& locked)
{
    if (!addition.change) return;
    auto const state = addition.change(locked.state);
    if (!state) return;
    ArrayParameter teams(Oid::int8), ids(Oid::text), states(Oid::text), times(Oid::timestamptz);
    teams.add(addition.team);
    ids.add(addition.session_id);
    states.add(*state);
    times.add(addition.at);
    Parameters parameters;
    parameters.add(std::move(teams)).add(std::move(ids)).add(std::move(states)).add(std::move(times));
    statements.run("session_update_state", parameters);
}

} // namespace

Result<Added> append_messages(Statements& statements, Addition const& addition, bool may_have_run)
{
    Connection::Transaction transaction(statements.connection());
    auto const locked = lock(statements, addition);
    if (!locked) return Problem{ProblemCode::session_unknown};
    if (may_have_run && was_written(statements, addition, *locked)) return Added(joined(addition.attempt->rendered));
    if (locked->is_ended && addition.ended == EndedSession::refuses_them) return Added();
    write(statements, addition, *locked);
    change_state(statements, addition, *locked);
    transaction.commit();
    return Added(joined(addition.attempt->rendered));
}

} // namespace parley::store
