#include "nouns.hpp"

#include <charconv>

namespace parley::command
{

namespace
{

constexpr std::int64_t rows_default = 100;

std::int64_t read_count(std::string const& text)
{
    std::int64_t count = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count < 1)
        throw UsageError("--limit \"" + text + "\": write a number from 1");
    return count;
}

void list(Invocation const& call)
{
    auto const limit = call.arguments.find("--limit");
    std::vector<Record> records;
    for (auto const& row :
         call.database.administration().audit(limit ? read_count(*limit) : rows_default, call.arguments.text("--subject")))
        records.push_back(Record()
                              .time("at", row.at)
                              .text("actor", row.actor)
                              .text("action", row.action)
                              .text("subject", row.subject)
                              .document("detail", row.detail));
    call.output.list(records);
}

} // namespace

Noun audit_noun()
{
    return {.name = "audit",
            .help = "The record of every change by an administrator.",
            .verbs = {{.name = "list",
                       .operands = {},
                       .options = {{.name = "--limit", .value = "N", .help = "how many at most; 100 otherwise"},
                                   {.name = "--subject", .value = "NAME", .help = "only what was done to this"}},
                       .help = "Shows the newest changes, newest first.",
                       .run = list}}};
}

} // namespace parley::command
