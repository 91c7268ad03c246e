// The administrator's verbs on signed-in browsers.
#include "oauth_administration.hpp"

namespace parley::store
{

namespace
{

BrowserSessionListing read_listing(Rows::Row row)
{
    BrowserSessionListing listing;
    listing.id = row.text(0);
    listing.email = row.text(1);
    listing.created_at = timestamp_at(row[2]);
    listing.last_seen_at = timestamp_at(row[3]);
    return listing;
}

} // namespace

std::vector<BrowserSessionListing> OAuthAdministration::browser_sessions(std::string const& email)
{
    return impl_.guarded(
        [&]
        {
            Parameters parameters;
            parameters.add(email.empty() ? std::int64_t{0} : impl_.user_id(email));
            auto const rows = impl_.run("administration_browser_session_list", parameters);
            std::vector<BrowserSessionListing> listings;
            for (std::size_t i = 0; i < rows.size(); ++i)
                listings.push_back(read_listing(rows[i]));
            return listings;
        });
}

BrowserSessionListing OAuthAdministration::end_browser_session(std::string const& id)
{
    return impl_.change("browser-session.end", id,
                        [&](Detail& detail)
                        {
                            auto const range = digests_from(id, "browser session");
                            Parameters wanted;
                            wanted.add(range.first).add(range.last);
                            auto const rows = impl_.run("administration_browser_session_find", wanted);
                            if (rows.empty()) throw Refused("browser session \"" + id + "\" does not exist");
                            if (rows.size() > 1)
                                throw Refused("several browser sessions begin with \"" + id + "\": write more of it");
                            auto listing = read_listing(rows[0]);
                            Parameters ended;
                            ended.add(sha256_from_hex(listing.id).value());
                            impl_.run("oauth_end_browser_session", ended);
                            detail.set_subject(listing.email);
                            listing.id.resize(shown_digits);
                            detail.text("id", listing.id);
                            return listing;
                        });
}

std::int64_t OAuthAdministration::end_browser_sessions(std::string const& email)
{
    return impl_.change("browser-session.end", email,
                        [&](Detail& detail)
                        {
                            Parameters user;
                            user.add(impl_.user_id(email));
                            auto const ended =
                                static_cast<std::int64_t>(impl_.run("administration_user_sign_out", user).affected());
                            detail.number("ended", ended);
                            return ended;
                        });
}

} // namespace parley::store
