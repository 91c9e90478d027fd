#include "validator/report/html_model.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "validator/base/strings.h"
#include "validator/report/html_chart.h"
#include "validator/report/html_finding.h"
#include "validator/report/html_modules.h"
#include "validator/report/html_output.h"
#include "validator/report/markup.h"
#include "validator/report/number_text.h"
#include "validator/report/text.h"

namespace torchassay {
namespace {

// Cases that passed are unfolded where all of them fit a screen or two.
constexpr std::int64_t kOutputsUnfolded = 24;
// More outputs than these are worth a filter.
constexpr std::int64_t kOutputsUnfiltered = 24;

// One model's section while it is written: what all its parts need to know.
class Section final {
 public:
  Section(const Report& report, const ModelReport& model, std::string anchor, int level, PageBudget& budget)
      : report_(report), model_(model), anchor_(std::move(anchor)), level_(level), budget_(budget) {}

  std::string Html() {
    std::string failing, others;
    for (const ReportedFinding* reported : FindingsOf(report_, model_.name)) {
      (reported->fails ? failing : others) += Card(*reported);
    }
    const bool looked_for_start = model_.error_starts_at.has_value();
    return Facts() + Part("What fails", failing, Unfolding::kOpen) +
           Part("Other findings", others, failing.empty() ? Unfolding::kOpen : Unfolding::kClosed) + Findings() +
           Part("Cases and outputs", Cases(), Unfolding::kOpen) +
           Part("Modules", Modules(), looked_for_start ? Unfolding::kOpen : Unfolding::kClosed) +
           Part("Time and memory", Times(), model_.measured.latency ? Unfolding::kOpen : Unfolding::kClosed) +
           Part("Files", Files(), Unfolding::kClosed);
  }

 private:
  std::string Part(const std::string& title, const std::string& content, Unfolding unfolding) const {
    return Folded(Heading(level_, title), content, unfolding, " class=\"part\"");
  }

  std::string Facts() const {
    TermList terms;
    terms.Add("source", EscapeXml(model_.origin.model));
    terms.Add("converted by", EscapeXml(model_.origin.mode));
    if (model_.origin.faithful) terms.Add("converter says", *model_.origin.faithful ? "faithful" : "not faithful");
    if (!model_.origin.torch.empty()) terms.Add("written with", "torch " + EscapeXml(model_.origin.torch));
    for (const Evidence& fact : model_.facts) terms.Add(EscapeXml(fact.label), HtmlWithCode(fact.text));
    return terms.Html("terms facts");
  }

  std::string CaseAnchor(const std::string& case_name) const {
    for (std::size_t i = 0; i < model_.cases.size(); ++i) {
      if (model_.cases[i].name == case_name) return anchor_ + "c" + std::to_string(i);
    }
    return "";
  }

  std::string Card(const ReportedFinding& reported) {
    const std::string anchor = CaseAnchor(reported.finding.counterexample.value_or(reported.case_name));
    std::string card = FindingCard(reported, anchor, level_ + 1);
    if (PageBudget::Take(budget_.rest, card.size())) return card;
    ++findings_left_out_;
    return "";
  }

  // Findings that the page has no room for.
  std::string Findings() const {
    if (findings_left_out_ == 0) return "";
    return "<p class=\"muted\">" + CountText(findings_left_out_, "finding") + " more, all in the result's JSON</p>\n";
  }

  std::string Case(const CaseReport& one, const std::string& anchor, Unfolding unfolding) {
    const auto failed = std::count_if(one.outputs.begin(), one.outputs.end(),
                                      [](const OutputReport& output) { return !output.passed; });
    std::string remark = EscapeXml(one.kind) + " · " + CountText(std::ssize(one.outputs), "output");
    if (failed > 0) remark += ", " + std::to_string(failed) + " failed";
    if (one.outputs.empty())
      remark = EscapeXml(one.kind) + (one.passed ? " · nothing returned, as recorded" : " · no output");
    for (const auto& [name, milliseconds] : model_.measured.case_ms) {
      if (name == one.name) remark += " · " + DurationText(milliseconds);
    }
    const std::string summary =
        PassedBadge(one.passed) + " <b>" + EscapeXml(one.name) + "</b> <span class=\"muted\">" + remark + "</span>";
    const std::string attributes = " class=\"case\" id=\"" + anchor + "\"";
    if (one.outputs.empty()) return "<div" + attributes + ">" + summary + "</div>\n";
    return Folded(summary, OutputTable(one.outputs, anchor, budget_), unfolding, attributes);
  }

