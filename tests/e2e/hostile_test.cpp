// Goal: nothing is smuggled past a load balancer, and nobody makes the service hold what it need not.
// Method: raw bytes that break or stretch the rules of HTTP; each gets its 4xx (or 501), the connection is closed, a request
// hidden behind it is not answered, and the service goes on.
#include "parley/support/api_client.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <set>
#include <sstream>

namespace parley::e2e
{
namespace
{

std::unique_ptr<support::ParleydProcess>& service()
{
    static std::unique_ptr<support::ParleydProcess> instance;
    return instance;
}

class StopService : public testing::Environment
{
  public:
    void TearDown() override { service().reset(); }
};
[[maybe_unused]] testing::Environment const* const stop_service =
    testing::AddGlobalTestEnvironment(new StopService); // GoogleTest owns it.

support::ParleydProcess& shared_service()
{
    if (!service()) service() = support::start_with_small_world(support::small_world({}), {"--rate-limit-enforce", "false"});
    return *service();
}

struct Attempt
{
    std::string name;
    std::string bytes; // Without the request that is hidden behind it.
    std::set<int> statuses = {400};
};

void PrintTo(Attempt const& attempt, std::ostream* out)
{
    *out << attempt.name;
} // NOLINT(readability-identifier-naming): GoogleTest's name.

std::string const key_field = "X-api-key: " + std::string(support::small_world_key) + "\r\n";

std::string get(std::string const& fields)
{
    return "GET /api/sessions/ HTTP/1.1\r\nHost: parley.test\r\n" + key_field + fields + "\r\n";
}
std::string post(std::string const& fields, std::string const& body)
{
    return "POST /api/sessions/ HTTP/1.1\r\nHost: parley.test\r\nContent-Type: application/json\r\n" + key_field + fields +
           "\r\n" + body;
}

std::vector<Attempt> attempts()
{
    std::string const chunked = "Transfer-Encoding: chunked\r\n";
    return {
        // Two ways to say where the body ends.
        {"length_and_chunked", post("Content-Length: 6\r\n" + chunked, "0\r\n\r\nX")},
        {"chunked_and_length", post(chunked + "Content-Length: 5\r\n", "0\r\n\r\n")},
        {"two_different_lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{} ")},
        {"two_equal_lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}")},
        {"a_list_of_lengths", post("Content-Length: 2, 2\r\n", "{}")},
        {"a_signed_length", post("Content-Length: +2\r\n", "{}")},
        {"a_negative_length", post("Content-Length: -1\r\n", "{}")},
        {"a_hexadecimal_length", post("Content-Length: 0x2\r\n", "{}")},
        {"a_length_that_overflows", post("Content-Length: 18446744073709551618\r\n", "{}"), {400, 413}},
        {"an_empty_length", post("Content-Length: \r\n", "{}")},
        {"a_length_with_a_blank_inside", post("Content-Length: 1 2\r\n", "{}")},
        // Transfer codings.
        {"chunked_twice", post(chunked + chunked, "0\r\n\r\n"), {400, 501}},
        {"chunked_in_a_list_twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), {400, 501}},
        {"an_unknown_coding", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), {400, 501}},
        {"chunked_not_last", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), {400, 501}},
        {"identity", post("Transfer-Encoding: identity\r\n", "{}"), {400, 501}},
        {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), {400, 501}},
        {"quoted_chunked", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), {400, 501}},
        {"chunked_on_http_1_0", "POST /api/sessions/ HTTP/1.0\r\nHost: parley.test\r\n" + key_field + chunked + "\r\n0\r\n\r\n"},
        {"a_blank_before_the_colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")},
        {"a_folded_field", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")},
        {"a_vertical_tab_before_chunked",
         post("Transfer-Encoding: \x0b"
              "chunked\r\n",
              "0\r\n\r\n"),
         {400, 501}},
        // Chunks.
        {"a_chunk_size_with_a_sign", post(chunked, "+2\r\n{}\r\n0\r\n\r\n")},
        {"a_chunk_size_with_0x", post(chunked, "0x2\r\n{}\r\n0\r\n\r\n")},
        {"a_chunk_size_that_overflows", post(chunked, "10000000000000002\r\n{}\r\n0\r\n\r\n"), {400, 413}},
        {"a_chunk_that_is_longer_than_it_says", post(chunked, "1\r\n{}\r\n0\r\n\r\n")},
        {"a_chunk_ended_by_a_bare_line_feed", post(chunked, "2\n{}\r\n0\r\n\r\n")},
        {"a_chunk_whose_data_ends_by_a_bare_line_feed", post(chunked, "2\r\n{}\n0\r\n\r\n")},
        {"a_blank_after_a_chunk_size", post(chunked, "2 \r\n{}\r\n0\r\n\r\n")},
        {"an_empty_chunk_size", post(chunked, "\r\n{}\r\n0\r\n\r\n")},
        {"a_chunk_extension_with_a_bare_carriage_return", post(chunked, "2;a\rb\r\n{}\r\n0\r\n\r\n")},
        {"a_trailer_that_is_no_field", post(chunked, "2\r\n{}\r\n0\r\nno field\r\n\r\n")},
        // Lines.
        {"bare_line_feeds", "GET /api/sessions/ HTTP/1.1\nHost: parley.test\n\n"},
        {"one_bare_line_feed", "GET /api/sessions/ HTTP/1.1\r\nHost: parley.test\nA: b\r\n\r\n"},
        {"a_bare_carriage_return", get("A: b\rC: d\r\n")},
        {"a_nul_in_a_field", get(std::string("A: b\0c\r\n", 8))},
        {"a_control_character_in_a_field", get("A: b\x01\r\n")},
        {"a_field_without_a_colon", get("nothing\r\n")},
        {"a_field_without_a_name", get(": value\r\n")},
        {"a_blank_in_a_field_name", get("A B: c\r\n")},
        {"a_blank_before_the_first_field", "GET /api/sessions/ HTTP/1.1\r\n Host: parley.test\r\n\r\n"},
        {"a_folded_line", get("A: b\r\n c\r\n")},
        // The request line.
        {"no_version", "GET /api/sessions/\r\nHost: parley.test\r\n\r\n"},
        {"http_2", "GET /api/sessions/ HTTP/2.0\r\nHost: parley.test\r\n\r\n", {400, 505}},
        {"http_1_10", "GET /api/sessions/ HTTP/1.10\r\nHost: parley.test\r\n\r\n", {400, 505}},
        {"lower_case_version", "GET /api/sessions/ http/1.1\r\nHost: parley.test\r\n\r\n", {400, 505}},
        {"two_blanks", "GET  /api/sessions/ HTTP/1.1\r\nHost: parley.test\r\n\r\n"},
        {"a_tab", "GET\t/api/sessions/ HTTP/1.1\r\nHost: parley.test\r\n\r\n"},
        {"a_blank_in_the_target", "GET /api/ses sions/ HTTP/1.1\r\nHost: parley.test\r\n\r\n"},
        {"a_trailing_blank", "GET /api/sessions/ HTTP/1.1 \r\nHost: parley.test\r\n\r\n", {400, 505}},
        {"a_method_that_is_no_token", "GE(T /api/sessions/ HTTP/1.1\r\nHost: parley.test\r\n\r\n"},
        {"a_fragment", "GET /api/sessions/#x HTTP/1.1\r\nHost: parley.test\r\n\r\n"},
        {"a_relative_target", "GET api/sessions/ HTTP/1.1\r\nHost: parley.test\r\n\r\n"},
        {"a_tls_hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n"},
        {"the_preface_of_http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}},
        // Fields that may stand once.
        {"no_host", "GET /api/sessions/ HTTP/1.1\r\n" + key_field + "\r\n"},
        {"two_hosts", get("Host: other.test\r\n")},
        {"a_host_that_is_none", "GET /api/sessions/ HTTP/1.1\r\nHost: a b\r\n\r\n"},
        {"a_host_with_a_user", "GET /api/sessions/ HTTP/1.1\r\nHost: user@parley.test\r\n\r\n"},
        {"two_keys", get("X-api-key: other\r\n")},
        {"two_authorizations", get("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n")},
        // Too much.
        {"a_long_target",
         "GET /api/sessions/?" + std::string(200000, 'a') + " HTTP/1.1\r\nHost: parley.test\r\n\r\n",
         {400, 414, 431}},
        {"a_long_field", get("A: " + std::string(200000, 'a') + "\r\n"), {400, 431}},
        {"many_fields",
         []
         {
             std::string fields;
             for (int i = 0; i < 5000; ++i)
                 fields += "A" + std::to_string(i) + ": b\r\n";
             return get(fields);
         }(),
         {400, 431}},
        {"a_body_over_the_bound", post("Content-Length: 10485761\r\n", "{"), {413}},
        {"an_expectation_that_nobody_knows", post("Expect: 200-ok\r\nContent-Length: 2\r\n", "{}"), {417}},
    };
}

