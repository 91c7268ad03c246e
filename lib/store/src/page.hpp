// Keyset pages: from a query to the rows to read, and from the rows to a page with its neighbours. Pure.
#pragma once

#include "parley/domain/session.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::store
{

// Where reading begins, in which direction, and how many rows: one more than the page, to see whether there are more.
struct PageScan
{
    bool descending = true;
    Timestamp created_at; // Exclusive; Timestamp::max() or min() where there is no place.
    std::string id;
    int rows = 101;
};
[[nodiscard]] PageScan scan_of(domain::ListQuery const& query);

// Completes a page from what the scan read, in the order it was read: drops the row too many, turns a page that was read backward
// around, and says where its neighbours are. A page that was cut (it would have been too many bytes) has more behind it.
//
// next: there are more rows behind. previous: the page was reached by a cursor and there are rows before it. An empty page beyond
// the end points back to the session at the place it was asked for.
enum class Extent : std::uint8_t
{
    whole,
    cut,
};
void complete_page(domain::ListQuery const& query, domain::Page& page, Extent extent = Extent::whole);

// Ids right beside an id in byte order, closer than any id that occurs.
[[nodiscard]] std::string id_after(std::string_view id);
[[nodiscard]] std::string id_before(std::string_view id);

} // namespace parley::store
