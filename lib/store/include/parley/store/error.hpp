// What goes wrong at start, in migrations and in the administrator's work: thrown, since somebody reads the sentence. The verbs
// of the session and credential stores never throw it; they answer Problems.
#pragma once

#include <stdexcept>
#include <string>

namespace parley::store
{

// The message is for the operator: it may name folders and tables, never a secret.
class StoreError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

} // namespace parley::store
