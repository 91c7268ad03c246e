// A chatbot session and what belongs to it, in the API's own words. Plain values, no I/O.
//
// Documents (state, metadata, rendered messages) travel as opaque JSON text: the edge checked them once, nobody parses them
// again.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::domain
{

using TeamId = std::int64_t;

// Well-formed JSON text.
struct JsonText
{
    std::string text;
    friend bool operator==(JsonText const&, JsonText const&) = default;
};

// Well-formed JSON text that somebody else keeps.
struct JsonView
{
    std::string_view text;
    JsonView() = default;
    JsonView(std::string_view json) noexcept : text(json) {}
    JsonView(JsonText const& json) noexcept : text(json.text) {}
    friend bool operator==(JsonView const&, JsonView const&) = default;
};

// Where a session stands in its life. Stored as the number, shown as the word.
enum class Status : std::uint8_t
{
    setup = 0,
    pending = 1,
    active = 2,
    pending_review = 3,
    complete = 4,
    unknown = 5,
};
[[nodiscard]] std::string_view to_word(Status status) noexcept;
[[nodiscard]] std::optional<Status> status_from_word(std::string_view word) noexcept;

// Who said a message.
enum class Role : std::uint8_t
{
    user,
    assistant,
    system,
};
[[nodiscard]] std::string_view to_word(Role role) noexcept;
[[nodiscard]] std::optional<Role> role_from_word(std::string_view word) noexcept;

// A chatbot, or a published version of one: a row of its own with an id of its own.
struct Experiment
{
    Uuid id;
    TeamId team_id = 0;
    std::string name;
    std::optional<std::string> description;
    int version_number = 1;
    bool is_archived = false;
};

struct Participant
{
    std::string_view identifier; // 1 to 320 characters; unique per (team, platform).
    std::string_view remote_id;
};

// A session as a list row shows it. Its texts are views: a page of a hundred sessions would else be a thousand small allocations.
// They live as long as owner does, or that of the Page which the session is on.
struct Session
{
    std::shared_ptr<void const> owner;
    std::string_view id; // 1 to 255 characters, no '/'; unique in its team.
    std::shared_ptr<Experiment const> experiment;
    Participant participant;
    Timestamp created_at;
    Timestamp updated_at;
    Status status = Status::setup;
    std::optional<std::string_view> platform;
    JsonView tags; // An array of the names, in the order in which the tags were created.
    JsonView state;
};

// Stands for the beginning of every link in a stored text; the edge puts the real one in its place. JSON never holds it raw.
inline constexpr char link_base_mark = '\x01';

// A session with its transcript.
struct Transcript
{
    Session session;
    std::shared_ptr<void const> owner; // Of messages, where session.owner is not.
    JsonView messages;                 // The rendered messages separated by commas, without brackets.
    JsonView usage;                    // Rendered: {"total_cost": ..., "by_model": [...]}
    bool has_links = false;            // messages holds link_base_mark.
};

// A message on its way into the store.
struct NewMessage
{
    Timestamp created_at;
    std::string rendered; // One or two elements of the API's messages array (a summary stands before its message), comma between.
};

// A message for a session that exists. Its time is found when it is stored: behind all others.
struct AddedMessage
{
    Role role = Role::user;
    std::string content;
};

struct NewSession
{
    TeamId team_id = 0;
    std::string id;
    Uuid experiment;
    std::string participant_identifier; // Trimmed, 1 to 320 characters. On the platform "api".
    JsonText state;
    Timestamp created_at;
    std::vector<NewMessage> messages;
    bool is_repeat = false; // An earlier request may have made it: then that is the answer, whatever its chatbot is now.
};

// What a caller's Idempotency-Key stands for: the request that came with it first, and the session that this made or makes.
struct Reservation
{
    Sha256 request{}; // Of all that decides about the session.
    std::string session_id;
    Timestamp created_at;
    friend bool operator==(Reservation const&, Reservation const&) = default;
};

enum class Order : std::uint8_t
{
    newest_first,
    oldest_first,
};

// A place between two sessions of the total order (created_at, id), and which way to read from it.
struct Cursor
{
    enum class Direction : std::uint8_t
    {
        forward,  // The page that begins behind the place.
        backward, // The page that ends before it.
    };
    Direction direction = Direction::forward;
    Timestamp created_at; // The sort key of the session at the place; that session is not on the page.
    std::string id;
    friend bool operator==(Cursor const&, Cursor const&) = default;
};

// Which page of a team's sessions. Filters combine by AND.
struct ListQuery
{
    TeamId team_id = 0;
    Order order = Order::newest_first;
    int page_size = 100; // 1 to 1500.
    std::optional<Cursor> cursor;
    bool with_count = false;
    std::optional<Uuid> experiment;
    std::optional<std::vector<std::string>> tags;     // Any of these names, exactly; an empty list matches nothing.
    std::optional<std::vector<std::string>> versions; // Any of these version tags on any message; an empty list matches nothing.
};

struct Page
{
    std::shared_ptr<void const> owner; // Of the sessions' texts.
    std::vector<Session> sessions;     // In the query's order, whichever way it was read.
    std::optional<Cursor> next;
    std::optional<Cursor> previous;
    std::optional<std::int64_t> count; // Sessions that match, on all pages; with_count only.
};

} // namespace parley::domain
