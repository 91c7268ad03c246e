#include "parley/store/participants.hpp"

#include "administration_impl.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>

namespace parley::store
{

namespace
{

constexpr std::int64_t portion_sessions = 200; // What one transaction of an erasure locks and takes.
constexpr std::int64_t portion_messages = 500; // What an export holds of a transcript at a time.
constexpr int waits_max = 10;
constexpr std::chrono::milliseconds between_waits{200};

// Who is meant, by the database's numbers.
struct Chosen
{
    std::int64_t team = 0;
    std::string identifier;
    std::vector<ParticipantListing> participants;

    [[nodiscard]] ArrayParameter ids() const
    {
        ArrayParameter result(Oid::int8);
        for (auto const& participant : participants)
            result.add(participant.id);
        return result;
    }
    // $1 team, $2 ids, $3 identifier.
    [[nodiscard]] Parameters parameters() const
    {
        Parameters result;
        result.add(team).add(ids()).add(identifier);
        return result;
    }
    [[nodiscard]] Parameters of_identifier() const
    {
        Parameters result;
        result.add(team).add(identifier);
        return result;
    }
    [[nodiscard]] std::vector<std::string> numbers() const
    {
        std::vector<std::string> result;
        for (auto const& participant : participants)
            result.push_back(std::to_string(participant.id));
        return result;
    }
};

Chosen find(Administration::Impl& impl, ParticipantChoice const& choice)
{
    Chosen chosen{.team = impl.team_id(choice.team), .identifier = choice.identifier, .participants = {}};
    Parameters parameters;
    parameters.add(chosen.team).add(choice.identifier).add(choice.platform);
    auto const rows = impl.run("participant_find", parameters);
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        auto& listing = chosen.participants.emplace_back();
        listing.id = row.number(0);
        listing.platform = row.text(1);
        listing.remote_id = row.text(2);
        listing.name = row.text(3);
        if (auto const user = row.optional(4)) listing.user = std::string(*user);
    }
    return chosen;
}

ParticipantHoldings weigh(Administration::Impl& impl, Chosen const& chosen)
{
    auto const rows = impl.run("participant_weigh", chosen.parameters());
    auto row = rows[0];
    return {.participants = chosen.participants,
            .sessions = row.number(0),
            .messages = row.number(1),
            .files = row.number(2),
            .allowlists = row.number(3)};
}

ParticipantHoldings weigh_known(Administration::Impl& impl, Chosen const& chosen, ParticipantChoice const& choice)
{
    auto holdings = weigh(impl, chosen);
    if (holdings.participants.empty() && holdings.sessions == 0 && (holdings.allowlists == 0 || !choice.platform.empty()))
        throw Refused("team \"" + choice.team + "\" knows no participant \"" + choice.identifier + "\"" +
                      (choice.platform.empty() ? "" : " on the platform \"" + choice.platform + "\""));
    return holdings;
}

// A portion of sessions that are locked.
struct Portion
{
    ArrayParameter numbers{Oid::int8};
    ArrayParameter ids{Oid::text};
    std::int64_t sessions = 0;
    std::int64_t messages = 0;

    [[nodiscard]] Parameters parameters(std::int64_t team) const
    {
        Parameters result;
        result.add(team).add(ArrayParameter(numbers)).add(ArrayParameter(ids));
        return result;
    }
};

Portion lock_sessions(Administration::Impl& impl, Chosen const& chosen)
{
    auto parameters = chosen.parameters();
    parameters.add(portion_sessions);
    auto const rows = impl.run("participant_lock_sessions", parameters);
    Portion portion;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        portion.numbers.add(row.number(0));
        portion.ids.add(row[1]);
        portion.messages += row.number(2);
    }
    portion.sessions = static_cast<std::int64_t>(rows.size());
    return portion;
}

