-- What is kept about somebody. Sessions whose participant is gone and that bear the identifier are what an erasure left that was broken off.
-- $1 team, $2 ids of participants, $3 identifier. Rows: sessions, messages, files that nobody else has, chatbots whose list of who may chat has the identifier; one.
-- Reads the sessions of the team: no index leads from a participant to theirs.
with theirs as materialized (
    select s.number, s.message_count
    from session s
    where s.team_id = $1::int8
      and (s.participant_id = any ($2::int8[])
           or s.participant_identifier = $3::text
              and not exists (select from participant p where p.team_id = s.team_id and p.id = s.participant_id))
)
select (select count(*) from theirs),
       (select coalesce(sum(t.message_count), 0) from theirs t),
       (select count(*)
        from (select distinct f.file_id from session_file f where f.team_id = $1::int8 and f.session_number in (select number from theirs)) d
        where not exists (
            select from session_file o
            where o.team_id = $1::int8 and o.file_id = d.file_id and o.session_number not in (select number from theirs))),
       (select count(*) from experiment e where e.team_id = $1::int8 and $3::text = any (e.allowlist))
