#include "parley/telemetry/telemetry.hpp"

#include "log.hpp"
#include "metrics.hpp"
#include "span_exporter.hpp"

#include <optional>
#include <utility>

namespace parley::telemetry
{

struct Telemetry::Impl
{
    explicit Impl(TelemetrySettings const& settings) : log(settings), metrics(settings, [this] { return log.lines_dropped(); })
    {
        if (settings.spans.endpoint.empty()) return;
        spans.emplace(settings, metrics,
                      [this](Notice::Level level, std::string text) {
                          log.write(Notice{level, std::move(text)});
                      });
    }

    Log log;
    Metrics metrics;
    std::optional<SpanExporter> spans; // Dies first: it writes to both.
};

namespace
{

// Observing must not fail its caller: what throws here is memory running out, and then the fact is lost.
template <class Work>
void never_throwing(Work&& work) noexcept
{
    try
    {
        work();
    }
    catch (...) // NOLINT(bugprone-empty-catch)
    {
    }
}

} // namespace

Telemetry::Telemetry(TelemetrySettings const& settings) : impl_(std::make_unique<Impl>(settings)) {}
Telemetry::~Telemetry() = default;

void Telemetry::observe(RequestAnswered const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact), impl_->log.write(fact); });
    if (fact.trace != nullptr && impl_->spans) impl_->spans->offer(fact);
}

void Telemetry::observe(ConnectionOpened const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact); });
}

void Telemetry::observe(ConnectionClosed const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact); });
}

void Telemetry::observe(ConnectionRefused const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact), impl_->log.write(fact); });
}

void Telemetry::observe(RequestRefusedAtGate const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact), impl_->log.write(fact); });
}

void Telemetry::observe(CredentialResolved const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact); });
}

void Telemetry::observe(KeyNearExpiry const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact); });
}

void Telemetry::observe(KeyExpiryMeasured const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact); });
}

void Telemetry::observe(RateDecided const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact), impl_->log.write(fact); });
}

void Telemetry::observe(RateSharingFailed const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact), impl_->log.write(fact); });
}

void Telemetry::observe(BatchRun const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact); });
}

void Telemetry::observe(JobRefused const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact), impl_->log.write(fact); });
}

void Telemetry::observe(QueueMeasured const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact); });
}

void Telemetry::observe(DatabaseUp const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact), impl_->log.write(fact); });
}

void Telemetry::observe(DatabaseDown const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact), impl_->log.write(fact); });
}

void Telemetry::observe(LaneEnded const& fact) noexcept
{
    never_throwing([&] { impl_->metrics.count(fact), impl_->log.write(fact); });
}

void Telemetry::observe(Notice const& fact) noexcept
{
    never_throwing([&] { impl_->log.write(fact); });
}

std::string Telemetry::expose() const
{
    return impl_->metrics.expose();
}

bool Telemetry::set_log_level(std::string_view level) noexcept
{
    return impl_->log.set_level(level);
}

std::string_view Telemetry::log_level() const noexcept
{
    return impl_->log.level();
}

bool Telemetry::exports_spans() const noexcept
{
    return impl_->spans.has_value();
}

bool Telemetry::samples(std::uint64_t random) const noexcept
{
    return impl_->spans && impl_->spans->samples(random);
}

void Telemetry::flush() noexcept
{
    constexpr std::chrono::milliseconds last_spans{2'000};
    if (impl_->spans) never_throwing([&] { impl_->spans->stop(last_spans); });
    impl_->log.flush();
}

} // namespace parley::telemetry
