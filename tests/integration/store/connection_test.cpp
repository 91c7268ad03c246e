// That what we send in binary format arrives, and that errors come back as what they are.
#include "connection_pqxx.hpp"

#include "parley/support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace parley::store
{
namespace
{

class ConnectionTest : public ::testing::Test
{
  protected:
    static void SetUpTestSuite() { url_ = support::new_database(); }
    static ConnectionSettings settings() { return {.database_url = url_}; }
    static inline std::string url_;
    Connection connection_{settings()};
};

TEST_F(ConnectionTest, arrays_of_every_type_arrive_as_they_were)
{
    auto const uuid = *Uuid::parse("000000e1-0000-4000-8000-00000000000f");
    auto const digest = sha256("key");
    auto const when = *parse_timestamp("2026-01-01T01:02:03.000456Z");
    Parameters parameters;
    parameters.add(std::move(ArrayParameter(Oid::int8).add(std::int64_t{-5}).add(std::int64_t{1} << 40)))
        .add(std::move(ArrayParameter(Oid::text).add(std::string("a,\"b\\{}'")).add(std::string()).add_null()))
        .add(std::move(ArrayParameter(Oid::timestamptz).add(when)))
        .add(std::move(ArrayParameter(Oid::bytes).add(digest)))
        .add(std::move(ArrayParameter(Oid::uuid).add(uuid)))
        .add(std::move(ArrayParameter(Oid::int4).add(std::int32_t{-7})))
        .add(std::move(ArrayParameter(Oid::boolean).add(true).add(false)))
        .add(std::move(ArrayParameter(Oid::int2).add(std::int16_t{3})));
    connection_.prepare(
        "arrays", "select $1::int8[], ($2::text[])[1], ($2::text[])[2] = '', ($2::text[])[3] is null, ($3::timestamptz[])[1], "
                  "encode(($4::bytea[])[1], 'hex'), ($5::uuid[])[1], ($6::int4[])[1], ($7::bool[])[1], ($7::bool[])[2], "
                  "cardinality($8::int2[])");
    auto const rows = connection_.run("arrays", parameters);
    auto row = rows[0];
    EXPECT_EQ(row[0], "{-5,1099511627776}");
    EXPECT_EQ(row[1], "a,\"b\\{}'");
    EXPECT_TRUE(row.flag(2));
    EXPECT_TRUE(row.flag(3));
    EXPECT_EQ(row[4], "2026-01-01 01:02:03.000456+00");
    EXPECT_EQ(row[5], to_hex(digest));
    EXPECT_EQ(row[6], uuid.text());
    EXPECT_EQ(row.number(7), -7);
    EXPECT_TRUE(row.flag(8));
    EXPECT_FALSE(row.flag(9));
    EXPECT_EQ(row.number(10), 1);
}

TEST_F(ConnectionTest, an_empty_array_is_an_array)
{
    Parameters parameters;
    parameters.add(ArrayParameter(Oid::text)).add(std::int64_t{9});
    auto const rows = connection_.run_once("select cardinality($1::text[]), $2::int8", parameters);
    EXPECT_EQ(rows[0].number(0), 0);
    EXPECT_EQ(rows[0].number(1), 9);
}

TEST_F(ConnectionTest, a_failed_statement_leaves_the_connection_usable)
{
    try
    {
        connection_.execute("select 1 / 0");
        FAIL();
    }
    catch (DatabaseError const& error)
    {
        EXPECT_EQ(error.sqlstate(), "22012");
        EXPECT_EQ(classify(error), Failure::input);
    }
    EXPECT_EQ(connection_.execute("select 5")[0].number(0), 5);
}

TEST_F(ConnectionTest, a_terminated_session_is_a_lost_connection_and_never_comes_back_by_itself)
{
    Connection other(settings());
    other.execute("select pg_terminate_backend(" + std::to_string(connection_.backend_pid()) + ", 2000)");
    for (int i = 0; i < 2; ++i)
    {
        try
        {
            connection_.execute("select 1");
            FAIL() << "attempt " << i;
        }
        catch (DatabaseError const& error)
        {
            EXPECT_EQ(classify(error), Failure::connection_lost);
        }
    }
    EXPECT_FALSE(connection_.is_open());
}

TEST_F(ConnectionTest, a_transaction_that_is_not_committed_leaves_nothing)
{
    connection_.execute("create table rolled (n integer)");
    {
        Connection::Transaction const transaction(connection_);
        connection_.execute("insert into rolled values (1)");
    }
    {
        Connection::Transaction transaction(connection_);
        connection_.execute("insert into rolled values (2)");
        transaction.commit();
    }
    EXPECT_EQ(connection_.execute("select sum(n) from rolled")[0].number(0), 2);
}

TEST_F(ConnectionTest, notifications_reach_the_listener)
{
    std::string heard;
    connection_.listen("parley_test", [&](std::string_view payload) { heard = payload; });
    Connection other(settings());
    other.execute("select pg_notify('parley_test', 'credential')");
    connection_.execute("select 1");
    connection_.poll_notifications();
    EXPECT_EQ(heard, "credential");
}

} // namespace
} // namespace parley::store
