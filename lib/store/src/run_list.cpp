// session_list in its forms: all, of a chatbot, and by tags and version tags.
#include "jobs.hpp"
#include "page.hpp"
#include "run_jobs.hpp"
#include "session_rows.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>

namespace parley::store
{

namespace
{

constexpr int first_session_column = 2;

// The states on a page are not more bytes than this, but for a first one that is larger alone.
constexpr std::int64_t page_state_bytes_max = 32 << 20;

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

// A page on its way. Long states are not in the rows of a list: they are read when it is known how many bytes they are, and what
// would make the page too large is left to the next one.
struct Gatherer
{
    domain::Page page;
    std::vector<std::size_t> left_out; // Sessions whose states have to be read.
    std::int64_t state_bytes = 0;
    Extent extent = Extent::whole;

    void add(BinaryRows const& rows, std::size_t row, ReferenceCache const& references)
    {
        if (extent == Extent::cut) return;
        bool const is_long = !rows.is_null(row, first_session_column + column::left_out_bytes);
        state_bytes += is_long ? rows.number(row, first_session_column + column::left_out_bytes)
                               : static_cast<std::int64_t>(rows.text(row, first_session_column + column::state).size());
        if (state_bytes > page_state_bytes_max && !page.sessions.empty())
        {
            extent = Extent::cut;
            return;
        }
        if (is_long) left_out.push_back(page.sessions.size());
        page.sessions.push_back(to_session(rows, row, first_session_column, references));
    }
};

void read_left_out(LaneContext& context, domain::TeamId team, Gatherer& gatherer)
{
    ArrayParameter teams(Oid::int8);
    ArrayParameter ids(Oid::text);
    for (auto const place : gatherer.left_out)
    {
        teams.add(team);
        ids.add(gatherer.page.sessions[place].id);
    }
    Parameters parameters;
    parameters.add(std::move(teams)).add(std::move(ids));
    auto const rows = context.statements.run_binary("session_list_states", parameters);
    constexpr int first = 1;
    load_experiments_of(context, rows, first);
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto const place = gatherer.left_out[static_cast<std::size_t>(rows.number(i, 0)) - 1];
        gatherer.page.sessions[place] = to_session(rows, i, first, context.references);
    }
    using Owners = std::array<std::shared_ptr<void const>, 2>;
    gatherer.page.owner = std::make_shared<Owners const>(Owners{gatherer.page.owner, rows.owner()});
}

bool is_same_page(domain::ListQuery const& left, domain::ListQuery const& right)
{
    return left.team_id == right.team_id && left.with_count == right.with_count && left.order == right.order &&
           left.page_size == right.page_size && left.experiment == right.experiment && left.cursor == right.cursor;
}

// The queries of a statement, each once: those who ask for the same page at the same time share it.
struct Pages
{
    std::vector<domain::ListQuery const*> queries;
    std::vector<std::size_t> page_of_job;
};

Pages distinct_pages(std::vector<ListJob*> const& jobs)
{
    Pages pages;
    for (auto const* job : jobs)
    {
        auto const same =
            std::ranges::find_if(pages.queries, [&](domain::ListQuery const* query) { return is_same_page(*query, job->query); });
        pages.page_of_job.push_back(static_cast<std::size_t>(same - pages.queries.begin()));
        if (same == pages.queries.end()) pages.queries.push_back(&job->query);
    }
    return pages;
}

Parameters plain_parameters(std::vector<domain::ListQuery const*> const& queries, Form form)
{
    ArrayParameter teams(Oid::int8);
    ArrayParameter times(Oid::timestamptz);
    ArrayParameter ids(Oid::text);
    ArrayParameter counts(Oid::boolean);
    ArrayParameter experiments(Oid::uuid);
    for (auto const* query : queries)
    {
        auto const place = scan_of(*query);
        teams.add(query->team_id);
        times.add(place.created_at);
        ids.add(place.id);
        counts.add(query->with_count);
        if (form == Form::by_experiment) experiments.add(*query->experiment);
    }
    Parameters parameters;
    parameters.add(std::move(teams)).add(std::move(times)).add(std::move(ids)).add(std::move(counts));
    if (form == Form::by_experiment) parameters.add(std::move(experiments));
    return parameters;
}

// A page with long states: one of them at a time on a lane.
void run_again_alone(LaneContext& context, ListJob& job)
{
    job.shape = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&job)) | 1ULL << 63;
    job.attempts = 0;
    context.again.emplace_back(&job);
}

