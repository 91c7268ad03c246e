// Where a connection's bytes arrive.
#pragma once

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace parley::http
{

// A flat buffer: bytes come in at the end and are taken from the front. It starts small, because most connections are idle or
// carry small requests, and grows once up to its bound. Kept over the requests of a connection.
class ReadBuffer
{
  public:
    explicit ReadBuffer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    [[nodiscard]] std::string_view unread() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }

    // What can be read into without moving what is there.
    [[nodiscard]] boost::asio::mutable_buffer space() const noexcept { return {bytes_.get() + end_, capacity_ - end_}; }

    // As much as fits behind the bytes that are there, theirs included.
    [[nodiscard]] std::size_t bytes_without_moving() const noexcept { return capacity_ - begin_; }

    void add(std::size_t bytes) noexcept
    {
        end_ += bytes;
        was_filled_ = end_ == capacity_;
    }

    void take(std::size_t bytes) noexcept { begin_ += bytes; }

    // Makes space for at least one byte. True when the bytes that are there have moved: views into them are void. There must be
    // fewer than bytes_max of them.
    bool make_space()
    {
        if (begin_ == end_)
        {
            begin_ = end_ = 0;
            if (capacity_ == 0 || (was_filled_ && capacity_ < bytes_max_)) grow_to(capacity_ == 0 ? first_bytes() : bytes_max_);
            return false;
        }
        if (end_ < capacity_) return false;
        if (begin_ == 0)
            grow_to(bytes_max_);
        else
            move_to_front(bytes_.get());
        return true;
    }

    // Puts bytes into the empty buffer. At most bytes_max.
    void put(std::string_view bytes)
    {
        begin_ = end_ = 0;
        if (capacity_ < bytes.size()) grow_to(bytes_max_);
        std::memcpy(bytes_.get(), bytes.data(), bytes.size());
        end_ = bytes.size();
    }

    [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }

  private:
    [[nodiscard]] std::size_t first_bytes() const noexcept { return std::min<std::size_t>(bytes_max_, 4 * 1024); }

    void grow_to(std::size_t capacity)
    {
        auto grown = std::make_unique_for_overwrite<char[]>(capacity);
        move_to_front(grown.get());
        bytes_ = std::move(grown);
        capacity_ = capacity;
    }

    void move_to_front(char* place) noexcept
    {
        auto const bytes = end_ - begin_;
        if (bytes > 0) std::memmove(place, bytes_.get() + begin_, bytes);
        begin_ = 0;
        end_ = bytes;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t bytes_max_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool was_filled_ = false; // The last read took all the space: more was waiting.
};

} // namespace parley::http
