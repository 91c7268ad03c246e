#include "parley/telemetry/telemetry.hpp"

#include "log.hpp"
#include "metrics.hpp"

namespace parley::telemetry
{

struct Telemetry::Impl
{
    explicit Impl(TelemetrySettings const& settings) : log(settings), metrics(settings, [this] { return log.lines_dropped(); }) {}

    Log log;
    Metrics metrics;
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

void Telemetry::flush() noexcept
{
    impl_->log.flush();
}

} // namespace parley::telemetry
