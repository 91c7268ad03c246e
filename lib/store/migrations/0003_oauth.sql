-- What the authorization server keeps beyond 0001. Columns are added with constant defaults, so each "alter table" takes its lock for a moment
-- only; the previous release passes over them. The indexes are on small tables.

alter table oauth_application
    add column allowed_scopes     text[],                       -- Null: all that its kind of client may have.
    add column is_resource_server boolean not null default false; -- May introspect every client's tokens.

alter table oauth_grant
    add column family      uuid,         -- What came from it is revoked together; null: not redeemed yet.
    add column redeemed_at timestamptz,  -- Burnt. The row stays for a while, so that a second use is seen.
    add column auth_time   timestamptz;  -- When the user gave their password; null: at their last login.
create index oauth_grant_by_expiry on oauth_grant (expires_at);

alter table oauth_refresh_token
    add column auth_time timestamptz;
create index oauth_refresh_token_by_creation on oauth_refresh_token (created_at);

alter table browser_session
    add column authenticated_at timestamptz; -- Null: at the user's last login.
create index browser_session_by_use on browser_session (last_seen_at);

create index app_user_by_lower_email on app_user (lower(email));

-- What a user has allowed an application to do in a team.
create table oauth_consent
(
    user_id        bigint      not null references app_user,
    application_id bigint      not null references oauth_application,
    team_id        bigint      not null references team,
    scopes         text[]      not null,
    granted_at     timestamptz not null,
    primary key (user_id, application_id, team_id)
);
create index oauth_consent_by_application on oauth_consent (application_id);

-- The keys that sign ID tokens.
create table oauth_signing_key
(
    kid         text primary key,      -- The thumbprint of the public half (RFC 7638).
    private_pem text        not null,  -- PKCS#8, as it is: whoever reads this table can sign.
    created_at  timestamptz not null,
    retired_at  timestamptz            -- It signs no more since then, and is published for a while yet; null: active.
);
