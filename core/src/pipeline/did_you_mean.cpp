#include "pipeline/did_you_mean.hpp"

#include <algorithm>
#include <cctype>

#include "pipeline/finding.hpp"

namespace daymill {
namespace {

constexpr std::size_t kLongestWord = 128;  // longer "words" are never a slip of the finger
constexpr std::size_t kShortWord = 5;
constexpr std::size_t kShortestPrefix = 3;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string only_shared_prefix(const std::string& word,
                               const std::vector<std::string>& candidates) {
  std::string match;
  for (const std::string& candidate : candidates) {
    const std::string& shorter = candidate.size() < word.size() ? candidate : word;
    const std::string& longer = candidate.size() < word.size() ? word : candidate;
    if (shorter.size() < kShortestPrefix || longer.compare(0, shorter.size(), shorter) != 0)
      continue;
    if (!match.empty())
      return {};
    match = candidate;
  }
  return match;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(current);
  }
  return last[b.size()];
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kLongestWord)
    return {};
  const std::string wanted = lower(word);
  std::size_t nearest = wanted.size() < kShortWord ? 2 : 3;  // one more than is near enough
  std::string match;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    if (distance < nearest && distance < candidate.size()) {
      nearest = distance;
      match = candidate;
    }
  }
  return match.empty() ? only_shared_prefix(wanted, candidates) : match;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string match = closest(word, candidates);
  return match.empty() ? std::string() : "did you mean " + in_quotes(match) + "?";
}

}  // namespace daymill
