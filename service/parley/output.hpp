// What the command says: for people, or as one JSON document for programs (--json).
#pragma once

#include "parley/core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::command
{

// One thing with its attributes, in the order in which they are shown.
class Record
{
  public:
    Record& text(std::string_view name, std::string_view value);
    Record& text_or_null(std::string_view name, std::optional<std::string> const& value);
    Record& number(std::string_view name, std::int64_t value);
    Record& flag(std::string_view name, bool value);
    Record& time(std::string_view name, Timestamp value);
    Record& time_or_null(std::string_view name, std::optional<Timestamp> value);
    Record& texts(std::string_view name, std::vector<std::string> const& values);
    Record& document(std::string_view name, std::string_view json); // JSON as it is.

    struct Attribute
    {
        std::string name;
        std::string json;
        std::string plain;
    };
    [[nodiscard]] std::vector<Attribute> const& attributes() const noexcept { return attributes_; }
    [[nodiscard]] std::string to_json() const;

  private:
    std::vector<Attribute> attributes_;
};

class Output
{
  public:
    explicit Output(bool is_json) : is_json_(is_json) {}

    [[nodiscard]] bool is_json() const noexcept { return is_json_; }

    // A table, or a JSON array.
    void list(std::vector<Record> const& records) const;

    // One thing: a line for each attribute, or a JSON object.
    void show(Record const& record) const;

    // Something was done: a sentence, or what it was done to as a JSON object.
    void done(std::string_view sentence, Record const& record) const;

    // A secret that can be read here only: alone on standard output with the explanation on standard error, or as a member of the
    // JSON object.
    void secret(std::string_view name, std::string_view secret, std::string_view sentence, Record const& record) const;

  private:
    bool is_json_;
};

// "1 browser", "2 browsers"
[[nodiscard]] std::string counted(std::int64_t count, std::string_view noun);

} // namespace parley::command
