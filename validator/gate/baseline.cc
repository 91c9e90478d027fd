#include "validator/gate/baseline.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "validator/base/strings.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

// How bad one finding is, in numbers that may not grow.
struct Badness {
  double max_abs_error = 0;
  std::int64_t mismatched = 0;
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
  const OutputReport* output = FindOutput(report, reported);
  if (output != nullptr && output->comparison) {
    badness.max_abs_error = output->comparison->max_abs_error;
    badness.mismatched = output->comparison->mismatched;
  }
  return badness;
}

bool SameFinding(const ReportedFinding& a, const ReportedFinding& b) {
  const auto key = [](const ReportedFinding& r) {
    return std::tie(r.finding.code, r.model, r.case_name, r.output, r.finding.file, r.finding.function,
                    r.finding.module, r.finding.statement);
  };
  return key(a) == key(b);
}

const ReportedFinding* FindSame(const Report& baseline, const ReportedFinding& reported) {
  const auto found = std::find_if(
      baseline.findings.begin(), baseline.findings.end(),
      [&](const ReportedFinding& other) { return SameFinding(other, reported); });
  return found == baseline.findings.end() ? nullptr : &*found;
}

void Ratchet(const Report& baseline, const Report& report, ReportedFinding& reported) {
  if (!reported.fails || VerdictOfCode(reported.finding.code) != ModelVerdict::kFailed) return;
  const ReportedFinding* before = FindSame(baseline, reported);
  if (before == nullptr) {
    reported.finding.notes.push_back("the baseline does not have this");
    return;
  }
  const Badness was = BadnessOf(baseline, *before);
  const Badness is = BadnessOf(report, reported);
  // Results are repeatable to rounding only, across machines even less.
  const bool worse = is.mismatched > was.mismatched || is.max_abs_error > was.max_abs_error * 1.01;
  if (!worse) {
    reported.fails = false;
    reported.finding.notes.push_back("no worse than in the baseline");
  } else {
    reported.finding.notes.push_back(
        "the baseline has " + std::to_string(was.mismatched) + " mismatches and a largest error of " +
        ErrorText(was.max_abs_error) + ", now " + std::to_string(is.mismatched) + " and " +
        ErrorText(is.max_abs_error));
  }
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
  const auto model = std::find_if(report.models.begin(), report.models.end(),
                                  [&](const ModelReport& m) { return m.name == before.name; });
  if (model == report.models.end()) {
    ReportedFinding note = Gone("model " + Quote(before.name) + " of the baseline was not validated", "");
    note.finding.severity = Severity::kNote;
    report.findings.push_back(std::move(note));
    return;
  }
  for (const CaseReport& one : before.cases) {
    const bool there = std::any_of(model->cases.begin(), model->cases.end(),
                                   [&](const CaseReport& c) { return c.name == one.name; });
    if (there) continue;
    ReportedFinding gone = Gone("case " + Quote(one.name) + " of the baseline is gone", before.name);
    gone.finding.help = "write the baseline anew where this is meant";
    gone.fails = true;
    report.findings.push_back(std::move(gone));
  }
}

}  // namespace

void ApplyBaseline(const Report& baseline, Report& report) {
  for (ReportedFinding& reported : report.findings) Ratchet(baseline, report, reported);
  for (const ModelReport& before : baseline.models) CheckCoverage(before, report);
  Judge(report);
}

}  // namespace torchassay
