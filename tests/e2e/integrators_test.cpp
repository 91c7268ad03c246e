// Goal: what the page for integrators tells people to type works, word by word.
// Method: its blocks, run in order by one shell against a real service; each must succeed and print what the page says.
#include "parley/support/parleyd_process.hpp"
#include "parley/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace parley::e2e
{
namespace
{

struct Block
{
    int line = 0; // Of the page, where it begins.
    std::string script;
    std::vector<std::string> prints;
};

constexpr std::string_view fence = "```";
constexpr std::string_view prints_mark = "# prints: ";

std::vector<Block> read_blocks(std::string const& path)
{
    std::ifstream page(path);
    EXPECT_TRUE(page) << path;
    std::vector<Block> blocks;
    bool is_inside = false;
    int number = 0;
    for (std::string line; std::getline(page, line);)
    {
        ++number;
        if (line.starts_with(fence))
        {
            is_inside = !is_inside;
            if (!is_inside) continue;
            blocks.push_back({.line = number, .script = {}, .prints = {}});
            EXPECT_EQ(line, "```sh") << "line " << number << ": every block is run, so every block is for a shell";
            continue;
        }
        if (!is_inside) continue;
        if (line.starts_with(prints_mark)) blocks.back().prints.push_back(line.substr(prints_mark.size()));
        blocks.back().script += line + "\n";
    }
    EXPECT_FALSE(is_inside) << "the last block has no end";
    return blocks;
}

std::string mark_of(Block const& block)
{
    return "=== line " + std::to_string(block.line) + " ===\n";
}

// What each block printed stands behind its mark.
std::string to_script(std::vector<Block> const& blocks)
{
    std::string script = "set -eu\n";
    for (auto const& block : blocks)
        script += "echo\necho '" + mark_of(block).substr(0, mark_of(block).size() - 1) + "'\n" + block.script;
    return script + "echo\necho '=== end ==='\n";
}

std::string printed_by(std::string const& output, Block const& block)
{
    auto const begin = output.find(mark_of(block));
    if (begin == std::string::npos) return {};
    auto const text = output.substr(begin + mark_of(block).size());
    return text.substr(0, text.find("\n=== "));
}

TEST(Integrators, every_block_of_the_page_works_in_order)
{
    auto const blocks = read_blocks(PARLEY_SOURCE_DIR "/docs/integrators.md");
    ASSERT_GE(blocks.size(), 15U);
    auto const database_url = support::new_database();
    support::ParleydProcess const service({.database_url = database_url});
    support::TemporaryFolder const folder;
    auto const path = (folder.path() / "page.sh").string();
    std::ofstream(path) << to_script(blocks);
    auto const result = support::run_command({.argv = {"sh", path},
                                              .environment = {{"PARLEY", support::parley_path()},
                                                              {"API", "http://127.0.0.1:" + std::to_string(service.port())},
                                                              {"DATABASE_URL", database_url}},
                                              .timeout = std::chrono::seconds(120)});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_NE(result.out.find("\n=== end ===\n"), std::string::npos) << "it stopped behind the last of these blocks:\n"
                                                                     << result.out << result.err;
    int promises = 0;
    for (auto const& block : blocks)
    {
        auto const printed = printed_by(result.out, block);
        for (auto const& wanted : block.prints)
            EXPECT_NE(printed.find(wanted), std::string::npos)
                << "docs/integrators.md, block of line " << block.line << " does not print: " << wanted << "\n"
                << printed << result.err;
        promises += static_cast<int>(block.prints.size());
    }
    EXPECT_GE(promises, 20);
}

} // namespace
} // namespace parley::e2e
