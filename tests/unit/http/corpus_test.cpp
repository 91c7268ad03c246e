// The corpus of raw connections (tests/corpus/http): each is held against the gate alone and against a listener on a socket.
#include "parley/http/chunked.hpp"
#include "parley/http/gate.hpp"
#include "parley/http/listener.hpp"

#include "parley/support/raw_http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace parley::http
{

namespace
{

namespace json = boost::json;

// What became of the bytes of one connection.
struct Outcome
{
    std::vector<std::string> served; // "METHOD target host body", in order.
    int refused = 0;                 // The status of the refusal that ended it; 0: there was none.
    friend bool operator==(Outcome const&, Outcome const&) = default;
};

void PrintTo(Outcome const& outcome, std::ostream* out)
{
    for (auto const& one : outcome.served)
        *out << "[" << one << "] ";
    *out << outcome.refused;
}

struct Case
{
    std::string name;
    std::string mutation;
    std::string bytes;
    Outcome expected;
};

std::string describe(std::string_view method, std::string_view target, std::string_view host, std::string_view body)
{
    std::string text;
    for (auto const part : {method, target, host, body})
        text.append(part).append("|");
    return text;
}

std::string target_of(std::string_view path, std::string_view query, bool has_query)
{
    return std::string(path) + (has_query ? "?" : "") + std::string(query);
}

// U+0000 to U+00FF of the file stand for the bytes.
std::string to_bytes(json::value const& value)
{
    std::string bytes;
    std::string_view const text = value.as_string();
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        auto const c = static_cast<unsigned char>(text[i]);
        if (c < 0x80)
            bytes.push_back(text[i]);
        else
            bytes.push_back(static_cast<char>((c & 0x03U) << 6U | (static_cast<unsigned char>(text[++i]) & 0x3fU)));
    }
    return bytes;
}

std::vector<Case> read_corpus()
{
    std::ifstream file(PARLEY_SOURCE_DIR "/tests/corpus/http/requests.jsonl");
    std::vector<Case> cases;
    for (std::string line; std::getline(file, line);)
    {
        auto const read = json::parse(line);
        Case one{.name = std::string(read.at("mutation").as_string()) + ": " + std::string(read.at("name").as_string()) + " (" +
                         std::string(read.at("rule").as_string()) + ")",
                 .mutation = std::string(read.at("mutation").as_string()),
                 .bytes = to_bytes(read.at("bytes")),
                 .expected = {}};
        for (auto const& expected : read.at("expect").as_array())
            if (auto const* const status = expected.as_object().if_contains("refused"))
                one.expected.refused = status->to_number<int>();
            else
                one.expected.served.push_back(describe(to_bytes(expected.at("method")), to_bytes(expected.at("target")),
                                                       to_bytes(expected.at("host")), to_bytes(expected.at("body"))));
        cases.push_back(std::move(one));
    }
    return cases;
}

std::vector<Case> const& corpus()
{
    static auto const cases = read_corpus();
    return cases;
}

TEST(CorpusOfConnections, is_a_corpus)
{
    std::map<std::string, int> variants;
    std::size_t refused = 0;
    for (auto const& one : corpus())
    {
        ++variants[one.mutation];
        if (one.expected.refused != 0) ++refused;
    }
    EXPECT_GE(corpus().size(), 1000U);
    EXPECT_GE(refused, 500U);
    EXPECT_GE(corpus().size() - refused, 300U);
    for (auto const& [mutation, count] : variants)
        EXPECT_LE(count, 20) << mutation;
}

int status_of(Problem const& problem)
{
    return to_response(problem).status;
}

// The gate and the decoder alone, over the whole stream. An end in the middle of a request is a refusal, as on a connection.
Outcome judge(std::string_view bytes)
{
    constexpr int cut = 400;
    Outcome outcome;
    for (bool keeps_alive = true; keeps_alive;)
    {
        Gate gate{GateLimits{}};
        auto const verdict = gate.examine(bytes);
        if (verdict == Verdict::refused) outcome.refused = status_of(gate.problem());
        if (verdict == Verdict::need_more && gate.has_begun()) outcome.refused = cut;
        if (verdict != Verdict::passed) break;
        auto const& head = gate.head();
        std::string body;
        auto rest = bytes.substr(head.head_bytes);
        if (head.framing == Framing::chunked)
        {
            ChunkedDecoder decoder{ChunkedLimits{}};
            auto const step = decoder.decode(rest, &body);
            if (step.verdict == Verdict::refused) outcome.refused = status_of(decoder.problem());
            if (step.verdict == Verdict::need_more) outcome.refused = cut;
            if (step.verdict != Verdict::passed) break;
            rest.remove_prefix(step.consumed);
        }
        else
        {
            if (rest.size() < head.content_length) outcome.refused = cut;
            if (rest.size() < head.content_length) break;
            body = rest.substr(0, static_cast<std::size_t>(head.content_length));
            rest.remove_prefix(body.size());
        }
        bool const has_query = head.query.data() != nullptr;
        outcome.served.push_back(describe(head.method_name, target_of(head.path, head.query, has_query), head.host, body));
        keeps_alive = head.keep_alive;
        bytes = rest;
    }
    return outcome;
}

TEST(CorpusOfConnections, gets_its_verdicts_from_the_gate)
{
    for (auto const& one : corpus())
        EXPECT_EQ(judge(one.bytes), one.expected) << one.name;
}

// Notes what it serves and answers 204.
class Recorder final : public Handler
{
  public:
    boost::asio::awaitable<Response> answer(Request const& request) override
    {
        auto const body = co_await request.body->read();
        if (!body) co_return to_response(body.error());
        auto const target = target_of(request.path, request.query, request.query.data() != nullptr);
        served.push_back(describe(request.method_name, target, request.host, *body));
        Response response;
        response.status = 204;
        co_return response;
    }

    std::vector<std::string> served; // Read by the test only after the connection's end.
};

class Service
{
  public:
    Service()
        : listener_({context_}, {.address = "127.0.0.1:0"}, recorder_, telemetry_,
                    std::make_shared<ConnectionCounts>(ConnectionCountsSettings{})),
          port_(listener_.bind())
    {
        listener_.start();
        thread_ = std::thread([this] { context_.run(); });
    }
    ~Service()
    {
        context_.stop();
        thread_.join();
    }

    // Sends the bytes as they are, reads answers until the end of the connection.
    Outcome send(std::string const& bytes)
    {
        recorder_.served.clear();
        support::RawHttpClient client("127.0.0.1", port_);
        (void)client.try_send(bytes);
        client.finish_sending();
        std::size_t answered = 0;
        Outcome outcome;
        while (auto const answer = client.read_answer())
        {
            if (answer->status == 100) continue;
            if (answer->status == 204)
                ++answered;
            else
                outcome.refused = answer->status;
        }
        outcome.served = recorder_.served;
        EXPECT_EQ(answered, outcome.served.size());
        return outcome;
    }

  private:
    telemetry::Telemetry telemetry_{telemetry::TelemetrySettings{.log_level = "off", .log_file = {}}};
    Recorder recorder_;
    boost::asio::io_context context_{1};
    Listener listener_;
    std::uint16_t port_;
    std::thread thread_;
};

TEST(CorpusOfConnections, gets_its_verdicts_from_a_listener)
{
    Service service;
    for (auto const& one : corpus())
        EXPECT_EQ(service.send(one.bytes), one.expected) << one.name;
}

} // namespace

} // namespace parley::http
