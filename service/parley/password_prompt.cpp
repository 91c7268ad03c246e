#include "password_prompt.hpp"

#include "parley/store/administration.hpp"

#include <array>
#include <csignal>
#include <fstream>
#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace parley::command
{

namespace
{

constexpr std::size_t password_bytes_max = 1024;
constexpr std::array<int, 4> ending_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

termios terminal_before{}; // For the signal handler, which gets no argument. Written before it is installed.

// Both calls are allowed in a signal handler (POSIX, signal-safety(7)).
extern "C" void restore_and_end(int signal)
{
    ::tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    ::raise(signal); // Its action is the default again: SA_RESETHAND.
}

// Keeps the terminal from showing what is typed.
class SilentTerminal
{
  public:
    SilentTerminal()
    {
        if (::tcgetattr(STDIN_FILENO, &terminal_before) != 0)
            throw store::Refused("there is no terminal to ask at: give the password by --password-file FILE");
        struct sigaction action = {};
        action.sa_handler = restore_and_end;
        action.sa_flags = static_cast<int>(SA_RESETHAND);
        for (std::size_t i = 0; i < ending_signals.size(); ++i)
            ::sigaction(ending_signals[i], &action, &actions_before_[i]);
        auto silent = terminal_before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= static_cast<tcflag_t>(ECHONL); // The end of the line moves the cursor on.
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    SilentTerminal(SilentTerminal const&) = delete;
    SilentTerminal& operator=(SilentTerminal const&) = delete;
    ~SilentTerminal()
    {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
        for (std::size_t i = 0; i < ending_signals.size(); ++i)
            ::sigaction(ending_signals[i], &actions_before_[i], nullptr);
    }

  private:
    std::array<struct sigaction, ending_signals.size()> actions_before_{};
};

std::string read_line(std::istream& in)
{
    std::string line;
    std::getline(in, line);
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) throw store::Refused("the password is empty");
    if (line.size() > password_bytes_max) throw store::Refused("the password is longer than 1,024 bytes");
    return line;
}

std::string ask(std::string_view question)
{
    std::cerr << question << std::flush;
    return read_line(std::cin);
}

} // namespace

std::string ask_password_twice()
{
    SilentTerminal const silent;
    auto password = ask("Password: ");
    if (password != ask("Again: ")) throw store::Refused("the two passwords differ");
    return password;
}

std::string read_password(std::string const& path)
{
    if (path == "-") return read_line(std::cin);
    std::ifstream file(path);
    if (!file) throw store::Refused("cannot read the file " + path);
    return read_line(file);
}

} // namespace parley::command