class Hostile : public testing::TestWithParam<Attempt>
{
};

TEST_P(Hostile, is_refused_and_the_connection_closed)
{
    support::RawHttpClient connection = shared_service().connect(std::chrono::seconds(10));
    // The hidden request would be answered with 200.
    connection.try_send(GetParam().bytes + get(""));
    support::HttpAnswer const answer = connection.read_answer().value();
    EXPECT_TRUE(GetParam().statuses.contains(answer.status)) << answer.status << " " << answer.body;
    EXPECT_EQ(answer.find("Connection"), "close");
    EXPECT_EQ(connection.read_answer(), std::nullopt) << "something else was answered on the connection";
    EXPECT_EQ(support::ApiClient(shared_service(), support::small_world_key).get("/api/sessions/").status, 200);
}

std::string name_of(testing::TestParamInfo<Attempt> const& info)
{
    return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Attempts, Hostile, testing::ValuesIn(attempts()), name_of);

TEST(Strict, an_upload_over_the_bound_is_refused_before_it_is_sent)
{
    support::RawHttpClient connection = shared_service().connect();
    connection.send(post("Expect: 100-continue\r\nContent-Length: 99999999\r\n", ""));
    support::HttpAnswer const answer = connection.read_answer().value();
    EXPECT_EQ(answer.status, 413);
}