// Many pages by one statement: the forms that read along one index. On a database that is spread by team all are of one team.
void run_plain(LaneContext& context, std::vector<ListJob*> const& jobs, Form form)
{
    auto const scan = scan_of(jobs.front()->query); // Direction and size are the same for all of them.
    auto const wanted = distinct_pages(jobs);
    auto parameters = plain_parameters(wanted.queries, form);
    ListForm list{.descending = scan.descending, .rows = scan.rows};
    if (context.statements.is_spread())
    {
        list.team_parameter = form == Form::all ? 5 : 6; // Behind the arrays.
        parameters.add(jobs.front()->query.team_id);
    }
    auto const rows =
        context.statements.run_list(form == Form::all ? "session_list" : "session_list_by_experiment", list, parameters);
    load_experiments_of(context, rows, first_session_column);
    std::vector<Gatherer> pages(wanted.queries.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto& gatherer = pages[static_cast<std::size_t>(rows.number(i, 0)) - 1];
        auto& page = gatherer.page;
        if (!rows.is_null(i, 1)) page.count = rows.number(i, 1);
        if (rows.is_null(i, first_session_column + column::id)) continue;
        if (page.sessions.empty()) page.sessions.reserve(std::min(rows.size() - i, static_cast<std::size_t>(scan.rows)));
        gatherer.add(rows, i, context.references);
    }
    for (std::size_t i = 0; i < pages.size(); ++i)
    {
        pages[i].page.owner = rows.owner();
        if (!pages[i].left_out.empty() && jobs.size() == 1) read_left_out(context, jobs.front()->query.team_id, pages[i]);
        complete_page(*wanted.queries[i], pages[i].page, pages[i].extent);
    }
    std::vector<std::size_t> takers(pages.size());
    for (auto const page : wanted.page_of_job)
        ++takers[page];
    for (std::size_t i = 0; i < jobs.size(); ++i)
    {
        auto const place = wanted.page_of_job[i];
        if (!pages[place].left_out.empty() && jobs.size() > 1)
            run_again_alone(context, *jobs[i]);
        else if (--takers[place] == 0)
            context.answer(*jobs[i], std::move(pages[place].page));
        else
            context.answer(*jobs[i], domain::Page(pages[place].page));
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
    if (!query.tags && query.versions->size() == 1) // Of several, a session may have more than one: they cannot be added up.
    {
        parameters.add(query.team_id).add(query.versions->front());
        parameters.add(query.experiment.value_or(Uuid::from_bytes({}))).add(query.experiment.has_value());
        return context.statements.run("session_list_count_by_version", parameters)[0].number(0);
    }
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
    Gatherer gatherer{.page = std::move(page), .left_out = {}};
    gatherer.page.owner = rows.owner();
    gatherer.page.sessions.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        gatherer.add(rows, i, context.references);
    if (!gatherer.left_out.empty()) read_left_out(context, query.team_id, gatherer);
    complete_page(query, gatherer.page, gatherer.extent);
    context.answer(job, std::move(gatherer.page));
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
    if (form == Form::by_facet)
    {
        for (auto* job : typed)
            run_by_facet(context, *job);
        return;
    }
    if (!context.statements.is_spread()) return run_plain(context, typed, form);
    std::map<domain::TeamId, std::vector<ListJob*>> of_team;
    for (auto* job : typed)
        of_team[job->query.team_id].push_back(job);
    for (auto const& [team, its] : of_team)
        run_plain(context, its, form);
}

} // namespace parley::store
