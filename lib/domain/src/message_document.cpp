#include "parley/domain/message_document.hpp"

#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include <algorithm>
#include <cstddef>

namespace parley::domain
{

namespace
{

void append_attachment(std::string& out, AttachmentParts const& attachment)
{
    out += R"({"name":)";
    json::append_string(out, attachment.name);
    out += R"(,"content_type":)";
    json::append_string(out, attachment.content_type);
    out += R"(,"size":)";
    if (attachment.size)
        append_number(out, *attachment.size);
    else
        out += "null";
    out += R"(,"content_url":")";
    out += link_base_mark;
    out += "/api/files/";
    append_number(out, attachment.id);
    out += R"(/content"})";
}

void append_head(std::string& out, Timestamp created_at, Role role, std::string_view content)
{
    out += R"({"created_at":")";
    append_timestamp(out, created_at);
    out += R"(","role":")";
    out += to_word(role);
    out += R"(","content":)";
    json::append_string(out, content);
}

// A sum with eight decimals, exactly: a double would show 0.01680001 as something else sooner or later.
class Decimal
{
  public:
    // Adds "12.5". False where it is no such number or the sum grows too large.
    [[nodiscard]] bool add(std::string_view text) noexcept
    {
        auto const point = text.find('.');
        std::string_view const whole = text.substr(0, point);
        std::string_view const fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
        if (whole.empty() || fraction.size() > decimals) return false;
        std::int64_t units = 0;
        if (!append_digits(units, whole) || !append_digits(units, fraction)) return false;
        for (std::size_t i = fraction.size(); i < decimals; ++i)
        {
            if (__builtin_mul_overflow(units, std::int64_t{10}, &units)) return false;
        }
        return !__builtin_add_overflow(units_, units, &units_);
    }

    [[nodiscard]] std::int64_t whole() const noexcept { return units_ / scale; }
    [[nodiscard]] std::int64_t units() const noexcept { return units_; }

    void append_to(std::string& out) const
    {
        append_number(out, whole());
        char digits[decimals];
        std::int64_t rest = units_ % scale;
        for (std::size_t i = decimals; i-- > 0; rest /= 10)
            digits[i] = static_cast<char>('0' + rest % 10);
        out += '.';
        out.append(digits, decimals);
    }

  private:
    static constexpr std::size_t decimals = 8;
    static constexpr std::int64_t scale = 100'000'000;

    static bool append_digits(std::int64_t& units, std::string_view digits) noexcept
    {
        for (char const c : digits)
        {
            if (c < '0' || c > '9' || __builtin_mul_overflow(units, std::int64_t{10}, &units) ||
                __builtin_add_overflow(units, std::int64_t{c - '0'}, &units))
            {
                return false;
            }
        }
        return true;
    }

    std::int64_t units_ = 0;
};

struct ModelUsage
{
    std::string_view name;
    Decimal cost;
    Decimal tokens;
};

void append_model(std::string& out, ModelUsage const& model)
{
    out += R"({"model_name":)";
    json::append_string(out, model.name);
    out += R"(,"cost":")";
    model.cost.append_to(out);
    out += R"(","tokens":)";
    append_number(out, model.tokens.whole());
    out += '}';
}

} // namespace

std::string render_message(MessageParts const& parts)
{
    std::string out;
    out.reserve(160 + parts.content.size() + parts.metadata.size() + parts.summary.value_or("").size() +
                160 * parts.attachments.size());
    if (parts.summary)
    {
        append_head(out, parts.created_at, Role::system, *parts.summary);
        out += R"(,"metadata":{"compression_marker":"summarize"},"tags":[],"attachments":[]},)";
    }
    append_head(out, parts.created_at, parts.role, parts.content);
    out += R"(,"metadata":)";
    out += parts.metadata;
    out += R"(,"tags":[)";
    for (std::size_t i = 0; i < parts.tag_names.size(); ++i)
    {
        if (i > 0) out += ',';
        json::append_string(out, parts.tag_names[i]);
    }
    out += R"(],"attachments":[)";
    for (std::size_t i = 0; i < parts.attachments.size(); ++i)
    {
        if (i > 0) out += ',';
        append_attachment(out, parts.attachments[i]);
    }
    out += "]}";
    return out;
}

std::optional<std::string> render_usage(std::vector<UsageParts> const& parts)
{
    Decimal total;
    std::vector<ModelUsage> models;
    for (UsageParts const& part : parts)
    {
        auto model =
            std::find_if(models.begin(), models.end(), [&](ModelUsage const& known) { return known.name == part.model_name; });
        if (model == models.end())
            model = models.insert(models.end(), ModelUsage{.name = part.model_name, .cost = {}, .tokens = {}});
        if (!total.add(part.cost) || !model->cost.add(part.cost) || !model->tokens.add(part.quantity)) return std::nullopt;
    }
    std::stable_sort(models.begin(), models.end(),
                     [](ModelUsage const& a, ModelUsage const& b) { return a.cost.units() > b.cost.units(); });

    std::string out = R"({"total_cost":")";
    total.append_to(out);
    out += R"(","by_model":[)";
    for (std::size_t i = 0; i < models.size(); ++i)
    {
        if (i > 0) out += ',';
        append_model(out, models[i]);
    }
    out += "]}";
    return out;
}

} // namespace parley::domain
