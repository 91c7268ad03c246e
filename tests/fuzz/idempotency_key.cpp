// Idempotency-Key. The input is the lines of a request's fields.
#include "promise.hpp"

#include "idempotency.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::fuzz
{
namespace
{

Result<std::optional<Sha256>> read(std::string_view value)
{
    std::vector<http::Field> const fields{{"idempotency-key", value}};
    return api::read_idempotency_key(request_with(fields));
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    auto const fields = fuzz::read_fields(fuzz::text_of(data, size));
    auto const is_key = [](http::Field const& field) { return equal_ignoring_case(field.name, "Idempotency-Key"); };
    auto const keys = std::count_if(fields.begin(), fields.end(), is_key);
    auto const key = api::read_idempotency_key(fuzz::request_with(fields));
    if (!key)
    {
        fuzz::require(keys > 0, "without the field nothing is wrong with it");
        fuzz::require_refusal(key.error());
        return 0;
    }
    fuzz::require(key->has_value() == (keys == 1), "one field is one key");
    if (!*key) return 0;
    auto const value = std::find_if(fields.begin(), fields.end(), is_key)->value;
    fuzz::require(fuzz::is_visible_ascii(value) && value.size() <= 257, "a key is visible and bounded", value);
    bool const is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    auto const bare = is_quoted ? value.substr(1, value.size() - 2) : value;
    fuzz::require(**key == sha256(bare), "a key is its own text", value);
    auto const quoted = fuzz::read("\"" + std::string(bare) + "\"");
    fuzz::require(quoted.has_value() && *quoted == *key, "a key in quotes is the same key", value);
    return 0;
}
