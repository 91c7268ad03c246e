#include "parley/world/render.hpp"

#include "parley/core/json.hpp"
#include "parley/domain/message_document.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <unordered_set>

namespace parley::world
{

namespace
{

using store::Index;

json::Document parse_own(std::string_view text)
{
    auto document = json::Document::parse(text);
    if (!document) throw std::logic_error("a stored document is not JSON: " + document.error().sentence());
    return std::move(*document);
}

bool is_hidden(std::string_view key)
{
    return std::ranges::find(domain::hidden_metadata_keys, key) != std::end(domain::hidden_metadata_keys);
}

// The metadata without the hidden keys; nothing when it has none of them.
std::optional<std::string> without_hidden_keys(json::Value metadata)
{
    std::string shown = "{";
    auto hides = false;
    for (auto member = metadata.begin(); member != metadata.end(); ++member)
    {
        if (is_hidden(member.key()))
        {
            hides = true;
            continue;
        }
        if (shown.size() > 1) shown += ',';
        json::append_string(shown, member.key());
        shown += ':';
        json::append_compact(shown, member.value());
    }
    if (!hides) return std::nullopt;
    return shown + "}";
}

// The files that a message's metadata names, among those that the session has.
class Mentions
{
  public:
    explicit Mentions(json::Value metadata)
    {
        for (auto const* key : {"ocs_attachment_file_ids", "cited_files", "generated_files"})
            for_each_in(metadata, key, [&](json::Value element) { add_id(element); });
        for_each_in(metadata, "openai_file_ids",
                    [&](json::Value element)
                    {
                        if (element.is_string() && !element.text().empty()) external_ids_.insert(element.text());
                    });
    }

    [[nodiscard]] bool are_none() const noexcept { return ids_.empty() && external_ids_.empty(); }
    [[nodiscard]] bool contain(store::FileRow const& file) const
    {
        return ids_.contains(file.id) || external_ids_.contains(file.external_id);
    }

  private:
    template <class Visit>
    static void for_each_in(json::Value metadata, std::string_view key, Visit visit)
    {
        auto const list = metadata.find(key);
        if (!list || !list->is_array()) return;
        for (auto const element : *list)
            visit(element);
    }

    // What is no id of a file is passed over.
    void add_id(json::Value element)
    {
        if (!element.is_number()) return;
        std::int64_t id = 0;
        auto const spelling = element.text();
        auto const [end, error] = std::from_chars(spelling.data(), spelling.data() + spelling.size(), id);
        if (error == std::errc() && end == spelling.data() + spelling.size()) ids_.insert(id);
    }

    std::unordered_set<std::int64_t> ids_;
    std::unordered_set<std::string_view> external_ids_;
};

std::vector<domain::AttachmentParts> attachments_of(store::WorldRows const& rows, std::vector<Index> const& files_in_order,
                                                    json::Value metadata)
{
    std::vector<domain::AttachmentParts> result;
    auto const mentions = Mentions(metadata);
    if (mentions.are_none()) return result;
    for (auto const index : files_in_order)
    {
        auto const& file = rows.files[index];
        if (mentions.contain(file))
            result.push_back({.id = file.id, .name = file.name, .content_type = file.content_type, .size = file.size});
    }
    return result;
}

// A message's tags stand as they were attached (a session's: as they were created).
std::vector<std::string> tag_names(store::WorldRows const& rows, std::vector<Index> const& tags)
{
    std::vector<std::string> result;
    for (auto const index : tags)
        result.push_back(rows.tags[index].name);
    return result;
}

store::MessageRow render_one(store::WorldRows const& rows, std::vector<Index> const& files_in_order, Message const& message)
{
    auto const document = parse_own(message.metadata);
    auto const shown = without_hidden_keys(document.root());
    store::MessageRow result;
    result.created_at = message.created_at;
    result.tags = message.tags;
    if (shown) result.original_metadata = message.metadata;
    result.rendered = domain::render_message({
        .created_at = message.created_at,
        .role = message.role,
        .content = message.content,
        .metadata = shown ? *shown : message.metadata,
        .tag_names = tag_names(rows, message.tags),
        .attachments = attachments_of(rows, files_in_order, document.root()),
        .summary = message.summary ? std::optional<std::string_view>(*message.summary) : std::nullopt,
    });
    return result;
}

std::string required_text(json::Value element, std::string_view key)
{
    auto const value = element.find(key);
    if (!value) throw std::logic_error("a rendered message lacks " + std::string(key));
    return std::string(value->text());
}

Message restore_one(store::MessageRow const& row)
{
    auto text = "[" + row.rendered + "]";
    std::erase(text, domain::link_base_mark);
    auto const document = parse_own(text);
    auto const elements = document.root();
    Message result;
    result.created_at = row.created_at;
    result.tags = row.tags;
    // The message itself is the last element; its summary may stand before it.
    for (auto const element : elements)
    {
        auto content = required_text(element, "content");
        if (elements.size() == 2 && !result.summary)
        {
            result.summary = std::move(content);
            continue;
        }
        result.content = std::move(content);
        result.role = domain::role_from_word(required_text(element, "role")).value_or(domain::Role::user);
        result.metadata.clear();
        if (auto const metadata = element.find("metadata")) json::append_compact(result.metadata, *metadata);
    }
    if (row.original_metadata) result.metadata = *row.original_metadata;
    return result;
}

// Evaluations and the like are not the chat's.
std::vector<domain::UsageParts> counted(std::vector<store::UsageRow> const& rows)
{
    std::vector<domain::UsageParts> parts;
    for (auto const& row : rows)
        if (row.source == "chat") parts.push_back({.model_name = row.model, .cost = row.cost, .quantity = row.quantity});
    return parts;
}

} // namespace

store::SessionRow render(store::WorldRows const& rows, Session const& session)
{
    auto result = session.row;
    auto files_in_order = session.row.files;
    std::ranges::sort(files_in_order);
    std::vector<Message const*> in_time;
    for (auto const& message : session.messages)
        in_time.push_back(&message);
    std::ranges::stable_sort(in_time, {}, &Message::created_at);
    result.messages.clear();
    for (auto const* message : in_time)
        result.messages.push_back(render_one(rows, files_in_order, *message));
    result.usage_rendered = render_usage(result.usage);
    return result;
}

Session restore(store::SessionRow row)
{
    Session result;
    for (auto const& message : row.messages)
        result.messages.push_back(restore_one(message));
    row.messages.clear();
    row.usage_rendered.reset();
    result.row = std::move(row);
    return result;
}

std::optional<std::string> render_usage(std::vector<store::UsageRow> const& rows)
{
    auto const parts = counted(rows);
    return parts.empty() ? std::nullopt : domain::render_usage(parts);
}

bool adds_up(std::vector<store::UsageRow> const& rows)
{
    return domain::render_usage(counted(rows)).has_value();
}

} // namespace parley::world
