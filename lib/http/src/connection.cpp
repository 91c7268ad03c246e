#include "connection.hpp"

#include "answer_head.hpp"

#include <algorithm>
#include <chrono>

namespace parley::http
{

namespace
{

using boost::asio::awaitable;
namespace error = boost::asio::error;

constexpr auto never = SteadyClock::time_point::max();

constexpr std::size_t body_copied_bytes_max = 16 * 1024;  // An answer's body up to here joins the others in out_.
constexpr std::size_t held_bytes_max = 64 * 1024;         // Answers are gathered up to here,
constexpr std::size_t answers_held_max = 16;              // up to so many,
constexpr auto hold_time = std::chrono::milliseconds(1);  // and as long as requests are answered so quickly.
constexpr std::size_t skipped_body_bytes_max = 64 * 1024; // Of a body nobody wanted; more is not worth the connection.
constexpr std::size_t lingered_bytes_max = 256 * 1024;
constexpr std::size_t body_bytes_first = 64 * 1024; // A claim of ten megabytes is believed as the bytes arrive.
constexpr std::size_t memory_kept_max = 64 * 1024;  // Of a string that is used again for the next request.

void give_back_if_large(std::string& text)
{
    if (text.capacity() > memory_kept_max)
        std::string().swap(text);
    else
        text.clear();
}

} // namespace

Connection::Connection(IoThread& thread, Socket socket, boost::asio::ip::address const& peer)
    : thread_(thread), socket_(std::move(socket)), peer_(peer),
      buffer_(std::max<std::size_t>(thread.settings().gate.head_bytes_max, 1024)), gate_(thread.settings().gate)
{
    boost::system::error_code ignored; // A socket that cannot do this fails at its first read.
    socket_.non_blocking(true, ignored);
    place_ = thread.enlist(*this);
}

Connection::~Connection()
{
    thread_.strike_out(place_);
}

awaitable<void> Connection::serve()
{
    while (!is_ending_)
    {
        auto const verdict = gate_.examine(buffer_.unread());
        if (verdict == Verdict::passed)
        {
            co_await answer();
        }
        else if (verdict == Verdict::refused)
        {
            refuse_head(gate_.problem());
        }
        else
        {
            if (!send_now()) co_await send_rest();
            if (!is_ending_) co_await receive_head();
        }
    }
    if (!send_now()) co_await send_rest();
    if (!is_broken_) co_await part();
}

awaitable<void> Connection::turn_away(Problem problem)
{
    put_answer(to_response(problem), true);
    if (!send_now()) co_await send_rest();
    lingers_ = true;
    if (!is_broken_) co_await part();
}

void Connection::check_time(SteadyClock::time_point now) noexcept
{
    if (now < deadline_) return;
    deadline_ = never;
    boost::system::error_code ignored;
    socket_.cancel(ignored); // The waiting coroutine sees operation_aborted.
}

void Connection::begin_drain() noexcept
{
    // Not at once: a request may be on its way, and a client that uses its connection brings one soon.
    if (is_idle_) deadline_ = std::min(deadline_, thread_.now() + thread_.settings().time.drain_idle);
}

// Heads.

awaitable<void> Connection::receive_head()
{
    auto const& limits = thread_.settings().time;
    bool const has_begun = gate_.has_begun();
    if (has_begun && head_deadline_ == never) head_deadline_ = thread_.now() + limits.head;
    if (buffer_.make_space()) gate_.reset();
    is_idle_ = !has_begun;
    deadline_ = has_begun ? head_deadline_ : thread_.now() + (thread_.is_draining() ? limits.drain_idle : limits.idle);
    auto const [failure, bytes] = co_await socket_.async_read_some(buffer_.space(), as_result);
    deadline_ = never;
    is_idle_ = false;
    if (failure)
        settle_failed_read(failure, has_begun);
    else
        buffer_.add(bytes);
}

void Connection::settle_failed_read(boost::system::error_code failure, bool head_has_begun)
{
    if (failure == error::operation_aborted)
    {
        if (head_has_begun) return refuse_head(Problem{ProblemCode::request_timeout});
        // A request that came in the last moment is served.
        boost::system::error_code ignored;
        is_ending_ = socket_.available(ignored) == 0;
        return;
    }
    // A client that closed only its half may still want to know.
    if (failure == error::eof && head_has_begun)
        return refuse_head(Problem{ProblemCode::head_malformed, "The request ended early."});
    is_ending_ = true;
}

void Connection::refuse_head(Problem const& problem)
{
    thread_.observe_traffic(telemetry::RequestRefusedAtGate{name_of(problem.code)});
    put_answer(to_response(problem), true);
    is_ending_ = true;
    lingers_ = true;
}

// Requests and answers.

awaitable<void> Connection::answer()
{
    auto const received = SteadyClock::now();
    bool const was_slow = received - received_ > hold_time; // The answer before this one should not wait for another of its kind.
    if (was_slow && !send_now()) co_await send_rest();
    if (is_broken_) co_return; // Nobody waits for the answer any more.
    received_ = received;
    open_request();
    auto const response = co_await ask_handler();
    bool const closes = must_close_after(response);
    put_answer(response, closes);
    auto const apart = body_sent_apart(response);
    if (!apart.empty() && !send_now(apart)) co_await send_rest();
    if (closes)
    {
        is_ending_ = true;
        lingers_ = body_stage_ != BodyStage::complete || buffered_behind_head().size() > body_buffered_ || !carried_over_.empty();
        co_return;
    }
    if (body_stage_ == BodyStage::untouched && !skip_buffered_body()) co_await skip_body();
    close_request();
    bool const is_enough = answers_held_ >= answers_held_max || out_.size() >= held_bytes_max;
    if (is_enough && !send_now()) co_await send_rest();
}

// A Handler must not throw, but memory may run out on the way to it.
awaitable<Response> Connection::ask_handler()
{
    try
    {
        co_return co_await thread_.handler().answer(request_);
    }
    catch (...)
    {
        thread_.report(std::current_exception());
    }
    auto response = to_response(Problem{ProblemCode::internal});
    response.close = true;
    co_return response;
}

void Connection::open_request()
{
    auto const& head = gate_.head();
    request_ = to_request(head);
    request_.body = this;
    request_.peer = peer_;
    request_.received = received_;
    owes_continue_ = head.expects_continue;
    bool const has_body = head.framing == Framing::chunked || head.content_length > 0;
    body_stage_ = has_body ? BodyStage::untouched : BodyStage::complete;
    if (!has_body) body_ = std::string_view();
    body_bytes_max_ = thread_.settings().body_bytes_max;
    if (head.framing == Framing::chunked) decoder_.emplace(ChunkedLimits{.body_bytes_max = body_bytes_max_});
}

void Connection::close_request()
{
    buffer_.take(gate_.head().head_bytes + body_buffered_);
    if (!carried_over_.empty())
    {
        buffer_.put(carried_over_);
        carried_over_.clear();
    }
    gate_.reset();
    request_ = Request{};
    body_.reset();
    body_buffered_ = 0;
    decoder_.reset();
    scratch_.reset();
    give_back_if_large(body_bytes_);
    head_deadline_ = never;
}

bool Connection::must_close_after(Response const& response) const noexcept
{
    return !gate_.head().keep_alive || response.close || thread_.is_draining() || is_broken_ || !can_skip_body();
}

void Connection::put_answer(Response const& response, bool closes)
{
    auto const& head = gate_.head();
    bool const is_to_head = head.method == Method::head;
    auto const persistence = closes ? Persistence::close : head.is_http_1_0 ? Persistence::keep_and_say_so : Persistence::keep;
    append_head(out_, response, thread_.date(), persistence, is_to_head);
    bool const has_body = !is_to_head && !is_bodiless(response.status);
    if (has_body && response.content().size() <= body_copied_bytes_max) out_.append(response.content());
    ++answers_held_;
}

// A large body is not copied behind its head.
std::string_view Connection::body_sent_apart(Response const& response) const noexcept
{
    bool const has_body = gate_.head().method != Method::head && !is_bodiless(response.status);
    return has_body && response.content().size() > body_copied_bytes_max ? response.content() : std::string_view();
}

// Bodies.

std::string_view Connection::buffered_behind_head() const noexcept
{
    return buffer_.unread().substr(gate_.head().head_bytes);
}

awaitable<Result<std::string_view>> Connection::read()
{
    if (!body_ && !take_buffered_body()) co_await receive_body();
    body_stage_ = body_->has_value() ? BodyStage::complete : BodyStage::failed;
    co_return *body_;
}

void Connection::lower_limit(std::size_t bytes_max) noexcept
{
    if (body_stage_ != BodyStage::untouched || bytes_max >= body_bytes_max_) return;
    body_bytes_max_ = bytes_max;
    if (decoder_) decoder_.emplace(ChunkedLimits{.body_bytes_max = body_bytes_max_});
}

// Takes a body that has arrived with its head, or refuses it by its length. False: more has to come.
bool Connection::take_buffered_body()
{
    auto const& head = gate_.head();
    if (head.framing == Framing::chunked)
    {
        take_buffered_chunks(&body_bytes_);
        return body_.has_value();
    }
    if (head.content_length > body_bytes_max_)
    {
        body_ = Problem{ProblemCode::body_too_large};
        return true;
    }
    auto const length = static_cast<std::size_t>(head.content_length);
    auto const buffered = buffered_behind_head();
    if (buffered.size() < length) return false;
    body_ = buffered.substr(0, length);
    body_buffered_ = length;
    return true;
}

void Connection::take_buffered_chunks(std::string* into)
{
    auto const step = decoder_->decode(buffered_behind_head(), into);
    body_buffered_ = step.consumed;
    if (step.verdict == Verdict::passed) body_ = std::string_view(body_bytes_);
    if (step.verdict == Verdict::refused) body_ = decoder_->problem();
}

awaitable<void> Connection::receive_body()
{
    auto const& head = gate_.head();
    // RFC 9110, 10.1.1: not needed where the body has begun to arrive.
    if (owes_continue_ && buffered_behind_head().empty()) out_.append("HTTP/1.1 100 Continue\r\n\r\n");
    owes_continue_ = false;
    body_deadline_ = thread_.now() + thread_.settings().time.body;
    if (!send_now()) co_await send_rest(); // The client may wait for earlier answers before it sends on.
    if (is_broken_)
        body_ = Problem{ProblemCode::head_malformed, "The body ended early."};
    else if (head.framing == Framing::chunked)
        co_await receive_chunks(&body_bytes_, std::string::npos);
    else if (head.head_bytes + head.content_length <= buffer_.bytes_without_moving())
        co_await receive_body_in_place(static_cast<std::size_t>(head.content_length));
    else
        co_await receive_long_body(static_cast<std::size_t>(head.content_length));
}

awaitable<void> Connection::receive_body_in_place(std::size_t bytes)
{
    while (buffered_behind_head().size() < bytes)
    {
        auto const received = co_await receive(buffer_.space());
        if (received == 0) co_return;
        buffer_.add(received);
    }
    body_ = buffered_behind_head().substr(0, bytes);
    body_buffered_ = bytes;
}

awaitable<void> Connection::receive_long_body(std::size_t bytes)
{
    body_bytes_ = buffered_behind_head();
    body_buffered_ = body_bytes_.size();
    auto have = body_bytes_.size();
    while (have < bytes)
    {
        if (have == body_bytes_.size()) body_bytes_.resize(std::min(bytes, std::max(body_bytes_first, 2 * have)));
        auto const received = co_await receive(boost::asio::buffer(body_bytes_.data() + have, body_bytes_.size() - have));
        if (received == 0) co_return;
        have += received;
    }
    body_ = std::string_view(body_bytes_);
}

// Goes on behind what was buffered, until the last chunk or until so many bytes have come.
awaitable<void> Connection::receive_chunks(std::string* into, std::size_t bytes_max)
{
    std::size_t received_in_all = 0;
    while (!body_ && received_in_all < bytes_max)
    {
        auto const place = scratch();
        auto const received = co_await receive(place);
        if (received == 0) co_return;
        received_in_all += received;
        std::string_view const bytes(static_cast<char const*>(place.data()), received);
        auto const step = decoder_->decode(bytes, into);
        if (step.verdict == Verdict::passed) body_ = std::string_view(body_bytes_);
        if (step.verdict == Verdict::refused) body_ = decoder_->problem();
        if (step.verdict == Verdict::passed) carried_over_ = bytes.substr(step.consumed);
    }
}

awaitable<std::size_t> Connection::receive(boost::asio::mutable_buffer place)
{
    deadline_ = body_deadline_;
    auto const [failure, bytes] = co_await socket_.async_read_some(place, as_result);
    deadline_ = never;
    if (!failure)
    {
        auto const rate = std::max<std::size_t>(thread_.settings().time.body_bytes_per_second_min, 1);
        body_deadline_ += std::chrono::microseconds(bytes * 1'000'000 / rate);
        co_return bytes;
    }
    body_ = failure == error::operation_aborted ? Problem{ProblemCode::request_timeout}
                                                : Problem{ProblemCode::head_malformed, "The body ended early."};
    co_return 0;
}

boost::asio::mutable_buffer Connection::scratch()
{
    if (!scratch_) scratch_ = std::make_unique_for_overwrite<char[]>(buffer_.bytes_max());
    return {scratch_.get(), buffer_.bytes_max()};
}

// Whether the next request can be reached at a bearable cost, should nobody have wanted the body.
bool Connection::can_skip_body() const noexcept
{
    if (body_stage_ != BodyStage::untouched) return body_stage_ == BodyStage::complete;
    // A client that still waits for "100 Continue" may send the body or not: where the next request begins is unknown.
    if (owes_continue_) return false;
    auto const& head = gate_.head();
    return head.framing == Framing::chunked || head.content_length <= buffered_behind_head().size() + skipped_body_bytes_max;
}

bool Connection::skip_buffered_body()
{
    auto const& head = gate_.head();
    if (head.framing == Framing::chunked)
    {
        take_buffered_chunks(nullptr);
        if (body_ && body_->has_error()) is_ending_ = lingers_ = true;
        return body_.has_value();
    }
    body_buffered_ = std::min(buffered_behind_head().size(), static_cast<std::size_t>(head.content_length));
    return body_buffered_ == head.content_length;
}

awaitable<void> Connection::skip_body()
{
    body_deadline_ = thread_.now() + thread_.settings().time.body;
    if (!send_now()) co_await send_rest();
    if (is_broken_) co_return;
    auto const& head = gate_.head();
    if (head.framing == Framing::chunked)
    {
        co_await receive_chunks(nullptr, skipped_body_bytes_max);
    }
    else
    {
        auto left = static_cast<std::size_t>(head.content_length) - body_buffered_;
        while (left > 0)
        {
            auto const received = co_await receive(boost::asio::buffer(scratch(), left));
            if (received == 0) break;
            left -= received;
        }
        if (left == 0) body_ = std::string_view();
    }
    if (!body_ || body_->has_error()) is_ending_ = lingers_ = true;
}

// Sending.

bool Connection::send_now(std::string_view body)
{
    if (out_.empty() && body.empty()) return true;
    unsent_ = {boost::asio::buffer(out_), boost::asio::buffer(body)};
    while (!is_broken_ && boost::asio::buffer_size(unsent_) > 0)
    {
        boost::system::error_code failure;
        auto const bytes = socket_.write_some(unsent_, failure);
        if (failure == error::would_block || failure == error::try_again) return false;
        if (failure) break_off();
        take_sent(bytes);
    }
    give_back_if_large(out_);
    answers_held_ = 0;
    return true;
}

awaitable<void> Connection::send_rest()
{
    while (!is_broken_ && boost::asio::buffer_size(unsent_) > 0)
    {
        deadline_ = thread_.now() + thread_.settings().time.write;
        auto const [failure, bytes] = co_await socket_.async_write_some(unsent_, as_result);
        deadline_ = never;
        if (failure) break_off();
        take_sent(bytes);
    }
    give_back_if_large(out_);
    answers_held_ = 0;
}

void Connection::take_sent(std::size_t bytes) noexcept
{
    for (auto& piece : unsent_)
    {
        auto const taken = std::min(bytes, piece.size());
        piece += taken;
        bytes -= taken;
    }
}

void Connection::break_off() noexcept
{
    is_broken_ = true;
    is_ending_ = true;
}

// The end.

// A close while bytes of the client are unread makes the kernel send a reset, which may destroy the answer before the client has
// read it. So: no more from us, then read what comes for a moment.
awaitable<void> Connection::part()
{
    boost::system::error_code ignored;
    if (!lingers_ && socket_.available(ignored) == 0) co_return;
    socket_.shutdown(Socket::shutdown_send, ignored);
    auto const end = thread_.now() + thread_.settings().time.linger;
    std::size_t lingered = 0;
    while (lingered < lingered_bytes_max)
    {
        deadline_ = end;
        auto const [failure, bytes] = co_await socket_.async_read_some(scratch(), as_result);
        deadline_ = never;
        if (failure) break;
        lingered += bytes;
    }
}

} // namespace parley::http
