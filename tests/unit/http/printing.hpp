// How the types of the room print themselves in test output.
#pragma once

#include "parley/http/gate.hpp"

#include <ostream>

namespace parley::http
{

inline void PrintTo(Verdict verdict, std::ostream* out)
{
    *out << (verdict == Verdict::passed ? "passed" : verdict == Verdict::refused ? "refused" : "need_more");
}

} // namespace parley::http
