#include "validator/report/diff_text.h"

#include <vector>

#include "validator/base/strings.h"
#include "validator/report/number_text.h"
#include "validator/report/text_table.h"

namespace torchassay {
namespace {

constexpr std::size_t kMostText = 60;  // of a value or a line of code

std::string Sign(Change change) {
  switch (change) {
    case Change::kAdded: return "+";
    case Change::kRemoved: return "-";
    case Change::kChanged: return "~";
  }
  return "";
}

std::string Shortened(const std::string& text) {
  if (TextWidth(text) <= kMostText) return text;
  std::size_t end = kMostText - 1;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string BeforeAfter(const std::string& before, const std::string& after) {
  if (before.empty()) return Shortened(after);
  if (after.empty()) return Shortened(before);
  return Shortened(before) + " → " + Shortened(after);
}

std::string Section(const char* title, const std::vector<TextChange>& changes, const TerminalStyle& style) {
  if (changes.empty()) return "";
  TextTable table({Align::kLeft, Align::kLeft, Align::kLeft});
  for (const TextChange& change : changes) {
    table.Add({Sign(change.change), change.name, BeforeAfter(change.before, change.after)});
  }
  return "\n" + style.Paint(Emphasis::kStrong, title) + "\n" + table.Render();
}

// "1..15 ulp" where most of the changes lie, so that a fine-tuned weight and a re-rounded one differ at a glance.
std::string UlpText(const UlpHistogram& ulp) {
  std::string text = "ulp";
  for (std::size_t i = 0; i < ulp.counts.size(); ++i) {
    if (ulp.counts[i] > 0) text += std::string(" ") + UlpHistogram::kLabels[i] + ": " + GroupedText(ulp.counts[i]);
  }
  return text;
}

std::string Relative(const WeightChange& weight) {
  if (!weight.norm_before || *weight.norm_before == 0) return "";
  return ErrorText(*weight.norm_difference / *weight.norm_before);
}

std::string WeightsSection(const ModelDiff& diff, const TerminalStyle& style) {
  if (diff.weights.empty()) return "";
  TextTable table(
      {Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kLeft});
  table.Add({"", "tensor", "type", "changed", "largest", "relative", ""});
  for (const WeightChange& weight : diff.weights) {
    const std::string type = weight.before == weight.after ? weight.before : BeforeAfter(weight.before, weight.after);
    if (weight.elements == 0) {
      table.Add({Sign(weight.change), weight.path, type});
      continue;
    }
    table.Add({Sign(weight.change), weight.path, type, PercentText(weight.changed_elements, weight.elements),
               weight.largest_change ? ErrorText(*weight.largest_change) : "", Relative(weight),
               weight.ulp ? UlpText(*weight.ulp) : ""});
  }
  return "\n" + style.Paint(Emphasis::kStrong, "weights") + "\n" + table.Render() +
         "  largest: |new - old|; relative: norm of the difference over the old norm\n";
}

std::string CountsText(const std::vector<Change>& changes) {
  std::size_t counts[3] = {};
  for (const Change change : changes) ++counts[static_cast<int>(change)];
  std::string text;
  for (const Change change : {Change::kAdded, Change::kRemoved, Change::kChanged}) {
    const std::size_t count = counts[static_cast<int>(change)];
    if (count == 0) continue;
    text += (text.empty() ? "" : ", ") + GroupedText(static_cast<std::int64_t>(count)) + " " + ChangeName(change);
  }
  return text.empty() ? "equal" : text;
}

template <typename T>
std::string Counts(const std::vector<T>& items) {
  std::vector<Change> changes;
  for (const T& item : items) changes.push_back(item.change);
  return CountsText(changes);
}

}  // namespace

std::string RenderDiff(const ModelDiff& diff, const TerminalStyle& style) {
  const std::string names = diff.old_name + " → " + diff.new_name + ": ";
  const std::string weights = GroupedText(diff.equal_weights) + " equal";
  if (diff.equal()) {
    return style.Printable(style.Paint(Emphasis::kGood, names + "no difference") + " (weights: " + weights + ")\n");
  }

  TextTable summary({Align::kLeft, Align::kLeft});
  summary.Add({"signature", Counts(diff.signature)});
  summary.Add({"modules", Counts(diff.modules)});
  summary.Add({"attributes", Counts(diff.attributes)});
  summary.Add({"operators", Counts(diff.operators)});
  summary.Add({"code", Counts(diff.code)});
  summary.Add({"weights", weights + (diff.weights.empty() ? "" : ", " + Counts(diff.weights))});
  return style.Printable(style.Paint(Emphasis::kStrong, names + "different") + "\n" + summary.Render() +
                         Section("signature", diff.signature, style) + Section("modules", diff.modules, style) +
                         Section("attributes", diff.attributes, style) +
                         Section("operators (times written)", diff.operators, style) +
                         Section("code (first line that differs)", diff.code, style) + WeightsSection(diff, style));
}

}  // namespace torchassay
