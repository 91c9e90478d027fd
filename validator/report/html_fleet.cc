#include "validator/report/html_fleet.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "validator/base/strings.h"
#include "validator/report/html_parts.h"
#include "validator/report/markup.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

constexpr std::array kWorstFirst = {ModelVerdict::kCrashed, ModelVerdict::kNotDone, ModelVerdict::kFailed,
                                    ModelVerdict::kNothingChecked, ModelVerdict::kPassed};
constexpr std::size_t kCodesListed = 4;

// Numbers that a column shows and is sorted by.
struct FleetNumbers {
  Totals totals;
  double milliseconds = 0;  // median latency where it was measured, else the slowest case
  std::int64_t bytes = 0;
};

FleetNumbers NumbersOf(const ModelReport& model) {
  FleetNumbers numbers{TotalsOf(model), 0, model.files.empty() ? 0 : model.files.front().bytes};
  for (const auto& [name, milliseconds] : model.measured.case_ms) {
    numbers.milliseconds = std::max(numbers.milliseconds, milliseconds);
  }
  if (model.measured.latency) numbers.milliseconds = model.measured.latency->p50_ms;
  return numbers;
}

// How often each code occurs among findings that fail, by model.
using Codes = std::map<std::string, std::map<std::string, int>>;

Codes FailingCodes(const Report& report) {
  Codes codes;
  for (const ReportedFinding& reported : report.findings) {
    if (reported.fails) ++codes[reported.model][reported.finding.code];
  }
  return codes;
}

std::string CodesText(const std::map<std::string, int>& codes) {
  std::string text;
  std::size_t listed = 0;
  for (const auto& [code, count] : codes) {
    if (++listed > kCodesListed) return text + " …";
    text += (text.empty() ? "" : " ") + ("<code>" + EscapeXml(code) + "</code>");
    if (count > 1) text += " × " + std::to_string(count);
  }
  return text;
}

// `value` is what the column sorts by, where that is no text.
std::string Cell(double value, const std::string& text) {
  return "<td class=\"n\" data-value=\"" + NumberText(value, 9) + "\">" + text + "</td>";
}

std::string Row(const ModelReport& model, const std::string& anchor, const std::map<std::string, int>& codes) {
  const FleetNumbers numbers = NumbersOf(model);
  const Totals& totals = numbers.totals;
  const auto severity = std::find(kWorstFirst.begin(), kWorstFirst.end(), model.verdict) - kWorstFirst.begin();
  const std::int64_t failing = std::accumulate(codes.begin(), codes.end(), std::int64_t{0},
                                               [](std::int64_t sum, const auto& entry) { return sum + entry.second; });
  std::string cases = GroupedText(totals.cases);
  if (totals.failed_cases > 0) cases += " (" + GroupedText(totals.failed_cases) + " failed)";
  return "<tr data-verdict=\"" + std::string(ModelVerdictName(model.verdict)) + "\"><td data-value=\"" +
         std::to_string(severity) + "\">" + VerdictBadge(model.verdict) + "</td><th scope=\"row\"><a href=\"#" +
         anchor + "\">" + EscapeXml(model.name) + "</a></th><td data-value=\"" + std::to_string(failing) + "\">" +
         CodesText(codes) + "</td>" + Cell(static_cast<double>(totals.cases), cases) +
         Cell(totals.max_abs_error, totals.elements == 0 ? "" : ErrorText(totals.max_abs_error)) +
         Cell(numbers.milliseconds, numbers.milliseconds == 0 ? "" : DurationText(numbers.milliseconds)) +
         Cell(static_cast<double>(numbers.bytes),
              numbers.bytes == 0 ? "" : BytesText(static_cast<std::uint64_t>(numbers.bytes))) +
         "</tr>\n";
}

std::string Head() {
  constexpr std::array<std::pair<const char*, bool>, 7> kColumns = {{{"verdict", false},
                                                                     {"model", false},
                                                                     {"what fails", false},
                                                                     {"cases", true},
                                                                     {"largest error", true},
                                                                     {"time", true},
                                                                     {"size", true}}};
  std::string head;
  for (const auto& [title, is_number] : kColumns) {
    head += std::string("<th scope=\"col\"") + (is_number ? " class=\"n\"" : "") +
            "><button type=\"button\" class=\"sort\" disabled>" + title + "</button></th>";
  }
  return "<thead><tr>" + head + "</tr></thead>";
}

// One bar of all models, each verdict as long as its share, and what it stands for.
std::string Proportions(const Report& report) {
  std::string bar, legend;
  for (const ModelVerdict verdict : kWorstFirst) {
    const std::int64_t count = CountOf(report, verdict);
    if (count == 0) continue;
    const std::string name(ModelVerdictName(verdict));
    bar += "<i class=\"" + std::string(MarkName(MarkOf(verdict))) + "\" style=\"flex-grow:" + std::to_string(count) +
           "\"></i>";
    legend += "<li>" + MarkIcon(MarkOf(verdict)) + "<b>" + GroupedText(count) + "</b> " + name + "</li>";
  }
  return "<div class=\"proportions\" aria-hidden=\"true\">" + bar + "</div>\n<ul class=\"legend\">" + legend +
         "</ul>\n";
}

std::string VerdictChoices(const Report& report) {
  std::string text = "<option value=\"\">any</option>";
  for (const ModelVerdict verdict : kWorstFirst) {
    if (CountOf(report, verdict) == 0) continue;
    const std::string name(ModelVerdictName(verdict));
    text += "<option value=\"" + name + "\">" + name + " (" + std::to_string(CountOf(report, verdict)) + ")</option>";
  }
  return text;
}

// Hidden until the script is there to make it work.
std::string Filter(const Report& report) {
  return "<p class=\"filter\" data-for=\"fleet\" hidden><label>model or code <input id=\"filter-name\" type=\"search\" "
         "autocomplete=\"off\" spellcheck=\"false\"></label><label>verdict <select id=\"filter-verdict\">" +
         VerdictChoices(report) + "</select></label><span id=\"shown\" role=\"status\"></span></p>\n";
}

}  // namespace

std::vector<std::size_t> WorstFirst(const Report& report) {
  std::vector<std::size_t> order;
  for (const ModelVerdict verdict : kWorstFirst) {
    for (std::size_t i = 0; i < report.models.size(); ++i) {
      if (report.models[i].verdict == verdict) order.push_back(i);
    }
  }
  return order;
}

std::string FleetTable(const Report& report, const std::vector<std::size_t>& order) {
  if (report.models.size() < 2) return "";
  Codes codes = FailingCodes(report);
  std::string rows;
  for (const std::size_t index : order) {
    const ModelReport& model = report.models[index];
    rows += Row(model, AnchorOf(index), codes[model.name]);
  }
  return "<section aria-labelledby=\"models\">" + Heading(2, "Models", " id=\"models\"") + "\n" + Proportions(report) +
         Filter(report) + "<div class=\"scroll\"><table id=\"fleet\">" + Head() + "<tbody>\n" + rows +
         "</tbody></table></div></section>\n";
}

std::string AnchorOf(std::size_t index) { return "m" + std::to_string(index); }

std::int64_t CountOf(const Report& report, ModelVerdict verdict) {
  return std::count_if(report.models.begin(), report.models.end(),
                       [&](const ModelReport& model) { return model.verdict == verdict; });
}

}  // namespace torchassay
