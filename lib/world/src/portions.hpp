// Sessions on their way into the database, some hundred at a time.
#pragma once

#include "parley/store/world_writer.hpp"

#include <cstddef>
#include <vector>

namespace parley::world
{

// Keeps each statement's parameters small, however many sessions there are and however long they are.
class Portions
{
  public:
    explicit Portions(store::WorldWriter& writer) : writer_(writer) {}

    void add(store::SessionRow session)
    {
        ++sessions_;
        messages_ += session.messages.size();
        bytes_ += session.state.size();
        for (auto const& message : session.messages)
            bytes_ += message.rendered.size();
        portion_.push_back(std::move(session));
        if (portion_.size() >= portion_sessions_max || bytes_ >= portion_bytes_max) flush();
    }

    void flush()
    {
        writer_.write_sessions(portion_);
        portion_.clear();
        bytes_ = 0;
    }

    // So far.
    [[nodiscard]] std::size_t sessions() const noexcept { return sessions_; }
    [[nodiscard]] std::size_t messages() const noexcept { return messages_; }

  private:
    static constexpr std::size_t portion_sessions_max = 500;
    static constexpr std::size_t portion_bytes_max = 8UL << 20;

    store::WorldWriter& writer_;
    std::vector<store::SessionRow> portion_;
    std::size_t bytes_ = 0;
    std::size_t sessions_ = 0;
    std::size_t messages_ = 0;
};

} // namespace parley::world
