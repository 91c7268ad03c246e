// The validator itself: each keyword accepts and refuses, and what it does not know is never passed over.
#include "parley/support/json_schema.hpp"

#include <gtest/gtest.h>

namespace parley::support
{
namespace
{

Complaints complaints(std::string_view schema, std::string_view instance)
{
    auto const parsed = parse_json(schema);
    return SchemaValidator(references_within(parsed)).validate(parsed, parse_json(instance));
}
bool accepts(std::string_view schema, std::string_view instance)
{
    return complaints(schema, instance).empty();
}

struct Case
{
    std::string_view schema, good, bad;
};

void PrintTo(Case const& one, std::ostream* out)
{
    *out << one.schema;
}

class JsonSchemaKeyword : public testing::TestWithParam<Case>
{
};

TEST_P(JsonSchemaKeyword, accepts_and_refuses)
{
    EXPECT_EQ(complaints(GetParam().schema, GetParam().good), Complaints{});
    EXPECT_FALSE(accepts(GetParam().schema, GetParam().bad));
}

INSTANTIATE_TEST_SUITE_P(
    keywords, JsonSchemaKeyword,
    testing::Values(Case{R"({"type":"string"})", R"("a")", "1"}, Case{R"({"type":["string","null"]})", "null", "[]"},
                    Case{R"({"type":"integer"})", "2.0", "2.5"}, Case{R"({"type":"number"})", "2.5", R"("2")"},
                    Case{R"({"type":"boolean"})", "false", "0"}, Case{R"({"enum":["a","b"]})", R"("b")", R"("c")"},
                    Case{R"({"const":true})", "true", "false"}, Case{R"({"const":0})", "0.0", "1"},
                    Case{R"({"properties":{"a":{"type":"string"}}})", R"({"a":"x","b":1})", R"({"a":1})"},
                    Case{R"({"required":["a"]})", R"({"a":1})", R"({"b":1})"},
                    Case{R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1})", R"({"a":1,"b":1})"},
                    Case{R"({"additionalProperties":{"type":"string"}})", R"({"a":"x"})", R"({"a":1})"},
                    Case{R"({"items":{"type":"string"}})", R"(["a"])", R"(["a",1])"}, Case{R"({"minItems":1})", "[1]", "[]"},
                    Case{R"({"maxItems":1})", "[1]", "[1,2]"}, Case{R"({"minProperties":1})", R"({"a":1})", "{}"},
                    Case{R"({"minLength":2})", R"("äö")", R"("ä")"}, Case{R"({"maxLength":2})", R"("äö")", R"("abc")"},
                    Case{R"({"minimum":1})", "1", "0"}, Case{R"({"maximum":1})", "1", "1.5"},
                    Case{R"({"pattern":"^a+$"})", R"("aa")", R"("ab")"},
                    Case{R"({"format":"date-time"})", R"("2026-11-25T09:30:00Z")", R"("yesterday")"},
                    Case{R"({"format":"uuid"})", R"("5f0c7a3e-1b2d-4c6f-8e9a-0d1c2b3a4f5e")",
                         R"("5f0c7a3e1b2d4c6f8e9a0d1c2b3a4f5e")"},
                    Case{R"({"format":"uri"})", R"("http://a.example/b?c=%20")", R"("/b c")"},
                    Case{R"({"allOf":[{"type":"string"},{"minLength":1}]})", R"("a")", R"("")"},
                    Case{R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "null", "1"},
                    Case{R"({"oneOf":[{"minimum":0},{"maximum":0}]})", "1", "0"},
                    Case{R"({"not":{"enum":["",0]}})", R"("a")", R"("")"}));

TEST(JsonSchema, a_reference_is_followed)
{
    auto const document = parse_json(R"({"schemas":{"name":{"type":"string"}}})");
    auto const schema = parse_json(R"({"items":{"$ref":"#/schemas/name"}})");
    SchemaValidator const validator(references_within(document));
    EXPECT_EQ(validator.validate(schema, parse_json(R"(["a"])")), Complaints{});
    EXPECT_FALSE(validator.validate(schema, parse_json("[1]")).empty());
    EXPECT_EQ(validator.examine(schema), Complaints{});
}

TEST(JsonSchema, a_reference_to_nothing_is_a_complaint)
{
    auto const schema = parse_json(R"({"anyOf":[{"$ref":"#/nowhere"}]})");
    EXPECT_FALSE(accepts(R"({"$ref":"#/nowhere"})", "1"));
    EXPECT_FALSE(SchemaValidator(references_within(schema)).examine(schema).empty());
}

TEST(JsonSchema, an_unknown_keyword_is_a_complaint)
{
    EXPECT_FALSE(accepts(R"({"multipleOf":2})", "2"));
    auto const nested = parse_json(R"({"properties":{"a":{"items":{"multipleOf":2}}}})");
    EXPECT_EQ(SchemaValidator(references_within(nested)).examine(nested),
              Complaints{"/properties/a/items/multipleOf: is a keyword that is not checked"});
}

TEST(JsonSchema, an_unknown_format_or_type_is_a_complaint)
{
    for (auto const* const text : {R"({"format":"email"})", R"({"type":"text"})", R"({"type":[]})", R"({"pattern":"("})",
                                   R"({"anyOf":[]})", R"({"minLength":"1"})"})
    {
        auto const schema = parse_json(text);
        EXPECT_EQ(SchemaValidator(references_within(schema)).examine(schema).size(), 1U) << text;
    }
}

TEST(JsonSchema, a_complaint_says_where)
{
    EXPECT_EQ(complaints(R"({"properties":{"a":{"items":{"type":"string"}}}})", R"({"a":["x",1]})"),
              Complaints{R"(/a/1: is of type number, not "string")"});
}

TEST(JsonSchema, a_pointer_escapes_slash_and_tilde)
{
    auto const document = parse_json(R"({"a/b":{"c~d":[1,2]}})");
    EXPECT_EQ(*find_by_pointer(document, "/a~1b/c~0d/1"), 2);
    EXPECT_EQ(find_by_pointer(document, "/a~1b/x"), nullptr);
}

} // namespace
} // namespace parley::support
