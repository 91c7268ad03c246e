// Goal: whoever measures Parley gets a report with one command, and a change that breaks the measuring is noticed before it is
// needed. Method: the short form of ./dev bench on the binaries under test. It judges errors, never times.
#include "parley/support/parleyd_process.hpp"
#include "parley/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace parley::e2e
{
namespace
{

std::string text_of(std::filesystem::path const& path)
{
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TEST(Bench, the_short_form_measures_every_operation_and_leaves_a_report)
{
    support::TemporaryFolder const folder;
    auto const report = folder.path() / "report";
    auto const binaries = std::filesystem::path(support::parleyd_path()).parent_path();
    auto const result = support::run_command(
        {.argv = {"python3", PARLEY_SOURCE_DIR "/loadtest/bench.py", "--smoke", "--binaries", binaries, "--report", report},
         .timeout = std::chrono::seconds(240)});
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
    auto const table = text_of(report / "report.md");
    for (char const* row :
         {"| session_retrieve | 8 | parley |", "| session_list | 8 | parley |", "| session_update_state | 8 | parley |",
          "| session_add_tags | 8 | parley |", "| session_create | 8 | parley |", "| mix | 8 | parley |",
          "| session_retrieve | 8 | floor |", "| session_create | 8 | floor |"})
        EXPECT_NE(table.find(row), std::string::npos) << row << " is missing in:\n" << table;
    for (char const* picture : {"cpu.svg", "requests.svg"})
        EXPECT_NE(text_of(report / picture).find("</svg>"), std::string::npos) << picture;
}

} // namespace
} // namespace parley::e2e
