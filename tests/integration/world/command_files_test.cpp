// The manual page and the shells' completions are what the programs write, and a shell that reads them completes.
#include "parley/support/child_process.hpp"
#include "parley/support/parleyd_process.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace parley::world
{

namespace
{

std::string output_of(std::vector<std::string> argv)
{
    auto const result = support::run_command({.argv = argv});
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(argv) << result.err;
    return result.out;
}

std::string stored(std::string const& path)
{
    std::ifstream file(PARLEY_SOURCE_DIR + ("/deploy/" + path), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// What bash offers for the last of the words.
std::string completed(std::string const& program, std::string const& words)
{
    return output_of({"bash", "-c",
                      "source " PARLEY_SOURCE_DIR "/deploy/completion/bash/" + program + " && COMP_WORDS=(" + program + " " +
                          words + ") && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && _" + program + " && echo \"${COMPREPLY[*]}\""});
}

} // namespace

TEST(CommandFiles, are_what_the_programs_write)
{
    EXPECT_EQ(stored("man/parley.1"), output_of({support::parley_path(), "manual"}))
        << "make it again with: parley manual > deploy/man/parley.1";
    for (std::string const program : {"parley", "parleyd"})
    {
        auto const path = program == "parley" ? support::parley_path() : support::parleyd_path();
        EXPECT_EQ(stored("completion/bash/" + program), output_of({path, "completion", "bash"}))
            << "make it again with: " << program << " completion bash > deploy/completion/bash/" << program;
        EXPECT_EQ(stored("completion/zsh/_" + program), output_of({path, "completion", "zsh"}))
            << "make it again with: " << program << " completion zsh > deploy/completion/zsh/_" << program;
    }
}

TEST(CommandFiles, another_shell_is_not_understood)
{
    for (auto const& path : {support::parley_path(), support::parleyd_path()})
        for (std::vector<std::string> const& words : {std::vector<std::string>{"fish"}, {}, {"bash", "zsh"}})
        {
            auto argv = std::vector<std::string>{path, "completion"};
            argv.insert(argv.end(), words.begin(), words.end());
            EXPECT_EQ(support::run_command({.argv = argv}).exit_code, 2) << testing::PrintToString(argv);
        }
}

TEST(CommandFiles, bash_completes_nouns_verbs_options_and_choices)
{
    EXPECT_EQ(completed("parley", "te"), "team\n");
    EXPECT_EQ(completed("parley", "team c"), "create\n");
    EXPECT_EQ(completed("parley", "team create alpha --n"), "--name\n");
    EXPECT_EQ(completed("parley", "--database-url postgres://x team re"), "rename\n") << "an option's value is no noun";
    EXPECT_EQ(completed("parley", "--database-url = postgres://x team re"), "rename\n") << "bash splits at the equals sign";
    EXPECT_EQ(completed("parley", "erase someone --"), "--team --platform --yes --database-url --data-dir --json\n");
    EXPECT_EQ(completed("parley", "help signing"), "signing-key\n");
    EXPECT_EQ(completed("parley", "team create --name ''"), "\n") << "a value is the user's own";
    EXPECT_EQ(completed("parleyd", "mi"), "migrate\n");
    EXPECT_EQ(completed("parleyd", "migrate --dis"), "--distribute\n");
    EXPECT_EQ(completed("parleyd", "serve --log-level de"), "debug\n");
    EXPECT_EQ(completed("parleyd", "serve --rate-limit-en"), "--rate-limit-enforce\n");
    EXPECT_EQ(completed("parleyd", "serve --rate-limit-enforce ''"), "true false\n");
    EXPECT_EQ(completed("parleyd", "completion z"), "zsh\n");
}

} // namespace parley::world
