// The administrator's verbs on the keys that sign ID tokens.
#include "oauth_administration.hpp"

#include "parley/oauth/signing_keys.hpp"

namespace parley::store
{

namespace
{

constexpr int bits_min = 2048;
constexpr int bits_max = 8192; // A signature of such a key takes a replica tens of milliseconds already.

std::vector<SigningKeyListing> read_listings(Administration::Impl& impl)
{
    auto const rows = impl.run("administration_signing_key_list");
    std::vector<SigningKeyListing> keys;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        SigningKeyListing key;
        key.kid = row.text(0);
        key.created_at = timestamp_at(row[1]);
        key.retired_at = optional_time(row, 2);
        keys.push_back(std::move(key));
    }
    return keys;
}

// The rule by which oauth::SigningKeys chooses: of the active keys the newest that has been published long enough, else the
// oldest.
SigningKeyListing* find_signer(std::vector<SigningKeyListing>& keys, Timestamp now)
{
    SigningKeyListing* signer = nullptr;
    for (auto& key : keys)
        if (!key.retired_at && (signer == nullptr || key.signs_from <= now)) signer = &key;
    return signer;
}

std::string state_of(SigningKeyListing const& key, SigningKeyListing const* signer, Timestamp now)
{
    if (key.published_until) return *key.published_until > now ? "retired" : "gone";
    if (&key == signer) return "signing";
    return key.signs_from > now ? "waiting" : "verifying";
}

std::vector<SigningKeyListing> judge(std::vector<SigningKeyListing> keys, Timestamp now)
{
    oauth::SigningKeysSettings const settings;
    for (auto& key : keys)
    {
        key.signs_from = key.created_at + settings.published_before_signing;
        if (key.retired_at) key.published_until = *key.retired_at + settings.published_after_retirement;
    }
    auto const* const signer = find_signer(keys, now);
    for (auto& key : keys)
        key.state = state_of(key, signer, now);
    return keys;
}

SigningKeyListing& find_key(std::vector<SigningKeyListing>& keys, std::string const& kid)
{
    SigningKeyListing* found = nullptr;
    for (auto& key : keys)
    {
        if (kid.empty() || !key.kid.starts_with(kid)) continue;
        if (found != nullptr) throw Refused("several signing keys begin with \"" + kid + "\": write more of it");
        found = &key;
    }
    if (found == nullptr) throw Refused("signing key \"" + kid + "\" does not exist");
    return *found;
}

oauth::SigningKey make_key(int bits, std::optional<std::string> const& pem, Timestamp now)
{
    if (pem)
    {
        auto key = oauth::read_signing_key(*pem, now);
        if (!key) throw Refused("this is no RSA key of 2048 bits or more in PEM, without a passphrase");
        return std::move(*key);
    }
    if (bits < bits_min || bits > bits_max) throw Refused("a signing key has 2048 to 8192 bits");
    return oauth::make_signing_key(now, bits);
}

// Whether another active key than this has been published long enough to sign.
bool has_successor(std::vector<SigningKeyListing> const& keys, SigningKeyListing const& retiring, Timestamp now)
{
    for (auto const& key : keys)
        if (&key != &retiring && !key.retired_at && key.signs_from <= now) return true;
    return false;
}

} // namespace

std::vector<SigningKeyListing> OAuthAdministration::signing_keys()
{
    return impl_.guarded([&] { return judge(read_listings(impl_), impl_.clock.now()); });
}

SigningKeyListing OAuthAdministration::add_signing_key(int bits, std::optional<std::string> const& pem)
{
    auto const now = impl_.clock.now();
    auto const key = make_key(bits, pem, now);
    return impl_.change("signing-key.add", key.kid,
                        [&](Detail&)
                        {
                            Parameters parameters;
                            parameters.add(key.kid).add(key.private_pem).add(now);
                            if (impl_.run("administration_signing_key_insert", parameters).empty())
                                throw Refused("the signing key is here already: " + key.kid);
                            auto keys = judge(read_listings(impl_), now);
                            return find_key(keys, key.kid);
                        });
}

SigningKeyListing OAuthAdministration::retire_signing_key(std::string const& kid, bool at_once)
{
    return impl_.change("signing-key.retire", kid,
                        [&](Detail& detail)
                        {
                            impl_.run("oauth_lock_signing_keys");
                            auto const now = impl_.clock.now();
                            auto keys = judge(read_listings(impl_), now);
                            auto& key = find_key(keys, kid);
                            detail.set_subject(key.kid);
                            if (key.retired_at) throw Refused("signing key " + key.kid + " is retired already");
                            if (!at_once && !has_successor(keys, key, now))
                                throw Refused("no other signing key is ready: add one, and wait until it signs");
                            key.retired_at = now;
                            Parameters parameters;
                            parameters.add(key.kid).add(now);
                            impl_.run("administration_signing_key_retire", parameters);
                            auto changed = judge(keys, now);
                            return find_key(changed, key.kid);
                        });
}

SigningKeyListing OAuthAdministration::remove_signing_key(std::string const& kid, bool at_once)
{
    return impl_.change("signing-key.remove", kid,
                        [&](Detail& detail)
                        {
                            impl_.run("oauth_lock_signing_keys");
                            auto keys = judge(read_listings(impl_), impl_.clock.now());
                            auto key = find_key(keys, kid);
                            detail.set_subject(key.kid);
                            if (!key.retired_at) throw Refused("signing key " + key.kid + " is not retired");
                            if (!at_once && key.state != "gone")
                                throw Refused("signing key " + key.kid + " is needed until " +
                                              format_timestamp(*key.published_until) +
                                              ": tokens that it signed are still out there");
                            Parameters parameters;
                            parameters.add(key.kid);
                            impl_.run("administration_signing_key_delete", parameters);
                            return key;
                        });
}

} // namespace parley::store