  std::string Cases() {
    const Totals totals = TotalsOf(model_);
    std::string text;
    for (bool passed : {false, true}) {  // what failed first, and first from the budget
      for (std::size_t i = 0; i < model_.cases.size(); ++i) {
        const CaseReport& one = model_.cases[i];
        if (one.passed != passed) continue;
        const bool open = !passed || (totals.failed_cases == 0 && totals.outputs <= kOutputsUnfolded);
        text += Case(one, anchor_ + "c" + std::to_string(i), open ? Unfolding::kOpen : Unfolding::kClosed);
      }
    }
    return totals.outputs > kOutputsUnfiltered ? OutputFilter() + text : text;
  }

  // Hidden until the script is there to make it work.
  std::string OutputFilter() const {
    return "<p class=\"filter\" data-for=\"outputs\" hidden><label>output <input type=\"search\" autocomplete=\"off\" "
           "spellcheck=\"false\"></label><label><input type=\"checkbox\"> only what failed</label>"
           "<span role=\"status\"></span></p>\n";
  }

  std::string Modules() {
    std::string table = ModuleTable(model_);
    if (PageBudget::Take(budget_.rest, table.size())) return table;
    return "<p class=\"muted\">" + CountText(std::ssize(model_.modules), "module") + ", in the result's JSON</p>\n";
  }

  std::string Times() const {
    const Measurement& measured = model_.measured;
    std::vector<std::pair<std::string, double>> times;
    if (measured.load_ms) times.emplace_back("load", *measured.load_ms);
    if (measured.latency) {
      const Latency& latency = *measured.latency;
      times.insert(times.end(), {{"first call", latency.first_ms},
                                 {"mean", latency.mean_ms},
                                 {"p50", latency.p50_ms},
                                 {"p90", latency.p90_ms},
                                 {"p99", latency.p99_ms},
                                 {"slowest", latency.max_ms}});
    }
    for (const auto& [name, milliseconds] : measured.case_ms) times.emplace_back("case " + name, milliseconds);
    double longest = 0;
    for (const auto& [label, milliseconds] : times) longest = std::fmax(longest, milliseconds);
    HtmlTable table("times", "", {{""}, {"", false, "wide"}, {"", true}});
    for (const auto& [label, milliseconds] : times) {
      table.Add({EscapeXml(label), Bar(milliseconds / longest), DurationText(milliseconds)});
    }
    std::string text = (measured.latency ? LatencyChart(*measured.latency) : "") + table.Html();
    if (measured.peak_bytes) {
      text += "<p>At most " + BytesText(static_cast<std::uint64_t>(*measured.peak_bytes)) + " of memory.</p>\n";
    }
    return text;
  }

  std::string Files() {
    // The model's own file comes first, and is worth a row however many there are.
    const bool all = PageBudget::Take(budget_.rest, 200 * model_.files.size());
    HtmlTable table("files", "", {{"file"}, {"size", true}, {"SHA-256"}});
    for (const FileReport& file : model_.files) {
      table.Add({"<code>" + EscapeXml(file.path) + "</code>", BytesText(static_cast<std::uint64_t>(file.bytes)),
                 "<code class=\"hash\">" + EscapeXml(file.sha256) + "</code>"});
      if (!all) break;
    }
    return table.Html();
  }

  const Report& report_;
  const ModelReport& model_;
  const std::string anchor_;
  const int level_;  // of the headings of the parts
  PageBudget& budget_;
  std::int64_t findings_left_out_ = 0;
};

}  // namespace

std::string ModelSection(const Report& report, const ModelReport& model, const std::string& anchor, Standing standing,
                         PageBudget& budget) {
  const bool alone = standing == Standing::kAlone;
  std::string content = Section(report, model, anchor, alone ? 2 : 3, budget).Html();
  if (content.empty()) content = "<p class=\"muted\">Nothing more is known.</p>\n";
  const std::string attributes = " class=\"model\" id=\"" + anchor + "\"";
  if (alone) return "<div" + attributes + ">\n" + content + "</div>\n";
  return Folded(Heading(2, VerdictBadge(model.verdict) + " " + EscapeXml(model.name)) + "<span class=\"muted\">" +
                    EscapeXml(CoverageText(model)) + "</span>",
                content, standing == Standing::kUnfolded ? Unfolding::kOpen : Unfolding::kClosed, attributes);
}

}  // namespace torchassay
