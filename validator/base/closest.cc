#include "validator/base/closest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// The optimal string alignment distance: edits, where a swap of neighbours counts once.
std::size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

// Names longer than this are not compared: the table above is quadratic, and nobody mistypes those.
constexpr std::size_t kLongestName = 256;

bool IsNear(const std::string& word, const std::string& candidate, std::size_t distance) {
  if (distance <= std::max<std::size_t>(1, word.size() / 3)) return true;
  const std::size_t shorter = std::min(word.size(), candidate.size());
  return shorter >= 3 && word.substr(0, shorter) == candidate.substr(0, shorter);
}

}  // namespace

std::optional<std::string> ClosestMatch(std::string_view word, std::span<const std::string> candidates) {
  const std::string wanted = LowerCase(word);
  if (wanted.empty() || wanted.size() > kLongestName) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestName) continue;
    const std::string name = LowerCase(candidate);
    const std::size_t distance = EditDistance(wanted, name);
    if (!IsNear(wanted, name, distance) || (best && distance >= best_distance)) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string DidYouMean(std::string_view word, std::span<const std::string> candidates) {
  const std::optional<std::string> match = ClosestMatch(word, candidates);
  return match ? "did you mean " + Quote(*match) + "?" : "";
}

}  // namespace torchassay
