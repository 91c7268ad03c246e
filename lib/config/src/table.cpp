#include "table.hpp"

#include "value_readers.hpp"

#include "parley/config/configuration.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <numeric>
#include <utility>

namespace parley::config
{

namespace
{

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

template <class Set>
Row text_row(std::string_view name, std::string default_text, std::string_view help, Set set)
{
    Row row{.name = name, .kind = Kind::text, .default_text = std::move(default_text), .help = help};
    row.apply = [set](std::string_view value, Settings& settings)
    {
        set(settings, std::string(value));
        return std::string(value);
    };
    return row;
}

// Text that a reader checks and brings into its canonical form.
template <class Read, class Set>
Row checked_row(std::string_view name, std::string default_text, std::string_view help, Read read, Set set)
{
    Row row{.name = name, .kind = Kind::text, .default_text = std::move(default_text), .help = help};
    row.apply = [read, set](std::string_view value, Settings& settings)
    {
        auto canonical = read(value);
        set(settings, canonical);
        return canonical;
    };
    return row;
}

template <class Set>
Row limit_row(std::string_view name, std::string default_text, std::string_view help, Set set)
{
    Row row{.name = name, .kind = Kind::text, .default_text = std::move(default_text), .help = help};
    row.apply = [set](std::string_view value, Settings& settings)
    {
        auto const limit = read_limit(value);
        set(settings, limit);
        return rate_limit::to_text(limit);
    };
    return row;
}

struct Range
{
    std::int64_t min;
    std::int64_t max;
};

template <class Set>
Row number_row(std::string_view name, std::int64_t default_value, Range range, std::string_view help, Set set)
{
    Row row{.name = name,
            .kind = Kind::integer,
            .default_text = std::to_string(default_value),
            .help = help,
            .min = range.min,
            .max = range.max};
    row.apply = [set, range](std::string_view value, Settings& settings)
    {
        auto const number = read_integer(value, range.min, range.max);
        set(settings, number);
        return std::to_string(number);
    };
    return row;
}

template <class Set>
Row bytes_row(std::string_view name, std::int64_t default_value, Range range, std::string_view help, Set set)
{
    auto row = number_row(name, default_value, range, help, set);
    row.kind = Kind::bytes;
    row.apply = [set, range](std::string_view value, Settings& settings)
    {
        auto const number = read_bytes(value, range.min, range.max);
        set(settings, number);
        return std::to_string(number);
    };
    return row;
}

template <class Set>
Row boolean_row(std::string_view name, bool default_value, std::string_view help, Set set)
{
    Row row{.name = name, .kind = Kind::boolean, .default_text = default_value ? "true" : "false", .help = help};
    row.apply = [set](std::string_view value, Settings& settings)
    {
        auto const flag = read_boolean(value);
        set(settings, flag);
        return std::string(flag ? "true" : "false");
    };
    return row;
}

template <class Set>
Row choice_row(std::string_view name, std::string default_text, std::vector<std::string_view> choices, std::string_view help,
               Set set)
{
    Row row{.name = name, .kind = Kind::choice, .default_text = std::move(default_text), .help = help, .choices = choices};
    row.apply = [set, choices](std::string_view value, Settings& settings)
    {
        if (std::find(choices.begin(), choices.end(), value) == choices.end())
        {
            std::string sentence = "must be one of";
            for (auto const choice : choices)
                sentence.append(" ").append(choice);
            throw SettingError(sentence);
        }
        set(settings, std::string(value));
        return std::string(value);
    };
    return row;
}

template <class Set>
Row list_row(std::string_view name, std::string default_text, std::string_view help, Set set)
{
    Row row{.name = name, .kind = Kind::list, .default_text = std::move(default_text), .help = help};
    row.apply = [set](std::string_view value, Settings& settings)
    {
        auto parts = read_list(value);
        auto canonical = parts.front();
        for (std::size_t i = 1; i < parts.size(); ++i)
            canonical.append(",").append(parts[i]);
        set(settings, std::move(parts));
        return canonical;
    };
    return row;
}

void add_addresses(std::vector<Row>& rows)
{
    rows.push_back(checked_row("listen", "127.0.0.1:8080",
                               "Address and port of the API; port 0 takes a free one, which the first line of output says.",
                               read_address, [](Settings& s, std::string v) { s.listener.address = std::move(v); }));
    rows.push_back(
        checked_row("admin-listen", "127.0.0.1:9464",
                    "Address and port of /livez, /readyz, /startupz, /metrics, /buildinfo and /log-level; keep it away from "
                    "clients, it asks nobody who they are.",
                    read_address, [](Settings& s, std::string v) { s.admin_listen = std::move(v); }));
    rows.push_back(boolean_row("metrics-on-api", false,
                               "Whether /metrics is answered at the API's address too, to anybody: for measuring on one machine.",
                               [](Settings& s, bool v) { s.metrics_on_api = v; }));
    rows.push_back(checked_row("public-url", "",
                               "Where links begin (\"https://host\"), whatever the Host field says; empty follows Host.",
                               read_url, [](Settings& s, std::string v) { s.pipeline.public_url = std::move(v); }));
    rows.push_back(
        checked_row("platform-url", "",
                    "Where links to chatbots and files begin, which another service answers; empty is where all links begin.",
                    read_url, [](Settings& s, std::string v) { s.platform_url = std::move(v); }));
    rows.push_back(
        list_row("allowed-hosts", "*",
                 "Hosts that are answered, separated by commas; .example.org takes all names below it, others get 400.",
                 [](Settings& s, std::vector<std::string> v) { s.pipeline.allowed_hosts = std::move(v); }));
    rows.push_back(number_row("trusted-proxy-hops", 0, {0, 32},
                              "Proxies before the service that are believed about the client's address and scheme; more than "
                              "there are lets clients lie.",
                              [](Settings& s, std::int64_t v) { s.pipeline.trusted_proxy_hops = static_cast<int>(v); }));
}

void add_database(std::vector<Row>& rows)
{
    rows.push_back(text_row("data-dir", "", "Folder of the private PostgreSQL, used when there is no database URL.",
                            [](Settings& s, std::string v)
                            {
                                if (v.empty()) throw SettingError("must not be empty");
                                s.database.data_dir = std::move(v);
                            }));
    auto url =
        text_row("database-url", "",
                 "The PostgreSQL to use, as libpq takes it; several hosts for failover. Empty keeps a private one in data-dir.",
                 [](Settings& s, std::string v) { s.database.url = std::move(v); });
    url.is_secret = true;
    url.also_environment = "DATABASE_URL";
    rows.push_back(std::move(url));
    rows.push_back(text_row("postgres-binaries", "",
                            "Folder of initdb and postgres for the private PostgreSQL; empty looks where packages put them.",
                            [](Settings& s, std::string v) { s.database.postgres_binaries = std::move(v); }));
    rows.push_back(text_row("postgres-shared-buffers", "128MB",
                            "Cache of the private PostgreSQL; more helps as long as the data does not fit.",
                            [](Settings& s, std::string v) { s.database.postgres_shared_buffers = std::move(v); }));
    rows.push_back(number_row("store-lanes", 2, {1, 256},
                              "Connections that run batches, about the cores of the database; more do not help, a lane that "
                              "waits gathers a larger batch.",
                              [](Settings& s, std::int64_t v) { s.database.lanes = static_cast<std::size_t>(v); }));
    rows.push_back(number_row("store-queue-jobs-max", 4096, {1, 1'000'000},
                              "Jobs that may wait for a lane, for each verb; beyond it the answer is 503 at once.",
                              [](Settings& s, std::int64_t v) { s.database.queue_jobs_max = static_cast<std::size_t>(v); }));
    rows.push_back(
        number_row("store-queue-wait-ms", 90, {0, 3'600'000},
                   "Jobs that would wait longer for a lane, as far as can be told, are answered 503 at once; 0 sets no "
                   "bound. A batch may always wait.",
                   [](Settings& s, std::int64_t v) { s.database.queue_wait_max = std::chrono::milliseconds(v); }));
    rows.push_back(
        number_row("store-batch-jobs-max", 64, {1, 10'000},
                   "Jobs in one statement; larger batches cost less for each job and make the first of them wait longer.",
                   [](Settings& s, std::int64_t v) { s.database.batch_jobs_max = static_cast<std::size_t>(v); }));
}

void add_connections(std::vector<Row>& rows)
{
    rows.push_back(
        number_row("io-threads", 0, {0, 1024},
                   "Threads that serve connections; 0 takes half the cores the process may use, since the lanes need as many.",
                   [](Settings& s, std::int64_t v) { s.io_threads = static_cast<std::size_t>(v); }));
    rows.push_back(number_row("connections-max", 8192, {1, 1'000'000},
                              "Open client connections; each costs a file descriptor and 4 to 16 KiB.",
                              [](Settings& s, std::int64_t v) { s.connections.connections_max = static_cast<std::size_t>(v); }));
    rows.push_back(number_row(
        "connections-per-address-max", 1024, {0, 1'000'000},
        "Open connections from one address (IPv6: one /64); 0 sets no bound. Behind a load balancer all share its address.",
        [](Settings& s, std::int64_t v) { s.connections.connections_per_address_max = static_cast<std::size_t>(v); }));
    rows.push_back(bytes_row("head-bytes-max", 16LL << 10, {8LL << 10, 1LL << 20}, "Bytes of a request's head; beyond it 431.",
                             [](Settings& s, std::int64_t v) { s.listener.gate.head_bytes_max = static_cast<std::size_t>(v); }));
    rows.push_back(bytes_row("body-bytes-max", 10LL << 20, {1, 1LL << 30},
                             "Bytes of a request's body; beyond it 413. A caller with permission makes us hold this much.",
                             [](Settings& s, std::int64_t v) { s.listener.body_bytes_max = static_cast<std::size_t>(v); }));
    rows.push_back(number_row("head-timeout-ms", 10'000, {1, 3'600'000}, "From the first byte of a head to its last; then 408.",
                              [](Settings& s, std::int64_t v) { s.listener.time.head = milliseconds(v); }));
    rows.push_back(number_row("body-timeout-ms", 30'000, {1, 3'600'000},
                              "For a body, plus the time its bytes take at a slow pace; then 408.",
                              [](Settings& s, std::int64_t v) { s.listener.time.body = milliseconds(v); }));
    rows.push_back(number_row("idle-timeout-ms", 75'000, {1, 3'600'000},
                              "Between requests of a connection; longer than the load balancer's, or it meets closed ones.",
                              [](Settings& s, std::int64_t v) { s.listener.time.idle = milliseconds(v); }));
    rows.push_back(number_row("write-timeout-ms", 30'000, {1, 3'600'000},
                              "Without a byte of an answer leaving; then the connection is cut.",
                              [](Settings& s, std::int64_t v) { s.listener.time.write = milliseconds(v); }));
    rows.push_back(number_row("request-timeout-ms", 10'000, {1, 3'600'000},
                              "For the answer to a request, once its body has arrived; then 503.",
                              [](Settings& s, std::int64_t v) { s.pipeline.request_timeout = milliseconds(v); }));
}

void add_callers(std::vector<Row>& rows)
{
    rows.push_back(
        number_row("auth-cache-seconds", 10, {0, 3600},
                   "How long a look-up of a credential is believed without a word from the database; 0 asks every time.",
                   [](Settings& s, std::int64_t v) { s.auth.cache_lifetime = seconds(v); }));
    rows.push_back(number_row("auth-cache-entries-max", 10'000, {1, 10'000'000},
                              "Look-ups kept by each I/O thread, about 500 bytes each.",
                              [](Settings& s, std::int64_t v) { s.auth.cache_entries_max = static_cast<std::size_t>(v); }));
    rows.push_back(boolean_row("rate-limit-enforce", true,
                               "Whether requests over a limit are refused; false counts, says so in the fields, logs and serves.",
                               [](Settings& s, bool v) { s.rate_limit.enforce = v; }));
    rows.push_back(limit_row("rate-limit-api", "2000/5m",
                             "Requests of a team in a window, all its keys and tokens together; a team may have its own.",
                             [](Settings& s, rate_limit::Limit v) { s.rate_limit.api = v; }));
    rows.push_back(
        limit_row("rate-limit-credentials", "100/5m",
                  "Failed credentials and calls of the token endpoints of an address in a window; also wrong passwords of "
                  "an account.",
                  [](Settings& s, rate_limit::Limit v) { s.rate_limit.credentials = v; }));
    rows.push_back(limit_row("rate-limit-chat-api", "300/5m",
                             "Requests of a chat session, else of a channel, else of an address, in a window.",
                             [](Settings& s, rate_limit::Limit v) { s.rate_limit.chat_api = v; }));
    rows.push_back(number_row("chat-session-token-days", 7, {1, 3650},
                              "How long the session token of a widget lives, from the session's creation; a channel may have "
                              "a time of its own.",
                              [](Settings& s, std::int64_t v) { s.chat_session_token_days = v; }));
    rows.push_back(
        number_row("rate-limit-share-interval-ms", 100, {10, 60'000},
                   "How often replicas tell each other their counts; a limit is overshot by at most what they take in meanwhile.",
                   [](Settings& s, std::int64_t v) { s.rate_limit.share_interval = milliseconds(v); }));
    rows.push_back(
        number_row("rate-limit-identities-max", 100'000, {1, 10'000'000},
                   "Teams and addresses counted at a time; beyond it unknown addresses with bad credentials are refused.",
                   [](Settings& s, std::int64_t v) { s.rate_limit.identities_max = static_cast<std::size_t>(v); }));
}

void add_authorization(std::vector<Row>& rows)
{
    rows.push_back(number_row("access-token-seconds", 36'000, {60, 86'400},
                              "How long an access token opens something; also how long an ID token is good.",
                              [](Settings& s, std::int64_t v) { s.authorization.server.access_token_lifetime = seconds(v); }));
    rows.push_back(number_row("refresh-token-days", 180, {1, 3650},
                              "How long a refresh token that nobody uses is kept; each use gives a new one.",
                              [](Settings& s, std::int64_t v) { s.authorization.server.refresh_token_lifetime = days(v); }));
    rows.push_back(number_row("sign-in-idle-hours", 168, {1, 8760}, "A browser's sign-in that nobody used for so long is over.",
                              [](Settings& s, std::int64_t v) { s.authorization.server.session_idle_max = hours(v); }));
    rows.push_back(number_row("sign-in-age-hours", 336, {1, 8760}, "A browser's sign-in is over after so long in any case.",
                              [](Settings& s, std::int64_t v) { s.authorization.server.session_age_max = hours(v); }));
    rows.push_back(number_row("password-threads", 1, {1, 64},
                              "Threads that check passwords and client secrets; each keeps a core busy during a flood of "
                              "logins and takes 19 MiB for it.",
                              [](Settings& s, std::int64_t v)
                              { s.authorization.password_workers.threads = static_cast<int>(v); }));
    rows.push_back(number_row(
        "password-queue-max", 100, {1, 10'000}, "Password checks that may wait; beyond it the answer is 503 at once.",
        [](Settings& s, std::int64_t v) { s.authorization.password_workers.queue_max = static_cast<std::size_t>(v); }));
}

void add_operation(std::vector<Row>& rows)
{
    rows.push_back(choice_row("log-level", "info", {"trace", "debug", "info", "warning", "error", "off"},
                              "What is logged; info has a line for each request.",
                              [](Settings& s, std::string v) { s.telemetry.log_level = std::move(v); }));
    rows.push_back(text_row("log-file", "", "Where the log goes; empty is standard error.",
                            [](Settings& s, std::string v) { s.telemetry.log_file = std::move(v); }));
    rows.push_back(number_row("log-queue-lines-max", 8192, {16, 1'000'000},
                              "Log lines that may wait; beyond it the oldest are overwritten and counted.",
                              [](Settings& s, std::int64_t v)
                              { s.telemetry.log_queue_lines_max = static_cast<std::size_t>(v); }));
    rows.push_back(checked_row("otlp-endpoint", "",
                               "Where spans are sent by OTLP/HTTP: an OpenTelemetry Collector's base address, such as "
                               "http://127.0.0.1:4318, to which /v1/traces is added; empty sends none.",
                               read_otlp_url, [](Settings& s, std::string v) { s.telemetry.spans.endpoint = std::move(v); }));
    rows.push_back(number_row("otlp-sample-per-million", 10'000, {0, 1'000'000},
                              "Of the requests that come without a traceparent, how many in a million leave spans; a traceparent "
                              "says itself whether they are wanted.",
                              [](Settings& s, std::int64_t v) { s.telemetry.spans.sample_per_million = v; }));
    rows.push_back(
        number_row("otlp-queue-spans-max", 8192, {64, 100'000},
                   "Spans that may wait or be under way; beyond it they are dropped and counted, requests are not delayed.",
                   [](Settings& s, std::int64_t v) { s.telemetry.spans.queue_spans_max = static_cast<std::size_t>(v); }));
    rows.push_back(number_row("otlp-timeout-ms", 10'000, {1, 600'000},
                              "For one batch of spans to be sent and answered; then it is tried again, and then dropped.",
                              [](Settings& s, std::int64_t v) { s.telemetry.spans.timeout = milliseconds(v); }));
    rows.push_back(text_row("otlp-service-name", "parleyd", "What the service is called in its spans (service.name).",
                            [](Settings& s, std::string v)
                            {
                                if (v.empty()) throw SettingError("must not be empty");
                                s.telemetry.spans.service_name = std::move(v);
                            }));
    rows.push_back(number_row(
        "drain-pause-ms", 500, {0, 600'000},
        "After SIGTERM, how long connections are still taken while /readyz says no: what the load balancer needs to see it.",
        [](Settings& s, std::int64_t v) { s.drain.pause = milliseconds(v); }));
    rows.push_back(number_row(
        "drain-seconds", 25, {0, 3600},
        "After the pause, how long requests in flight may take; keep pause and this below the grace period of the platform.",
        [](Settings& s, std::int64_t v) { s.drain.limit = seconds(v); }));
}

// The least number of letters to insert, delete or change (Levenshtein).
std::size_t distance(std::string_view left, std::string_view right)
{
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 0; i < left.size(); ++i)
    {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < right.size(); ++j)
        {
            auto const change = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({change, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

std::string with_underscores(std::string_view name)
{
    std::string text(name);
    std::replace(text.begin(), text.end(), '-', '_');
    return text;
}

} // namespace

std::vector<Row> const& table()
{
    static std::vector<Row> const rows = []
    {
        std::vector<Row> all;
        add_addresses(all);
        add_database(all);
        add_connections(all);
        add_callers(all);
        add_authorization(all);
        add_operation(all);
        return all;
    }();
    return rows;
}

Row const* find_row(std::string_view name) noexcept
{
    auto const& rows = table();
    auto const found = std::find_if(rows.begin(), rows.end(), [name](Row const& row) { return row.name == name; });
    return found == rows.end() ? nullptr : &*found;
}

std::string_view nearest_name(std::string_view written)
{
    std::string_view nearest;
    auto least = std::max<std::size_t>(3, written.size() / 3) + 1;
    for (auto const& row : table())
        if (auto const letters = distance(written, row.name); letters < least)
        {
            least = letters;
            nearest = row.name;
        }
    return nearest;
}

std::string to_environment_name(std::string_view name)
{
    auto text = "PARLEY_" + with_underscores(name);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string to_file_key(std::string_view name)
{
    return with_underscores(name);
}

} // namespace parley::config
