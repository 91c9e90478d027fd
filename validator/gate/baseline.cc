#include "validator/gate/baseline.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "validator/base/strings.h"
#include "validator/gate/model_names.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

// Results are repeatable to rounding only, across machines even less.
constexpr double kSlack = 1.01;

// How bad one finding is, in numbers that may not grow.
struct Badness {
  double max_abs_error = 0;
  std::int64_t mismatched = 0;
  std::int64_t non_finite = 0;  // of them those with a NaN or Inf
  std::int64_t compared = 0;    // may not shrink
  bool measured = false;        // else the finding's own words are all that is known
};

const OutputReport* FindOutput(const Report& report, const ReportedFinding& reported) {
  for (const ModelReport& model : report.models) {
    if (model.name != reported.model) continue;
    for (const CaseReport& one : model.cases) {
      if (one.name != reported.case_name) continue;
      for (const OutputReport& output : one.outputs) {
        if (output.path == reported.output) return &output;
      }
    }
  }
  return nullptr;
}

Badness BadnessOf(const Report& report, const ReportedFinding& reported) {
  Badness badness;
  badness.max_abs_error = reported.finding.max_abs_error.value_or(0);
  badness.measured = reported.finding.max_abs_error.has_value();
  const OutputReport* output = FindOutput(report, reported);
  if (output != nullptr && output->comparison) {
    badness.max_abs_error = output->comparison->max_abs_error;
    badness.mismatched = output->comparison->mismatched;
    badness.compared = output->comparison->compared;
    const NonFinite& n = output->comparison->non_finite;
    badness.non_finite = n.nan_actual + n.nan_expected + n.inf_actual + n.inf_expected + n.inf_opposite;
    badness.measured = true;
  }
  return badness;
}

std::string BadnessText(const Badness& badness) {
  std::string text = CountText(badness.mismatched, "mismatched element");
  if (badness.compared > 0) text += " of " + std::to_string(badness.compared);
  if (badness.non_finite > 0) text += ", " + std::to_string(badness.non_finite) + " of them NaN or Inf,";
  return text + " and a largest error of " + ErrorText(badness.max_abs_error);
}

// NaNs count for more than what they hide. A baseline without a number excuses none.
bool IsWorse(const Badness& is, const Badness& was) {
  return is.mismatched > was.mismatched || is.non_finite > was.non_finite || is.compared < was.compared ||
         !(is.max_abs_error <= was.max_abs_error * kSlack);
}

// "expected" and "got" of a structure, a shape, a number or an exception; "" of a divergence, which its statement
// tells.
std::string FactsOf(const Finding& finding) {
  std::vector<std::string> facts;
  if (finding.verdict != Verdict::kFailed) return "";
  for (const Evidence& one : finding.evidence) facts.push_back(one.label + " " + one.text);
  return Join(facts, ", ");
}

bool SameFinding(const ReportedFinding& a, const ReportedFinding& b) {
  const auto key = [](const ReportedFinding& r) {
    return std::tie(r.finding.code, r.case_name, r.output, r.finding.file, r.finding.function, r.finding.module,
                    r.finding.statement);
  };
  return key(a) == key(b);
}

// What was only possible, or dismissed, may not become proved.
bool Covers(const Finding& before, const Finding& now) {
  return before.verdict == now.verdict || (before.verdict == Verdict::kProved && now.verdict == Verdict::kPossible);
}

// One model, or with "" the run as a whole, against its earlier self.
class Ratchet final {
 public:
  // `before` is the name in the baseline, absent where it does not have the model.
  Ratchet(const Report& baseline, const std::optional<std::string>& before) : baseline_(baseline) {
    if (!before) return;
    for (const ReportedFinding& reported : baseline.findings) {
      if (reported.model == *before && IsRatcheted(reported)) before_.push_back(&reported);
    }
  }

  // Returns how many findings are new, worse, better, …; "" where there are none.
  std::string Apply(const std::string& model, Report& report) {
    for (ReportedFinding& reported : report.findings) {
      if (reported.model == model && reported.fails && IsRatcheted(reported)) JudgeFinding(report, reported);
    }
    return Summary();
  }

 private:
  // Crashes, unreadable files and runs without a comparison leave nothing to measure against.
  static bool IsRatcheted(const ReportedFinding& reported) {
    return VerdictOfCode(reported.finding.code) == ModelVerdict::kFailed;
  }

  // Each finding of the baseline excuses one: a second of the same kind is new.
  const ReportedFinding* TakeSame(const ReportedFinding& reported) {
    const auto found = std::find_if(before_.begin(), before_.end(),
                                    [&](const ReportedFinding* other) { return SameFinding(*other, reported); });
    if (found == before_.end()) return nullptr;
    const ReportedFinding* same = *found;
    before_.erase(found);
    return same;
  }

