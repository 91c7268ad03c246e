#include "contract/exchange.hpp"

#include "contract/url.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace parley::contract
{

namespace
{

// Deeper than any request may nest: an exchange holds the answer to one of the greatest depth.
constexpr std::size_t depth_max = 3000;

json::Value member(json::Value object, std::string_view name)
{
    auto const found = object.find(name);
    if (!found) throw std::runtime_error("an exchange without " + std::string(name));
    return *found;
}

int integer_of(json::Value value)
{
    return std::stoi(std::string(value.text()));
}

Exchange to_exchange(json::Value line)
{
    Exchange exchange{.name = text_of(line, "name"),
                      .group = text_of(line, "group"),
                      .chain = text_of(line, "chain"),
                      .config = text_of(line, "config"),
                      .step = integer_of(member(line, "step")),
                      .order = integer_of(member(line, "order")),
                      .request = member(line, "request"),
                      .response = member(line, "response"),
                      .volatile_paths = {},
                      .captures = {}};
    for (json::Value const path : member(line, "volatile"))
        exchange.volatile_paths.emplace(path.text());
    json::Value const captures = member(line, "capture");
    for (auto at = captures.begin(); at != captures.end(); ++at)
        exchange.captures.emplace_back(at.key(), at.value().text());
    return exchange;
}

Divergence to_divergence(json::Value entry)
{
    Divergence divergence{.why = text_of(entry, "why"), .status = {}, .times = {}, .count = {}};
    if (auto const status = entry.find("status")) divergence.status = integer_of(*status);
    if (auto const count = entry.find("count"); count && !count->is_null()) divergence.count = std::string(count->text());
    if (auto const times = entry.find("times"))
    {
        divergence.times.emplace();
        for (json::Value const time : *times)
            divergence.times->emplace_back(time.text());
    }
    return divergence;
}

std::string from_base64(std::string_view text)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (char const c : text)
    {
        if (c == '=') break;
        bits = bits << 6 | static_cast<std::uint32_t>(alphabet.find(c));
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> held & 0xff);
    }
    return bytes;
}

std::string repeated(json::Value recipe)
{
    std::string body = text_of(recipe, "prefix");
    std::string const unit = text_of(recipe, "char");
    for (int left = integer_of(member(recipe, "count")); left > 0; --left)
        body += unit;
    return body + text_of(recipe, "suffix");
}

// Text, bytes in base64, or a text too long to write down.
std::optional<std::string> body_of(json::Value request, Captures const& captures)
{
    if (auto const recipe = request.find("body_gen"); recipe && recipe->is_object()) return repeated(*recipe);
    json::Value const body = member(request, "body");
    if (body.is_null()) return std::nullopt;
    if (body.is_object()) return from_base64(text_of(body, "base64"));
    return with_captures(body.text(), captures);
}

std::vector<Chain> in_order(std::map<std::string, Chain> by_name)
{
    std::vector<Chain> chains;
    for (auto& [name, chain] : by_name)
    {
        std::sort(chain.exchanges.begin(), chain.exchanges.end(),
                  [](Exchange const& left, Exchange const& right) { return left.step < right.step; });
        chains.push_back(std::move(chain));
    }
    auto const first = [](Chain const& chain)
    {
        return std::min_element(chain.exchanges.begin(), chain.exchanges.end(),
                                [](auto const& l, auto const& r) { return l.order < r.order; })
            ->order;
    };
    std::sort(chains.begin(), chains.end(), [&](Chain const& left, Chain const& right) { return first(left) < first(right); });
    return chains;
}

} // namespace

OwnedJson::OwnedJson(std::unique_ptr<std::string> text, json::Document document)
    : text_(std::move(text)), document_(std::move(document))
{
}

std::optional<OwnedJson> OwnedJson::parse(std::string text)
{
    auto owned = std::make_unique<std::string>(std::move(text));
    auto document = json::Document::parse(*owned, depth_max);
    if (!document) return std::nullopt;
    return OwnedJson(std::move(owned), std::move(*document));
}

OwnedJson::OwnedJson(std::string text)
    : OwnedJson(
          [&]
          {
              auto parsed = parse(text);
              if (!parsed) throw std::runtime_error("not JSON: " + text.substr(0, 200));
              return std::move(*parsed);
          }())
{
}

