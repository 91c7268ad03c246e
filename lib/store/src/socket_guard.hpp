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
        if (is_over_)
        {
            ::shutdown(socket, SHUT_RDWR);
            return;
        }
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

    // The store stops: nobody waits for the server any more. A wait that begins later ends at once too.
    void shut_down_for_good() noexcept
    {
        std::lock_guard const guard(mutex_);
        is_over_ = true;
        if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
        socket_ = -1;
    }
    [[nodiscard]] bool is_over() noexcept
    {
        std::lock_guard const guard(mutex_);
        return is_over_;
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
    std::mutex mutex_; // Guards all below.
    int socket_ = -1;
    bool is_over_ = false;
    std::chrono::steady_clock::time_point since_{};
};

} // namespace parley::store
