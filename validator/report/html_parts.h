// What every section of the HTML page is made of: verdict marks, headings, tables, lists of terms.
//
// A verdict is always a shape and a word as well as a colour.

#ifndef VALIDATOR_REPORT_HTML_PARTS_H_
#define VALIDATOR_REPORT_HTML_PARTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "validator/report/model_verdict.h"

namespace torchassay {

// A model's verdict, or one finding's, as the style sheet and the icons know it.
enum class Mark { kPassed, kFailed, kNotDone, kNothingChecked, kCrashed, kWarning, kNote };

Mark MarkOf(ModelVerdict verdict);
Mark MarkOfOutput(bool passed);

// The class and the icon of a mark: "passed", "not-done", …
std::string_view MarkName(Mark mark);
// The shapes that all marks of a page refer to; stands once, first in the body.
std::string MarkShapes();
// The shape alone, for where its word stands beside it.
std::string MarkIcon(Mark mark);
// The shape and a word, in the mark's colour.
std::string Badge(Mark mark, std::string_view word);
std::string VerdictBadge(ModelVerdict verdict);
std::string PassedBadge(bool passed);

// <h2>…</h2>; `html` is inserted as it is.
std::string Heading(int level, const std::string& html, const std::string& attributes = "");

// Something that is folded behind `summary` until it is wanted; "" without content.
enum class Unfolding { kOpen, kClosed };
std::string Folded(const std::string& summary, const std::string& content, Unfolding unfolding,
                   const std::string& attributes = "");

// A list of labels, each with its value, as <dl>.
class TermList final {
 public:
  // `label` and `html` are inserted as they are; nothing is added where `html` is empty.
  void Add(std::string_view label, const std::string& html);
  // "" where nothing was added.
  std::string Html(std::string_view css_class) const;

 private:
  std::string items_;
};

struct Column {
  std::string title;       // inserted as it is
  bool is_number = false;  // right-aligned, in digits of one width
  std::string css_class = "";
};

// A table that scrolls sideways where a page is narrow. The first column names the row.
class HtmlTable final {
 public:
  // `caption` is escaped, and shown; "" for none.
  HtmlTable(std::string css_class, std::string caption, std::vector<Column> columns);

  // One cell for each column, inserted as they are; `attributes` belong to the row.
  void Add(const std::vector<std::string>& cells, const std::string& attributes = "");
  bool empty() const { return rows_.empty(); }
  // "" where no row was added.
  std::string Html() const;

 private:
  std::string css_class_;
  std::string caption_;
  std::vector<Column> columns_;
  std::string rows_;
};

// A bar as long as `share` (0 to 1) of its cell; what it shows stands beside it as a number.
std::string Bar(double share, std::string_view css_class = "");

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_PARTS_H_
