// The port through which sessions are kept. Implemented by store::PgSessionStore.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/result.hpp"
#include "parley/domain/session.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace parley::domain
{

// Every verb is a coroutine that may be awaited on any I/O thread and resumes there. It never throws for what is expected under
// load: store_overloaded (the queue is full), deadline_passed (dropped unrun), store_unavailable (the database is away) come as
// Problems, at once. A write is acknowledged only after its commit; a Problem of a write means that it was not made. The team is
// part of every key: another team's session is session_unknown, exactly like one that does not exist.
class SessionStore
{
  public:
    virtual ~SessionStore() = default;

    virtual boost::asio::awaitable<Result<Page>> list(ListQuery query, Deadline deadline) = 0;

    virtual boost::asio::awaitable<Result<Transcript>> retrieve(TeamId team, std::string id, Deadline deadline) = 0;

    // Whether a session of the team may be made for this chatbot: experiment_unknown, experiment_elsewhere, or nothing. Asked
    // only where a body is refused anyway, so that all its errors are told at once. Without a store's own answer every chatbot
    // passes, and create decides.
    virtual boost::asio::awaitable<Result<void>> check_experiment(TeamId team, Uuid experiment, Deadline deadline);

    // experiment_unknown, experiment_elsewhere. The participant is made when the team has none of that identifier.
    virtual boost::asio::awaitable<Result<Session>> create(NewSession session, Deadline deadline) = 0;

    // Keeps what the key stands for unless the team has used it in the 24 hours before wish.created_at; answers what it stands
    // for now. A create with the session's id and time of creation can then be made as often as it takes: it exists once. Without
    // a store's own answer: internal.
    virtual boost::asio::awaitable<Result<Reservation>> reserve(TeamId team, Sha256 key, Reservation wish, Deadline deadline);
    // The key stands for nothing any more; for a create that was refused.
    virtual boost::asio::awaitable<Result<void>> release(TeamId team, Sha256 key, Deadline deadline);

    // Status pending-review, ended_at and updated_at become now; also for a session that has ended.
    virtual boost::asio::awaitable<Result<void>> end(TeamId team, std::string id, Timestamp now, Deadline deadline) = 0;

    virtual boost::asio::awaitable<Result<void>> update_state(TeamId team, std::string id, JsonText state, Timestamp now,
                                                              Deadline deadline) = 0;

    // Adds messages behind all others of the session, in this order and with times that ascend from the last one; also to a
    // session that has ended. Answers them as they are shown, separated by commas. Without a store's own answer: internal.
    virtual boost::asio::awaitable<Result<JsonText>>
    append_messages(TeamId team, std::string id, std::vector<AddedMessage> messages, Timestamp now, Deadline deadline);

    // Both answer the names of all tags of the session in the order they were attached, as a JSON array. updated_at stays.
    // add_tags attaches user tags, making those that the team lacks. remove_tags takes every tag of these names that is not a
    // system tag.
    virtual boost::asio::awaitable<Result<JsonText>> add_tags(TeamId team, std::string id, std::vector<std::string> names,
                                                              Deadline deadline) = 0;
    virtual boost::asio::awaitable<Result<JsonText>> remove_tags(TeamId team, std::string id, std::vector<std::string> names,
                                                                 Deadline deadline) = 0;
};

} // namespace parley::domain
