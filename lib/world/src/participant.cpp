#include "parley/world/participant.hpp"

#include "parley/core/json.hpp"

#include <algorithm>
#include <ostream>

namespace parley::world
{

namespace
{

std::string in_quotes(std::string_view text)
{
    return json::to_string_literal(text);
}

std::string or_null(std::optional<std::string> const& text)
{
    return text ? in_quotes(*text) : "null";
}

std::string or_null(std::optional<Timestamp> const& when)
{
    return when ? in_quotes(format_timestamp(*when)) : "null";
}

void write_participants(std::ostream& out, std::vector<store::ParticipantListing> const& participants)
{
    out << "\"participants\": [";
    auto const* separator = "\n  ";
    for (auto const& participant : participants)
    {
        out << separator << "{\"platform\": " << in_quotes(participant.platform)
            << ", \"remote_id\": " << in_quotes(participant.remote_id) << ", \"name\": " << in_quotes(participant.name)
            << ", \"user\": " << or_null(participant.user) << '}';
        separator = ",\n  ";
    }
    out << "],\n";
}

void write_head(std::ostream& out, store::ParticipantSession const& session)
{
    out << "{\"id\": " << in_quotes(session.id) << ", \"experiment\": " << in_quotes(session.experiment.text())
        << ", \"channel\": " << or_null(session.channel) << ", \"platform\": " << or_null(session.platform)
        << ", \"status\": " << in_quotes(domain::to_word(session.status))
        << ", \"created_at\": " << in_quotes(format_timestamp(session.created_at))
        << ", \"updated_at\": " << in_quotes(format_timestamp(session.updated_at))
        << ", \"ended_at\": " << or_null(session.ended_at) << ",\n   \"tags\": " << session.tags
        << ", \"state\": " << session.state << ", \"usage\": " << session.usage.value_or("null")
        << ", \"files\": " << session.files;
}

// The transcript as the API shows it, and besides what of the metadata is never shown.
std::size_t write_messages(std::ostream& out, store::ParticipantReader& reader, store::ParticipantSession const& session)
{
    std::size_t messages = 0;
    std::string original_metadata;
    out << ",\n   \"messages\": [";
    reader.messages(session,
                    [&](store::ParticipantMessage const& message)
                    {
                        auto rendered = std::string(message.rendered);
                        std::erase(rendered, domain::link_base_mark);
                        out << (messages++ == 0 ? "\n    " : ",\n    ") << rendered;
                        if (!message.original_metadata) return;
                        original_metadata += (original_metadata.empty() ? "" : ", ");
                        original_metadata += std::string(*message.original_metadata);
                    });
    out << "], \"original_metadata\": [" << original_metadata << "]}";
    return messages;
}

} // namespace

ExportReport export_participant(store::Administration& administration, store::ParticipantChoice const& choice, std::ostream& out)
{
    store::ParticipantReader reader(administration, choice);
    ExportReport report;
    out << "{\"team\": " << in_quotes(choice.team) << ", \"identifier\": " << in_quotes(choice.identifier) << ",\n";
    write_participants(out, reader.participants());
    out << "\"allowlists\": [";
    auto const* separator = "";
    for (auto const& id : reader.allowlists())
    {
        out << separator << in_quotes(id.text());
        separator = ", ";
    }
    out << "],\n\"sessions\": [";
    for (auto sessions = reader.next_sessions(); !sessions.empty(); sessions = reader.next_sessions())
        for (auto const& session : sessions)
        {
            out << (report.sessions++ == 0 ? "\n  " : ",\n  ");
            write_head(out, session);
            report.messages += write_messages(out, reader, session);
        }
    out << "]}\n";
    return report;
}

} // namespace parley::world
