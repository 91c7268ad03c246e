// Frees a thread that waits for a server that will never answer: shuts the socket down from outside, so that the wait ends with
// an error.
#pragma once

#include <chrono>
#include <mutex>

#include <sys/socket.h>

namespace parley::store
{

class SocketGuard
{
  public:
    // The owner's side: about to wait on this socket; and done (always before the socket is closed, since its number may be
    // reused).
    void begin(int socket) noexcept
    {
        std::lock_guard const guard(mutex_);
        socket_ = socket;
        since_ = std::chrono::steady_clock::now();
    }
    void end() noexcept
    {
        std::lock_guard const guard(mutex_);
        socket_ = -1;
    }

    // The watch's side.
    void shut_down_if_older(std::chrono::steady_clock::time_point now, std::chrono::steady_clock::duration limit) noexcept
    {
        std::lock_guard const guard(mutex_);
        if (socket_ < 0 || now - since_ < limit) return;
        ::shutdown(socket_, SHUT_RDWR);
        socket_ = -1;
    }

    class Waiting
    {
      public:
        Waiting(SocketGuard& guard, int socket) noexcept : guard_(guard) { guard_.begin(socket); }
        ~Waiting() { guard_.end(); }
        Waiting(Waiting const&) = delete;
        Waiting& operator=(Waiting const&) = delete;

      private:
        SocketGuard& guard_;
    };

  private:
    std::mutex mutex_;
    int socket_ = -1;
    std::chrono::steady_clock::time_point since_{};
};

} // namespace parley::store
