#include "log.hpp"

#include "line_sink.hpp"

#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <stdexcept>
#include <thread>
#include <utility>

namespace parley::telemetry
{

namespace
{

using spdlog::level::level_enum;

constexpr std::array<std::pair<std::string_view, level_enum>, 6> levels{{
    {"trace", spdlog::level::trace},
    {"debug", spdlog::level::debug},
    {"info", spdlog::level::info},
    {"warning", spdlog::level::warn},
    {"error", spdlog::level::err},
    {"off", spdlog::level::off},
}};

std::string_view word_of(level_enum level)
{
    for (auto const& [word, value] : levels)
        if (value == level) return word;
    return "info";
}

// Builds one line in a buffer that its thread uses again and again.
class Line
{
  public:
    Line(level_enum level, std::string_view event) : text_(buffer())
    {
        text_.assign(R"({"ts":")");
        append_timestamp(text_, std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
        text_.append(R"(","level":")").append(word_of(level)).append(R"(","event":")").append(event).push_back('"');
    }

    Line& text(std::string_view key, std::string_view value)
    {
        begin(key);
        json::append_string(text_, value);
        return *this;
    }

    Line& text_if_any(std::string_view key, std::string_view value) { return value.empty() ? *this : text(key, value); }

    Line& number(std::string_view key, std::int64_t value)
    {
        begin(key);
        append_number(text_, value);
        return *this;
    }

    // Milliseconds with three decimals.
    Line& milliseconds(std::string_view key, Duration duration)
    {
        auto const us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
        number(key, us / 1000);
        auto const rest = static_cast<int>(us % 1000);
        char const fraction[] = {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                                 static_cast<char>('0' + rest % 10)};
        text_.append(fraction, sizeof fraction);
        return *this;
    }

    [[nodiscard]] std::string_view end()
    {
        text_.push_back('}');
        return text_;
    }

  private:
    static std::string& buffer()
    {
        thread_local std::string text;
        return text;
    }

    void begin(std::string_view key)
    {
        auto const size = text_.size();
        text_.resize(size + key.size() + 4);
        char* const at = text_.data() + size;
        std::memcpy(at, ",\"", 2);
        std::memcpy(at + 2, key.data(), key.size());
        std::memcpy(at + 2 + key.size(), "\":", 2);
    }

    std::string& text_;
};

level_enum level_of(Notice::Level level)
{
    switch (level)
    {
    case Notice::Level::info:
        return spdlog::level::info;
    case Notice::Level::warning:
        return spdlog::level::warn;
    case Notice::Level::error:
        return spdlog::level::err;
    }
    return spdlog::level::info;
}

std::optional<level_enum> level_from(std::string_view word) noexcept
{
    for (auto const& [name, value] : levels)
        if (name == word) return value;
    return std::nullopt;
}

} // namespace

Log::Log(TelemetrySettings const& settings)
{
    auto const level = level_from(settings.log_level);
    if (!level) throw std::runtime_error("unknown log level: " + settings.log_level);
    pool_ = std::make_shared<spdlog::details::thread_pool>(settings.log_queue_lines_max, 1);
    sink_ = std::make_shared<LineSink>(settings.log_file, [pool = pool_.get()] { return pool->queue_size() == 0; });
    logger_ = std::make_shared<spdlog::async_logger>("parley", sink_, pool_, spdlog::async_overflow_policy::overrun_oldest);
    logger_->set_level(*level);
}

Log::~Log()
{
    pool_.reset(); // Writes what is queued and joins the thread; only then may logger and sink go.
}

void Log::write(RequestAnswered const& fact)
{
    if (!logger_->should_log(spdlog::level::info)) return;
    Line line(spdlog::level::info, "request");
    line.text("operation", fact.operation).text("method", fact.method).number("status", fact.status);
    line.text_if_any("problem", fact.problem).text_if_any("team", fact.team);
    line.text("request_id", fact.request_id).text_if_any("trace_id", fact.trace_id);
    line.milliseconds("duration_ms", fact.duration);
    line.milliseconds("queue_ms", fact.store_queue).milliseconds("sql_ms", fact.store_sql);
    line.number("request_bytes", static_cast<std::int64_t>(fact.request_bytes))
        .number("bytes", static_cast<std::int64_t>(fact.response_bytes));
    put(spdlog::level::info, line.end());
}

void Log::write(ConnectionRefused const& fact)
{
    if (!logger_->should_log(spdlog::level::debug)) return;
    put(spdlog::level::debug, Line(spdlog::level::debug, "connection_refused").text("reason", fact.reason).end());
}

void Log::write(RequestRefusedAtGate const& fact)
{
    if (!logger_->should_log(spdlog::level::debug)) return;
    put(spdlog::level::debug, Line(spdlog::level::debug, "gate_refusal").text("problem", fact.problem).end());
}

void Log::write(RateDecided const& fact)
{
    // Refusals are answers and stand in the request's own line; what the switch lets pass stands nowhere else.
    if (fact.outcome != "over_but_not_enforced" || !logger_->should_log(spdlog::level::warn)) return;
    put(spdlog::level::warn,
        Line(spdlog::level::warn, "rate_limit").text("scope", fact.scope).text("outcome", fact.outcome).end());
}

void Log::write(RateSharingFailed const&)
{
    // Ten times a second while it lasts; the limiter gives notice of the beginning and the end.
    if (!logger_->should_log(spdlog::level::debug)) return;
    put(spdlog::level::debug, Line(spdlog::level::debug, "rate_sharing_failed").end());
}

void Log::write(JobRefused const& fact)
{
    if (!logger_->should_log(spdlog::level::debug)) return;
    put(spdlog::level::debug,
        Line(spdlog::level::debug, "job_refused").text("verb", fact.verb).text("reason", fact.reason).end());
}

void Log::write(DatabaseUp const& fact)
{
    if (!logger_->should_log(spdlog::level::info)) return;
    put(spdlog::level::info, Line(spdlog::level::info, "database_up").number("lane", fact.lane).end());
}

void Log::write(DatabaseDown const& fact)
{
    if (!logger_->should_log(spdlog::level::err)) return;
    put(spdlog::level::err,
        Line(spdlog::level::err, "database_down").number("lane", fact.lane).text("reason", fact.reason).end());
}

void Log::write(LaneEnded const& fact)
{
    if (!logger_->should_log(spdlog::level::debug)) return;
    put(spdlog::level::debug, Line(spdlog::level::debug, "lane_ended").number("lane", fact.lane).end());
}

void Log::write(Notice const& fact)
{
    auto const level = level_of(fact.level);
    if (!logger_->should_log(level)) return;
    put(level, Line(level, "notice").text("text", fact.text).end());
}

bool Log::set_level(std::string_view word) noexcept
{
    auto const level = level_from(word);
    if (level) logger_->set_level(*level);
    return level.has_value();
}

std::string_view Log::level() const noexcept
{
    return word_of(logger_->level());
}

void Log::put(level_enum level, std::string_view line)
{
    lines_put_.fetch_add(1, std::memory_order_relaxed);
    logger_->log(level, line);
}

void Log::flush() noexcept
{
    // The library has no "wait until written". Bounded, for a log that cannot be written must not hold up the end.
    for (int waited = 0; waited < 1000 && sink_->lines_written() + pool_->overrun_counter() < lines_put_; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

double Log::lines_dropped() const
{
    return static_cast<double>(pool_->overrun_counter());
}

} // namespace parley::telemetry
