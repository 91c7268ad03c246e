#include "parley/pipeline/pipeline.hpp"

#include "host_names.hpp"
#include "request_identity.hpp"

#include <charconv>
#include <exception>
#include <new>
#include <optional>
#include <utility>

namespace parley::pipeline
{

namespace asio = boost::asio;
using http::Request;
using http::Response;

// What is learnt of a request on its way, for the fields of its answer and for the observation of it.
struct Pipeline::Journey
{
    explicit Journey(Request const& request, std::chrono::milliseconds timeout)
        : began(request.received == std::chrono::steady_clock::time_point{} ? std::chrono::steady_clock::now()
                                                                            : request.received),
          deadline(Deadline::at(began + timeout).noting(time_in_store))
    {
        auto const* id = request.find("X-Request-Id");
        if (id != nullptr && is_sane_request_id(*id))
            request_id = *id;
        else
            request_id = own_request_id = make_request_id();
        if (auto const* parent = request.find("traceparent")) trace = parse_traceparent(*parent);
        if (!trace.trace_id.empty()) span_id = make_span_id();
    }

    Journey(Journey const&) = delete; // The deadline points into it, and request_id may.
    Journey& operator=(Journey const&) = delete;

    // The caller decides whether the spans of its trace are wanted; where there is no trace, a number drawn decides whether one
    // begins here.
    void decide_on_spans(telemetry::Telemetry const& telemetry)
    {
        if (!trace.trace_id.empty())
            wants_spans = is_sampled(trace);
        else if (telemetry.samples(draw_number()))
        {
            own_trace_id = make_request_id();
            trace = {.trace_id = own_trace_id, .parent_id = {}, .flags = "01"};
            span_id = make_span_id();
            wants_spans = true;
        }
    }

    // Stopping is returning: the answer to a Problem, and a note of it.
    [[nodiscard]] Response refuse(Problem const& why)
    {
        problem = why.code;
        return http::to_response(why);
    }

    std::chrono::steady_clock::time_point began;
    TimeInStore time_in_store;
    Deadline deadline;
    std::string own_request_id;
    std::string_view request_id;
    TraceContext trace;
    std::string own_trace_id; // Where the trace begins here.
    SpanId span_id{};         // Of a trace: ours.
    bool wants_spans = false;

    routing::Resource const* resource = nullptr;
    routing::Operation const* operation = nullptr;
    asio::ip::address client;
    std::shared_ptr<auth::Principal const> principal;
    std::optional<rate_limit::Standing> standing; // In the window that this request was counted against.
    std::string fields;                           // The handler's own, for whatever it answers.
    std::optional<ProblemCode> problem;
};

namespace
{

// Every answer of a known path says what the path can do; our own failures do not. (Where a slash is missing, no resource is
// known yet.)
bool says_allow(int status) noexcept
{
    return status >= 200 && status <= 429;
}

std::size_t announced_body_bytes(Request const& request) noexcept
{
    std::size_t bytes = 0;
    if (auto const* length = request.find("Content-Length"))
        std::from_chars(length->data(), length->data() + length->size(), bytes);
    return bytes;
}

// Nobody in particular: who calls an open resource.
auth::Principal const& nobody()
{
    static auth::Principal const principal;
    return principal;
}

// How long a client takes to send its body is bounded by the connection and not taken from the time there is to answer.
class TimedBody final : public http::BodySource
{
  public:
    TimedBody(http::BodySource& body, Deadline& deadline, std::chrono::milliseconds timeout)
        : body_(body), deadline_(deadline), timeout_(timeout)
    {
    }

    asio::awaitable<Result<std::string_view>> read() override
    {
        auto const body = co_await body_.read();
        if (!std::exchange(has_read_, true)) deadline_ = deadline_.moved_to(Deadline::clock::now() + timeout_);
        co_return body;
    }

    void lower_limit(std::size_t bytes_max) noexcept override { body_.lower_limit(bytes_max); }

