// The port of the chat, implemented by handing jobs to the lanes.
#pragma once

#include "job_queue.hpp"
#include "parley/chat/chat_store.hpp"

namespace parley::store
{

class PgChatStore final : public chat::ChatStore
{
  public:
    template <class T>
    using Reply = boost::asio::awaitable<Result<T>>;

    explicit PgChatStore(JobQueue& queue) : queue_(queue) {}

    Reply<std::optional<chat::Chatbot>> find_chatbot(Uuid id, Deadline deadline) override;
    Reply<std::optional<chat::MachineToken>> find_machine_token(Sha256 token, Deadline deadline) override;
    Reply<std::optional<chat::SignedIn>> find_signed_in(Sha256 cookie, Deadline deadline) override;
    Reply<std::optional<chat::ChatSession>> find_session(std::string id, Deadline deadline) override;
    Reply<chat::Started> start(chat::NewChat chat, Deadline deadline) override;
    Reply<bool> add_message(domain::TeamId team, std::string session_id, std::string text, chat::StateChange change,
                            Timestamp now, Deadline deadline) override;
    Reply<chat::Polled> poll(chat::PollQuery query, Deadline deadline) override;

  private:
    JobQueue& queue_;
};

} // namespace parley::store