TEST(Strict, a_chunked_upload_over_the_bound_is_refused)
{
    support::RawHttpClient connection = shared_service().connect();
    connection.try_send(post("Transfer-Encoding: chunked\r\n", ""));
    std::string const chunk = "100000\r\n" + std::string(0x100000, ' ') + "\r\n";
    bool went_on = true;
    for (int i = 0; i < 12 && went_on; ++i)
        went_on = connection.try_send(chunk);
    // The answer may be lost where the service closed before all was sent; that it does not take everything is what counts.
    try
    {
        EXPECT_EQ(connection.read_answer().value().status, 413);
    }
    catch (support::HttpBroken const&)
    {
        EXPECT_FALSE(went_on);
    }
}

TEST(Strict, who_may_not_is_told_so_before_the_body_is_read)
{
    support::RawHttpClient connection = shared_service().connect(std::chrono::seconds(5));
    connection.send(
        "POST /api/sessions/ HTTP/1.1\r\nHost: parley.test\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n");
    EXPECT_EQ(connection.read_answer().value().status, 401);
}

std::string in_hex(std::size_t number)
{
    std::ostringstream text;
    text << std::hex << number;
    return text.str();
}

TEST(Lenient, what_the_rules_allow_is_served)
{
    support::ParleydProcess& parleyd = shared_service();
    support::ApiClient const client(parleyd, support::small_world_key);
    std::string const body = R"({"experiment":")" + std::string(support::small_world_experiment) + "\"}";
    support::RawHttpClient connection = parleyd.connect();

    // Chunks, with an extension and a trailer that never becomes a field.
    connection.send(post("Transfer-Encoding: chunked\r\n", "1;a=b\r\n{\r\n" + in_hex(body.size() - 1) + "\r\n" + body.substr(1) +
                                                               "\r\n0\r\nX-api-key: other\r\n\r\n"));
    EXPECT_EQ(connection.read_answer().value().status, 201);

    // Expect: 100-continue.
    connection.send(post("Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) + "\r\n", ""));
    EXPECT_EQ(connection.read_answer().value().status, 100);
    connection.send(body);
    EXPECT_EQ(connection.read_answer().value().status, 201);

    // Pipelining: three requests in one write, three answers in order; an empty line between requests is passed over.
    connection.send(get("") + "\r\n" + support::to_bytes(client.request("GET", "/api/sessions/unknown/")) + get(""));
    EXPECT_EQ(connection.read_answer().value().status, 200);
    EXPECT_EQ(connection.read_answer().value().status, 404);
    EXPECT_EQ(connection.read_answer().value().status, 200);

    // One byte at a time.
    for (char const c : get(""))
        connection.send(std::string_view(&c, 1));
    EXPECT_EQ(connection.read_answer().value().status, 200);

    // HTTP/1.0 closes; Connection: close is kept.
    connection.send(get("Connection: close\r\n"));
    EXPECT_EQ(connection.read_answer().value().status, 200);
    EXPECT_TRUE(connection.closes_within(std::chrono::seconds(5)));
    support::RawHttpClient old = parleyd.connect();
    old.send("GET /api/sessions/ HTTP/1.0\r\nHost: parley.test\r\n" + key_field + "\r\n");
    EXPECT_EQ(old.read_answer().value().status, 200);
    EXPECT_TRUE(old.closes_within(std::chrono::seconds(5)));
}

TEST(Leaving, a_client_that_is_killed_in_the_middle_costs_nothing)
{
    support::ParleydProcess& parleyd = shared_service();
    support::ApiClient const client(parleyd, support::small_world_key);
    std::string const before = support::member_of(client.get("/api/sessions/").body, "count");
    for (int i = 0; i < 50; ++i)
    {
        support::RawHttpClient head = parleyd.connect();
        head.send("POST /api/sessions/ HTTP/1.1\r\nHost: par");
        head.reset();
        support::RawHttpClient half_a_body = parleyd.connect();
        half_a_body.send(post("Content-Length: 100\r\n", "{\"experiment\":"));
        half_a_body.reset();
        support::RawHttpClient no_reader = parleyd.connect();
        no_reader.send(get(""));
        no_reader.reset();
    }
    EXPECT_EQ(support::member_of(client.get("/api/sessions/").body, "count"), before);
}

} // namespace
} // namespace parley::e2e
