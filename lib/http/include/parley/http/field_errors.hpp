// What is wrong with the fields of a body or the parameters of a query, all of it at once.
#pragma once

#include "parley/core/result.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::http
{

// The sentences that fields share.
namespace sentence
{
inline constexpr std::string_view required = "This field is required.";
inline constexpr std::string_view null = "This field may not be null.";
inline constexpr std::string_view blank = "This field may not be blank.";
inline constexpr std::string_view not_a_string = "Not a valid string.";
inline constexpr std::string_view nul_character = "Null characters are not allowed.";
inline constexpr std::string_view surrogate = "Surrogate characters are not allowed.";
inline constexpr std::string_view not_json = "Value must be valid JSON.";
} // namespace sentence

// ["First.","Second."]
[[nodiscard]] std::string to_json_array(std::initializer_list<std::string_view> sentences);

// {"field":["Sentence."],"other":[...]}, in the order of adding.
class FieldErrors
{
  public:
    void add(std::string_view field, std::string_view one_sentence) { add_json(field, to_json_array({one_sentence})); }
    void add_json(std::string_view field, std::string json) { errors_.emplace_back(field, std::move(json)); }
    void add_json_first(std::string_view field, std::string json) { errors_.insert(errors_.begin(), {field, std::move(json)}); }

    [[nodiscard]] bool empty() const noexcept { return errors_.empty(); }
    [[nodiscard]] bool has(std::string_view field) const noexcept;
    [[nodiscard]] std::string to_json() const;
    [[nodiscard]] Problem to_problem() const { return Problem{.code = ProblemCode::field_invalid, .body = to_json()}; }

  private:
    std::vector<std::pair<std::string_view, std::string>> errors_; // Names are literals.
};

// {"error":"Sentence."}: how the operations on one session speak. 400 unless the code says otherwise.
[[nodiscard]] Problem error_problem(std::string_view one_sentence, ProblemCode code = ProblemCode::field_invalid);

} // namespace parley::http
