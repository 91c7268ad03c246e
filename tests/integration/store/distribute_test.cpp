// What Citus wants of a schema, stated as its functions check it: no Citus is in Debian, so these stand in its place, refuse what
// it refuses, and remember what they were asked for. See docs/citus.md for what this does and does not show.
#include "parley/store/error.hpp"
#include "parley/store/migrate.hpp"
#include "parley/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace parley::store
{
namespace
{

constexpr char const* stand_in = R"sql(
create table citus_tables (table_name regclass primary key, citus_table_type text not null, colocation_id integer not null, place serial);

-- The rules that hold for every table that Citus takes.
create function check_taken(taken regclass) returns void language plpgsql as $$
begin
    if exists (select 1 from citus_tables where table_name = taken) then
        raise exception 'table "%" is already distributed', taken;
    end if;
    if exists (select 1 from pg_class where oid = taken and relpersistence <> 'p') then
        raise exception '% is not a permanent table', taken;
    end if;
    if exists (select 1 from pg_trigger where tgrelid = taken and not tgisinternal) then
        raise exception 'cannot distribute "%": triggers are not supported', taken;
    end if;
    if exists (select 1 from pg_attribute where attrelid = taken and attidentity <> '' and atttypid <> 'bigint'::regtype) then
        raise exception 'identity columns of "%" must be bigint', taken;
    end if;
end $$;

create function create_reference_table(table_name regclass) returns void language plpgsql as $$
begin
    perform check_taken(table_name);
    -- A foreign key of a reference table may lead to a reference table only.
    if exists (select 1 from pg_constraint c where c.contype = 'f' and c.conrelid = $1 and c.confrelid <> $1
               and not exists (select 1 from citus_tables t where t.table_name = c.confrelid and t.citus_table_type = 'reference')) then
        raise exception 'reference table "%" has a foreign key to a table that is none', $1;
    end if;
    insert into citus_tables values ($1, 'reference', 0);
end $$;

create function create_distributed_table(table_name regclass, distribution_column text, distribution_type text default 'hash',
                                         colocate_with text default 'default') returns void language plpgsql as $$
declare
    key smallint := (select attnum from pg_attribute where attrelid = $1 and attname = $2 and attnotnull);
    wrong text;
begin
    perform check_taken(table_name);
    if key is null then
        raise exception 'table "%" has no column "%" that is never null', $1, $2;
    end if;
    -- Every unique index has to hold the distribution column: a node can see to its own rows only.
    select i.indexrelid::regclass::text into wrong from pg_index i where i.indrelid = $1 and i.indisunique and not key = any (i.indkey);
    if wrong is not null then
        raise exception 'cannot create constraint on "%": unique index "%" does not include the partition column', $1, wrong;
    end if;
    -- A foreign key may lead to a reference table, or to a co-located table with the distribution column at the same place on both sides.
    select c.conname into wrong from pg_constraint c
    left join citus_tables t on t.table_name = c.confrelid
    where c.contype = 'f' and c.conrelid = $1 and t.citus_table_type is distinct from 'reference'
      and (t.table_name is null or array_position(c.conkey, key) is null
           or (select attname from pg_attribute where attrelid = c.confrelid and attnum = c.confkey[array_position(c.conkey, key)]) <> $2);
    if wrong is not null then
        raise exception 'cannot create foreign key constraint % of "%"', wrong, $1;
    end if;
    -- No table that is whole may refer to one that is spread.
    select c.conname into wrong from pg_constraint c
    left join citus_tables t on t.table_name = c.conrelid
    where c.contype = 'f' and c.confrelid = $1 and c.conrelid <> $1 and t.citus_table_type is distinct from 'distributed';
    if wrong is not null then
        raise exception 'foreign key % leads from a reference or local table to the distributed table "%"', wrong, $1;
    end if;
    if colocate_with not in ('default', 'none')
       and not exists (select 1 from citus_tables t where t.table_name = colocate_with::regclass and t.citus_table_type = 'distributed') then
        raise exception '"%" is not distributed', colocate_with;
    end if;
    insert into citus_tables values ($1, 'distributed', case when colocate_with in ('default', 'none') then 1 + (select count(*) from citus_tables)
        else (select t.colocation_id from citus_tables t where t.table_name = colocate_with::regclass) end);
end $$;
)sql";

std::string migrated_database()
{
    auto const url = support::new_database();
    SystemClock const clock;
    migrate(url, clock);
    return url;
}

std::string cluster()
{
    auto const url = migrated_database();
    support::execute_sql(url, stand_in);
    return url;
}

std::string sentence_of(std::string const& url)
{
    try
    {
        distribute(url);
    }
    catch (StoreError const& error)
    {
        return error.what();
    }
    return "";
}

TEST(Distribute, every_table_has_a_place)
{
    auto const tables = support::execute_sql(
        migrated_database(), "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace "
                             "and relname <> 'schema_migration' order by relname");
    std::set<std::string> names;
    for (auto const& table : placed_tables())
        EXPECT_TRUE(names.emplace(table.name).second) << table.name << " has two";
    std::string placed;
    for (auto const& name : names)
        placed += name + "\n";
    EXPECT_EQ(placed, tables);
}

TEST(Distribute, citus_rules_hold_for_every_table)
{
    auto const url = cluster();
    auto const names = distribute(url);
    std::string wanted;
    for (auto const& table : placed_tables())
        if (table.placement != Placement::local)
            wanted += std::string(table.name) + (table.placement == Placement::by_team ? "|distributed\n" : "|reference\n");
    EXPECT_EQ(support::execute_sql(url, "select table_name, citus_table_type from citus_tables order by place"), wanted);
    EXPECT_EQ(std::count(wanted.begin(), wanted.end(), '\n'), static_cast<std::ptrdiff_t>(names.size()));
}

TEST(Distribute, a_teams_rows_stay_together)
{
    auto const url = cluster();
    distribute(url);
    EXPECT_EQ(support::execute_sql(
                  url, "select count(distinct colocation_id) from citus_tables where citus_table_type = 'distributed'"),
              "1\n");
}

TEST(Distribute, what_is_distributed_already_is_passed_over)
{
    auto const url = cluster();
    EXPECT_FALSE(distribute(url).empty());
    EXPECT_TRUE(distribute(url).empty());
}

TEST(Distribute, goes_on_where_it_was_broken_off)
{
    auto const url = cluster();
    support::execute_sql(url, "alter table message drop constraint message_pkey; create unique index message_by_number on "
                              "message (session_number, position)");
    EXPECT_NE(sentence_of(url).find("\"message_by_number\" does not include the partition column"), std::string::npos)
        << sentence_of(url);
    EXPECT_EQ(support::execute_sql(
                  url, "select count(*) from citus_tables where table_name in ('session'::regclass, 'message'::regclass)"),
              "1\n");
    support::execute_sql(url,
                         "drop index message_by_number; alter table message add primary key (team_id, session_number, position)");
    auto const names = distribute(url);
    ASSERT_FALSE(names.empty());
    EXPECT_EQ(names.front(), "message");
}

TEST(Distribute, a_table_that_is_whole_may_not_refer_to_one_that_is_spread)
{
    auto const url = cluster();
    support::execute_sql(url, "alter table chat_session add foreign key (team_id, session_id) references session (team_id, id)");
    EXPECT_NE(sentence_of(url), "");
}

TEST(Distribute, without_the_extension_it_says_what_to_do)
{
    auto const url = migrated_database();
    EXPECT_NE(sentence_of(url).find("create extension citus"), std::string::npos) << sentence_of(url);
}

TEST(Distribute, a_database_that_is_not_migrated_is_refused)
{
    auto const url = support::new_database();
    support::execute_sql(url, stand_in);
    EXPECT_NE(sentence_of(url).find("is at migration 0"), std::string::npos) << sentence_of(url);
}

// A statement without its comments, from the file.
std::string read_statement(std::filesystem::path const& path)
{
    std::ifstream file(path);
    std::string text;
    for (std::string line; std::getline(file, line);)
        text += line.substr(0, line.find("--")) + "\n";
    return text;
}

bool matches(std::string const& text, char const* pattern)
{
    return std::regex_search(text, std::regex(pattern, std::regex::ECMAScript));
}

bool reads_spread_table(std::string const& text)
{
    return std::ranges::any_of(placed_tables(),
                               [&](PlacedTable const& table)
                               {
                                   return table.placement == Placement::by_team &&
                                          matches(text,
                                                  ("\\b(from|join|update|into)\\s+" + std::string(table.name) + "\\b").c_str());
                               });
}

// Statements whose teams are in arrays, or that name no team, go to several nodes. There Citus refuses some forms that are good
// on one.
bool is_for_one_team(std::string const& text)
{
    return matches(text, "team_id = \\$\\d|team_id = :team|values \\(\\$1::int8|values \\(\\$1::bigint|select \\$1::int8");
}

TEST(Distribute, statements_that_citus_refuses_are_known)
{
    std::set<std::string> refused;
    for (auto const& entry : std::filesystem::directory_iterator(std::string(PARLEY_SOURCE_DIR) + "/lib/store/sql"))
    {
        auto const name = entry.path().stem().string();
        auto const text = read_statement(entry.path());
        if (name.starts_with("world_") || !reads_spread_table(text) || is_for_one_team(text)) continue;
        if (matches(text, "for (no key )?(update|share)\\b")) refused.insert(name + ": rows of several nodes are locked");
        if (matches(text, "\\blimit\\b") && matches(text, "\\blateral\\b"))
            refused.insert(name + ": a limit for each row of an array");
        if (matches(text, "\\bctid\\b")) refused.insert(name + ": rows named by their place in a file");
        if (matches(text, "\\(\\s*select coalesce\\(sum\\([a-z.]*sessions\\)"))
            refused.insert(name + ": a sum for each row of another table");
    }
    // These two have another form there: ..._of_team and ..._everywhere.
    std::set<std::string> const known{
        "session_create_forget_reservations: rows named by their place in a file",
        "session_create_forget_reservations: rows of several nodes are locked",
        "session_remove_tags_lock: rows of several nodes are locked",
    };
    EXPECT_EQ(refused, known) << "bring docs/citus.md up to date too";
}

} // namespace
} // namespace parley::store
