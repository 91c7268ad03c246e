#include "doctor.hpp"

#include "parley/store/error.hpp"
#include "parley/store/examine.hpp"
#include "parley/store/migrate.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include <sys/resource.h>
#include <unistd.h>

namespace parley
{

namespace
{

namespace asio = boost::asio;

constexpr int oldest_server = 150'000;
constexpr std::size_t files_besides_connections = 256;
constexpr std::chrono::milliseconds clock_error_max{2'000};
constexpr int connections_besides_lanes = 3; // Listening, rate counts, and one that administrators may need.

class Report
{
  public:
    void good(std::string_view what, std::string const& text) { line("ok", what, text); }
    void warn(std::string_view what, std::string const& text) { line("look", what, text); }
    void bad(std::string_view what, std::string const& text)
    {
        is_well_ = false;
        line("FIX", what, text);
    }
    // One or the other, by a condition.
    void judge(bool is_good, std::string_view what, std::string const& good_text, std::string const& bad_text)
    {
        if (is_good)
            good(what, good_text);
        else
            bad(what, bad_text);
    }
    [[nodiscard]] bool is_well() const noexcept { return is_well_; }

  private:
    static void line(std::string_view verdict, std::string_view what, std::string const& text)
    {
        std::cout << verdict << std::string(6 - verdict.size(), ' ') << what << ": " << text << "\n";
    }
    bool is_well_ = true;
};

std::string to_version(int number)
{
    return std::to_string(number / 10'000) + "." + std::to_string(number % 10'000);
}

void judge_schema(Report& report, store::Examination const& found)
{
    auto const newest = store::newest_migration();
    auto const schema = "schema " + std::to_string(found.schema) + " of " + std::to_string(newest);
    if (found.schema >= newest) return report.good("migrations", schema);
    report.judge(found.may_create, "migrations", schema + "; the next start brings it there, or parleyd migrate now",
                 schema + ", and the database's user may make no tables: grant create on schema public to it");
}

void judge_connections(Report& report, store::Examination const& found, std::size_t lanes)
{
    auto const needed = static_cast<int>(lanes) + connections_besides_lanes;
    report.judge(found.connections_free >= needed, "connections", std::to_string(found.connections_free) + " are free",
                 std::to_string(found.connections_free) + " are free and a replica takes " + std::to_string(needed) +
                     ": raise max_connections or lower store-lanes");
}

void judge_database(Report& report, config::DatabaseSettings const& settings)
{
    store::Examination found;
    try
    {
        found = store::examine(settings.url, SystemClock());
    }
    catch (store::StoreError const& error)
    {
        std::string const sentence = error.what();
        return report.bad("database", sentence.substr(0, sentence.find('\n')) + ": start it, or correct database-url");
    }
    report.judge(found.server_version >= oldest_server, "database", "PostgreSQL " + to_version(found.server_version),
                 "PostgreSQL " + to_version(found.server_version) + " is too old: 15 or newer");
    report.judge(found.encoding == "UTF8", "encoding", found.encoding, found.encoding + ": make the database with encoding UTF8");
    report.judge(!found.is_read_only, "writes", "taken",
                 "refused: this is a standby or read-only; name the primary, or all hosts and target_session_attrs=read-write");
    judge_schema(report, found);
    judge_connections(report, found, settings.lanes);
    auto const seconds = std::to_string(found.clock_ahead.count()) + " ms from ours";
    report.judge(abs(found.clock_ahead) <= clock_error_max, "clock", "the database's is " + seconds,
                 "the database's is " + seconds + ": have both machines set theirs by the network (chrony)");
    if (!found.is_durable)
        report.warn("durability",
                    "fsync or synchronous_commit is off: a crash of the database loses writes that were acknowledged");
}

void judge_private_database(Report& report, std::string const& data_dir)
{
    namespace fs = std::filesystem;
    auto place = fs::path(data_dir);
    while (!place.empty() && place != place.root_path() && !fs::exists(place))
        place = place.parent_path();
    report.judge(::access(place.c_str(), W_OK) == 0, "database", "a private PostgreSQL in " + data_dir,
                 place.string() + " cannot be written to: choose another data-dir, or give a database-url");
}

void judge_files(Report& report, std::size_t connections)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    auto const needed = connections + files_besides_connections;
    report.judge(limit.rlim_max >= needed, "descriptors", std::to_string(limit.rlim_max) + " may be open",
                 std::to_string(limit.rlim_max) + " may be open and connections-max needs " + std::to_string(needed) +
                     ": raise LimitNOFILE (systemd) or ulimit -n, or lower connections-max");
}

// "host:port", which the table of settings has checked.
void judge_port(Report& report, std::string_view name, std::string const& address)
{
    auto const colon = address.rfind(':');
    auto host = address.substr(0, colon);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    boost::system::error_code error;
    auto const ip = asio::ip::make_address(host, error);
    if (error) return report.warn(name, address + " is a name: it is looked up at the start");
    asio::io_context context;
    asio::ip::tcp::endpoint const endpoint(ip, static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    asio::ip::tcp::acceptor acceptor(context);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    report.judge(!error, name, address + " is free",
                 address + " cannot be used (" + error.message() + "): is a parleyd running? Else choose another");
}

void judge_proxies(Report& report, config::Settings const& settings)
{
    auto const hops = settings.pipeline.trusted_proxy_hops;
    auto const per_address = settings.connections.connections_per_address_max;
    if (hops > 0 && per_address > 0)
        return report.warn("proxies", std::to_string(hops) +
                                          " before us, whose address all callers share: connections-per-address-max " +
                                          std::to_string(per_address) + " is then for all of them; 0 sets no bound");
    report.good("proxies", hops == 0 ? "none are believed: callers come directly, or trusted-proxy-hops is missing"
                                     : std::to_string(hops) + " are believed");
}

} // namespace

int examine_surroundings(config::Settings const& settings)
{
    Report report;
    if (settings.database.url.empty())
        judge_private_database(report, settings.database.data_dir);
    else
        judge_database(report, settings.database);
    judge_files(report, settings.connections.connections_max);
    judge_port(report, "listen", settings.listener.address);
    judge_port(report, "admin-listen", settings.admin_listen);
    judge_proxies(report, settings);
    return report.is_well() ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace parley
