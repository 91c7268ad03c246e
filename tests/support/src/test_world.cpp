#include "parley/support/test_world.hpp"

#include "parley/core/json.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace parley::support
{

namespace
{

std::string const& recorded_text()
{
    static std::string const text = []
    {
        std::ifstream file(recorded_world_path(), std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    }();
    return text;
}

json::Document const& recorded_world()
{
    static json::Document const document = json::Document::parse(recorded_text()).value();
    return document;
}

std::string secret_of(json::Value rows, std::string_view name, std::string_view member)
{
    for (json::Value const row : rows)
        if (row.find("name")->text() == name) return std::string(row.find(member)->text());
    throw std::runtime_error("the recorded world has no " + std::string(name));
}

std::string joined(std::vector<std::string> const& parts)
{
    std::string text;
    for (std::string const& part : parts)
        text += (text.empty() ? "" : ",\n") + part;
    return text;
}

std::string to_json(SmallWorldSession const& session)
{
    std::vector<std::string> tags;
    for (std::string const& tag : session.tags)
        tags.push_back("[" + json::to_string_literal(tag) + ", \"\"]");
    return R"({"id": )" + json::to_string_literal(session.id) +
           R"(, "team": "small", "experiment": "bot", "participant": "visitor", "platform": "api", "status": "active", "created_at": ")" +
           session.created_at + R"(", "updated_at": ")" + session.created_at + R"(", "state": )" + session.state +
           R"(, "tags": [)" + joined(tags) +
           R"(], "messages": [], "files": [], "ended_at": null, "channel": null, "token_required": true, "usage": []})";
}

} // namespace

std::string recorded_world_path()
{
    return PARLEY_SOURCE_DIR "/tests/contract/data/world.json";
}

std::string recorded_key(std::string_view name)
{
    return secret_of(*recorded_world().root().find("api_keys"), name, "key");
}

std::string recorded_token(std::string_view name)
{
    return secret_of(*recorded_world().root().find("oauth")->find("access_tokens"), name, "token");
}

std::string small_world(std::vector<SmallWorldSession> const& sessions)
{
    std::vector<std::string> rows;
    std::set<std::string> names;
    for (SmallWorldSession const& session : sessions)
    {
        rows.push_back(to_json(session));
        names.insert(session.tags.begin(), session.tags.end());
    }
    std::vector<std::string> tags;
    for (std::string const& name : names)
        tags.push_back(R"({"team": "small", "name": )" + json::to_string_literal(name) + R"(, "category": "", "system": false})");
    return R"({"teams": [{"slug": "small", "name": "Small Team"}],
"roles": {"Owner": ["view_experimentsession", "add_experimentsession", "change_experimentsession", "delete_experimentsession"]},
"users": [{"key": "owner", "email": "owner@small.example", "first_name": "", "last_name": "", "is_active": true, "email_verified": true, "password": "small-password"}],
"memberships": [{"team": "small", "user": "owner", "roles": ["Owner"]}],
"api_keys": [{"name": "owner", "prefix": "SmallRW0", "key": ")" +
           std::string(small_world_key) +
           R"(", "user": "owner", "team": "small", "read_only": false, "revoked": false, "expiry": null}],
"experiments": [{"key": "bot", "id": ")" +
           std::string(small_world_experiment) +
           R"(", "team": "small", "name": "Bot", "description": "", "working": null, "version_number": 1, "is_default": false, "archived": false, "version_description": "", "allowlist": []}],
"participants": [{"key": "visitor", "team": "small", "platform": "api", "identifier": "visitor@small.example", "remote_id": "", "name": "", "user": null}],
"tags": [)" +
           joined(tags) + "],\n\"sessions\": [" + joined(rows) + "]}\n";
}

} // namespace parley::support
