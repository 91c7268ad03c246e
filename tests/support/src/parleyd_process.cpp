#include "parley/support/parleyd_process.hpp"

#include <charconv>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::support
{

namespace
{

// "http://127.0.0.1:41234" or that with a path.
std::uint16_t port_from(std::string_view address)
{
    std::uint16_t port = 0;
    std::size_t const colon = address.rfind(':');
    if (colon != address.npos) std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
    if (port == 0) throw std::runtime_error("no port in parleyd's line: " + std::string(address));
    return port;
}

Command to_command(ParleydSettings const& settings, std::uint16_t admin_port)
{
    Command command{
        .argv = {parleyd_path(), "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:" + std::to_string(admin_port)},
        .environment = settings.environment};
    if (!settings.database_url.empty()) command.argv.insert(command.argv.end(), {"--database-url", settings.database_url});
    if (!settings.data_dir.empty()) command.argv.insert(command.argv.end(), {"--data-dir", settings.data_dir});
    command.argv.insert(command.argv.end(), settings.flags.begin(), settings.flags.end());
    return command;
}

} // namespace

std::string parleyd_path()
{
    return PARLEYD_PATH;
}
std::string parley_path()
{
    return PARLEY_PATH;
}

CommandResult run_parley(std::vector<std::string> arguments, std::string input)
{
    arguments.insert(arguments.begin(), parley_path());
    return run_command({.argv = std::move(arguments), .input = std::move(input)});
}

std::uint16_t free_port()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int const socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool const bound = socket >= 0 && ::bind(socket, reinterpret_cast<sockaddr const*>(&address), size) == 0 &&
                       ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (socket >= 0) ::close(socket);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

ParleydProcess::ParleydProcess(ParleydSettings const& settings) : admin_port_(free_port())
{
    auto const began = std::chrono::steady_clock::now();
    process_ = std::make_unique<ChildProcess>(to_command(settings, admin_port_));
    auto const line = process_->wait_for("parleyd listening on ", settings.start_within);
    if (!line) throw std::runtime_error("parleyd does not come up:\n" + process_->output());
    started_in_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    port_ = port_from(*line);
}

RawHttpClient ParleydProcess::connect(std::chrono::milliseconds timeout) const
{
    return {"127.0.0.1", port_, timeout};
}

HttpAnswer ParleydProcess::exchange(HttpRequest const& request) const
{
    return connect(std::chrono::seconds(60)).exchange(request);
}

HttpAnswer ParleydProcess::exchange_with_admin(std::string const& target) const
{
    return RawHttpClient("127.0.0.1", admin_port_).exchange({.target = target});
}

bool ParleydProcess::answers_within(HttpRequest const& request, int status, std::chrono::milliseconds timeout) const
{
    auto const end = std::chrono::steady_clock::now() + timeout;
    for (;;)
    {
        int got = 0;
        try
        {
            got = connect(std::chrono::seconds(5)).exchange(request).status;
        }
        catch (HttpBroken const&)
        {
        }
        if (got == status) return true;
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

int ParleydProcess::stop(std::chrono::milliseconds timeout)
{
    process_->signal(SIGTERM);
    return process_->wait_exit(timeout).value_or(-1);
}

} // namespace parley::support
