-- All users. No parameters. Rows: email, first_name, last_name, is_active, email_verified, has_password, teams (JSON), last_login, created_at.
select email, first_name, last_name, is_active, email_verified, password_hash <> '' as has_password,
    (
        select coalesce(json_agg(team.slug order by team.slug collate "C"), '[]')
        from membership
        join team on team.id = membership.team_id
        where membership.user_id = app_user.id
    ) as teams,
    last_login, created_at
from app_user
order by email collate "C"
