#include "validator/report/html_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "validator/report/markup.h"

namespace torchassay {
namespace {

// Drawn in a field of 16 by 16. What is cut out of a filled shape has the page's colour.
constexpr std::array<std::pair<Mark, std::string_view>, 7> kShapes = {{
    {Mark::kPassed, "<circle cx=\"8\" cy=\"8\" r=\"7.5\"/><path class=\"cut\" d=\"M4.6 8.3 7 10.7l4.5-5\"/>"},
    {Mark::kFailed, "<circle cx=\"8\" cy=\"8\" r=\"7.5\"/><path class=\"cut\" d=\"m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2\"/>"},
    {Mark::kNotDone, "<path d=\"M8 .9 15.6 14.6H.4Z\"/><path class=\"cut\" d=\"M8 6v4m0 2.3v.2\"/>"},
    {Mark::kNothingChecked, "<circle class=\"line\" cx=\"8\" cy=\"8\" r=\"6.6\"/><path class=\"line\" d=\"M5 8h6\"/>"},
    {Mark::kCrashed,
     "<path d=\"M5 .6h6L15.4 5v6L11 15.4H5L.6 11V5Z\"/><path class=\"cut\" d=\"M9 3.6 6.4 8h3.2L7 12.4\"/>"},
    {Mark::kWarning,
     "<path class=\"line\" d=\"M8 1.8 14.8 14H1.2Z\"/><path class=\"line\" d=\"M8 6.4v3.4m0 1.9v.1\"/>"},
    {Mark::kNote,
     "<circle class=\"line\" cx=\"8\" cy=\"8\" r=\"6.6\"/><path class=\"line\" d=\"M8 7.4v3.8M8 4.7v.1\"/>"},
}};

std::string Attribute(std::string_view name, std::string_view value) {
  return value.empty() ? "" : " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

std::string CssClass(const Column& column) {
  std::string css_class = column.is_number ? "n" : "";
  if (!css_class.empty() && !column.css_class.empty()) css_class += ' ';
  return Attribute("class", css_class + column.css_class);
}

}  // namespace

Mark MarkOf(ModelVerdict verdict) {
  switch (verdict) {
    case ModelVerdict::kPassed: return Mark::kPassed;
    case ModelVerdict::kFailed: return Mark::kFailed;
    case ModelVerdict::kNotDone: return Mark::kNotDone;
    case ModelVerdict::kNothingChecked: return Mark::kNothingChecked;
    case ModelVerdict::kCrashed: return Mark::kCrashed;
  }
  return Mark::kFailed;
}

Mark MarkOfOutput(bool passed) { return passed ? Mark::kPassed : Mark::kFailed; }

std::string_view MarkName(Mark mark) {
  switch (mark) {
    case Mark::kPassed: return "passed";
    case Mark::kFailed: return "failed";
    case Mark::kNotDone: return "not-done";
    case Mark::kNothingChecked: return "nothing-checked";
    case Mark::kCrashed: return "crashed";
    case Mark::kWarning: return "warning";
    case Mark::kNote: return "note";
  }
  return "";
}

std::string MarkShapes() {
  std::string symbols;
  for (const auto& [mark, shape] : kShapes) {
    symbols += "<symbol id=\"i-" + std::string(MarkName(mark)) + "\" viewBox=\"0 0 16 16\">" + std::string(shape) +
               "</symbol>";
  }
  return "<svg class=\"shapes\" aria-hidden=\"true\">" + symbols + "</svg>\n";
}

std::string MarkIcon(Mark mark) {
  const std::string name(MarkName(mark));
  return "<svg class=\"icon " + name + "\" aria-hidden=\"true\"><use href=\"#i-" + name + "\"/></svg>";
}

std::string Badge(Mark mark, std::string_view word) {
  return "<span class=\"badge " + std::string(MarkName(mark)) + "\">" + MarkIcon(mark) + std::string(word) + "</span>";
}

std::string VerdictBadge(ModelVerdict verdict) { return Badge(MarkOf(verdict), ModelVerdictName(verdict)); }

std::string PassedBadge(bool passed) { return Badge(MarkOfOutput(passed), passed ? "passed" : "failed"); }

std::string Heading(int level, const std::string& html, const std::string& attributes) {
  const std::string tag = "h" + std::to_string(level);
  return "<" + tag + attributes + ">" + html + "</" + tag + ">";
}

std::string Folded(const std::string& summary, const std::string& content, Unfolding unfolding,
                   const std::string& attributes) {
  if (content.empty()) return "";
  return "<details" + attributes + (unfolding == Unfolding::kOpen ? " open" : "") + "><summary>" + summary +
         "</summary>\n" + content + "</details>\n";
}

void TermList::Add(std::string_view label, const std::string& html) {
  if (html.empty()) return;
  items_ += "<div><dt>" + std::string(label) + "</dt><dd>" + html + "</dd></div>";
}

std::string TermList::Html(std::string_view css_class) const {
  return items_.empty() ? "" : "<dl class=\"" + std::string(css_class) + "\">" + items_ + "</dl>\n";
}

HtmlTable::HtmlTable(std::string css_class, std::string caption, std::vector<Column> columns)
    : css_class_(std::move(css_class)), caption_(std::move(caption)), columns_(std::move(columns)) {}

void HtmlTable::Add(const std::vector<std::string>& cells, const std::string& attributes) {
  rows_ += "<tr" + attributes + ">";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string css_class = CssClass(columns_[i]);
    rows_ += i == 0 ? "<th scope=\"row\"" + css_class + ">" + cells[i] + "</th>"
                    : "<td" + css_class + ">" + cells[i] + "</td>";
  }
  rows_ += "</tr>\n";
}

std::string HtmlTable::Html() const {
  if (rows_.empty()) return "";
  std::string head;
  bool titled = false;
  for (const Column& column : columns_) {
    titled = titled || !column.title.empty();
    head += "<th scope=\"col\"" + CssClass(column) + ">" + column.title + "</th>";
  }
  if (titled) head = "<thead><tr>" + head + "</tr></thead>";
  const std::string caption = caption_.empty() ? "" : "<caption>" + EscapeXml(caption_) + "</caption>";
  return "<div class=\"scroll\"><table" + Attribute("class", css_class_) + ">" + caption + (titled ? head : "") +
         "<tbody>\n" + rows_ + "</tbody></table></div>\n";
}

std::string Bar(double share, std::string_view css_class) {
  if (!(share > 0)) return "<i class=\"bar none\"></i>";
  const int percent = std::clamp(static_cast<int>(std::lround(100 * share)), 1, 100);
  return "<i class=\"bar" + (css_class.empty() ? "" : " " + std::string(css_class)) +
         "\" style=\"width:" + std::to_string(percent) + "%\"></i>";
}

}  // namespace torchassay
