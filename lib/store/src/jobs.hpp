// The jobs of each verb: what is asked and what is answered.
#pragma once

#include "job.hpp"
#include "lane.hpp"
#include "parley/auth/credential_store.hpp"
#include "parley/domain/session.hpp"
#include "parley/oauth/oauth_store.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::store
{

// Which session a write is for, as a number: equal for equal sessions. Two sessions that share one by chance merely wait for each
// other.
[[nodiscard]] inline std::uint64_t session_key(domain::TeamId team, std::string_view id) noexcept
{
    auto const hash = std::hash<std::string_view>{}(id) ^ (static_cast<std::uint64_t>(team) * 0x9E37'79B9'7F4A'7C15U);
    return hash == 0 ? 1 : hash;
}

struct FindCredentialJob final : AnswerJob<std::optional<auth::CredentialRecord>>
{
    FindCredentialJob(Verb what, Sha256 const& credential_digest, Deadline until)
        : AnswerJob(what, until), digest(credential_digest)
    {
    }
    Sha256 digest;
};

// Whether a team may make sessions for a chatbot.
struct FindExperimentJob final : AnswerJob<void>
{
    FindExperimentJob(domain::TeamId of_team, Uuid const& id, Deadline until)
        : AnswerJob(Verb::experiment_find, until), team(of_team), experiment(id)
    {
    }
    domain::TeamId team;
    Uuid experiment;
};

struct ListJob final : AnswerJob<domain::Page>
{
    ListJob(domain::ListQuery asked, Deadline until);
    domain::ListQuery query;
};

struct RetrieveJob final : AnswerJob<domain::Transcript>
{
    RetrieveJob(domain::TeamId of_team, std::string session_id, Deadline until)
        : AnswerJob(Verb::session_retrieve, until), team(of_team), id(std::move(session_id))
    {
    }
    domain::TeamId team;
    std::string id;
    // A long transcript, on its way: what has been read.
    domain::Transcript transcript;
    std::string pieces;
    std::int64_t number = 0;
    std::int32_t last_position = -1;
};

struct CreateJob final : AnswerJob<domain::Session>
{
    CreateJob(domain::NewSession given, Deadline until);
    domain::NewSession session;
    std::int64_t number = 0; // Chosen at the first attempt and kept.
};

// end, and update_state.
struct ChangeJob final : AnswerJob<void>
{
    ChangeJob(Verb what, domain::TeamId of_team, std::string session_id, Timestamp now, Deadline until)
        : AnswerJob(what, until), team(of_team), id(std::move(session_id)), at(now)
    {
        session_key = store::session_key(team, id);
    }
    domain::TeamId team;
    std::string id;
    Timestamp at;
    domain::JsonText state = {}; // update_state only.
};

struct TagsJob final : AnswerJob<domain::JsonText>
{
    TagsJob(Verb what, domain::TeamId of_team, std::string session_id, std::vector<std::string> tag_names, Deadline until);
    domain::TeamId team;
    std::string id;
    std::vector<std::string> names; // Each once.
};

struct FindAccessTokenJob final : AnswerJob<std::optional<oauth::AccessToken>>
{
    FindAccessTokenJob(Sha256 const& token_digest, Deadline until)
        : AnswerJob(Verb::oauth_find_access_token, until), digest(token_digest)
    {
    }
    Sha256 digest;
};

struct SaveMachineTokenJob final : AnswerJob<void>
{
    explicit SaveMachineTokenJob(Deadline until) : AnswerJob(Verb::oauth_save_machine_token, until) {}
    Sha256 digest{};
    std::int64_t application_id = 0;
    std::int64_t team_id = 0;
    std::string scope;
    Timestamp expires;
    Timestamp created_at;
};

// A job that runs by itself, with its own statements.
class AloneJob
{
  public:
    virtual ~AloneJob() = default;
    virtual void run(LaneContext& context) = 0;
};

// Its function answers from statements of the lane; a function that writes commits before it returns. It is given whether it may
// have run before: the connection was lost before the answer to its commit came.
template <class Answer>
class FunctionJob final : public AnswerJob<Answer>, public AloneJob
{
  public:
    using Function = std::function<Result<Answer>(Statements&, bool may_have_run)>;

    FunctionJob(Verb what, Function function, Deadline until) : AnswerJob<Answer>(what, until), function_(std::move(function))
    {
        static std::atomic<std::uint64_t> shapes{1};
        this->shape =
            shapes.fetch_add(1, std::memory_order_relaxed); // Of no other job's shape: each is a batch, and lanes share them.
    }

    void run(LaneContext& context) override { context.answer(*this, function_(context.statements, this->fate_unknown)); }

  private:
    Function function_;
};

} // namespace parley::store
