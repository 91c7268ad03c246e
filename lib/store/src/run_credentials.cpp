#include "jobs.hpp"
#include "run_jobs.hpp"
#include "session_rows.hpp"

namespace parley::store
{

namespace
{

auth::Permission to_permissions(std::string_view names)
{
    auto permissions = auth::Permission::none;
    while (!names.empty())
    {
        auto const end = std::min(names.find(','), names.size());
        if (auto const one = auth::permission_from_name(names.substr(0, end))) permissions = permissions | *one;
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return permissions;
}

bool has_word(std::string_view text, std::string_view word)
{
    while (!text.empty())
    {
        auto const end = std::min(text.find(' '), text.size());
        if (text.substr(0, end) == word) return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

// Columns 1 to 5: the team, as both statements have it, and the user's e-mail.
void read_team_and_user(Rows::Row& row, auth::Principal& principal)
{
    if (!row.is_null(1)) principal.team = {row.number(1), row.text(2), row.text(3), std::nullopt};
    if (auto const limit = row.optional(4)) principal.team.api_rate_limit = std::string(*limit);
    if (auto const email = row.optional(5)) principal.user_email = std::string(*email);
}

std::optional<Timestamp> to_time(std::optional<std::string_view> text)
{
    if (!text) return std::nullopt;
    if (*text == "infinity") return std::nullopt;
    return parse_timestamp(to_api_time(*text)).value_or(Timestamp::min());
}

auth::CredentialRecord read_api_key(Rows::Row& row)
{
    auth::CredentialRecord record;
    read_team_and_user(row, record.principal);
    record.principal.read_only = row.flag(6);
    record.is_revoked = row.flag(7);
    record.expires = to_time(row.optional(8));
    record.user_is_active = row.flag(9);
    record.is_member = row.flag(10);
    record.principal.permissions = to_permissions(row[11]);
    return record;
}

auth::CredentialRecord read_access_token(Rows::Row& row)
{
    auth::CredentialRecord record;
    read_team_and_user(row, record.principal);
    record.principal.is_scoped = true;
    record.principal.has_read_scope = has_word(row[6], "sessions:read");
    record.principal.has_write_scope = has_word(row[6], "sessions:write");
    record.expires = to_time(row.optional(7));
    record.user_is_active = row.flag(8);
    record.is_member = row.flag(9);
    record.principal.permissions = to_permissions(row[10]);
    return record;
}

} // namespace

void run_find_credential(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = as<FindCredentialJob>(jobs);
    bool const are_keys = typed.front()->verb == Verb::credential_find_api_key;
    ArrayParameter digests(Oid::bytes);
    for (auto const* job : typed)
        digests.add(job->digest);
    Parameters parameters;
    parameters.add(std::move(digests));
    auto const rows = context.statements.run(name_of(typed.front()->verb), parameters);
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        auto& job = *typed[static_cast<std::size_t>(row.number(0)) - 1];
        context.answer(job, std::optional(are_keys ? read_api_key(row) : read_access_token(row)));
    }
    for (auto* job : typed)
        context.answer(*job, std::optional<auth::CredentialRecord>()); // Those not found.
}

} // namespace parley::store
