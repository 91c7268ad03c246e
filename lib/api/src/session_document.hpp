// Sessions as the API shows them.
#pragma once

#include "parley/auth/principal.hpp"
#include "parley/domain/session.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace parley::api
{

// "https://host/api/sessions/{id}/", without JSON's escapes: for a Location field.
[[nodiscard]] std::string session_url(std::string_view base_url, std::string_view id);

// Writes any number of sessions of one team into one answer. What they share is rendered once.
class SessionEncoder
{
  public:
    // base_url is where the links to sessions begin, platform_url where those to chatbots and files do.
    SessionEncoder(auth::Team const& team, std::string_view base_url, std::string_view platform_url);

    // A list row or the answer of a create.
    void append(std::string& out, domain::Session const& session);

    // The answer of a retrieve.
    void append(std::string& out, domain::Transcript const& transcript);

    // About how many bytes a session takes, for reserve.
    [[nodiscard]] std::size_t estimate(domain::Session const& session) const noexcept;

  private:
    // Of the chatbots seen last, rendered: a page has few.
    struct RenderedExperiment
    {
        domain::Experiment const* experiment = nullptr;
        std::string text;
    };

    std::string const& rendered(domain::Experiment const& experiment);
    void append_beginning(std::string& out, domain::Session const& session);
    void append_messages(std::string& out, domain::Transcript const& transcript) const;

    std::string platform_;  // Ready to stand inside a JSON string.
    std::string before_id_; // How every session begins.
    std::string team_;      // Rendered, with the key of what follows.
    std::array<RenderedExperiment, 8> experiments_;
    std::size_t next_experiment_ = 0; // Where the next one is kept.
};

} // namespace parley::api
