#include "validator/report/text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "validator/base/strings.h"
#include "validator/report/finding_text.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

// Beyond this many models, those that passed are only counted.
constexpr std::size_t kModelsListed = 30;

constexpr std::array kVerdicts = {ModelVerdict::kCrashed, ModelVerdict::kNotDone, ModelVerdict::kFailed,
                                  ModelVerdict::kNothingChecked, ModelVerdict::kPassed};

Emphasis EmphasisOf(ModelVerdict verdict) {
  switch (verdict) {
    case ModelVerdict::kPassed: return Emphasis::kGood;
    case ModelVerdict::kNothingChecked: return Emphasis::kWarning;
    case ModelVerdict::kFailed:
    case ModelVerdict::kNotDone:
    case ModelVerdict::kCrashed: return Emphasis::kError;
  }
  return Emphasis::kError;
}

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text += std::string(width - text.size(), ' ');
  return text;
}

std::string FactsText(const ModelReport& model, const TerminalStyle& style) {
  std::size_t width = 10;
  for (const Evidence& fact : model.facts) width = std::max(width, fact.label.size());
  std::string text;
  for (const Evidence& fact : model.facts) {
    text += "   " + style.Paint(Emphasis::kFaint, Padded(fact.label, width)) + "   " + OneLine(fact.text) + "\n";
  }
  return text;
}

// How wide the columns of the summary are.
struct Columns {
  std::size_t verdict = 0;
  std::size_t name = 0;
};

std::string ModelLine(const ModelReport& model, const Columns& columns, const TerminalStyle& style) {
  const std::string verdict(ModelVerdictName(model.verdict));
  const std::string coverage = CoverageText(model);
  std::string text =
      style.Paint(EmphasisOf(model.verdict), verdict) + std::string(columns.verdict - verdict.size() + 3, ' ');
  const std::string name = OneLine(model.name);
  text += coverage.empty() ? name : Padded(name, columns.name) + "   " + coverage;
  return text + "\n" + FactsText(model, style);
}

std::string TotalLine(const Report& report, const TerminalStyle& style) {
  std::string text;
  for (ModelVerdict verdict : kVerdicts) {
    const auto count = std::count_if(report.models.begin(), report.models.end(),
                                     [&](const ModelReport& m) { return m.verdict == verdict; });
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::to_string(count) + " " + std::string(ModelVerdictName(verdict));
  }
  return style.Paint(Emphasis::kStrong, CountText(std::ssize(report.models), "model") + ": ") + text + "\n";
}

std::string SummaryText(const Report& report, const TerminalStyle& style) {
  Columns columns;
  for (const ModelReport& model : report.models) {
    columns.verdict = std::max(columns.verdict, ModelVerdictName(model.verdict).size());
    columns.name = std::max(columns.name, OneLine(model.name).size());
  }
  std::string text;
  if (report.models.size() > 1) text += TotalLine(report, style);
  for (const ModelReport& model : report.models) {
    if (report.models.size() > kModelsListed && model.verdict == ModelVerdict::kPassed) continue;
    text += ModelLine(model, columns, style);
  }
  return text;
}

std::string NoteLine(const ReportedFinding& reported, const TerminalStyle& style) {
  const Finding& finding = reported.finding;
  std::string text = style.Paint(Emphasis::kNote, "note[" + finding.code + "]") + ": " + OneLine(finding.message);
  if (const std::string place = PlaceText(reported); !place.empty()) text += " (" + place + ")";
  if (finding.verdict != Verdict::kFailed) text += std::string(": ") + VerdictName(finding.verdict);
  return text + "\n";
}

// Dismissed findings are evidence that somebody looked, not news.
std::string DismissedText(std::size_t count) {
  if (count == 0) return "";
  return CountText(static_cast<std::int64_t>(count), "finding") +
         " dismissed, each for a reason that stands in the file of `--json` or `--html`\n";
}

std::string LeftOutText(std::size_t count, int shown) {
  if (count <= static_cast<std::size_t>(shown)) return "";
  return "… and " + std::to_string(count - shown) + " more, in the file of `--json` or `--html`\n";
}

std::string FindingsText(const Report& report, const TerminalStyle& style) {
  std::string whole, notes;
  std::size_t whole_count = 0, note_count = 0, dismissed = 0;
  for (const ReportedFinding& reported : report.findings) {
    if (reported.finding.verdict == Verdict::kDismissed && !reported.fails) {
      ++dismissed;
      continue;
    }
    const bool is_note = reported.finding.severity == Severity::kNote && !reported.fails;
    if (is_note && ++note_count <= kFindingsShown) notes += NoteLine(reported, style);
    if (!is_note && ++whole_count <= kFindingsShown) {
      if (!whole.empty()) whole += "\n";
      whole += FindingText(reported, style);
    }
  }
  whole += LeftOutText(whole_count, kFindingsShown);
  notes += LeftOutText(note_count, kFindingsShown) + DismissedText(dismissed);
  return whole.empty() || notes.empty() ? whole + notes : whole + "\n" + notes;
}

}  // namespace

std::string CoverageText(const ModelReport& model) {
  const Totals totals = TotalsOf(model);
  if (totals.cases == 0) return "";
  std::string text = CountText(totals.cases, "case");
  if (totals.failed_cases > 0) text += " (" + std::to_string(totals.failed_cases) + " failed)";
  if (totals.elements > 0) {
    return text + ", " + CountText(totals.elements, "element") + " compared, largest error " +
           ErrorText(totals.max_abs_error);
  }
  // Plain values, or tensors without elements; an expected exception has no output.
  return totals.outputs == 0 ? text : text + ", " + CountText(totals.outputs, "output") + " without elements";
}

std::string RenderText(const Report& report, const TerminalStyle& style) {
  const std::string summary = SummaryText(report, style);
  const std::string findings = FindingsText(report, style);
  return style.Printable(summary.empty() || findings.empty() ? summary + findings : summary + "\n" + findings);
}

}  // namespace torchassay
