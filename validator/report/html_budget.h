// PageBudget: how much one page may hold and still open at once.

#ifndef VALIDATOR_REPORT_HTML_BUDGET_H_
#define VALIDATOR_REPORT_HTML_BUDGET_H_

#include <cstddef>

namespace torchassay {

// Bytes that are left to spend; together with a row and a heading for each of a thousand models they stay below 5 MB.
// Models that did not pass come first on the page and so spend first; what no longer fits is counted in its place, and
// stands in the result's JSON.
struct PageBudget {
  std::size_t statistics = 1'900'000;  // what unfolds below an output
  std::size_t rest = 800'000;          // findings, rows of outputs, modules and files

  // Takes `bytes` from one of the members; false, and nothing taken, where less is left.
  static bool Take(std::size_t& left, std::size_t bytes) {
    if (bytes > left) return false;
    left -= bytes;
    return true;
  }
};

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_BUDGET_H_
