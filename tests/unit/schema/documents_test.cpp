#include "parley/schema/documents.hpp"

#include "parley/core/json.hpp"

#include <gtest/gtest.h>

namespace parley::schema
{
namespace
{

TEST(Documents, the_document_is_json_with_a_version)
{
    auto const parsed = json::Document::parse(openapi_document());
    ASSERT_TRUE(parsed) << parsed.error().sentence();
    auto const version = parsed->root().find("openapi");
    ASSERT_TRUE(version);
    EXPECT_EQ(version->text(), "3.1.0");
}

TEST(Documents, the_page_is_the_asset_without_a_name)
{
    auto const page = documentation_asset("");
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->body.starts_with("<!doctype html>"));
    EXPECT_EQ(documentation_assets().front().body, page->body);
}

TEST(Documents, every_asset_is_found_by_its_name)
{
    for (auto const& asset : documentation_assets())
    {
        auto const found = documentation_asset(asset.name);
        ASSERT_TRUE(found) << asset.name;
        EXPECT_EQ(found->body.data(), asset.body.data());
        EXPECT_FALSE(found->body.empty());
        EXPECT_NE(found->content_type.find("; charset=utf-8"), std::string_view::npos);
    }
}

TEST(Documents, nothing_else_is_an_asset)
{
    for (auto const* const name : {"docs.html", "Docs.css", "docs.css/", "../schema", "."})
        EXPECT_FALSE(documentation_asset(name)) << name;
}

// The files are put into the binary by the assembler: the last byte is the file's, not the one that follows it.
TEST(Documents, bodies_end_where_their_files_end)
{
    EXPECT_TRUE(openapi_document().ends_with("}\n"));
    EXPECT_TRUE(documentation_asset("")->body.ends_with("</html>\n"));
}

} // namespace
} // namespace parley::schema
