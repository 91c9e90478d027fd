// TextTable: rows of text with aligned columns, for terminals.

#ifndef VALIDATOR_REPORT_TEXT_TABLE_H_
#define VALIDATOR_REPORT_TEXT_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace torchassay {

enum class Align { kLeft, kRight };

//   TextTable table({Align::kLeft, Align::kRight});
//   table.Add({"conv1", "9,408"});
class TextTable final {
 public:
  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}

  // Missing cells are empty; more than there are columns are dropped.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // One line a row, `indent` spaces before it, two between columns, none at the end.
  std::string Render(int indent = 2) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Columns that UTF-8 `text` takes, one for each code point.
std::size_t TextWidth(std::string_view text);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_TEXT_TABLE_H_
