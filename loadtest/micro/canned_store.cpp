#include "canned_store.hpp"

namespace parley::micro
{

using boost::asio::awaitable;

OneKey::OneKey(std::string_view key) : digest_(sha256(key))
{
    using auth::Permission;
    record_.principal.team = {.id = 7, .slug = "alpha", .name = "Alpha", .api_rate_limit = {}};
    record_.principal.user_email = "someone@example.org";
    record_.principal.permissions = Permission::view | Permission::add | Permission::change | Permission::delete_;
}

awaitable<Result<std::optional<auth::CredentialRecord>>> OneKey::find_api_key(Sha256 digest, Deadline /*deadline*/)
{
    if (digest != digest_) co_return std::optional<auth::CredentialRecord>{};
    co_return std::optional<auth::CredentialRecord>(record_);
}

awaitable<Result<std::optional<auth::CredentialRecord>>> OneKey::find_access_token(Sha256 /*digest*/, Deadline /*deadline*/)
{
    co_return std::optional<auth::CredentialRecord>{};
}

CannedStore::CannedStore()
{
    constexpr int rows = 25;
    constexpr int messages = 10;
    for (std::size_t i = 0; i < experiments_.size(); ++i)
    {
        domain::Experiment experiment;
        experiment.id = *Uuid::parse("6f1dd7a4-7a6b-4f59-9d5f-2f6a4a1c000" + std::to_string(i + 1));
        experiment.name = "Chatbot " + std::to_string(i + 1);
        experiment.description = "A chatbot that answers questions about one subject";
        experiments_[i] = std::make_shared<domain::Experiment const>(std::move(experiment));
    }
    domain::Session session;
    session.id = session_id;
    session.participant = {.identifier = "someone@users.example", .remote_id = "r1"};
    session.created_at = *parse_timestamp("2026-01-01T01:00:00.123456Z");
    session.updated_at = *parse_timestamp("2026-01-01T01:30:00.000100Z");
    session.status = domain::Status::active;
    session.platform = "api";
    session.tags = std::string_view(R"(["tag-1","tag-2"])");
    session.state = std::string_view(R"({"step":1,"lang":"en","flags":["a","b"]})");
    for (std::size_t i = 0; i < rows; ++i)
    {
        session.experiment = experiments_[i % experiments_.size()];
        page_.sessions.push_back(session);
    }
    page_.next = domain::Cursor{.created_at = session.created_at, .id = std::string(session_id)};
    page_.count = 4000;
    transcript_.session = session;
    transcript_.usage = std::string_view(R"({"total_cost":"0.00000000","by_model":[]})");
    for (int i = 0; i < messages; ++i)
    {
        if (i > 0) messages_ += ',';
        messages_ += R"({"created_at":"2026-01-01T01:00:00.123456Z","role":"user","content":")" + std::string(150, 'x') +
                     R"(","metadata":{},"tags":[],"attachments":[]})";
    }
    transcript_.messages = std::string_view(messages_);
}

awaitable<Result<domain::Page>> CannedStore::list(domain::ListQuery /*query*/, Deadline /*deadline*/)
{
    co_return page_;
}

awaitable<Result<domain::Transcript>> CannedStore::retrieve(domain::TeamId /*team*/, std::string /*id*/, Deadline /*deadline*/)
{
    co_return transcript_;
}

awaitable<Result<domain::Session>> CannedStore::create(domain::NewSession /*session*/, Deadline /*deadline*/)
{
    co_return transcript_.session;
}

awaitable<Result<void>> CannedStore::end(domain::TeamId /*team*/, std::string /*id*/, Timestamp /*now*/, Deadline /*deadline*/)
{
    co_return Result<void>();
}

awaitable<Result<void>> CannedStore::update_state(domain::TeamId /*team*/, std::string /*id*/, domain::JsonText /*state*/,
                                                  Timestamp /*now*/, Deadline /*deadline*/)
{
    co_return Result<void>();
}

awaitable<Result<domain::JsonText>> CannedStore::add_tags(domain::TeamId /*team*/, std::string /*id*/,
                                                          std::vector<std::string> /*names*/, Deadline /*deadline*/)
{
    co_return domain::JsonText{R"(["tag-1","tag-2"])"};
}

awaitable<Result<domain::JsonText>> CannedStore::remove_tags(domain::TeamId /*team*/, std::string /*id*/,
                                                             std::vector<std::string> /*names*/, Deadline /*deadline*/)
{
    co_return domain::JsonText{"[]"};
}

} // namespace parley::micro
