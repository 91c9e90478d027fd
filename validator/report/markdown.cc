#include "validator/report/markdown.h"

#include <algorithm>
#include <cstddef>

#include "validator/base/strings.h"
#include "validator/report/finding_text.h"
#include "validator/report/markup.h"
#include "validator/report/text.h"

namespace torchassay {
namespace {

// A summary is read, not searched: CI pages also limit its size.
constexpr std::size_t kModelsListed = 200;
constexpr std::size_t kFindingsListed = 50;

std::string_view Sign(ModelVerdict verdict) {
  switch (verdict) {
    case ModelVerdict::kPassed: return "✅";
    case ModelVerdict::kFailed: return "❌";
    case ModelVerdict::kNotDone:
    case ModelVerdict::kNothingChecked: return "⚠️";
    case ModelVerdict::kCrashed: return "💥";
  }
  return "";
}

std::string Heading(const Report& report) {
  const auto passed = std::count_if(report.models.begin(), report.models.end(),
                                    [](const ModelReport& model) { return model.verdict == ModelVerdict::kPassed; });
  return "## " + std::string(Sign(report.verdict)) + " torchassay " + report.command + ": " +
         std::string(ModelVerdictName(report.verdict)) + "\n\n" + std::to_string(passed) + " of " +
         CountText(std::ssize(report.models), "model") + " passed\n";
}

std::string ModelTable(const Report& report) {
  if (report.models.empty()) return "";
  std::string text = "\n| | model | verdict | checked |\n|---|---|---|---|\n";
  std::size_t listed = 0;
  // Those that did not pass first: they are why the page is opened.
  for (bool passed : {false, true}) {
    for (const ModelReport& model : report.models) {
      if ((model.verdict == ModelVerdict::kPassed) != passed || ++listed > kModelsListed) continue;
      text += "| " + std::string(Sign(model.verdict)) + " | " + EscapeMarkdown(OneLine(model.name)) + " | " +
              std::string(ModelVerdictName(model.verdict)) + " | " + EscapeMarkdown(CoverageText(model)) + " |\n";
    }
  }
  if (listed > kModelsListed) text += "\n… and " + std::to_string(listed - kModelsListed) + " more\n";
  return text;
}

// A fence that the text cannot close.
std::string Fenced(const std::string& text) {
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fence + "text\n" + text + fence + "\n";
}

std::string FindingList(const Report& report) {
  std::string text;
  std::size_t listed = 0;
  for (const ReportedFinding& reported : report.findings) {
    if (!reported.fails || ++listed > kFindingsListed) continue;
    text += "\n" + Fenced(FindingText(reported, TerminalStyle(Colours::kNever)));
  }
  if (listed > kFindingsListed) text += "\n… and " + std::to_string(listed - kFindingsListed) + " more\n";
  return text.empty() ? "" : "\n### What fails\n" + text;
}

}  // namespace

std::string RenderMarkdown(const Report& report) { return Heading(report) + ModelTable(report) + FindingList(report); }

}  // namespace torchassay