void erase_files(Administration::Impl& impl, Chosen const& chosen, std::string_view files, ParticipantErasure& erased)
{
    ArrayParameter ids(Oid::int8);
    for (auto const id : numbers_at(files))
        ids.add(id);
    if (ids.size() == 0) return;
    Parameters parameters;
    parameters.add(chosen.team).add(std::move(ids));
    auto const rows = impl.run("participant_erase_files", parameters);
    erased.files = static_cast<std::int64_t>(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (auto row = rows[i]; !row[1].empty()) erased.external_ids.push_back(row.text(1));
}

// One transaction: a portion of sessions, and with the last of them whatever else names the participant.
ParticipantErasure erase_portion(Administration::Impl& impl, Chosen const& chosen)
{
    ParticipantErasure erased;
    Parameters rows_of_team;
    rows_of_team.add(chosen.team).add(chosen.ids());
    // First, as whoever starts a chat does it.
    impl.run("participant_lock", rows_of_team);
    auto const portion = lock_sessions(impl, chosen);
    erased.sessions = portion.sessions;
    erased.messages = portion.messages;
    if (portion.sessions > 0)
    {
        auto const parameters = portion.parameters(chosen.team);
        impl.run("participant_erase_facets", parameters);
        auto const files = impl.run("participant_erase_sessions", parameters);
        erase_files(impl, chosen, files[0][0], erased);
    }
    if (portion.sessions == portion_sessions) return erased;
    erased.participants = static_cast<std::int64_t>(impl.run("participant_erase", rows_of_team).size());
    erased.allowlists = static_cast<std::int64_t>(impl.run("participant_erase_allowlists", chosen.of_identifier()).size());
    return erased;
}

void add(ParticipantErasure& sum, ParticipantErasure&& part)
{
    sum.participants += part.participants;
    sum.sessions += part.sessions;
    sum.messages += part.messages;
    sum.files += part.files;
    sum.allowlists += part.allowlists;
    std::ranges::move(part.external_ids, std::back_inserter(sum.external_ids));
}

// Portions until one is not full. What others wrote for the participant before a portion was locked is in it.
ParticipantErasure erase_all(Administration::Impl& impl, Chosen const& chosen, std::string const& team)
{
    ParticipantErasure sum;
    for (auto sessions = portion_sessions; sessions == portion_sessions;)
    {
        auto part =
            impl.change("participant.erase", team,
                        [&](Detail& detail)
                        {
                            auto erased = erase_portion(impl, chosen);
                            detail.texts("participants", chosen.numbers()).number("sessions", erased.sessions);
                            detail.number("messages", erased.messages).number("files", erased.files);
                            detail.number("allowlists", erased.allowlists).flag("is_last", erased.sessions < portion_sessions);
                            return erased;
                        });
        sessions = part.sessions;
        add(sum, std::move(part));
    }
    return sum;
}

// Who read the participant's row before it went may be writing a session for it still. When the table could be locked, they have
// ended, and whoever comes later reads that it is gone.
void wait_for_writers(Administration::Impl& impl)
{
    for (int waits = 1;; ++waits)
        try
        {
            Connection::Transaction transaction(impl.connection);
            impl.connection.execute("set local lock_timeout = '1500ms'");
            impl.run("participant_wait");
            transaction.commit();
            return;
        }
        catch (DatabaseError const& error)
        {
            if (waits == waits_max || error.sqlstate() != "55P03") throw; // lock_not_available
            std::this_thread::sleep_for(between_waits);
        }
}

ParticipantSession read_session(Rows::Row row)
{
    ParticipantSession session;
    session.number = row.number(0);
    session.id = row.text(1);
    session.experiment = to_uuid(row[2]);
    if (auto const channel = row.optional(3)) session.channel = std::string(*channel);
    if (auto const platform = row.optional(4)) session.platform = std::string(*platform);
    session.status = static_cast<domain::Status>(row.number(5));
    session.created_at = timestamp_at(row[6]);
    session.updated_at = timestamp_at(row[7]);
    if (auto const ended = row.optional(8)) session.ended_at = timestamp_at(*ended);
    session.tags = row.text(9);
    session.state = row.text(10);
    if (auto const usage = row.optional(11)) session.usage = std::string(*usage);
    session.files = row.text(12);
    return session;
}

} // namespace

