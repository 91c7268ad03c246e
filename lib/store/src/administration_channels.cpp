// The administrator's verbs on the channels of widgets.
#include "parley/store/administration.hpp"

#include "administration_impl.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::store
{

namespace
{

constexpr std::size_t name_max = 200;     // Code points.
constexpr std::size_t message_max = 1000; // Likewise.
constexpr std::size_t origins_max = 100;
constexpr std::int16_t session_token_level = 2;

bool is_host_character(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':' || c == '[' ||
           c == ']';
}

// "example.org", "*.example.org" or "*". Whoever writes a whole URL means something that we would not do.
std::string checked_origin(std::string const& text)
{
    auto const origin = to_lower_ascii(text);
    if (origin == "*") return origin;
    auto const host = origin.starts_with("*.") ? origin.substr(2) : origin;
    if (host.empty() || !std::ranges::all_of(host, is_host_character) || host.front() == '.' || host.back() == '.')
        throw Refused("\"" + text +
                      "\" is not an origin: write a host (example.org), a host with all below it (*.example.org), or *");
    if (host.find(':') != std::string::npos && host.front() != '[')
        throw Refused("\"" + text + "\" names a port: origins are compared by host alone");
    return origin;
}

std::vector<std::string> checked_origins(std::vector<std::string> const& texts)
{
    if (texts.size() > origins_max) throw Refused("a channel has at most 100 origins");
    std::vector<std::string> origins;
    for (auto const& text : texts)
    {
        auto origin = checked_origin(text);
        if (std::ranges::find(origins, origin) == origins.end()) origins.push_back(std::move(origin));
    }
    return origins;
}

void check_text(std::string const& text, std::size_t characters_max, std::string const& what)
{
    if (find_invalid_utf8(text) || text.find('\0') != std::string::npos || count_code_points(text) > characters_max)
        throw Refused(what + " must be text of at most " + std::to_string(characters_max) + " characters");
}

std::string_view as_bytes(Sha256 const& digest)
{
    return {reinterpret_cast<char const*>(digest.data()), digest.size()};
}

ChannelListing read_listing(Rows::Row row)
{
    ChannelListing listing;
    listing.id = row.number(0);
    listing.team = row.text(1);
    listing.experiment = *Uuid::parse(row[2]);
    listing.experiment_name = row.text(3);
    listing.name = row.text(4);
    listing.auth_level = static_cast<int>(row.number(5));
    listing.credential_mode = row.text(6);
    listing.is_enabled = row.flag(7);
    listing.disabled_message = row.text(8);
    listing.origins = texts_at(row[9]);
    if (!row.is_null(10)) listing.token_days = row.number(10);
    listing.has_key = row.flag(11);
    listing.created_at = timestamp_at(row[12]);
    return listing;
}

std::vector<ChannelListing> read_listings(Administration::Impl& impl, std::string const& team, std::int64_t id)
{
    Parameters parameters;
    parameters.add(team).add(id);
    auto const rows = impl.run("administration_channel_list", parameters);
    std::vector<ChannelListing> listings;
    for (std::size_t i = 0; i < rows.size(); ++i)
        listings.push_back(read_listing(rows[i]));
    return listings;
}

ChannelListing find_channel(Administration::Impl& impl, std::int64_t id)
{
    auto listings = id > 0 ? read_listings(impl, "", id) : std::vector<ChannelListing>{};
    if (listings.empty()) throw Refused("channel " + std::to_string(id) + " does not exist");
    return listings.front();
}

void describe(Detail& detail, ChannelListing const& channel)
{
    detail.set_subject(channel.team + "/" + channel.name);
    detail.number("id", channel.id).text("team", channel.team).text("experiment", channel.experiment.text());
    detail.text("name", channel.name).number("auth_level", channel.auth_level).text("credential_mode", channel.credential_mode);
    detail.flag("enabled", channel.is_enabled).texts("origins", channel.origins);
}

// Runs the work on the channel as one change, and returns it as it is then.
template <class Work>
ChannelListing change_channel(Administration::Impl& impl, std::string_view action, std::int64_t id, Work work)
{
    return impl.change(action, std::to_string(id),
                       [&](Detail& detail)
                       {
                           auto channel = find_channel(impl, id);
                           work(channel);
                           describe(detail, channel);
                           return channel;
                       });
}

// The team of the chatbot that a channel is made for.
std::int64_t find_home(Administration::Impl& impl, Uuid const& chatbot)
{
    Parameters parameters;
    parameters.add(chatbot);
    auto const rows = impl.run("administration_channel_chatbot", parameters);
    if (rows.empty()) throw Refused("chatbot " + chatbot.str() + " does not exist");
    auto row = rows[0];
    if (row.flag(3)) throw Refused(chatbot.str() + " is a version: a channel is for the chatbot itself");
    if (row.flag(4)) throw Refused("chatbot " + chatbot.str() + " is archived");
    return row.number(0);
}

void check(NewChannel const& channel)
{
    if (is_blank(channel.name)) throw Refused("a channel's name must have 1 to 200 characters");
    check_text(channel.name, name_max, "a channel's name");
    if (channel.auth_level < 0 || channel.auth_level > session_token_level) throw Refused("the level is 0, 1 or 2");
    if (channel.takes_oauth && channel.auth_level != session_token_level)
        throw Refused("a channel in OAuth mode needs session tokens: without one nobody could come back to a chat");
    if (channel.token_days && *channel.token_days < 1) throw Refused("session tokens live for a day at least");
}

} // namespace

IssuedChannel Administration::create_channel(NewChannel const& channel)
{
    check(channel);
    auto const origins = checked_origins(channel.origins);
    IssuedChannel issued;
    if (!channel.takes_oauth) issued.embed_key = make_secret();
    issued.listing =
        impl_->change("channel.create", channel.name,
                      [&](Detail& detail)
                      {
                          auto const team = find_home(*impl_, channel.experiment);
                          Parameters parameters;
                          parameters.add(team).add(channel.experiment).add(channel.name);
                          parameters.add(issued.embed_key.empty() ? std::string_view() : as_bytes(sha256(issued.embed_key)));
                          parameters.add(text_array(origins)).add(static_cast<std::int16_t>(channel.auth_level));
                          parameters.add(channel.takes_oauth ? "oauth" : "embed_key");
                          parameters.add(static_cast<std::int32_t>(channel.token_days.value_or(0))).add(impl_->clock.now());
                          auto const id = impl_->run("administration_channel_insert", parameters)[0].number(0);
                          auto listing = find_channel(*impl_, id);
                          describe(detail, listing);
                          return listing;
                      });
    return issued;
}

std::vector<ChannelListing> Administration::channels(std::string const& team)
{
    return impl_->guarded(
        [&]
        {
            if (!team.empty()) static_cast<void>(impl_->team_id(team));
            return read_listings(*impl_, team, 0);
        });
}

ChannelListing Administration::enable_channel(std::int64_t id)
{
    return change_channel(*impl_, "channel.enable", id,
                          [&](ChannelListing& channel)
                          {
                              Parameters parameters;
                              parameters.add(id).add(true).add(channel.disabled_message);
                              impl_->run("administration_channel_enable", parameters);
                              channel.is_enabled = true;
                          });
}

ChannelListing Administration::disable_channel(std::int64_t id, std::string const& message)
{
    check_text(message, message_max, "the message");
    return change_channel(*impl_, "channel.disable", id,
                          [&](ChannelListing& channel)
                          {
                              Parameters parameters;
                              parameters.add(id).add(false).add(message);
                              impl_->run("administration_channel_enable", parameters);
                              channel.is_enabled = false;
                              channel.disabled_message = message;
                          });
}

IssuedChannel Administration::rotate_channel(std::int64_t id)
{
    IssuedChannel issued;
    issued.embed_key = make_secret();
    issued.listing = change_channel(*impl_, "channel.rotate", id,
                                    [&](ChannelListing& channel)
                                    {
                                        if (channel.credential_mode == "oauth")
                                            throw Refused("a channel in OAuth mode has no embed key");
                                        Parameters parameters;
                                        parameters.add(id).add(sha256(issued.embed_key));
                                        impl_->run("administration_channel_rotate", parameters);
                                        channel.has_key = true;
                                    });
    return issued;
}

ChannelListing Administration::set_channel_origins(std::int64_t id, std::vector<std::string> const& origins)
{
    auto const checked = checked_origins(origins);
    return change_channel(*impl_, "channel.set-origins", id,
                          [&](ChannelListing& channel)
                          {
                              Parameters parameters;
                              parameters.add(id).add(text_array(checked));
                              impl_->run("administration_channel_origins", parameters);
                              channel.origins = checked;
                          });
}

ChannelListing Administration::delete_channel(std::int64_t id)
{
    return change_channel(*impl_, "channel.delete", id,
                          [&](ChannelListing&)
                          {
                              Parameters parameters;
                              parameters.add(id);
                              impl_->run("administration_channel_delete", parameters);
                          });
}

} // namespace parley::store
