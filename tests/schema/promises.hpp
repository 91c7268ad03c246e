// The promised files as the tests read them.
#pragma once

#include "parley/support/json_schema.hpp"

#include <boost/json.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace parley::schema_tests
{

// The embedded OpenAPI document, parsed.
[[nodiscard]] boost::json::value const& document();

// The folder proto-free-schemas of the sources.
[[nodiscard]] std::filesystem::path promises_folder();

// A file's bytes. Throws where it cannot be read.
[[nodiscard]] std::string read_file(std::filesystem::path const& path);

// The files of proto-free-schemas/schemas: stem -> schema.
[[nodiscard]] std::map<std::string, boost::json::value> const& schema_files();

// A file of proto-free-schemas/examples/<operation_id>.
struct Example
{
    std::string operation_id;
    std::string name;
    boost::json::value content;
};
[[nodiscard]] std::vector<Example> const& example_files();

// An operation of the document.
struct PromisedOperation
{
    std::string id;
    std::string method; // Upper case.
    std::string path;
    boost::json::value const* content = nullptr;
};
[[nodiscard]] std::vector<PromisedOperation> const& promised_operations();
// The operation of that id. Throws where the document has none.
[[nodiscard]] PromisedOperation const& promised_operation(std::string_view id);

// What "$ref" names in the document, or the value itself.
[[nodiscard]] boost::json::value const& follow(boost::json::value const& value);

} // namespace parley::schema_tests
