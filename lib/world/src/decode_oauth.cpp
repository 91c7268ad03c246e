#include "decoder.hpp"

#include <iterator>
#include <string>

namespace parley::world
{

void Decoder::oauth(Place const& place)
{
    Members parts(place);
    if (auto const scopes = parts.present("scopes_machine_allowed")) rows().scopes_machine_allowed = scopes->texts();
    rows_of(parts, "applications", &Decoder::application);
    rows_of(parts, "access_tokens", &Decoder::access_token);
    rows_of(parts, "refresh_tokens", &Decoder::refresh_token);
    rows_of(parts, "grants", &Decoder::grant);
    rows_of(parts, "consents", &Decoder::consent);
    parts.finish();
}

void Decoder::application(Members& row)
{
    auto const key = row.required("key");
    auto const client_id = row.required("client_id");
    store::ApplicationRow result;
    result.client_id = client_id.text_of_visible();
    result.client_secret_hash = password(row, "client_secret", "client_secret_hash");
    result.client_type = word(row.required("client_type"), {"public", "confidential"});
    result.grant_type = word(row.required("grant"), {"authorization-code", "client-credentials"});
    result.team = team_or_none(row);
    result.redirect_uris = texts(row, "redirect_uris");
    if (auto const algorithm = row.optional("algorithm")) result.algorithm = word(*algorithm, {"RS256", ""});
    result.name = row.required("name").text();
    result.owner = user_or_none(row, "owner");
    if (auto const list = row.optional("allowed_chatbots"))
        list->each([&](Place const& chatbot) { result.allowed_experiments.push_back(experiments_.resolve(chatbot)); });
    if (auto const scopes = row.present("allowed_scopes")) result.allowed_scopes = scopes->texts();
    result.is_resource_server = truth(row, "resource_server", false);
    result.created_at = moment(row, "created_at");
    applications_.add(key, key.text(), rows().applications.size());
    client_ids_.add(client_id, result.client_id, rows().applications.size());
    rows().applications.push_back(std::move(result));
}

void Decoder::access_token(Members& row)
{
    auto const name = row.required("name");
    store::AccessTokenRow result;
    result.name = name.text();
    result.token_sha256 = digest(row, "token", "token_sha256");
    result.application = applications_.resolve(row.required("app"));
    result.user = user_or_none(row, "user");
    result.team = team_or_none(row);
    result.scope = text_or_empty(row, "scope");
    result.expires_at = row.required("expires").moment();
    result.family = uuid(row, "family");
    result.created_at = moment(row, "created_at");
    token_names_.emplace(result.name, rows().access_tokens.size());
    tokens_.add(name, to_hex(result.token_sha256), rows().access_tokens.size());
    rows().access_tokens.push_back(std::move(result));
}

Index Decoder::access_token_at(Place const& place) const
{
    auto const name = place.text();
    if (auto const by_digest = tokens_.find(name)) return *by_digest;
    auto const [first, last] = token_names_.equal_range(name);
    if (first == last) place.refuse("there is no such access token");
    if (std::next(first) != last) place.refuse("several access tokens are of this name: refer to one by its token_sha256");
    return first->second;
}

void Decoder::refresh_token(Members& row)
{
    store::RefreshTokenRow result;
    result.name = text_or_empty(row, "name");
    result.token_sha256 = digest(row, "token", "token_sha256");
    if (auto const token = row.present("access_token")) result.access_token = access_token_at(*token);
    result.application = applications_.resolve(row.required("app"));
    result.user = users_.resolve(row.required("user"));
    result.team = team_or_none(row);
    auto const scope = row.optional("scope");
    if (scope)
        result.scope = scope->text();
    else if (result.access_token)
        result.scope = rows().access_tokens[*result.access_token].scope;
    result.family = uuid(row, "family");
    result.revoked_at = moment(row, "revoked_at");
    result.auth_time = moment(row, "auth_time");
    result.created_at = moment(row, "created_at");
    rows().refresh_tokens.push_back(std::move(result));
}

void Decoder::grant(Members& row)
{
    store::GrantRow result;
    result.code_sha256 = digest(row, "code", "code_sha256");
    result.application = applications_.resolve(row.required("app"));
    result.user = users_.resolve(row.required("user"));
    result.team = team_or_none(row);
    result.scope = text_or_empty(row, "scope");
    result.redirect_uri = row.required("redirect_uri").text();
    result.code_challenge = text_or_empty(row, "code_challenge");
    result.code_challenge_method = text_or_empty(row, "code_challenge_method");
    result.nonce = text_or_empty(row, "nonce");
    result.expires_at = row.required("expires").moment();
    result.auth_time = moment(row, "auth_time");
    result.created_at = moment(row, "created_at");
    rows().grants.push_back(std::move(result));
}

void Decoder::consent(Members& row)
{
    auto const app = row.required("app");
    store::ConsentRow result;
    result.user = users_.resolve(row.required("user"));
    result.application = applications_.resolve(app);
    result.team = team_of(row);
    result.scopes = texts(row, "scopes");
    result.granted_at = moment(row, "granted_at");
    consents_.add(app, key_of(result.team, std::to_string(result.user) + "/" + std::to_string(result.application)),
                  rows().consents.size());
    rows().consents.push_back(std::move(result));
}

} // namespace parley::world
