#include "promises.hpp"

#include "parley/schema/documents.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace parley::schema_tests
{

namespace json = boost::json;
namespace fs = std::filesystem;

json::value const& document()
{
    static json::value const parsed = support::parse_json(schema::openapi_document());
    return parsed;
}

fs::path promises_folder()
{
    return fs::path(PARLEY_SOURCE_DIR) / "proto-free-schemas";
}

std::string read_file(fs::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return text.str();
}

std::map<std::string, json::value> const& schema_files()
{
    static auto const files = []
    {
        std::map<std::string, json::value> found;
        for (auto const& entry : fs::directory_iterator(promises_folder() / "schemas"))
            found.emplace(entry.path().stem().string(), support::parse_json(read_file(entry.path())));
        return found;
    }();
    return files;
}

std::vector<Example> const& example_files()
{
    static auto const files = []
    {
        std::vector<Example> found;
        for (auto const& entry : fs::recursive_directory_iterator(promises_folder() / "examples"))
            if (entry.is_regular_file())
                found.push_back({entry.path().parent_path().filename().string(), entry.path().stem().string(),
                                 support::parse_json(read_file(entry.path()))});
        return found;
    }();
    return files;
}

std::vector<PromisedOperation> const& promised_operations()
{
    static auto const operations = []
    {
        std::vector<PromisedOperation> found;
        for (auto const& [path, item] : document().at("paths").as_object())
            for (auto const& [key, content] : item.as_object())
            {
                if (key == "parameters") continue;
                std::string method(key);
                std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
                found.push_back({std::string(content.at("operationId").as_string()), method, std::string(path), &content});
            }
        return found;
    }();
    return operations;
}

PromisedOperation const& promised_operation(std::string_view id)
{
    auto const& operations = promised_operations();
    auto const found = std::ranges::find(operations, id, &PromisedOperation::id);
    if (found == operations.end()) throw std::runtime_error("the document has no operation " + std::string(id));
    return *found;
}

json::value const& follow(json::value const& value)
{
    auto const* const reference = value.is_object() ? value.as_object().if_contains("$ref") : nullptr;
    if (reference == nullptr) return value;
    auto const* const target = support::find_by_pointer(document(), std::string_view(reference->as_string()).substr(1));
    if (target == nullptr) throw std::runtime_error("refers to nothing: " + std::string(reference->as_string()));
    return *target;
}

} // namespace parley::schema_tests
