// A world file's parts, one after the other: what stands before may be referred to. Each part's rows are decoded in the file that
// is named after them (decode_accounts.cpp, decode_chatbots.cpp, decode_oauth.cpp, decode_sessions.cpp); what they share is in
// decode.cpp.
#pragma once

#include "place.hpp"

#include "parley/world/world.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace parley::world
{

using store::Index;

// The pieces of a name as one text; no two lists of pieces make the same.
[[nodiscard]] std::string joined(std::initializer_list<std::string_view> pieces);
// The name of something that has its name within a team.
[[nodiscard]] std::string key_of(Index team, std::string_view name);

// The names under which the rows of one part are referred to.
class Names
{
  public:
    explicit Names(std::string_view noun) : noun_(noun) {}

    // Refuses a name that another row has.
    void add(Place const& place, std::string const& name, Index index)
    {
        if (!indexes_.emplace(name, index).second) place.refuse("another " + noun_ + " is of this name");
    }

    [[nodiscard]] std::optional<Index> find(std::string const& name) const
    {
        auto const found = indexes_.find(name);
        return found == indexes_.end() ? std::nullopt : std::optional<Index>(found->second);
    }

    // Refuses a name that no row has.
    [[nodiscard]] Index resolve(Place const& place) const
    {
        auto const name = place.text();
        auto const index = find(name);
        if (!index) place.refuse("there is no " + noun_ + " " + json::to_string_literal(name));
        return *index;
    }

  private:
    std::string noun_;
    std::unordered_map<std::string, Index> indexes_;
};

class Decoder
{
  public:
    explicit Decoder(std::vector<std::string> const& roles_known) : roles_known_(roles_known.begin(), roles_known.end()) {}

    World decode(Place const& root);

  private:
    using DecodeRow = void (Decoder::*)(Members&);
    void rows_of(Members& parts, std::string_view part, DecodeRow decode_row);

    // What many rows have.
    static std::string text_or_empty(Members& row, std::string_view key);
    static bool truth(Members& row, std::string_view key, bool otherwise);
    static std::optional<Timestamp> moment(Members& row, std::string_view key);
    static std::vector<std::string> texts(Members& row, std::string_view key);
    static std::optional<Uuid> uuid(Members& row, std::string_view key);
    // One of the words; refuses any other.
    static std::string word(Place const& place, std::initializer_list<std::string_view> words);
    // The digest of a secret, or the digest that the file has.
    Sha256 digest(Members& row, std::string_view secret, std::string_view digest_key);
    static std::string password(Members& row, std::string_view secret, std::string_view hash);
    Index team_of(Members& row) { return teams_.resolve(row.required("team")); }
    std::optional<Index> team_or_none(Members& row);
    std::optional<Index> user_or_none(Members& row, std::string_view key);
    static void require_team(Place const& place, Index found, Index wanted);
    Index experiment_of(Place const& place, Index team) const;

    // decode_accounts.cpp
    void team(Members& row);
    void roles(Place const& place); // {"Chat Viewer": ["view_experimentsession"], ...}
    void user(Members& row);
    void membership(Members& row);
    void api_key(Members& row);
    void browser_session(Members& row);

    // decode_chatbots.cpp
    void experiments(Place const& list);
    void experiment(Place const& place, store::ExperimentRow& result) const;
    void channel(Members& row);

    // decode_oauth.cpp
    void oauth(Place const& place);
    void application(Members& row);
    void access_token(Members& row);
    Index access_token_at(Place const& place) const; // By its name, or by its digest.
    void refresh_token(Members& row);
    void grant(Members& row);
    void consent(Members& row);

    // decode_sessions.cpp
    static std::string tag_key(Index team, std::string_view name, std::string_view category, bool is_system);
    void tag(Members& row);
    void participant(Members& row);
    void file(Members& row);
    // ["vip", ""], or ["vip", "", true] where two tags differ only in whether the system made them.
    Index tag_at(Place const& place, Index team) const;
    std::vector<Index> tags_at(Members& row, Index team) const;
    void session(Members& row);
    void session_references(Members& row, store::SessionRow& result) const;
    static void session_course(Members& row, store::SessionRow& result);
    void session_files(Members& row, store::SessionRow& result) const;
    static void session_usage(Place const& list, store::SessionRow& result);
    Message message(Place const& place, Index team) const;
    // A decimal, not negative, of at most 18 digits, of which so many may stand behind the point. The spelling is kept.
    static std::string decimal(Place const& place, std::size_t places_max);
    static store::UsageRow usage(Place const& place);

    [[nodiscard]] store::WorldRows& rows() noexcept { return world_.rows; }
    [[nodiscard]] store::WorldRows const& rows() const noexcept { return world_.rows; }

    World world_;
    std::unordered_set<std::string> roles_known_;
    std::unordered_set<std::string> digests_;
    std::unordered_multimap<std::string, Index> token_names_;
    Names teams_{"team"};
    Names users_{"user"};
    Names emails_{"user"};
    Names memberships_{"membership"};
    Names experiments_{"chatbot"};
    Names experiment_ids_{"chatbot"};
    Names applications_{"application"};
    Names client_ids_{"application"};
    Names tokens_{"access token"};
    Names consents_{"consent"};
    Names channels_{"channel"};
    Names tags_{"tag"};
    Names participants_{"participant"};
    Names identifiers_{"participant"};
    Names files_{"file"};
    Names sessions_{"session"};
};

} // namespace parley::world
