// Parameters of a statement in PostgreSQL's binary format: nothing is escaped by us or parsed by the server. Needs no libpqxx.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parley::store
{

// The numbers under which PostgreSQL knows the element types we send (pg_type.oid); they are fixed for ever.
enum class Oid : std::uint32_t
{
    boolean = 16,
    bytes = 17,
    int8 = 20,
    int2 = 21,
    int4 = 23,
    text = 25,
    timestamptz = 1184,
    uuid = 2950,
};

// A one-dimensional array in binary format: a header (dimensions, whether a null is among the elements, element type, length,
// lower bound), then each element with its length before it.
class ArrayParameter
{
  public:
    explicit ArrayParameter(Oid element);

    ArrayParameter& add(bool value);
    ArrayParameter& add(std::int16_t value);
    ArrayParameter& add(std::int32_t value);
    ArrayParameter& add(std::int64_t value);
    ArrayParameter& add(Timestamp value);
    ArrayParameter& add(Uuid const& value);
    ArrayParameter& add(std::string_view value); // Text as it is, or the bytes of a bytea.
    ArrayParameter& add(std::string const& value) { return add(std::string_view(value)); }
    ArrayParameter& add(char const* value) = delete; // It would convert to bool.
    ArrayParameter& add(Sha256 const& value);
    ArrayParameter& add_null();

    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] std::string take(); // The whole parameter, moved out.

  private:
    void begin_element(std::size_t length);

    std::string bytes_;
    std::size_t count_ = 0;
    bool has_null_ = false;
};

// A timestamptz in binary.
[[nodiscard]] Timestamp from_postgres_time(std::int64_t microseconds) noexcept;

// A uuid in binary: its sixteen bytes.
[[nodiscard]] std::array<std::uint8_t, 16> to_bytes(Uuid const& uuid) noexcept;

// The parameters of one execution, in the order $1, $2, ... Each is sent in binary format.
class Parameters
{
  public:
    Parameters& add(bool value);
    Parameters& add(std::int16_t value);
    Parameters& add(std::int32_t value);
    Parameters& add(std::int64_t value);
    Parameters& add(Timestamp value);
    Parameters& add(Uuid const& value);
    Parameters& add(std::string_view value);
    Parameters& add(std::string const& value) { return add(std::string_view(value)); }
    Parameters& add(char const* value) { return add(std::string_view(value)); }
    Parameters& add(Sha256 const& value);
    Parameters& add(ArrayParameter&& array);
    Parameters& add_null();

    struct Parameter
    {
        std::string bytes;
        bool is_null = false;
    };
    [[nodiscard]] std::vector<Parameter> const& all() const noexcept { return all_; }

  private:
    std::vector<Parameter> all_;
};

} // namespace parley::store
