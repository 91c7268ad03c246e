// The administrator's verbs on OAuth applications.
#include "oauth_administration.hpp"

#include "parley/auth/password_hash.hpp"
#include "parley/core/text.hpp"
#include "parley/oauth/registration.hpp"

#include <algorithm>
#include <cctype>

namespace parley::store
{

namespace
{

constexpr std::size_t name_max = 200; // Code points.
constexpr std::size_t client_id_length = 40;
constexpr std::size_t client_id_max = 100;
constexpr std::size_t redirect_uris_max = 100;

constexpr std::string_view code_grant = "authorization-code";
constexpr std::string_view machine_grant = "client-credentials";

// Letters and digits at random: a client id goes through URLs, shells and double clicks.
std::string make_client_id()
{
    std::string id;
    while (id.size() < client_id_length)
        for (char const c : make_secret())
            if (std::isalnum(static_cast<unsigned char>(c)) != 0 && id.size() < client_id_length) id += c;
    return id;
}

bool is_machine(ApplicationListing const& application)
{
    return application.grant_type == machine_grant;
}

void require_name(std::string const& name)
{
    if (find_invalid_utf8(name) || name.find('\0') != std::string::npos || is_blank(name) || count_code_points(name) > name_max)
        throw Refused("an application's name must have 1 to 200 characters");
}

// Basic credentials are "client_id:secret".
void require_client_id(std::string const& client_id)
{
    auto const is_allowed = [](char c) { return c > ' ' && c < '\x7f' && c != ':'; };
    if (client_id.size() > client_id_max || !std::ranges::all_of(client_id, is_allowed))
        throw Refused("a client id has at most 100 visible ASCII characters, and no colon");
}

void require_redirect_uri(std::string const& uri)
{
    if (auto const why_not = oauth::why_not_registrable(uri)) throw Refused("the redirect URI \"" + uri + "\" " + *why_not);
}

void require_scopes(ApplicationListing const& application)
{
    if (!application.scopes) return;
    auto const known = oauth::registrable_scopes(is_machine(application) ? oauth::ClientGrant::client_credentials
                                                                         : oauth::ClientGrant::authorization_code);
    for (auto const& scope : *application.scopes)
        if (std::ranges::find(known, scope) == known.end())
            throw Refused("scope \"" + scope + "\" is not one of those that such an application can have");
    if (application.scopes->empty()) throw Refused("an application without any scope can do nothing");
}

// What the parts of an application demand of each other.
void require_whole(ApplicationListing const& application)
{
    bool const is_public = application.client_type == "public";
    if (!is_public && application.client_type != "confidential")
        throw Refused("\"" + application.client_type + "\" is no type of client: public or confidential");
    if (!is_machine(application) && application.grant_type != code_grant)
        throw Refused("\"" + application.grant_type + "\" is no grant: authorization-code or client-credentials");
    if (is_machine(application) && is_public)
        throw Refused("a public client cannot have the grant client-credentials: it has no secret");
    if (is_machine(application) && !application.team)
        throw Refused("an application with the grant client-credentials acts in the team that it is pinned to: name one");
    if (!is_machine(application) && application.redirect_uris.empty())
        throw Refused("an application with the grant authorization-code needs a redirect URI");
    if (application.redirect_uris.size() > redirect_uris_max) throw Refused("an application has at most 100 redirect URIs");
    if (is_public && application.is_resource_server)
        throw Refused("a public client cannot introspect tokens: anybody could be it");
    require_scopes(application);
}

ApplicationListing read_listing(Rows::Row row)
{
    ApplicationListing listing;
    listing.id = row.number(0);
    listing.client_id = row.text(1);
    listing.name = row.text(2);
    listing.client_type = row.text(3);
    listing.grant_type = row.text(4);
    listing.team = optional_text(row, 5);
    listing.redirect_uris = texts_at(row[6]);
    if (!row.is_null(7)) listing.scopes = texts_at(row[7]);
    listing.chatbots = texts_at(row[8]);
    listing.is_resource_server = row.flag(9);
    listing.owner = optional_text(row, 10);
    listing.has_secret = row.flag(11);
    listing.created_at = timestamp_at(row[12]);
    return listing;
}

std::vector<ApplicationListing> read_listings(Administration::Impl& impl, std::string const& team, std::int64_t id)
{
    Parameters parameters;
    parameters.add(team).add(id);
    auto const rows = impl.run("administration_application_list", parameters);
    std::vector<ApplicationListing> listings;
    for (std::size_t i = 0; i < rows.size(); ++i)
        listings.push_back(read_listing(rows[i]));
    return listings;
}

ApplicationListing find_listing(Administration::Impl& impl, std::string const& application)
{
    auto listings = read_listings(impl, "", find_application(impl, application));
    if (listings.empty()) throw Refused("application \"" + application + "\" does not exist");
    return std::move(listings.front());
}

void describe(Detail& detail, ApplicationListing const& application)
{
    detail.set_subject(application.name);
    detail.text("client_id", application.client_id).text("name", application.name).text("client_type", application.client_type);
    detail.text("grant", application.grant_type).text("team", application.team.value_or(""));
    detail.texts("redirect_uris", application.redirect_uris);
    if (application.scopes) detail.texts("scopes", *application.scopes);
    if (!application.chatbots.empty()) detail.texts("chatbots", application.chatbots);
    if (application.is_resource_server) detail.flag("resource_server", true);
}

std::int64_t team_of(Administration::Impl& impl, ApplicationListing const& application)
{
    return application.team ? impl.team_id(*application.team) : 0;
}

std::string_view algorithm_of(ApplicationListing const& application)
{
    return is_machine(application) ? "" : "RS256";
}

ArrayParameter uuid_array(std::vector<std::string> const& ids)
{
    ArrayParameter result(Oid::uuid);
    for (auto const& id : ids)
        result.add(*Uuid::parse(id));
    return result;
}

std::vector<std::string> to_texts(std::vector<Uuid> const& ids)
{
    std::vector<std::string> texts;
    for (auto const& id : ids)
        if (std::ranges::find(texts, id.text()) == texts.end()) texts.push_back(id.str());
    return texts;
}

void require_chatbots(Administration::Impl& impl, ApplicationListing const& application)
{
    if (application.chatbots.empty()) return;
    Parameters parameters;
    parameters.add(uuid_array(application.chatbots));
    auto const missing = impl.run("administration_application_chatbots", parameters);
    if (!missing.empty()) throw Refused("chatbot " + missing[0].text(0) + " does not exist");
}

void save(Administration::Impl& impl, ApplicationListing const& application)
{
    require_whole(application);
    Parameters parameters;
    parameters.add(application.id).add(application.name).add(application.grant_type).add(team_of(impl, application));
    parameters.add(text_array(application.redirect_uris)).add(algorithm_of(application)).add(uuid_array(application.chatbots));
    parameters.add(!application.scopes).add(text_array(application.scopes.value_or(std::vector<std::string>())));
    impl.run("administration_application_update", parameters);
}

// Runs work(application) as one change and saves what it made of it.
template <class Work>
ApplicationListing change_application(Administration::Impl& impl, std::string_view action, std::string const& name, Work work)
{
    return impl.change(action, name,
                       [&](Detail& detail)
                       {
                           auto application = find_listing(impl, name);
                           work(application);
                           save(impl, application);
                           describe(detail, application);
                           return application;
                       });
}

// The same where tokens die by it: work returns what did.
template <class Work>
ChangedApplication change_with_tokens(Administration::Impl& impl, std::string_view action, std::string const& name, Work work)
{
    return impl.change(action, name,
                       [&](Detail& detail)
                       {
                           lock_tokens(impl);
                           ChangedApplication changed{.listing = find_listing(impl, name), .revoked = {}};
                           changed.revoked = work(changed.listing);
                           describe(detail, changed.listing);
                           store::describe(detail, changed.revoked);
                           return changed;
                       });
}

Revocation narrow(Administration::Impl& impl, ApplicationListing const& application)
{
    if (!application.scopes) return {};
    Parameters parameters;
    parameters.add(application.id).add(text_array(*application.scopes));
    auto const rows = impl.run("administration_token_narrow", parameters);
    auto row = rows[0];
    Revocation revoked;
    revoked.access_tokens = row.number(0);
    revoked.codes = row.number(1);
    return revoked;
}

ApplicationListing to_listing(NewApplication const& application)
{
    ApplicationListing listing;
    listing.name = application.name;
    listing.client_id = application.client_id.empty() ? make_client_id() : application.client_id;
    listing.client_type = application.client_type;
    listing.grant_type = application.grant_type;
    if (!application.team.empty()) listing.team = application.team;
    for (auto const& uri : application.redirect_uris)
        if (std::ranges::find(listing.redirect_uris, uri) == listing.redirect_uris.end()) listing.redirect_uris.push_back(uri);
    listing.scopes = application.scopes;
    listing.chatbots = to_texts(application.chatbots);
    listing.is_resource_server = application.is_resource_server;
    if (!application.owner.empty()) listing.owner = application.owner;
    return listing;
}

void insert(Administration::Impl& impl, ApplicationListing& application, std::string const& secret_hash)
{
    Parameters parameters;
    parameters.add(application.client_id).add(secret_hash).add(application.client_type).add(application.grant_type);
    parameters.add(team_of(impl, application)).add(text_array(application.redirect_uris)).add(algorithm_of(application));
    parameters.add(application.name).add(application.owner ? impl.user_id(*application.owner) : std::int64_t{0});
    parameters.add(uuid_array(application.chatbots)).add(!application.scopes);
    parameters.add(text_array(application.scopes.value_or(std::vector<std::string>()))).add(application.is_resource_server);
    parameters.add(application.created_at);
    auto const rows = impl.run("administration_application_insert", parameters);
    if (rows.empty()) throw Refused("the client id \"" + application.client_id + "\" is taken");
    application.id = rows[0].number(0);
}

} // namespace

std::int64_t find_application(Administration::Impl& impl, std::string const& application)
{
    Parameters parameters;
    parameters.add(application);
    auto const rows = impl.run("administration_application_find", parameters);
    if (rows.empty()) throw Refused("application \"" + application + "\" does not exist");
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (auto row = rows[i]; row.flag(1)) return row.number(0);
    if (rows.size() > 1) throw Refused("several applications are called \"" + application + "\": choose one by its client id");
    return rows[0].number(0);
}

IssuedApplication OAuthAdministration::create_application(NewApplication const& application)
{
    IssuedApplication issued;
    auto& listing = issued.listing;
    listing = to_listing(application);
    require_name(listing.name);
    require_client_id(listing.client_id);
    std::ranges::for_each(listing.redirect_uris, require_redirect_uri);
    require_whole(listing);
    if (listing.client_type == "confidential") issued.secret = make_secret();
    listing.has_secret = !issued.secret.empty();
    listing.created_at = impl_.clock.now();
    auto const secret_hash = auth::hash_password(issued.secret);
    impl_.change("application.create", listing.name,
                 [&](Detail& detail)
                 {
                     require_chatbots(impl_, listing);
                     insert(impl_, listing, secret_hash);
                     describe(detail, listing);
                     return 0;
                 });
    return issued;
}

std::vector<ApplicationListing> OAuthAdministration::applications(std::string const& team)
{
    return impl_.guarded(
        [&]
        {
            if (!team.empty()) static_cast<void>(impl_.team_id(team));
            return read_listings(impl_, team, 0);
        });
}

ApplicationListing OAuthAdministration::application(std::string const& application)
{
    return impl_.guarded([&] { return find_listing(impl_, application); });
}

ApplicationListing OAuthAdministration::rename_application(std::string const& application, std::string const& name)
{
    require_name(name);
    return change_application(impl_, "application.rename", application,
                              [&](ApplicationListing& listing) { listing.name = name; });
}

IssuedApplication OAuthAdministration::rotate_secret(std::string const& application)
{
    IssuedApplication issued;
    issued.secret = make_secret();
    auto const secret_hash = auth::hash_password(issued.secret);
    issued.listing = change_application(impl_, "application.rotate", application,
                                        [&](ApplicationListing& listing)
                                        {
                                            if (listing.client_type == "public") throw Refused("a public client has no secret");
                                            Parameters parameters;
                                            parameters.add(listing.id).add(secret_hash);
                                            impl_.run("administration_application_secret", parameters);
                                            listing.has_secret = true;
                                        });
    return issued;
}

ApplicationListing OAuthAdministration::add_redirect_uri(std::string const& application, std::string const& redirect_uri)
{
    require_redirect_uri(redirect_uri);
    return change_application(impl_, "application.add-redirect", application,
                              [&](ApplicationListing& listing)
                              {
                                  auto& uris = listing.redirect_uris;
                                  if (std::ranges::find(uris, redirect_uri) != uris.end())
                                      throw Refused("the application has the redirect URI \"" + redirect_uri + "\" already");
                                  uris.push_back(redirect_uri);
                              });
}

ApplicationListing OAuthAdministration::remove_redirect_uri(std::string const& application, std::string const& redirect_uri)
{
    return change_application(impl_, "application.remove-redirect", application,
                              [&](ApplicationListing& listing)
                              {
                                  if (std::erase(listing.redirect_uris, redirect_uri) == 0)
                                      throw Refused("the application has no redirect URI \"" + redirect_uri + "\"");
                                  Parameters parameters;
                                  parameters.add(listing.id).add(redirect_uri);
                                  impl_.run("administration_redirect_forget", parameters);
                              });
}

ChangedApplication OAuthAdministration::pin_application(std::string const& application, std::string const& team)
{
    return change_with_tokens(impl_, "application.pin", application,
                              [&](ApplicationListing& listing)
                              {
                                  auto const team_id = impl_.team_id(team);
                                  listing.team = team;
                                  save(impl_, listing);
                                  return sweep(impl_, {.application_id = listing.id, .spared_team_id = team_id});
                              });
}

ApplicationListing OAuthAdministration::unpin_application(std::string const& application)
{
    return change_application(impl_, "application.unpin", application,
                              [](ApplicationListing& listing)
                              {
                                  if (!listing.team) throw Refused("the application is not pinned to a team");
                                  listing.team.reset();
                              });
}

ChangedApplication OAuthAdministration::set_scopes(std::string const& application,
                                                   std::optional<std::vector<std::string>> const& scopes)
{
    return change_with_tokens(impl_, "application.set-scopes", application,
                              [&](ApplicationListing& listing)
                              {
                                  listing.scopes = scopes;
                                  save(impl_, listing);
                                  return narrow(impl_, listing);
                              });
}

ChangedApplication OAuthAdministration::set_grant_type(std::string const& application, std::string const& grant_type)
{
    return change_with_tokens(impl_, "application.set-grant", application,
                              [&](ApplicationListing& listing)
                              {
                                  if (listing.grant_type == grant_type) return Revocation{};
                                  listing.grant_type = grant_type;
                                  save(impl_, listing);
                                  return sweep(impl_, {.application_id = listing.id});
                              });
}

ApplicationListing OAuthAdministration::set_chatbots(std::string const& application, std::vector<Uuid> const& chatbots)
{
    return change_application(impl_, "application.set-chatbots", application,
                              [&](ApplicationListing& listing)
                              {
                                  listing.chatbots = to_texts(chatbots);
                                  require_chatbots(impl_, listing);
                              });
}

ChangedApplication OAuthAdministration::delete_application(std::string const& application)
{
    SelectedTokens selected;
    selected.application_id = impl_.guarded([&] { return find_application(impl_, application); });
    auto const ahead = impl_.guarded([&] { return sweep_ahead(impl_, selected); });
    return change_with_tokens(impl_, "application.delete", application,
                              [&](ApplicationListing const& listing)
                              {
                                  Parameters parameters;
                                  parameters.add(listing.id);
                                  impl_.run("administration_application_lock", parameters);
                                  auto const revoked = ahead + sweep(impl_, {.application_id = listing.id});
                                  impl_.run("administration_application_delete", parameters);
                                  return revoked;
                              });
}

} // namespace parley::store
