// Everything that is kept about one participant of a team: read as a whole, or erased.
//
// As Administration: failures are thrown, changes have their audit row in the same transaction. The audit names the team and the
// participant's number, never the identifier.
#pragma once

#include "parley/store/administration.hpp"
#include "parley/domain/session.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::store
{

struct ParticipantChoice
{
    std::string team; // Slug.
    std::string identifier;
    std::string platform; // Empty: on every platform.
};

// A row under which the team knows them.
struct ParticipantListing
{
    std::int64_t id = 0;
    std::string platform;
    std::string remote_id;
    std::string name;
    std::optional<std::string> user; // E-mail.
};

struct ParticipantHoldings
{
    std::vector<ParticipantListing> participants;
    std::int64_t sessions = 0;
    std::int64_t messages = 0;
    std::int64_t files = 0;      // Names and types; the contents are elsewhere.
    std::int64_t allowlists = 0; // Chatbots whose list of who may chat has them.
};

// What an erasure took away.
struct ParticipantErasure
{
    std::int64_t participants = 0;
    std::int64_t sessions = 0;
    std::int64_t messages = 0;
    std::int64_t files = 0;
    std::int64_t allowlists = 0;
    std::vector<std::string> external_ids; // Of the files: where their contents can be found and erased.
};

// Throws Refused where nothing is known of them.
[[nodiscard]] ParticipantHoldings weigh_participant(Administration& administration, ParticipantChoice const& choice);

// In portions, each a transaction with its audit row; broken off, it is finished by being called again. At the end it waits for
// who was writing a session for them at this moment, and takes that too. Throws Refused where nothing is known of them.
ParticipantErasure erase_participant(Administration& administration, ParticipantChoice const& choice);

struct ParticipantSession
{
    std::int64_t number = 0;
    std::string id;
    Uuid experiment;
    std::optional<std::string> channel; // Its name.
    std::optional<std::string> platform;
    domain::Status status = domain::Status::setup;
    Timestamp created_at;
    Timestamp updated_at;
    std::optional<Timestamp> ended_at;
    std::string tags;                 // JSON
    std::string state;                // JSON
    std::optional<std::string> usage; // JSON
    std::string files;                // JSON
};

struct ParticipantMessage
{
    std::int64_t position = 0;
    std::string_view rendered;                         // As domain::NewMessage has it.
    std::optional<std::string_view> original_metadata; // JSON; where the rendered one leaves keys out: all of it.
};

// Reads one moment of the database, as WorldReader does. Its opening is an audit row.
class ParticipantReader
{
  public:
    ParticipantReader(Administration& administration, ParticipantChoice const& choice);
    ParticipantReader(ParticipantReader const&) = delete;
    ParticipantReader& operator=(ParticipantReader const&) = delete;
    ~ParticipantReader();

    [[nodiscard]] std::vector<ParticipantListing> const& participants() const noexcept;
    [[nodiscard]] std::vector<Uuid> const& allowlists() const noexcept; // Chatbots whose list of who may chat has them.

    // The next portion in the order in which they were made; empty at the end.
    [[nodiscard]] std::vector<ParticipantSession> next_sessions();

    // Calls for each message of the session, in their order. The views live during the call.
    void messages(ParticipantSession const& session, std::function<void(ParticipantMessage const&)> const& visit);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::store