  private:
    http::BodySource& body_;
    Deadline& deadline_;
    std::chrono::milliseconds timeout_;
    bool has_read_ = false;
};

constexpr std::size_t what_bytes_max = 500;

} // namespace

Pipeline::Pipeline(routing::RouteTable const& routes, auth::Authenticator& authenticator, rate_limit::Limiter& limiter,
                   telemetry::Telemetry& telemetry, PipelineSettings settings, std::function<bool()> is_overloaded)
    : routes_(routes), authenticator_(authenticator), limiter_(limiter), telemetry_(telemetry), settings_(std::move(settings)),
      is_overloaded_(std::move(is_overloaded))
{
}

Pipeline::~Pipeline() = default;

asio::awaitable<Response> Pipeline::answer(Request const& request)
{
    Journey journey(request, settings_.request_timeout);
    if (telemetry_.exports_spans()) journey.decide_on_spans(telemetry_);
    auto response = co_await recover(request, journey);
    add_fields(response, journey);
    observe(request, response, journey);
    co_return response;
}

// The only broad catch: whatever was thrown below is our mistake, or memory running out.
asio::awaitable<Response> Pipeline::recover(Request const& request, Journey& journey)
{
    std::string thrown;
    try
    {
        co_return co_await travel(request, journey);
    }
    catch (std::bad_alloc const&)
    {
        co_return journey.refuse(Problem{.code = ProblemCode::store_overloaded});
    }
    catch (std::exception const& exception)
    {
        thrown = exception.what();
    }
    catch (...)
    {
        thrown = "something that is no std::exception";
    }
    co_return give_up(journey, thrown);
}

asio::awaitable<Response> Pipeline::travel(Request const& request, Journey& journey)
{
    if (!is_allowed_host(request.host, settings_.allowed_hosts))
        co_return journey.refuse(Problem{.code = ProblemCode::host_refused});

    auto const match = routes_.match(request); // 404, or a slash to add. A wrong method still matches its path.
    if (!match) co_return journey.refuse(match.error());
    journey.resource = match->resource;
    journey.operation = match->operation;
    if (auto const refused = routes_.negotiate(*match, request)) co_return journey.refuse(*refused); // 406, 404.

    journey.client = rate_limit::client_address(request, settings_.trusted_proxy_hops);
    if (match->resource->access == routing::Access::open) co_return co_await admit_and_handle(request, journey, *match);

    auto const identified = co_await authenticator_.identify(request, journey.deadline);
    if (!identified)
        co_return refuse_credentials(journey, identified.error()); // 401, or 429 when the address has failed too often.
    journey.principal = *identified;

    if (auto const refused = auth::permit(*journey.principal, request.method)) co_return journey.refuse(*refused); // 403.

    co_return co_await admit_and_handle(request, journey, *match);
}

asio::awaitable<Response> Pipeline::admit_and_handle(Request const& request, Journey& journey, routing::Match const& match)
{
    // Limits are per caller, hence after identify.
    if (match.resource->counting == routing::Counting::credentials)
        journey.standing = limiter_.count_credentials(journey.client);
    else if (match.resource->counting == routing::Counting::team && journey.principal)
        journey.standing = limiter_.admit_team(journey.principal->team);
    if (journey.standing && journey.standing->is_refused)
        co_return journey.refuse(rate_limit::over_the_limit(*journey.standing)); // 429.

    if (match.operation == nullptr)
        co_return journey.refuse({.code = ProblemCode::method_not_allowed,
                                  .detail = "Method \"" + std::string(request.method_name) + "\" not allowed."});
    // Before the body is read and understood: under overload most requests end here, and what they cost is taken from the others.
    if (match.resource->counting == routing::Counting::team && journey.principal && is_overloaded_ && is_overloaded_())
    {
        telemetry_.observe(telemetry::JobRefused{match.operation->id, "queue_slow"});
        co_return journey.refuse({.code = ProblemCode::store_overloaded}); // 503.
    }
    co_return co_await handle(request, journey, match);
}

asio::awaitable<Response> Pipeline::handle(Request const& request, Journey& journey, routing::Match const& match)
{
    std::string const seen_url =
        settings_.public_url.empty() ? base_url_of(request, settings_.trusted_proxy_hops) : std::string();
    Request timed = request;
    routing::Call call{.principal = journey.principal ? *journey.principal : nobody(),
                       .request = timed,
                       .parameter = match.parameter,
                       .base_url = settings_.public_url.empty() ? seen_url : settings_.public_url,
                       .deadline = journey.deadline,
                       .client = journey.client,
                       .fields = &journey.fields};
    std::optional<TimedBody> body;
    if (request.body != nullptr) timed.body = &body.emplace(*request.body, call.deadline, settings_.request_timeout);
    auto answered = co_await match.operation->handle(call); // 415, 400, 404, or the answer.
    if (!answered) co_return journey.refuse(answered.error());
    co_return std::move(*answered);
}

Response Pipeline::refuse_credentials(Journey& journey, auth::Refusal const& refusal) const
{
    if (refusal.is_counted)
    {
        journey.standing = limiter_.count_credentials(journey.client);
        if (journey.standing->is_refused) return journey.refuse(rate_limit::over_the_limit(*journey.standing));
    }
    auto response = journey.refuse(refusal.problem);
    if (!refusal.www_authenticate.empty()) response.add("WWW-Authenticate", refusal.www_authenticate);
    return response;
}

// No secret is in what() of our own exceptions; others are cut short, since nobody knows what they hold.
Response Pipeline::give_up(Journey& journey, std::string const& thrown) const
{
    std::string text = "request ";
    text.append(journey.request_id).append(" failed: ").append(thrown, 0, what_bytes_max);
    telemetry_.observe(telemetry::Notice{telemetry::Notice::Level::error, std::move(text)});
    return journey.refuse(Problem{.code = ProblemCode::internal});
}

void Pipeline::add_fields(Response& response, Journey const& journey) const
{
    auto& fields = response.fields;
    fields.reserve(fields.size() + 320);
    fields.append("X-Request-Id: ").append(journey.request_id).append("\r\n");
    if (!journey.trace.trace_id.empty())
        fields.append("traceparent: ").append(make_traceparent(journey.trace, journey.span_id)).append("\r\n");
    if (journey.resource != nullptr && says_allow(response.status))
        fields.append("Allow: ").append(journey.resource->allow).append("\r\n");
    if (journey.resource != nullptr) fields.append(journey.resource->fields);
    fields.append(journey.fields);
    if (journey.standing) rate_limit::append_fields(fields, *journey.standing);
}

void Pipeline::observe(Request const& request, Response const& response, Journey const& journey) const
{
    telemetry::RequestTrace trace;
    if (journey.wants_spans)
    {
        bool const is_https = settings_.public_url.empty() ? pipeline::is_https(request, settings_.trusted_proxy_hops)
                                                           : settings_.public_url.starts_with("https");
        trace = {.span_id = {journey.span_id.data(), journey.span_id.size()},
                 .parent_id = journey.trace.parent_id,
                 .route = journey.resource != nullptr ? journey.resource->path : std::string_view{},
                 .scheme = is_https ? "https" : "http",
                 .began = journey.began,
                 .store_visits = {journey.time_in_store.visits.data(), journey.time_in_store.visits_kept}};
    }
    telemetry_.observe(telemetry::RequestAnswered{
        .operation = journey.operation != nullptr ? journey.operation->id : std::string_view("none"),
        .method = request.method != http::Method::other ? request.method_name : std::string_view("other"),
        .status = response.status,
        .problem = journey.problem ? name_of(*journey.problem) : std::string_view{},
        .team = journey.principal ? std::string_view(journey.principal->team.slug) : std::string_view{},
        .request_id = journey.request_id,
        .trace_id = journey.trace.trace_id,
        .request_bytes = announced_body_bytes(request),
        .response_bytes = response.content().size(),
        .duration = std::chrono::steady_clock::now() - journey.began,
        .store_queue = journey.time_in_store.queue,
        .store_sql = journey.time_in_store.sql,
        .trace = journey.wants_spans ? &trace : nullptr,
    });
}

} // namespace parley::pipeline
