// A migrated database for one test, and ways to look into it.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/store/administration.hpp"
#include "parley/store/migrate.hpp"
#include "parley/support/postgres_server.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace parley::world
{

inline Timestamp const test_start = *parse_timestamp("2026-06-01T12:00:00.123456Z");

class FreshDatabase
{
  public:
    FreshDatabase() : url_(support::new_database()) { store::migrate(url_, clock); }

    [[nodiscard]] std::string const& url() const noexcept { return url_; }
    [[nodiscard]] std::string sql(std::string_view statement) const
    {
        auto answer = support::execute_sql(url_, statement);
        while (answer.ends_with('\n'))
            answer.pop_back();
        return answer;
    }
    [[nodiscard]] store::Administration administration() const { return {url_, "tester", clock}; }

    // Every row of every table as text.
    [[nodiscard]] std::string everything() const
    {
        return sql("select string_agg(table_to_xml(table_name::regclass, true, false, '')::text, '' order by table_name) "
                   "from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'");
    }

    // What the service relies on and does not find: the names of the rules that a row breaks.
    [[nodiscard]] std::string broken_rules() const
    {
        return sql(R"(
            select string_agg(rule, ', ') from (
                select 'message_count' as rule from session s
                where message_count <> (select count(*) from message m where m.team_id = s.team_id and m.session_number = s.number)
                union all
                select 'positions' from (select row_number() over (partition by team_id, session_number order by created_at, position) - 1 as place,
                                                position from message) m where place <> position
                union all
                select 'tag_names' from session s
                where tag_names <> array(select t.name::text from unnest(s.tag_ids) with ordinality a (id, n)
                                         join tag t on t.team_id = s.team_id and t.id = a.id order by a.n)
                union all
                select 'tags' from session s
                where s.tags::jsonb <> (select coalesce(jsonb_agg(t.name order by t.id), '[]') from tag t
                                        where t.team_id = s.team_id and t.id = any (s.tag_ids))
                union all
                select 'system_tag_ids' from session s
                where system_tag_ids <> array(select a.id from unnest(s.tag_ids) with ordinality a (id, n)
                                              join tag t on t.team_id = s.team_id and t.id = a.id where t.is_system order by a.n)
                union all
                select 'facets' from (
                    select s.team_id, 1 as facet, t.name, s.created_at, s.id from session s
                    join tag t on t.team_id = s.team_id and t.id = any (s.tag_ids)
                    union
                    select s.team_id, 2, t.name, s.created_at, s.id from session s
                    join message m on m.team_id = s.team_id and m.session_number = s.number
                    join tag t on t.team_id = s.team_id and t.id = any (m.tag_ids) and t.category = 'experiment_version'
                ) wanted
                full join session_facet f on f.team_id = wanted.team_id and f.facet = wanted.facet and f.value = wanted.name
                    and f.created_at = wanted.created_at and f.session_id = wanted.id
                where f.value is null or wanted.name is null
                union all
                select 'session_count' from (select team_id, experiment_id, count(*) as n from session group by 1, 2) s
                full join (select team_id, experiment_id, sum(sessions) as n from session_count group by 1, 2) c using (team_id, experiment_id)
                where coalesce(s.n, 0) <> coalesce(c.n, 0)
                union all
                select 'session_version_count' from (
                    select f.team_id, f.value as version, s.experiment_id, count(*) as n from session_facet f
                    join session s on s.team_id = f.team_id and s.id = f.session_id where f.facet = 2 group by 1, 2, 3
                ) f
                full join session_version_count c using (team_id, version, experiment_id)
                where coalesce(f.n, 0) <> coalesce(c.sessions, 0)
                union all
                select 'has_links' from session s
                where has_links <> exists (select from message m where m.team_id = s.team_id and m.session_number = s.number
                                           and position(chr(1) in m.rendered) > 0)
                union all
                select 'participant' from session s
                join participant p on p.team_id = s.team_id and p.id = s.participant_id
                where (s.participant_identifier, s.participant_remote_id) <> (p.identifier, p.remote_id)
                union all
                select 'numbers' from session group by number having count(*) > 1
            ) broken)");
    }

    ManualClock clock{test_start};

  private:
    std::string url_;
};

inline std::string small_world_path()
{
    return PARLEY_SOURCE_DIR "/tests/integration/world/data/small_world.json";
}

inline std::string small_world()
{
    std::ifstream file(small_world_path());
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace parley::world
