#include "parley/support/json_schema.hpp"

#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"
#include "parley/core/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <regex>

namespace parley::support
{

namespace json = boost::json;

namespace
{

std::string_view type_of(json::value const& value)
{
    switch (value.kind())
    {
    case json::kind::null:
        return "null";
    case json::kind::bool_:
        return "boolean";
    case json::kind::string:
        return "string";
    case json::kind::array:
        return "array";
    case json::kind::object:
        return "object";
    default:
        return "number";
    }
}

bool is_integer(json::value const& value)
{
    return value.is_int64() || value.is_uint64() || (value.is_double() && std::trunc(value.as_double()) == value.as_double());
}

bool has_type(json::value const& value, std::string_view type)
{
    return type == "integer" ? is_integer(value) : type_of(value) == type;
}

double to_double(json::value const& value)
{
    return value.is_number() ? value.to_number<double>() : 0;
}

bool is_equal(json::value const& left, json::value const& right)
{
    return left.is_number() && right.is_number() ? to_double(left) == to_double(right) : left == right;
}

// Absolute, with a scheme and an authority, and without spaces or control characters: the links of our answers.
bool is_uri(std::string_view text)
{
    auto const scheme_end = text.find("://");
    if (scheme_end == 0 || scheme_end == std::string_view::npos) return false;
    auto const authority = text.substr(scheme_end + 3, text.find_first_of("/?#", scheme_end + 3) - scheme_end - 3);
    return !authority.empty() &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

bool has_format(std::string_view text, std::string_view format)
{
    if (format == "date-time") return parse_timestamp(text).has_value();
    if (format == "uuid")
    {
        auto const uuid = Uuid::parse(text);
        return uuid && equal_ignoring_case(uuid->text(), text);
    }
    return is_uri(text); // The third and last that examine lets through.
}

std::string escape(std::string_view token)
{
    std::string out;
    for (char const c : token)
        out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
}

// One validation: walks schema and instance together, and collects what is wrong.
class Walk
{
  public:
    explicit Walk(SchemaResolver const& resolve) : resolve_(resolve) {}

    void check(json::value const& schema, json::value const& value, std::string const& at);

    Complaints complaints;

  private:
    using Rule = void (Walk::*)(json::value const& argument, json::value const& value, std::string const& at,
                                json::object const& schema);
    friend Complaints examine_schema(json::value const&, SchemaResolver const&);

    void complain(std::string const& at, std::string const& sentence)
    {
        complaints.push_back((at.empty() ? "/" : at) + ": " + sentence);
    }
    bool accepts(json::value const& schema, json::value const& value)
    {
        Walk walk(resolve_);
        walk.check(schema, value, "");
        return walk.complaints.empty();
    }
    std::size_t count_accepting(json::value const& schemas, json::value const& value)
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(schemas.as_array(), [&](auto const& one) { return accepts(one, value); }));
    }