ParticipantHoldings weigh_participant(Administration& administration, ParticipantChoice const& choice)
{
    auto& impl = administration.impl();
    return impl.guarded([&] { return weigh_known(impl, find(impl, choice), choice); });
}

ParticipantErasure erase_participant(Administration& administration, ParticipantChoice const& choice)
{
    auto& impl = administration.impl();
    return impl.guarded(
        [&]
        {
            auto const chosen = find(impl, choice);
            static_cast<void>(weigh_known(impl, chosen, choice));
            auto erased = erase_all(impl, chosen, choice.team);
            wait_for_writers(impl);
            if (weigh(impl, chosen).sessions > 0) add(erased, erase_all(impl, chosen, choice.team));
            return erased;
        });
}

struct ParticipantReader::Impl
{
    Impl(Administration& administration, ParticipantChoice const& choice)
        : store(administration.impl()), chosen(open(store, choice)), transaction(store.connection)
    {
        store.connection.execute("set transaction isolation level repeatable read, read only");
        auto const rows = store.run("participant_allowlists", chosen.of_identifier());
        for (std::size_t i = 0; i < rows.size(); ++i)
            allowlists.push_back(to_uuid(rows[i][0]));
        store.run("participant_open_sessions", chosen.parameters());
    }

    // Before anything is read: nothing leaves that is not in the record.
    static Chosen open(Administration::Impl& store, ParticipantChoice const& choice)
    {
        return store.change("participant.export", choice.team,
                            [&](Detail& detail)
                            {
                                auto found = find(store, choice);
                                auto const holdings = weigh_known(store, found, choice);
                                detail.texts("participants", found.numbers()).number("sessions", holdings.sessions);
                                return found;
                            });
    }

    Administration::Impl& store;
    Chosen chosen;
    Connection::Transaction transaction;
    std::vector<Uuid> allowlists;
};

ParticipantReader::ParticipantReader(Administration& administration, ParticipantChoice const& choice)
    : impl_(administration.impl().guarded([&] { return std::make_unique<Impl>(administration, choice); }))
{
}
ParticipantReader::~ParticipantReader() = default;

std::vector<ParticipantListing> const& ParticipantReader::participants() const noexcept
{
    return impl_->chosen.participants;
}
std::vector<Uuid> const& ParticipantReader::allowlists() const noexcept
{
    return impl_->allowlists;
}

std::vector<ParticipantSession> ParticipantReader::next_sessions()
{
    return impl_->store.guarded(
        [&]
        {
            std::vector<ParticipantSession> sessions;
            auto const rows = impl_->store.run("participant_fetch_sessions");
            for (std::size_t i = 0; i < rows.size(); ++i)
                sessions.push_back(read_session(rows[i]));
            return sessions;
        });
}

void ParticipantReader::messages(ParticipantSession const& session, std::function<void(ParticipantMessage const&)> const& visit)
{
    impl_->store.guarded(
        [&]
        {
            std::int64_t next = 0;
            for (std::size_t found = portion_messages; found == portion_messages;)
            {
                Parameters parameters;
                parameters.add(impl_->chosen.team).add(session.number).add(static_cast<std::int32_t>(next)).add(portion_messages);
                auto const rows = impl_->store.run("participant_messages", parameters);
                found = rows.size();
                for (std::size_t i = 0; i < found; ++i)
                {
                    auto row = rows[i];
                    next = row.number(0) + 1;
                    visit({.position = row.number(0), .rendered = row[1], .original_metadata = row.optional(2)});
                }
            }
        });
}

} // namespace parley::store
