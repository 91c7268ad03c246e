#include "page.hpp"

#include <algorithm>

namespace parley::store
{

namespace
{

using Direction = domain::Cursor::Direction;

bool is_newest_first(domain::ListQuery const& query)
{
    return query.order == domain::Order::newest_first;
}

domain::Cursor place_of(domain::Session const& session, Direction direction)
{
    return {direction, session.created_at, std::string(session.id)};
}

// The place turned around, and moved by the smallest step so that the session at it is on the page.
domain::Cursor back_to(domain::Cursor const& place, bool newest_first)
{
    bool const was_forward = place.direction == Direction::forward;
    domain::Cursor back = place;
    back.direction = was_forward ? Direction::backward : Direction::forward;
    // A page backward in a list of the newest first reads upward from its place.
    bool const reads_up = was_forward == newest_first;
    back.id = reads_up ? id_before(place.id) : id_after(place.id);
    return back;
}

} // namespace

PageScan scan_of(domain::ListQuery const& query)
{
    bool const backward = query.cursor && query.cursor->direction == Direction::backward;
    PageScan scan;
    scan.descending = is_newest_first(query) != backward;
    scan.created_at = scan.descending ? Timestamp::max() : Timestamp::min();
    if (query.cursor)
    {
        scan.created_at = query.cursor->created_at;
        scan.id = query.cursor->id;
    }
    scan.rows = query.page_size + 1;
    return scan;
}

void complete_page(domain::ListQuery const& query, domain::Page& page, Extent extent)
{
    auto& sessions = page.sessions;
    bool const is_one_too_many = sessions.size() > static_cast<std::size_t>(query.page_size);
    bool const has_more = is_one_too_many || extent == Extent::cut;
    if (is_one_too_many) sessions.pop_back();
    bool const backward = query.cursor && query.cursor->direction == Direction::backward;
    if (backward) std::ranges::reverse(sessions);
    if (sessions.empty())
    {
        if (!query.cursor) return;
        (backward ? page.next : page.previous) = back_to(*query.cursor, is_newest_first(query));
        return;
    }
    bool const has_next = backward || has_more;
    bool const has_previous = backward ? has_more : query.cursor.has_value();
    if (has_next) page.next = place_of(sessions.back(), Direction::forward);
    if (has_previous) page.previous = place_of(sessions.front(), Direction::backward);
}

std::string id_after(std::string_view id)
{
    return std::string(id) + '\x01';
}

std::string id_before(std::string_view id)
{
    std::string before(id);
    if (before.empty()) return before;
    auto const last = static_cast<unsigned char>(before.back());
    if (last >= 0x80 || last <= 0x01)
    {
        // Not an ASCII letter: what is left without the last character is smaller, and only ids that share it lie between.
        while (!before.empty() && (static_cast<unsigned char>(before.back()) & 0xC0U) == 0x80)
            before.pop_back();
        if (!before.empty()) before.pop_back();
        return before;
    }
    before.back() = static_cast<char>(last - 1);
    for (int i = 0; i < 4; ++i)
        before += "\xF4\x8F\xBF\xBF"; // U+10FFFF, the greatest character.
    return before;
}

} // namespace parley::store
