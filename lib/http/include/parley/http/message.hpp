// A request and its answer, as the road sees them.
#pragma once

#include "parley/core/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace parley::http
{

enum class Method : std::uint8_t
{
    get,
    head,
    post,
    put,
    patch,
    delete_,
    options,
    trace,
    other, // Any other token; Request::method_name has it.
};

[[nodiscard]] Method method_from(std::string_view name) noexcept; // Case-sensitive (RFC 9110, 9.1).

struct Field
{
    std::string_view name;  // As sent.
    std::string_view value; // Without white space around it.
};

// The body of a request, read when somebody asks for it: nobody without permission makes the service hold ten megabytes.
class BodySource
{
  public:
    virtual ~BodySource() = default;

    // The whole body, chunks joined; empty where there is none. Sends "100 Continue" first where the client waits for it.
    // Problems: body_too_large, head_malformed (bad chunks), request_timeout. The view lives as long as the Request. Await it on
    // the thread of the connection; a second call gives the same view.
    virtual boost::asio::awaitable<Result<std::string_view>> read() = 0;

    // From here on a body of more bytes than that is too large, also where the service takes larger ones: for handlers that read
    // before they know who asks. Before read(); the default is for bodies that are there already.
    virtual void lower_limit(std::size_t /*bytes_max*/) noexcept {}
};

// A request whose head has passed the gate. All views point into the connection's buffer and live until the answer is written.
struct Request
{
    Method method = Method::get;
    std::string_view method_name;
    std::string_view path;  // As sent, still encoded, without the query.
    std::string_view query; // As sent, without the '?'.
    std::string_view host;  // The Host field, with its port.
    std::span<Field const> fields;
    BodySource* body = nullptr; // Never null for a request from the listener.
    boost::asio::ip::address peer;
    std::chrono::steady_clock::time_point received; // When the last byte of the head arrived.

    // The value of the first field of that name (any case), or nullptr.
    [[nodiscard]] std::string_view const* find(std::string_view name) const noexcept;
};

// An answer. Length, Date, Connection and the security fields are added when it is written.
struct Response
{
    int status = 200;
    std::string_view content_type = "application/json"; // A literal. Not sent with an empty body unless the answer is to HEAD.
    std::string fields;                                 // Further fields, each "Name: value\r\n"; see add.
    std::string body;
    bool close = false; // Close the connection after this answer.

    // In place of body: a text that lives as long as the program. It is sent from where it is; a copy for each reader would let
    // slow ones hold memory.
    std::string_view document = {};

    [[nodiscard]] std::string_view content() const noexcept { return document.empty() ? std::string_view(body) : document; }

    // Adds a field. A value with a control character would split the answer: such bytes are replaced by spaces.
    void add(std::string_view name, std::string_view value);
};

// What a connection calls for each request: the pipeline. Must not throw.
class Handler
{
  public:
    virtual ~Handler() = default;
    virtual boost::asio::awaitable<Response> answer(Request const& request) = 0;
};

// The one table that turns a Problem into an answer: status, body, Retry-After, and close where the connection cannot go on.
[[nodiscard]] Response to_response(Problem const& problem);
[[nodiscard]] int status_of(ProblemCode code) noexcept;

} // namespace parley::http
