// The administrator's verbs on what users have granted, and on tokens.
#include "oauth_administration.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::store
{

namespace
{

constexpr std::int64_t portion_rows = 5000; // What one transaction of sweep_ahead takes: a lock of some ten milliseconds.
constexpr std::size_t digits_min = 8;
constexpr std::size_t digits_max = 64;

Parameters to_parameters(SelectedTokens const& selected)
{
    Parameters parameters;
    parameters.add(selected.application_id).add(selected.user_id).add(selected.team_id);
    return parameters;
}

Revocation read_tokens(Rows::Row row)
{
    Revocation revoked;
    revoked.access_tokens = row.number(0);
    revoked.refresh_tokens = row.number(1);
    return revoked;
}

void require_selection(TokenSelection const& selection)
{
    if (selection.is_empty()) throw Refused("whose? name a user, an application or a team");
}

std::string subject_of(TokenSelection const& selection)
{
    std::string subject;
    for (auto const* const part : {&selection.application, &selection.email, &selection.team})
        if (!part->empty()) subject += (subject.empty() ? "" : "/") + *part;
    return subject;
}

void describe(Detail& detail, TokenSelection const& selection)
{
    detail.text("application", selection.application).text("user", selection.email).text("team", selection.team);
}

// The token that an administrator named by the beginning of its digest.
struct FoundToken
{
    Sha256 digest{};
    std::optional<Uuid> family;
    std::string client_id;
    std::string email;
};

FoundToken find_token(Administration::Impl& impl, std::string const& id)
{
    auto const range = digests_from(id, "token");
    Parameters parameters;
    parameters.add(range.first).add(range.last);
    auto const rows = impl.run("administration_token_find", parameters);
    if (rows.empty()) throw Refused("token \"" + id + "\" does not exist");
    if (rows.size() > 1) throw Refused("several tokens begin with \"" + id + "\": write more of it");
    auto row = rows[0];
    FoundToken found;
    found.digest = sha256_from_hex(row[0]).value();
    if (auto const family = row.optional(1)) found.family = Uuid::parse(*family);
    found.client_id = row.text(3);
    found.email = row.text(4);
    return found;
}

Revocation revoke(Administration::Impl& impl, FoundToken const& token)
{
    ArrayParameter family(Oid::uuid);
    if (token.family)
        family.add(*token.family);
    else
        family.add_null();
    Parameters parameters;
    parameters.add(token.digest).add(std::move(family)).add(impl.clock.now());
    return read_tokens(impl.run("administration_token_revoke", parameters)[0]);
}

GrantListing read_grant(Rows::Row row)
{
    GrantListing listing;
    listing.client_id = row.text(0);
    listing.application = row.text(1);
    listing.email = row.text(2);
    listing.team = optional_text(row, 3);
    listing.scopes = texts_at(row[4]);
    listing.granted_at = optional_time(row, 5);
    listing.access_tokens = row.number(6);
    listing.refresh_tokens = row.number(7);
    return listing;
}

TokenListing read_token(Rows::Row row)
{
    TokenListing listing;
    listing.id = row.text(0);
    listing.kind = row.text(1);
    listing.client_id = row.text(2);
    listing.application = row.text(3);
    listing.email = optional_text(row, 4);
    listing.team = optional_text(row, 5);
    listing.scope = row.text(6);
    listing.state = row.text(7);
    listing.created_at = timestamp_at(row[8]);
    listing.expires_at = optional_time(row, 9);
    return listing;
}

// Kills a selection: most of it ahead, the rest in the change, which take_more may add to.
template <class TakeMore>
Revocation revoke_selection(Administration::Impl& impl, std::string_view action, TokenSelection const& selection,
                            TakeMore take_more)
{
    require_selection(selection);
    auto const selected = impl.guarded([&] { return look_up(impl, selection); });
    auto const ahead = impl.guarded([&] { return sweep_ahead(impl, selected); });
    return impl.change(action, subject_of(selection),
                       [&](Detail& detail)
                       {
                           lock_tokens(impl);
                           auto const revoked = ahead + sweep(impl, selected) + take_more(selected);
                           describe(detail, selection);
                           store::describe(detail, revoked);
                           return revoked;
                       });
}

} // namespace

Revocation operator+(Revocation left, Revocation const& right) noexcept
{
    left.access_tokens += right.access_tokens;
    left.refresh_tokens += right.refresh_tokens;
    left.codes += right.codes;
    left.grants += right.grants;
    return left;
}

SelectedTokens look_up(Administration::Impl& impl, TokenSelection const& selection)
{
    SelectedTokens selected;
    if (!selection.application.empty()) selected.application_id = find_application(impl, selection.application);
    if (!selection.email.empty()) selected.user_id = impl.user_id(selection.email);
    if (!selection.team.empty()) selected.team_id = impl.team_id(selection.team);
    return selected;
}

Revocation sweep_ahead(Administration::Impl& impl, SelectedTokens const& selected)
{
    auto parameters = to_parameters(selected);
    parameters.add(impl.clock.now()).add(portion_rows);
    Revocation revoked;
    for (;;)
    {
        auto const portion = read_tokens(impl.run("administration_token_sweep_ahead", parameters)[0]);
        revoked = revoked + portion;
        if (std::max(portion.access_tokens, portion.refresh_tokens) < portion_rows) return revoked;
    }
}

void lock_tokens(Administration::Impl& impl)
{
    impl.run("administration_token_lock");
}

Revocation sweep(Administration::Impl& impl, SelectedTokens const& selected)
{
    auto parameters = to_parameters(selected);
    parameters.add(selected.spared_team_id).add(impl.clock.now());
    auto const rows = impl.run("administration_token_sweep", parameters);
    auto revoked = read_tokens(rows[0]);
    revoked.codes = rows[0].number(2);
    return revoked;
}

void describe(Detail& detail, Revocation const& revoked)
{
    detail.number("access_tokens", revoked.access_tokens).number("refresh_tokens", revoked.refresh_tokens);
    detail.number("codes", revoked.codes).number("grants", revoked.grants);
}

DigestRange digests_from(std::string const& beginning, std::string_view noun)
{
    auto const digits = to_lower_ascii(beginning);
    auto const is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (digits.size() < digits_min || digits.size() > digits_max || !std::ranges::all_of(digits, is_digit))
        throw Refused("\"" + beginning + "\" is not the id of a " + std::string(noun) +
                      ": 8 to 64 hexadecimal digits, as list shows them");
    auto const missing = digits_max - digits.size();
    return {.first = sha256_from_hex(digits + std::string(missing, '0')).value(),
            .last = sha256_from_hex(digits + std::string(missing, 'f')).value()};
}

std::optional<std::string> optional_text(Rows::Row& row, int column)
{
    auto const text = row.optional(column);
    return text ? std::optional(std::string(*text)) : std::nullopt;
}

std::optional<Timestamp> optional_time(Rows::Row& row, int column)
{
    auto const text = row.optional(column);
    return text ? std::optional(timestamp_at(*text)) : std::nullopt;
}

std::vector<GrantListing> OAuthAdministration::grants(TokenSelection const& selection)
{
    return impl_.guarded(
        [&]
        {
            auto parameters = to_parameters(look_up(impl_, selection));
            parameters.add(impl_.clock.now());
            auto const rows = impl_.run("administration_grant_list", parameters);
            std::vector<GrantListing> listings;
            for (std::size_t i = 0; i < rows.size(); ++i)
                listings.push_back(read_grant(rows[i]));
            return listings;
        });
}

Revocation OAuthAdministration::revoke_grants(TokenSelection const& selection)
{
    return revoke_selection(impl_, "grant.revoke", selection,
                            [&](SelectedTokens const& selected)
                            {
                                Revocation revoked;
                                auto const gone = impl_.run("administration_grant_revoke", to_parameters(selected));
                                revoked.grants = static_cast<std::int64_t>(gone.size());
                                return revoked;
                            });
}

std::vector<TokenListing> OAuthAdministration::tokens(TokenSelection const& selection, std::int64_t rows_max)
{
    return impl_.guarded(
        [&]
        {
            auto parameters = to_parameters(look_up(impl_, selection));
            parameters.add(impl_.clock.now()).add(rows_max);
            auto const rows = impl_.run("administration_token_list", parameters);
            std::vector<TokenListing> listings;
            for (std::size_t i = 0; i < rows.size(); ++i)
                listings.push_back(read_token(rows[i]));
            return listings;
        });
}

Revocation OAuthAdministration::revoke_token(std::string const& id)
{
    return impl_.change("token.revoke", id,
                        [&](Detail& detail)
                        {
                            lock_tokens(impl_);
                            auto const token = find_token(impl_, id);
                            auto const revoked = revoke(impl_, token);
                            detail.set_subject(to_hex(token.digest).substr(0, shown_digits));
                            detail.text("application", token.client_id).text("user", token.email);
                            store::describe(detail, revoked);
                            return revoked;
                        });
}

Revocation OAuthAdministration::revoke_tokens(TokenSelection const& selection)
{
    return revoke_selection(impl_, "token.revoke", selection, [](SelectedTokens const&) { return Revocation{}; });
}

} // namespace parley::store