  void JudgeFinding(const Report& report, ReportedFinding& reported) {
    std::vector<std::string>& notes = reported.finding.notes;
    const ReportedFinding* before = TakeSame(reported);
    if (before == nullptr) {
      ++new_;
      notes.push_back("the baseline does not have this");
      return;
    }
    if (!Covers(before->finding, reported.finding)) {
      ++worse_;
      notes.push_back(std::string("worse than in the baseline: ") + VerdictName(before->finding.verdict) +
                      " there, now " + VerdictName(reported.finding.verdict));
      return;
    }
    const Badness was = BadnessOf(baseline_, *before);
    const Badness is = BadnessOf(report, reported);
    if (!is.measured && FactsOf(before->finding) != FactsOf(reported.finding)) {
      ++worse_;
      notes.push_back("not as in the baseline: " + FactsOf(before->finding) + " there");
      return;
    }
    const bool better = is.mismatched < was.mismatched || is.max_abs_error * kSlack < was.max_abs_error;
    if (IsWorse(is, was)) {
      ++worse_;
      notes.push_back("worse than in the baseline: " + BadnessText(was) + " there, now " + BadnessText(is));
      return;
    }
    reported.fails = false;
    ++(better ? better_ : same_);
    notes.push_back(better ? "better than in the baseline: " + BadnessText(was) + " there, now " + BadnessText(is)
                           : "no worse than in the baseline");
  }

  // What got better should not be allowed to get worse again: the line says when a new baseline is due.
  std::string Summary() const {
    const auto gone = std::count_if(before_.begin(), before_.end(), [](const ReportedFinding* r) { return r->fails; });
    std::vector<std::string> parts;
    const auto add = [&](std::int64_t count, const char* what) {
      if (count > 0) parts.push_back(std::to_string(count) + " " + what);
    };
    add(new_, "new");
    add(worse_, "worse");
    add(same_, "no worse");
    add(better_, "better");
    add(gone, "gone");
    const bool improved = better_ + gone > 0 && new_ + worse_ == 0;
    return Join(parts, ", ") + (improved ? "; write the baseline anew to keep it so" : "");
  }

  const Report& baseline_;
  std::vector<const ReportedFinding*> before_;  // not yet taken
  std::int64_t new_ = 0, worse_ = 0, same_ = 0, better_ = 0;
};

// The model of that name; else the only one that may be it.
const ModelReport* FindModel(const Report& report, const std::string& name) {
  const ModelReport* found = nullptr;
  for (const ModelReport& model : report.models) {
    if (model.name == name) return &model;
    if (!SameModel(model.name, name)) continue;
    if (found != nullptr) return nullptr;
    found = &model;
  }
  return found;
}

ReportedFinding Gone(const std::string& message, const std::string& model) {
  ReportedFinding reported;
  reported.finding.code = "TA606";
  reported.finding.message = message;
  reported.model = model;
  return reported;
}

// Which models are validated the command line decides, so that one which is left out is only noted.
void CheckCoverage(const ModelReport& before, Report& report) {
  const ModelReport* model = FindModel(report, before.name);
  if (model == nullptr) {
    ReportedFinding note = Gone("model " + Quote(before.name) + " of the baseline was not validated", "");
    note.finding.severity = Severity::kNote;
    report.findings.push_back(std::move(note));
    return;
  }
  for (const CaseReport& one : before.cases) {
    const auto found =
        std::find_if(model->cases.begin(), model->cases.end(), [&](const CaseReport& c) { return c.name == one.name; });
    const bool there = found != model->cases.end();
    // A case that ended early has findings of its own.
    if (there && (found->outputs.empty() || found->outputs.size() >= one.outputs.size())) continue;
    ReportedFinding gone =
        Gone(there ? "case " + Quote(one.name) + " compares " + CountText(std::ssize(found->outputs), "output") +
                         ", in the baseline " + std::to_string(one.outputs.size())
                   : "case " + Quote(one.name) + " of the baseline is gone",
             model->name);
    gone.finding.help = "write the baseline anew where this is meant";
    gone.fails = true;
    report.findings.push_back(std::move(gone));
  }
}

}  // namespace

void ApplyBaseline(const Report& baseline, Report& report) {
  Ratchet(baseline, "").Apply("", report);
  for (ModelReport& model : report.models) {
    const ModelReport* before = FindModel(baseline, model.name);
    const std::string summary =
        Ratchet(baseline, before == nullptr ? std::nullopt : std::optional(before->name)).Apply(model.name, report);
    if (!summary.empty()) model.facts.push_back({"baseline", summary});
  }
  for (const ModelReport& before : baseline.models) CheckCoverage(before, report);
  Judge(report);
}

}  // namespace torchassay
