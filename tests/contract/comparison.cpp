#include "contract/comparison.hpp"

#include "contract/url.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace parley::contract
{

namespace
{

using Differences = std::vector<std::string>;

constexpr std::string_view parse_error = "JSON parse error - ";

std::string shortened(std::string text)
{
    return text.size() < 160 ? text : text.substr(0, 157) + "...";
}

std::string spelled(json::Value value)
{
    std::string text;
    json::append_compact(text, value);
    return shortened(std::move(text));
}

std::string_view name_of(json::Kind kind)
{
    switch (kind)
    {
    case json::Kind::null:
        return "null";
    case json::Kind::boolean:
        return "a boolean";
    case json::Kind::number:
        return "a number";
    case json::Kind::string:
        return "a string";
    case json::Kind::array:
        return "an array";
    case json::Kind::object:
        return "an object";
    }
    return "nothing";
}

// Compares JSON values and writes down what differs, with the path of each difference ("$.results[*].id").
class Comparison
{
  public:
    Comparison(std::set<std::string, std::less<>> const& volatile_paths, Differences& found)
        : volatile_paths_(volatile_paths), found_(found)
    {
    }

    void compare(json::Value want, json::Value got, std::string const& path)
    {
        if (want.kind() != got.kind())
            note(path, std::string(name_of(want.kind())) + " " + spelled(want),
                 std::string(name_of(got.kind())) + " " + spelled(got));
        else if (volatile_paths_.contains(path))
            return;
        else if (want.is_object())
            compare_objects(want, got, path);
        else if (want.is_array())
            compare_arrays(want, got, path);
        else if (!same_leaf(want, got, path))
            note(path, spelled(want), spelled(got));
    }

  private:
    void note(std::string const& path, std::string const& want, std::string const& got)
    {
        found_.push_back(path + ": " + want + " expected, got " + got);
    }

    void compare_objects(json::Value want, json::Value got, std::string const& path)
    {
        for (auto at = want.begin(); at != want.end(); ++at)
        {
            std::string const inner = path + "." + std::string(at.key());
            if (auto const there = got.find(at.key()))
                compare(at.value(), *there, inner);
            else
                found_.push_back(inner + ": missing");
        }
        for (auto at = got.begin(); at != got.end(); ++at)
            if (!want.find(at.key()))
                found_.push_back(path + "." + std::string(at.key()) + ": not in the recording: " + spelled(at.value()));
    }

    void compare_arrays(json::Value want, json::Value got, std::string const& path)
    {
        if (want.size() != got.size()) note(path, std::to_string(want.size()) + " elements", std::to_string(got.size()));
        auto there = got.begin();
        for (auto at = want.begin(); at != want.end() && there != got.end(); ++at, ++there)
            compare(*at, *there, path + "[*]");
    }

    static bool same_link(std::string_view want, std::string_view got)
    {
        Url const want_url = split_url(want);
        Url const got_url = split_url(got);
        Parameters want_parameters = parameters_of(want_url.query);
        Parameters got_parameters = parameters_of(got_url.query);
        want_parameters.erase("cursor");
        bool const has_cursor = got_parameters.erase("cursor") == 1;
        return has_cursor && want_parameters == got_parameters && want_url.scheme == got_url.scheme &&
               want_url.authority == got_url.authority && want_url.path == got_url.path;
    }

    static bool same_leaf(json::Value want, json::Value got, std::string_view path)
    {
        if (want.is_null()) return true;
        if (want.is_number()) return same_number(want.text(), got.text());
        if (!want.is_string()) return want.boolean() == got.boolean();
        if (path == "$.next" || path == "$.previous") return same_link(want.text(), got.text());
        if (want.text().starts_with(parse_error)) return got.text().starts_with(parse_error);
        return want.text() == got.text();
    }

    std::set<std::string, std::less<>> const& volatile_paths_;
    Differences& found_;
};

std::set<std::string> words_of(std::string_view list)
{
    std::set<std::string> words;
    for (std::size_t begin = 0; begin <= list.size();)
    {
        std::size_t const end = std::min(list.find(',', begin), list.size());
        words.emplace(trim_ows(list.substr(begin, end - begin)));
        begin = end + 1;
    }
    return words;
}

// A redirect without the iss parameter that RFC 9207 adds.
std::string without_issuer(std::string_view url)
{
    std::string text(url);
    for (std::size_t at = 0; (at = text.find("iss=", at)) != std::string::npos;)
    {
        if (at == 0 || (text[at - 1] != '?' && text[at - 1] != '&'))
            ++at;
        else
        {
            std::size_t const end = text.find_first_of("&#", at);
            text.erase(at, end == std::string::npos ? end : end - at + (text[end] == '&' ? 1 : 0));
        }
    }
    while (!text.empty() && (text.back() == '?' || text.back() == '&'))
        text.pop_back();
    return text;
}

bool same_field(std::string_view name, std::string_view want, std::string_view got)
{
    if (name == "allow") return words_of(want) == words_of(got);
    if (name == "content-type")
        return equal_ignoring_case(trim_ows(want.substr(0, want.find(';'))), trim_ows(got.substr(0, got.find(';'))));
    if (name == "location") return without_issuer(want) == without_issuer(got);
    return want == got;
}

// Fields that are promised: whatever was recorded of them must be there, and be the same unless it is volatile.
constexpr std::array<std::string_view, 8> promised_fields{
    "content-type", "location",          "www-authenticate",      "allow",
    "retry-after",  "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"};

void compare_fields(Exchange const& exchange, support::HttpAnswer const& answer, bool page, Differences& found)
{
    json::Value const recorded = *exchange.response.find("headers");
    for (std::string_view const name : promised_fields)
    {
        auto const want = recorded.find(name);
        if (!want || (page && name == "content-type")) continue;
        std::optional<std::string> const got = answer.find(name);
        if (!got)
            found.push_back("field " + std::string(name) + ": missing");
        else if (!exchange.volatile_paths.contains("headers." + std::string(name)) && !same_field(name, want->text(), *got))
            found.push_back("field " + std::string(name) + ": " + std::string(want->text()) + " expected, got " + *got);
    }
}

void compare_body(Exchange const& exchange, support::HttpAnswer const& answer, std::optional<json::Value> body,
                  Differences& found)
{
    json::Value const want = *exchange.response.find("body");
    if (body)
        Comparison(exchange.volatile_paths, found).compare(want, *body, "$");
    else if (!want.is_string() || want.text() != answer.body)
        found.push_back("$: " + spelled(want) + " expected, got the text " + shortened(answer.body));
}

// sign, digits without zeros at either end, and the power of ten behind the last digit.
struct Decimal
{
    bool negative = false;
    std::string digits;
    long long exponent = 0;
    friend bool operator==(Decimal const&, Decimal const&) = default;
};

Decimal to_decimal(std::string_view spelling)
{
    Decimal number;
    if (spelling.starts_with('-'))
    {
        number.negative = true;
        spelling.remove_prefix(1);
    }
    std::size_t const e = spelling.find_first_of("eE");
    if (e != spelling.npos) number.exponent = std::stoll(std::string(spelling.substr(e + 1)));
    bool fraction = false;
    for (char const c : spelling.substr(0, e))
    {
        if (c == '.')
            fraction = true;
        else
        {
            number.digits += c;
            number.exponent -= fraction ? 1 : 0;
        }
    }
    while (number.digits.ends_with('0'))
    {
        number.digits.pop_back();
        ++number.exponent;
    }
    number.digits.erase(0, number.digits.find_first_not_of('0'));
    return number.digits.empty() ? Decimal{} : number;
}

} // namespace

bool same_number(std::string_view left, std::string_view right)
{
    return left == right || to_decimal(left) == to_decimal(right);
}

Differences differences(Exchange const& exchange, support::HttpAnswer const& answer, std::optional<json::Value> body)
{
    Differences found;
    int const want = std::stoi(std::string(exchange.response.find("status")->text()));
    if (want >= 500)
    {
        if (answer.status != 400 && answer.status != 404)
            found.push_back("the recorded service failed here: 400 or 404 expected, got " + std::to_string(answer.status));
        return found;
    }
    if (want != answer.status)
    {
        found.push_back("status: " + std::to_string(want) + " expected, got " + std::to_string(answer.status) + ": " +
                        shortened(answer.body));
        return found;
    }
    bool const page = text_of(*exchange.response.find("headers"), "content-type").starts_with("text/html");
    compare_fields(exchange, answer, page, found);
    bool const omitted = exchange.response.find("body_omitted").has_value() || exchange.response.find("html_title").has_value();
    if (!page && !omitted && text_of(exchange.request, "method") != "HEAD") compare_body(exchange, answer, body, found);
    return found;
}

Differences differences(Divergence const& divergence, support::HttpAnswer const& answer, std::optional<json::Value> body)
{
    Differences found;
    if (divergence.status && *divergence.status != answer.status)
    {
        found.push_back("status: " + std::to_string(*divergence.status) + " expected (" + divergence.why + "), got " +
                        std::to_string(answer.status) + ": " + shortened(answer.body));
        return found;
    }
    if (!divergence.times) return found;
    auto const rows = body && body->is_object() ? body->find("results") : std::nullopt;
    if (!rows || !rows->is_array())
    {
        found.push_back("$: a page expected, got " + shortened(answer.body));
        return found;
    }
    std::vector<std::string> times;
    std::set<std::string> ids;
    for (json::Value const row : *rows)
    {
        times.push_back(text_of(row, "created_at"));
        if (!ids.insert(text_of(row, "id")).second) found.push_back("$.results: " + text_of(row, "id") + " stands twice");
    }
    if (times != *divergence.times) found.push_back("$.results[*].created_at differ (" + divergence.why + ")");
    auto const count = body->find("count");
    if (divergence.count && (!count || count->text() != *divergence.count))
        found.push_back("$.count: " + *divergence.count + " expected (" + divergence.why + ")");
    return found;
}

} // namespace parley::contract
