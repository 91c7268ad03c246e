// A small JSON Schema validator (draft 2020-12): the keywords that our documents use and no others. A keyword it does not know is
// a complaint, so that nothing is silently unchecked.
#pragma once

#include <boost/json/value.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::support
{

// Where and how something is wrong: "/results/0/status: is none of the words".
using Complaints = std::vector<std::string>;

// What a "$ref" names, or nullptr. The value must outlive the validator.
using SchemaResolver = std::function<boost::json::value const*(std::string_view reference)>;

// References within one document: "#/components/schemas/Message".
[[nodiscard]] SchemaResolver references_within(boost::json::value const& document);

// The value that a JSON pointer ("/a/b~1c/0") names in a document, or nullptr.
[[nodiscard]] boost::json::value const* find_by_pointer(boost::json::value const& document, std::string_view pointer);

class SchemaValidator
{
  public:
    explicit SchemaValidator(SchemaResolver resolve) : resolve_(std::move(resolve)) {}

    // How the value breaks the schema; empty: it does not.
    [[nodiscard]] Complaints validate(boost::json::value const& schema, boost::json::value const& instance) const;

    // What is wrong with the schema itself: unknown keywords, keywords of the wrong type, references to nothing.
    [[nodiscard]] Complaints examine(boost::json::value const& schema) const;

  private:
    SchemaResolver resolve_;
};

// Parses JSON nested up to 2,000 levels; throws boost::system::system_error for anything else.
[[nodiscard]] boost::json::value parse_json(std::string_view text);

// All complaints, one a line.
[[nodiscard]] std::string to_text(Complaints const& complaints);

} // namespace parley::support
