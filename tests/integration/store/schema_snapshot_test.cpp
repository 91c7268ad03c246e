// lib/store/schema.sql is what all migrations together make. To bring it up to date: PARLEY_WRITE_SCHEMA=1 integration_store
// --gtest_filter='SchemaSnapshot*'.
#include "parley/store/migrate.hpp"
#include "parley/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace parley::store
{
namespace
{

// The tables as pg_dump writes them, without comments, settings and what belongs to the dump's version.
std::string dump(std::string const& url)
{
    auto const command =
        "pg_dump --schema-only --no-owner --no-privileges --exclude-table=schema_migration --dbname=\"" + url + "\" 2>&1";
    std::FILE* const pipe = ::popen(command.c_str(), "r"); // NOLINT: a fixed command, in a test.
    std::string text;
    char buffer[4096];
    while (std::fgets(buffer, sizeof buffer, pipe))
    {
        std::string_view const line = buffer;
        bool const is_noise = line.starts_with("--") || line.starts_with("SET ") ||
                              line.starts_with("SELECT pg_catalog.set_config") || line.starts_with("\\");
        bool const is_second_blank = line == "\n" && (text.empty() || text.ends_with("\n\n"));
        if (!is_noise && !is_second_blank) text += line;
    }
    EXPECT_EQ(::pclose(pipe), 0) << text;
    return text;
}

TEST(SchemaSnapshot, all_migrations_on_an_empty_database_make_it)
{
    auto const path = std::string(PARLEY_SOURCE_DIR) + "/lib/store/schema.sql";
    auto const migrated = support::new_database();
    SystemClock const clock;
    migrate(migrated, clock);
    if (std::getenv("PARLEY_WRITE_SCHEMA")) // NOLINT(concurrency-mt-unsafe)
    {
        std::ofstream(path) << "-- What all migrations together make (pg_dump, without data). Held by "
                               "tests/integration/store/schema_snapshot_test.cpp; not run by anybody.\n\n"
                            << dump(migrated);
    }
    std::ostringstream snapshot;
    snapshot << std::ifstream(path).rdbuf();
    auto const described = support::new_database();
    support::execute_sql(described, snapshot.str());
    EXPECT_EQ(dump(described), dump(migrated)) << "bring lib/store/schema.sql up to date; see the head of this test";
}

} // namespace
} // namespace parley::store
