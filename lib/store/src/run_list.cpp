// session_list in its forms: all, of a chatbot, and by tags and version tags.
#include "jobs.hpp"
#include "page.hpp"
#include "run_jobs.hpp"
#include "session_rows.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace parley::store
{

namespace
{

constexpr int first_session_column = 2;

// The filters of one query beside its chatbot: facet 1 are tags, facet 2 version tags.
struct Facet
{
    std::int16_t kind = 0;
    std::vector<std::string> const* values = nullptr;
};

enum class Form : std::uint8_t
{
    all,
    by_experiment,
    by_facet,
};

Form form_of(domain::ListQuery const& query)
{
    if (query.tags || query.versions) return Form::by_facet;
    return query.experiment ? Form::by_experiment : Form::all;
}

void fold(std::optional<std::vector<std::string>>& names)
{
    if (!names) return;
    std::ranges::sort(*names);
    names->erase(std::ranges::unique(*names).begin(), names->end());
}

ArrayParameter texts(std::vector<std::string> const* values)
{
    ArrayParameter array(Oid::text);
    if (values)
        for (auto const& value : *values)
            array.add(value);
    return array;
}

bool is_empty(std::optional<std::vector<std::string>> const& names)
{
    return names && names->empty();
}

// Many pages by one statement: the forms that read along one index.
void run_plain(LaneContext& context, std::vector<ListJob*> const& jobs, Form form)
{
    auto const scan = scan_of(jobs.front()->query); // Direction and size are the same for all of them.
    ArrayParameter teams(Oid::int8);
    ArrayParameter times(Oid::timestamptz);
    ArrayParameter ids(Oid::text);
    ArrayParameter counts(Oid::boolean);
    ArrayParameter experiments(Oid::uuid);
    for (auto const* job : jobs)
    {
        auto const place = scan_of(job->query);
        teams.add(job->query.team_id);
        times.add(place.created_at);
        ids.add(place.id);
        counts.add(job->query.with_count);
        if (form == Form::by_experiment) experiments.add(*job->query.experiment);
    }
    Parameters parameters;
    parameters.add(std::move(teams)).add(std::move(times)).add(std::move(ids)).add(std::move(counts));
    if (form == Form::by_experiment) parameters.add(std::move(experiments));
    auto const rows = context.statements.run_list(form == Form::all ? "session_list" : "session_list_by_experiment",
                                                  {.descending = scan.descending, .rows = scan.rows}, parameters);
    load_experiments_of(context, rows, first_session_column);
    std::vector<domain::Page> pages(jobs.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        auto& page = pages[static_cast<std::size_t>(row.number(0)) - 1];
        if (!row.is_null(1)) page.count = row.number(1);
        if (row.is_null(first_session_column + column::id)) continue;
        page.sessions.push_back(to_session(row, first_session_column, context.references));
    }
    for (std::size_t i = 0; i < jobs.size(); ++i)
    {
        complete_page(jobs[i]->query, pages[i]);
        context.answer(*jobs[i], std::move(pages[i]));
    }
}

// Which filter reads and which are probed. The rarest reads: then few rows are read in vain.
struct Plan
{
    Facet leading;
    Facet other;
    bool experiment_leads = false;
};

Plan plan_of(LaneContext& context, domain::ListQuery const& query)
{
    Facet const tags{1, query.tags ? &*query.tags : nullptr};
    Facet const versions{2, query.versions ? &*query.versions : nullptr};
    if (!query.experiment && !(query.tags && query.versions)) return {query.tags ? tags : versions, {}, false};
    Parameters parameters;
    parameters.add(query.team_id)
        .add(texts(tags.values))
        .add(texts(versions.values))
        .add(query.experiment.value_or(Uuid::from_bytes({})));
    auto const rows = context.statements.run("session_list_weigh", parameters);
    auto row = rows[0];
    auto const tagged = query.tags ? row.number(0) : INT64_MAX;
    auto const versioned = query.versions ? row.number(1) : INT64_MAX;
    Plan plan = tagged <= versioned ? Plan{tags, versions, false} : Plan{versions, tags, false};
    if (!plan.other.values) plan.other = {};
    plan.experiment_leads = query.experiment && row.number(2) < std::min(tagged, versioned);
    return plan;
}

std::int64_t count(LaneContext& context, domain::ListQuery const& query, Plan const& plan)
{
    Parameters parameters;
    parameters.add(query.team_id)
        .add(plan.leading.kind)
        .add(texts(plan.leading.values))
        .add(plan.other.kind)
        .add(texts(plan.other.values));
    parameters.add(query.experiment.value_or(Uuid::from_bytes({}))).add(query.experiment.has_value());
    return context.statements.run("session_list_count_by_facet", parameters)[0].number(0);
}

void run_by_facet(LaneContext& context, ListJob& job)
{
    auto const& query = job.query;
    domain::Page page;
    if (query.with_count) page.count = 0;
    if (is_empty(query.tags) || is_empty(query.versions))
    {
        complete_page(query, page);
        context.answer(job, std::move(page));
        return;
    }
    auto const plan = plan_of(context, query);
    auto const scan = scan_of(query);
    Parameters parameters;
    parameters.add(query.team_id).add(scan.created_at).add(scan.id);
    parameters.add(plan.leading.kind).add(texts(plan.leading.values)).add(plan.other.kind).add(texts(plan.other.values));
    parameters.add(query.experiment.value_or(Uuid::from_bytes({}))).add(query.experiment.has_value());
    auto const rows =
        context.statements.run_list(plan.experiment_leads ? "session_list_by_experiment_and_facet" : "session_list_by_facet",
                                    {.descending = scan.descending, .rows = scan.rows}, parameters);
    if (query.with_count) page.count = count(context, query, plan);
    load_experiments_of(context, rows, first_session_column);
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        page.sessions.push_back(to_session(row, first_session_column, context.references));
    }
    complete_page(query, page);
    context.answer(job, std::move(page));
}

} // namespace

ListJob::ListJob(domain::ListQuery asked, Deadline until) : AnswerJob(Verb::session_list, until), query(std::move(asked))
{
    fold(query.tags);
    fold(query.versions);
    static std::atomic<std::uint64_t> alone{0};
    auto const form = form_of(query);
    weight = static_cast<std::uint32_t>(query.page_size) + 1;
    if (form == Form::by_facet)
        shape = 1ULL << 63 | alone.fetch_add(1, std::memory_order_relaxed);
    else
        shape = static_cast<std::uint64_t>(form) << 32 | static_cast<std::uint64_t>(scan_of(query).descending) << 31 |
                static_cast<std::uint64_t>(query.page_size);
}

void run_list(LaneContext& context, std::vector<JobPtr> const& jobs)
{
    auto const typed = as<ListJob>(jobs);
    auto const form = form_of(typed.front()->query);
    if (form != Form::by_facet) return run_plain(context, typed, form);
    for (auto* job : typed)
        run_by_facet(context, *job);
}

} // namespace parley::store
