// Passwords that are typed: nobody reads one off the screen, and the terminal is as it was afterwards, whatever ends the
// question.
#include "fresh_database.hpp"

#include "parley/auth/password_hash.hpp"
#include "parley/support/parleyd_process.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

namespace parley::world
{
namespace
{

using namespace std::chrono_literals;

// A program with a terminal of its own as standard input and output. Ends with the test.
class TerminalProgram
{
  public:
    explicit TerminalProgram(std::vector<std::string> argv)
    {
        std::vector<char*> pointers;
        for (auto& word : argv)
            pointers.push_back(word.data());
        pointers.push_back(nullptr);
        if (::openpty(&terminal_, &program_side_, nullptr, nullptr, nullptr) != 0) throw std::runtime_error("no pseudo-terminal");
        ::fcntl(terminal_, F_SETFD, FD_CLOEXEC);
        ::fcntl(program_side_, F_SETFD, FD_CLOEXEC);
        pid_ = ::fork();
        if (pid_ < 0) throw std::runtime_error("no process");
        if (pid_ != 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::login_tty(::dup(program_side_)); // A session of its own, with this as its terminal.
        ::execv(pointers[0], pointers.data());
        ::_exit(127);
    }
    TerminalProgram(TerminalProgram const&) = delete;
    TerminalProgram& operator=(TerminalProgram const&) = delete;
    ~TerminalProgram()
    {
        if (!has_ended_)
        {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        ::close(terminal_);
        ::close(program_side_);
    }

    // Reads on until the screen shows the text.
    bool shows(std::string_view text, std::chrono::milliseconds within = 20s)
    {
        auto const end = std::chrono::steady_clock::now() + within;
        while (screen_.find(text, seen_) == std::string::npos)
        {
            if (std::chrono::steady_clock::now() >= end) return false;
            read_some();
        }
        seen_ = screen_.find(text, seen_) + text.size();
        return true;
    }

    void type(std::string const& keys) const { ASSERT_EQ(::write(terminal_, keys.data(), keys.size()), ::ssize_t(keys.size())); }

    // The exit code, or 128 + the signal; -1 where it does not end.
    int wait()
    {
        auto const end = std::chrono::steady_clock::now() + 20s;
        int status = 0;
        while (::waitpid(pid_, &status, WNOHANG) == 0)
        {
            if (std::chrono::steady_clock::now() >= end) return -1;
            read_some();
        }
        has_ended_ = true;
        read_some();
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

    [[nodiscard]] std::string const& screen() const noexcept { return screen_; }
    [[nodiscard]] bool echoes() const
    {
        termios settings{};
        return ::tcgetattr(program_side_, &settings) == 0 && (settings.c_lflag & ECHO) != 0;
    }

  private:
    void read_some()
    {
        pollfd ready{.fd = terminal_, .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, 20) <= 0) return;
        std::array<char, 4096> bytes{};
        auto const count = ::read(terminal_, bytes.data(), bytes.size());
        if (count > 0) screen_.append(bytes.data(), static_cast<std::size_t>(count));
    }

    int terminal_ = -1;
    int program_side_ = -1; // Kept open, so that the terminal's settings can be looked at when the program is gone.
    pid_t pid_ = -1;
    bool has_ended_ = false;
    std::string screen_;
    std::size_t seen_ = 0;
};

class PasswordPrompt : public testing::Test
{
  protected:
    std::vector<std::string> creating(std::string const& email) const
    {
        return {support::parley_path(), "user", "create", email, "--password", "--database-url", database.url()};
    }
    std::string users() const { return database.sql("select count(*) from app_user"); }

    FreshDatabase database;
};

TEST_F(PasswordPrompt, a_typed_password_is_not_shown)
{
    TerminalProgram program(creating("a@b.c"));
    ASSERT_TRUE(program.shows("Password: ")) << program.screen();
    EXPECT_FALSE(program.echoes());
    program.type("throwaway-typed-1\n");
    ASSERT_TRUE(program.shows("Again: ")) << program.screen();
    program.type("throwaway-typed-1\n");
    EXPECT_EQ(program.wait(), 0) << program.screen();
    EXPECT_EQ(program.screen().find("throwaway"), std::string::npos) << program.screen();
    EXPECT_NE(program.screen().find("user \"a@b.c\" is created"), std::string::npos) << program.screen();
    EXPECT_TRUE(program.echoes());
    auto const hash = database.sql("select password_hash from app_user where email = 'a@b.c'");
    EXPECT_EQ(auth::verify_password(hash, "throwaway-typed-1"), auth::PasswordMatch::match);
}

TEST_F(PasswordPrompt, two_that_differ_and_an_empty_one_are_refused)
{
    TerminalProgram program(creating("a@b.c"));
    ASSERT_TRUE(program.shows("Password: "));
    program.type("throwaway-typed-1\n");
    ASSERT_TRUE(program.shows("Again: "));
    program.type("throwaway-typed-2\n");
    EXPECT_EQ(program.wait(), 1);
    EXPECT_NE(program.screen().find("parley: the two passwords differ"), std::string::npos) << program.screen();
    EXPECT_TRUE(program.echoes());
    TerminalProgram second(creating("a@b.c"));
    ASSERT_TRUE(second.shows("Password: "));
    second.type("\n");
    EXPECT_EQ(second.wait(), 1);
    EXPECT_NE(second.screen().find("parley: the password is empty"), std::string::npos) << second.screen();
    EXPECT_EQ(users(), "0");
}

TEST_F(PasswordPrompt, an_interrupted_question_leaves_the_terminal_as_it_was)
{
    TerminalProgram program(creating("a@b.c"));
    ASSERT_TRUE(program.shows("Password: "));
    ASSERT_FALSE(program.echoes());
    program.type("half\x03"); // Ctrl-C
    EXPECT_EQ(program.wait(), 128 + SIGINT);
    EXPECT_TRUE(program.echoes());
    EXPECT_EQ(users(), "0");
}

TEST_F(PasswordPrompt, without_a_terminal_it_is_not_asked)
{
    auto const result = support::run_parley({"user", "create", "a@b.c", "--password", "--database-url", database.url()},
                                            "throwaway\nthrowaway\n");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.err, "parley: there is no terminal to ask at: give the password by --password-file FILE\n");
    EXPECT_EQ(users(), "0");
}

} // namespace
} // namespace parley::world
