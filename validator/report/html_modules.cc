#include "validator/report/html_modules.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "validator/base/strings.h"
#include "validator/report/html_parts.h"
#include "validator/report/markup.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

// The last word of a dotted path, behind one step of indentation for each word before it.
std::string NameCell(const ModuleReport& module, const ModelReport& model) {
  const std::size_t last_dot = module.path.rfind('.');
  const std::string name =
      module.path.empty() ? model.name : module.path.substr(last_dot == std::string::npos ? 0 : last_dot + 1);
  const auto depth = module.path.empty() ? 0 : 1 + std::count(module.path.begin(), module.path.end(), '.');
  std::string text = "<span class=\"tree\" style=\"--depth:" + std::to_string(depth) + "\" title=\"" +
                     EscapeXml(module.path) + "\">" + EscapeXml(name) + "</span>";
  if (model.error_starts_at == module.path) text += " " + Badge(Mark::kFailed, "the error starts here");
  return text;
}

std::string ErrorCell(const ModuleReport& module) {
  if (!module.error) return "";
  if (!module.error->differs) return MarkIcon(Mark::kPassed) + ErrorText(module.error->max_abs_error);
  if (module.error->compared == 0) return MarkIcon(Mark::kFailed) + "another shape";
  return MarkIcon(Mark::kFailed) + ErrorText(module.error->max_abs_error) + " in " +
         PercentText(module.error->mismatched, module.error->compared);
}

double Share(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::string ModuleTable(const ModelReport& model) {
  if (model.modules.empty()) return "";
  const bool compared = std::any_of(model.modules.begin(), model.modules.end(),
                                    [](const ModuleReport& module) { return module.error.has_value(); });
  std::vector<Column> columns = {
      {"module"}, {"class"}, {"parameters", true}, {"size", true}, {"share of the size", false, "wide"}};
  if (compared) columns.push_back({"largest error of its output", true});
  HtmlTable table("modules", "", columns);
  const std::int64_t whole = model.modules.front().bytes;
  for (const ModuleReport& module : model.modules) {
    std::vector<std::string> cells = {NameCell(module, model), EscapeXml(module.type), GroupedText(module.parameters),
                                      BytesText(static_cast<std::uint64_t>(module.bytes)),
                                      Bar(Share(module.bytes, whole))};
    if (compared) cells.push_back(ErrorCell(module));
    table.Add(cells, model.error_starts_at == module.path ? " class=\"fails\"" : "");
  }
  return table.Html();
}

}  // namespace torchassay
