#include "parley/admin/admin_server.hpp"

#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include <exception>
#include <utility>

namespace parley::admin
{

namespace
{

constexpr std::string_view log_level_path = "/log-level";
constexpr std::size_t log_level_bytes_max = 64;
constexpr std::string_view text = "text/plain; charset=utf-8";
constexpr std::string_view exposition = "text/plain; version=0.0.4; charset=utf-8";

http::Response ok_unless(std::optional<std::string> const& reason)
{
    http::Response response{.status = reason ? 503 : 200, .content_type = text, .fields = {}, .body = reason.value_or("ok")};
    for (char& c : response.body)
    {
        if (c == '\n' || c == '\r') c = ' '; // One line, whatever the reason is made of.
    }
    response.body += '\n';
    return response;
}

std::string one_line(std::string_view word)
{
    return std::string(word) + '\n';
}

// The answer to a question, and what to say where it is no.
std::optional<std::string> reason_unless(std::function<bool()> const& holds, std::string_view reason)
{
    if (holds()) return std::nullopt;
    return std::string(reason);
}

// The compiler is this file's; all files have the same.
std::string to_document(Build const& build)
{
    std::string document;
    auto const add = [&](std::string_view name, std::string_view value)
    {
        document += document.empty() ? '{' : ',';
        json::append_string(document, name);
        document += ':';
        json::append_string(document, value);
    };
    add("version", build.version);
    add("revision", build.revision);
#ifdef __clang__
    add("compiler", "clang " __VERSION__);
#else
    add("compiler", "gcc " __VERSION__);
#endif
    add("build_type", build.type);
    document += '}';
    return document;
}

} // namespace

AdminServer::AdminServer(telemetry::Telemetry& telemetry, Health health, Build const& build)
    : telemetry_(telemetry), health_(std::move(health)), build_document_(to_document(build))
{
}

boost::asio::awaitable<http::Response> AdminServer::answer(http::Request const& request)
{
    try
    {
        if (request.path == log_level_path && request.method == http::Method::put) co_return co_await set_log_level(request);
        co_return look_up(request);
    }
    catch (std::exception const& thrown)
    {
        co_return ok_unless(std::string("the check failed: ") + thrown.what());
    }
}

http::Response AdminServer::look_up(http::Request const& request) const
{
    bool const is_known = request.path == "/livez" || request.path == "/readyz" || request.path == "/startupz" ||
                          request.path == "/metrics" || request.path == "/buildinfo" || request.path == log_level_path;
    if (!is_known) return http::to_response(Problem{ProblemCode::path_unknown});
    if (request.method != http::Method::get && request.method != http::Method::head)
    {
        auto response = http::to_response(Problem{ProblemCode::method_not_allowed});
        response.add("Allow", request.path == log_level_path ? "GET, HEAD, PUT" : "GET, HEAD");
        return response;
    }
    if (request.path == "/livez") return ok_unless(reason_unless(health_.is_alive, "a thread makes no progress"));
    if (request.path == "/readyz") return ok_unless(health_.why_not_ready());
    if (request.path == "/startupz") return ok_unless(reason_unless(health_.has_started, "starting"));
    if (request.path == "/metrics") return {.content_type = exposition, .fields = {}, .body = telemetry_.expose()};
    if (request.path == log_level_path) return {.content_type = text, .fields = {}, .body = one_line(telemetry_.log_level())};
    return {.fields = {}, .body = build_document_};
}

boost::asio::awaitable<http::Response> AdminServer::set_log_level(http::Request const& request)
{
    std::string_view word;
    if (request.body != nullptr)
    {
        request.body->lower_limit(log_level_bytes_max);
        auto const body = co_await request.body->read();
        if (!body) co_return http::to_response(body.error());
        word = trim(*body);
    }
    auto const before = std::string(telemetry_.log_level());
    if (!telemetry_.set_log_level(word))
        co_return http::Response{.status = 400,
                                 .content_type = text,
                                 .fields = {},
                                 .body = "the body must be one of trace, debug, info, warning, error, off\n"};
    telemetry_.observe(
        telemetry::Notice{telemetry::Notice::Level::warning, "the log level was " + before + ", and is " + std::string(word)});
    co_return http::Response{.content_type = text, .fields = {}, .body = one_line(word)};
}

} // namespace parley::admin
