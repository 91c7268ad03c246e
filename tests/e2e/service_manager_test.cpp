// Goal: a service manager that speaks systemd's protocol knows when the service is ready, that it is alive and that it stops.
// Method: the test is the service manager: it binds the datagram socket that NOTIFY_SOCKET names and reads what the real binary
// says.
#include "parley/support/parleyd_process.hpp"
#include "parley/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace parley::e2e
{
namespace
{

class NotifySocket
{
  public:
    NotifySocket()
    {
        std::string folder = std::filesystem::temp_directory_path() / "parley-notify-XXXXXX";
        if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp");
        folder_ = folder;
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        path().copy(address.sun_path, sizeof(address.sun_path) - 1);
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) throw std::runtime_error("bind");
    }
    ~NotifySocket()
    {
        ::close(socket_);
        std::filesystem::remove_all(folder_);
    }
    NotifySocket(NotifySocket const&) = delete;
    NotifySocket& operator=(NotifySocket const&) = delete;

    [[nodiscard]] std::string path() const { return folder_ + "/notify"; }

    // The next message, or nothing after the timeout.
    [[nodiscard]] std::optional<std::string> read(std::chrono::milliseconds timeout) const
    {
        pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(timeout.count())) != 1) return std::nullopt;
        std::string text(4096, '\0');
        auto const size = ::recv(socket_, text.data(), text.size(), 0);
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        return text;
    }

    // Reads on until a message begins so.
    [[nodiscard]] bool hears(std::string_view beginning, std::chrono::seconds within) const
    {
        auto const end = std::chrono::steady_clock::now() + within;
        while (std::chrono::steady_clock::now() < end)
            if (auto const message = read(std::chrono::milliseconds(200)); message && message->starts_with(beginning))
                return true;
        return false;
    }

    // Reads away what is there.
    void forget() const
    {
        while (read(std::chrono::milliseconds(0)))
            continue;
    }

  private:
    std::string folder_;
    int socket_ = -1;
};

TEST(ServiceManager, it_is_told_of_the_start_of_life_and_of_the_end)
{
    NotifySocket const manager;
    support::ParleydProcess service({.database_url = support::new_database(),
                                     .environment = {{"NOTIFY_SOCKET", manager.path()}, {"WATCHDOG_USEC", "400000"}}});
    EXPECT_TRUE(manager.hears("READY=1\nSTATUS=serving at http://", std::chrono::seconds(10)));
    for (int i = 0; i < 5; ++i) // Half of the time it is given, or it would be killed.
        EXPECT_TRUE(manager.hears("WATCHDOG=1", std::chrono::seconds(1)));

    service.process().signal(SIGSTOP);
    manager.forget();
    EXPECT_FALSE(manager.hears("WATCHDOG=1", std::chrono::seconds(1))) << "a process that hangs is no longer alive";
    service.process().signal(SIGCONT);

    service.process().signal(SIGTERM);
    EXPECT_TRUE(manager.hears("STOPPING=1", std::chrono::seconds(10)));
    EXPECT_EQ(service.process().wait_exit(std::chrono::seconds(30)), 0);
}

TEST(ServiceManager, without_a_watchdog_it_hears_of_start_and_end_alone)
{
    NotifySocket const manager;
    support::ParleydProcess service(
        {.database_url = support::new_database(),
         .environment = {{"NOTIFY_SOCKET", manager.path()}, {"WATCHDOG_USEC", "400000"}, {"WATCHDOG_PID", "1"}}});
    EXPECT_TRUE(manager.hears("READY=1", std::chrono::seconds(10)));
    EXPECT_EQ(manager.read(std::chrono::milliseconds(1000)), std::nullopt) << "the watchdog was for another process";
    EXPECT_EQ(service.stop(), 0);
    EXPECT_TRUE(manager.hears("STOPPING=1", std::chrono::seconds(1)));
}

} // namespace
} // namespace parley::e2e
