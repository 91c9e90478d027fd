// PageBudget: how much one page may hold and still open at once.

#ifndef VALIDATOR_REPORT_HTML_BUDGET_H_
#define VALIDATOR_REPORT_HTML_BUDGET_H_

namespace torchassay {

// What is left to spend. Models that did not pass come first on the page and so spend first; what no longer
// fits is counted in its place, and stands in the result's JSON.
struct PageBudget {
  int findings = 500;
  int outputs = 4000;      // rows
  int statistics = 1200;   // unfolding details of outputs
  int modules = 2500;      // rows
  int files = 2500;        // rows

  // Takes `count` from one of the members; false, and nothing taken, where less is left.
  static bool Take(int& left, long count) {
    if (count > left) return false;
    left -= static_cast<int>(count);
    return true;
  }
};

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_BUDGET_H_
