#include "database_error.hpp"

namespace parley::store
{

Failure classify(std::string_view sqlstate, bool is_connection_lost) noexcept
{
    if (is_connection_lost) return Failure::connection_lost;
    auto const begins = [&](std::string_view prefix) { return sqlstate.starts_with(prefix); };
    // 57P: the server shuts down, has crashed or is starting. 08: protocol. 26000: a prepared statement is gone, so this is not
    // the session we knew (a pooler).
    if (begins("26000") || begins("57P") || begins("08")) return Failure::connection_lost;
    if (begins("25006")) return Failure::read_only;
    if (begins("40001") || begins("40P01") || begins("55P03")) return Failure::conflict;
    if (begins("57014")) return Failure::cancelled;
    if (begins("53") || begins("58") || begins("XX") || begins("F0")) return Failure::resources;
    if (begins("22") || begins("23") || begins("54") || begins("21")) return Failure::input;
    return Failure::unexpected;
}

std::string describe(DatabaseError const& error)
{
    if (error.sqlstate().empty())
        return error.is_connection_lost() ? "the connection was lost" : "the database refused a statement";
    switch (classify(error))
    {
    case Failure::connection_lost:
        return "the database ended the connection (" + error.sqlstate() + ")";
    case Failure::read_only:
        return "the database has become read-only (" + error.sqlstate() + ")";
    case Failure::conflict:
        return "a conflict between transactions (" + error.sqlstate() + ")";
    case Failure::cancelled:
        return "a statement took too long (" + error.sqlstate() + ")";
    case Failure::input:
        return "the database refused a value (" + error.sqlstate() + ")";
    case Failure::resources:
        return "the database is out of a resource (" + error.sqlstate() + ")";
    case Failure::unexpected:
        break;
    }
    return "the database refused a statement (" + error.sqlstate() + ")";
}

std::string describe_connect(DatabaseError const& error)
{
    std::string_view const text = error.what();
    if (!text.starts_with("connection to server")) return "no connection can be made";
    return std::string(text.substr(0, text.find('\n')));
}

} // namespace parley::store