Recording::Recording(std::string const& exchanges_path, std::string const& divergences_path)
{
    std::istringstream lines(read_file(exchanges_path));
    for (std::string line; std::getline(lines, line);)
    {
        lines_.push_back(std::make_unique<OwnedJson>(line));
        exchanges_.push_back(to_exchange(lines_.back()->root()));
    }
    if (exchanges_.empty()) throw std::runtime_error("no exchange in " + exchanges_path);
    OwnedJson const divergences(read_file(divergences_path));
    for (json::Value const entry : divergences.root())
        divergences_.emplace(text_of(entry, "name"), to_divergence(entry));
}

std::vector<Chain> Recording::chains(std::string_view config) const
{
    std::map<std::string, Chain> by_name;
    for (Exchange const& exchange : exchanges_)
    {
        if (exchange.config != config) continue;
        Chain& chain = by_name[exchange.chain];
        chain.name = exchange.chain;
        chain.exchanges.push_back(exchange);
    }
    return in_order(std::move(by_name));
}

Divergence const* Recording::find_divergence(std::string_view exchange_name) const
{
    auto const found = divergences_.find(exchange_name);
    return found == divergences_.end() ? nullptr : &found->second;
}

std::string text_of(json::Value object, std::string_view member)
{
    auto const found = object.find(member);
    return found && found->is_string() ? std::string(found->text()) : std::string();
}

std::string with_captures(std::string_view text, Captures const& captures)
{
    std::string result;
    for (std::size_t at = 0; at < text.size();)
    {
        std::size_t const opening = text.find("${", at);
        std::size_t const closing = opening == text.npos ? text.npos : text.find('}', opening);
        if (closing == text.npos) return result.append(text.substr(at));
        result.append(text.substr(at, opening - at));
        auto const found = captures.find(text.substr(opening + 2, closing - opening - 2));
        result.append(found == captures.end() ? "MISSING" : found->second);
        at = closing + 1;
    }
    return result;
}

support::HttpRequest to_request(Exchange const& exchange, Captures const& captures)
{
    json::Value const recorded = exchange.request;
    std::string const query = with_captures(text_of(recorded, "query"), captures);
    support::HttpRequest request{.method = text_of(recorded, "method"),
                                 .target =
                                     with_captures(text_of(recorded, "path"), captures) + (query.empty() ? "" : "?" + query),
                                 .body = body_of(recorded, captures),
                                 .host = "oracle.test"};
    bool accepts = false;
    json::Value const fields = member(recorded, "headers");
    for (auto at = fields.begin(); at != fields.end(); ++at)
    {
        std::string const value = with_captures(at.value().text(), captures);
        if (at.key() == "Host")
            request.host = value;
        else
            request.fields.emplace_back(at.key(), value);
        accepts = accepts || at.key() == "Accept";
    }
    if (!accepts) request.fields.emplace_back("Accept", "*/*");
    return request;
}

std::optional<std::string> capture(std::string_view path, support::HttpAnswer const& answer, std::optional<json::Value> body)
{
    std::size_t const bar = path.find('|');
    std::string_view const place = path.substr(0, bar);
    std::string_view const modifier = bar == path.npos ? std::string_view() : path.substr(bar + 1);

    std::string value;
    if (place.starts_with("header:"))
        value = answer.find(place.substr(7)).value_or("");
    else
    {
        std::optional<json::Value> at = body;
        for (std::size_t begin = 2; at && begin < place.size();)
        {
            std::size_t const end = std::min(place.find('.', begin), place.size());
            at = at->is_object() ? at->find(place.substr(begin, end - begin)) : std::nullopt;
            begin = end + 1;
        }
        bool const there = at && (at->is_string() || at->is_number());
        if (there) value = at->text();
        if (!there && modifier.empty()) return std::nullopt;
    }
    if (modifier == "query") return std::string(split_url(value).query);
    if (modifier.starts_with("param:"))
    {
        auto const parameters = parameters_of(split_url(value).query);
        auto const found = parameters.find(modifier.substr(6));
        return found == parameters.end() ? std::string() : found->second.front();
    }
    return value;
}

std::string read_file(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace parley::contract
