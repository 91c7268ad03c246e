#include "endpoints.hpp"

#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

namespace parley::oauth
{

namespace
{

constexpr std::size_t form_bytes_max = 64 * 1024;
constexpr std::size_t body_bytes_max = 2 * form_bytes_max; // Beyond it nothing is read: anybody may send a form.

bool is_form(http::Request const& request) noexcept
{
    auto const* const type = request.find("Content-Type");
    if (type == nullptr) return false;
    return equal_ignoring_case(trim_ows(type->substr(0, type->find(';'))), "application/x-www-form-urlencoded");
}

} // namespace

http::Response to_response(OAuthError const& error)
{
    http::Response response{.status = error.status};
    response.body = "{\"error\":" + json::to_string_literal(error.error);
    if (!error.description.empty()) response.body += ",\"error_description\":" + json::to_string_literal(error.description);
    response.body += '}';
    if (error.status == 401)
    {
        std::string challenge = "Bearer error=\"" + std::string(error.error) + "\"";
        if (!error.description.empty()) challenge += ", error_description=\"" + std::string(error.description) + "\"";
        response.add("WWW-Authenticate", challenge);
    }
    response.add("Cache-Control", "no-store");
    return response;
}

boost::asio::awaitable<Either<Form>> read_form(routing::Call const& call)
{
    call.request.body->lower_limit(body_bytes_max);
    auto const body = co_await call.request.body->read();
    if (!body) co_return Either<Form>{.value = {}, .refusal = http::to_response(body.error())};
    if (!is_form(call.request)) co_return Either<Form>{.value = Form(), .refusal = {}};
    auto form = body->size() > form_bytes_max ? std::nullopt : Form::parse(*body);
    if (!form)
    {
        co_return Either<Form>{
            .value = {}, .refusal = to_response(OAuthError{.error = "invalid_request", .description = "The form is malformed."})};
    }
    co_return Either<Form>{.value = std::move(form), .refusal = {}};
}

boost::asio::awaitable<Either<Form>> read_endpoint_form(routing::Call const& call, std::string_view tolerated_double)
{
    auto read = co_await read_form(call);
    if (!read.value) co_return read;
    if (!call.request.query.empty())
    {
        OAuthError const error{.error = "invalid_request", .description = "URL query parameters are not allowed"};
        co_return Either<Form>{.value = {}, .refusal = to_response(error)};
    }
    auto const doubled = read.value->doubled();
    if (doubled && *doubled != tolerated_double)
    {
        co_return Either<Form>{
            .value = {},
            .refusal = to_response(OAuthError{.error = "invalid_request", .description = "A parameter stands twice."})};
    }
    co_return read;
}

} // namespace parley::oauth