    void reference(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void type(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void enumeration(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void constant(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void properties(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void required(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void additional(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void items(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void size_bound(json::value const& argument, json::value const& value, std::string const& at, std::string_view type,
                    bool is_minimum);
    void min_items(json::value const& a, json::value const& v, std::string const& at, json::object const&)
    {
        size_bound(a, v, at, "array", true);
    }
    void max_items(json::value const& a, json::value const& v, std::string const& at, json::object const&)
    {
        size_bound(a, v, at, "array", false);
    }
    void min_properties(json::value const& a, json::value const& v, std::string const& at, json::object const&)
    {
        size_bound(a, v, at, "object", true);
    }
    void min_length(json::value const& a, json::value const& v, std::string const& at, json::object const&)
    {
        size_bound(a, v, at, "string", true);
    }
    void max_length(json::value const& a, json::value const& v, std::string const& at, json::object const&)
    {
        size_bound(a, v, at, "string", false);
    }
    void minimum(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void maximum(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void pattern(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void format(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void all_of(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void any_of(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void one_of(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void negation(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema);
    void annotation(json::value const&, json::value const&, std::string const&, json::object const&) {}

    static std::map<std::string_view, Rule> const& rules();

    SchemaResolver const& resolve_;
};

std::map<std::string_view, Walk::Rule> const& Walk::rules()
{
    static std::map<std::string_view, Rule> const table{
        {"$ref", &Walk::reference},
        {"type", &Walk::type},
        {"enum", &Walk::enumeration},
        {"const", &Walk::constant},
        {"properties", &Walk::properties},
        {"required", &Walk::required},
        {"additionalProperties", &Walk::additional},
        {"items", &Walk::items},
        {"minItems", &Walk::min_items},
        {"maxItems", &Walk::max_items},
        {"minProperties", &Walk::min_properties},
        {"minLength", &Walk::min_length},
        {"maxLength", &Walk::max_length},
        {"minimum", &Walk::minimum},
        {"maximum", &Walk::maximum},
        {"pattern", &Walk::pattern},
        {"format", &Walk::format},
        {"allOf", &Walk::all_of},
        {"anyOf", &Walk::any_of},
        {"oneOf", &Walk::one_of},
        {"not", &Walk::negation},
        {"$schema", &Walk::annotation},
        {"title", &Walk::annotation},
        {"description", &Walk::annotation},
        {"default", &Walk::annotation},
    };
    return table;
}

void Walk::check(json::value const& schema, json::value const& value, std::string const& at)
{
    if (schema.is_bool())
    {
        if (!schema.as_bool()) complain(at, "nothing is allowed here");
        return;
    }
    for (auto const& [keyword, argument] : schema.as_object())
    {
        auto const rule = rules().find(std::string_view(keyword));
        if (rule == rules().end())
            complain(at, "the schema has a keyword that is not checked: " + std::string(keyword));
        else
            (this->*rule->second)(argument, value, at, schema.as_object());
    }
}

void Walk::reference(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    auto const* const target = resolve_(argument.as_string());
    if (target == nullptr)
        complain(at, "the schema refers to nothing: " + std::string(argument.as_string()));
    else
        check(*target, value, at);
}

void Walk::type(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    auto const fits = argument.is_array() ? std::ranges::any_of(argument.as_array(), [&](auto const& type)
                                                                { return has_type(value, type.as_string()); })
                                          : has_type(value, argument.as_string());
    if (!fits) complain(at, "is of type " + std::string(type_of(value)) + ", not " + json::serialize(argument));
}

void Walk::enumeration(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (std::ranges::none_of(argument.as_array(), [&](auto const& one) { return is_equal(one, value); }))
        complain(at, json::serialize(value) + " is none of " + json::serialize(argument));
}

void Walk::constant(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (!is_equal(argument, value)) complain(at, json::serialize(value) + " is not " + json::serialize(argument));
}

void Walk::properties(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (!value.is_object()) return;
    for (auto const& [name, schema] : argument.as_object())
        if (auto const* const member = value.as_object().if_contains(name)) check(schema, *member, at + "/" + escape(name));
}

void Walk::required(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (!value.is_object()) return;
    for (auto const& name : argument.as_array())
        if (!value.as_object().contains(name.as_string())) complain(at, "lacks " + std::string(name.as_string()));
}

void Walk::additional(json::value const& argument, json::value const& value, std::string const& at, json::object const& schema)
{
    if (!value.is_object()) return;
    auto const* const known = schema.if_contains("properties");
    for (auto const& [name, member] : value.as_object())
        if (known == nullptr || !known->as_object().contains(name)) check(argument, member, at + "/" + escape(name));
}

void Walk::items(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (!value.is_array()) return;
    for (std::size_t i = 0; i < value.as_array().size(); ++i)
        check(argument, value.as_array()[i], at + "/" + std::to_string(i));
}

void Walk::size_bound(json::value const& argument, json::value const& value, std::string const& at, std::string_view type,
                      bool is_minimum)
{
    if (type_of(value) != type) return;
    auto const size = value.is_array()    ? value.as_array().size()
                      : value.is_object() ? value.as_object().size()
                                          : count_code_points(std::string_view(value.as_string()));
    auto const bound = argument.to_number<std::size_t>();
    if (is_minimum ? size < bound : size > bound)
        complain(at,
                 "has the size " + std::to_string(size) + (is_minimum ? ", less than " : ", more than ") + std::to_string(bound));
}

void Walk::minimum(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (value.is_number() && to_double(value) < to_double(argument))
        complain(at, json::serialize(value) + " is less than " + json::serialize(argument));
}

void Walk::maximum(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (value.is_number() && to_double(value) > to_double(argument))
        complain(at, json::serialize(value) + " is more than " + json::serialize(argument));
}

void Walk::pattern(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (!value.is_string()) return;
    std::string const text(value.as_string());
    // The longest texts of the tests would overflow the stack of this regex engine, and all patterns decide at the beginning.
    if (!std::regex_search(text.substr(0, 1000), std::regex(std::string(argument.as_string()))))
        complain(at, json::serialize(value) + " is not like " + std::string(argument.as_string()));
}

void Walk::format(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (value.is_string() && !has_format(std::string_view(value.as_string()), argument.as_string()))
        complain(at, json::serialize(value) + " is not a " + std::string(argument.as_string()));
}

void Walk::all_of(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    for (auto const& one : argument.as_array())
        check(one, value, at);
}

void Walk::any_of(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (count_accepting(argument, value) == 0)
        complain(at, json::serialize(value).substr(0, 300) + " fits none of the schemas of anyOf");
}

void Walk::one_of(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (auto const fitting = count_accepting(argument, value); fitting != 1)
        complain(at, "fits " + std::to_string(fitting) + " of the schemas of oneOf");
}

void Walk::negation(json::value const& argument, json::value const& value, std::string const& at, json::object const&)
{
    if (accepts(argument, value)) complain(at, json::serialize(value) + " is what must not be here");
}

// ---- Examining a schema

class Examination
{
  public:
    Examination(SchemaResolver const& resolve, bool (*is_known)(std::string_view)) : resolve_(resolve), is_known_(is_known) {}

    void schema(json::value const& schema, std::string const& at)
    {
        if (schema.is_bool()) return;
        if (!schema.is_object()) return complain(at, "is no schema");
        for (auto const& [keyword, argument] : schema.as_object())
            this->keyword(std::string_view(keyword), argument, at + "/" + escape(keyword));
    }

    Complaints complaints;

  private:
    void complain(std::string const& at, std::string const& sentence) { complaints.push_back(at + ": " + sentence); }

    void keyword(std::string_view name, json::value const& argument, std::string const& at)
    {
        if (!is_known_(name)) return complain(at, "is a keyword that is not checked");
        if (name == "$ref" && (!argument.is_string() || resolve_(argument.as_string()) == nullptr))
            return complain(at, "refers to nothing");
        if (name == "items" || name == "not" || name == "additionalProperties") return schema(argument, at);
        if (name == "properties") return members(argument, at);
        if (name == "allOf" || name == "anyOf" || name == "oneOf") return elements(argument, at);
        if (name == "type" && !is_type(argument)) return complain(at, "is no type");
        if (name == "format" && argument != "date-time" && argument != "uuid" && argument != "uri")
            return complain(at, "is a format that is not checked");
        if ((name == "enum" || name == "required") && !argument.is_array()) return complain(at, "is no list");
        if ((name.starts_with("min") || name.starts_with("max")) && !argument.is_number()) return complain(at, "is no number");
        if (name == "pattern") return pattern(argument, at);
    }

    void members(json::value const& argument, std::string const& at)
    {
        if (!argument.is_object()) return complain(at, "is no object");
        for (auto const& [name, member] : argument.as_object())
            schema(member, at + "/" + escape(name));
    }

    void elements(json::value const& argument, std::string const& at)
    {
        if (!argument.is_array() || argument.as_array().empty()) return complain(at, "is no list of schemas");
        for (std::size_t i = 0; i < argument.as_array().size(); ++i)
            schema(argument.as_array()[i], at + "/" + std::to_string(i));
    }

    void pattern(json::value const& argument, std::string const& at)
    {
        try
        {
            std::regex const compiled(std::string(argument.as_string()));
        }
        catch (std::exception const&)
        {
            complain(at, "is no pattern");
        }
    }

    static bool is_type(json::value const& argument)
    {
        static json::array const types{"null", "boolean", "string", "array", "object", "number", "integer"};
        auto const is_one = [](json::value const& word) { return std::ranges::find(types, word) != types.end(); };
        return argument.is_array() ? !argument.as_array().empty() && std::ranges::all_of(argument.as_array(), is_one)
                                   : is_one(argument);
    }

    SchemaResolver const& resolve_;
    bool (*is_known_)(std::string_view);
};

Complaints examine_schema(json::value const& schema, SchemaResolver const& resolve)
{
    Examination examination(resolve, [](std::string_view keyword) { return Walk::rules().contains(keyword); });
    examination.schema(schema, "");
    return std::move(examination.complaints);
}

} // namespace

json::value const* find_by_pointer(json::value const& document, std::string_view pointer)
{
    boost::system::error_code error;
    return document.find_pointer(pointer, error);
}

SchemaResolver references_within(json::value const& document)
{
    return [&document](std::string_view reference)
    { return reference.starts_with("#") ? find_by_pointer(document, reference.substr(1)) : nullptr; };
}

Complaints SchemaValidator::validate(json::value const& schema, json::value const& instance) const
{
    Walk walk(resolve_);
    walk.check(schema, instance, "");
    return std::move(walk.complaints);
}

Complaints SchemaValidator::examine(json::value const& schema) const
{
    return examine_schema(schema, resolve_);
}

json::value parse_json(std::string_view text)
{
    json::parse_options options;
    options.max_depth = 2000;
    return json::parse(text, {}, options);
}

std::string to_text(Complaints const& complaints)
{
    std::string out;
    for (auto const& one : complaints)
        out += one + "\n";
    return out;
}

} // namespace parley::support
