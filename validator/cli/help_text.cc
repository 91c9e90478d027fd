#include "validator/cli/help_text.h"

#include <string_view>
#include <utility>
#include <vector>

namespace torchassay {
namespace {

constexpr std::size_t kColumn = 24;
constexpr std::size_t kWidth = 100;

using Row = std::pair<std::string, std::string>;

// `text` in lines of at most `width`, all but the first indented.
std::string Wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string wrapped;
  while (text.size() > width) {
    std::size_t cut = text.rfind(' ', width);
    if (cut == std::string_view::npos) cut = width;
    wrapped += std::string(text.substr(0, cut)) + "\n" + std::string(indent, ' ');
    text.remove_prefix(cut);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  return wrapped + std::string(text);
}

std::string Section(const std::string& title, const std::vector<Row>& rows) {
  if (rows.empty()) return "";
  std::string text = "\n" + title + "\n";
  for (const auto& [left, right] : rows) {
    text += "  " + left;
    if (left.size() + 3 > kColumn) {
      text += "\n" + std::string(kColumn, ' ');
    } else {
      text += std::string(kColumn - 2 - left.size(), ' ');
    }
    text += Wrapped(right, kWidth - kColumn, kColumn) + "\n";
  }
  return text;
}

bool IsShown(const CLI::Option* option) { return !option->get_group().empty(); }

bool TakesMany(const CLI::Option* option) { return option->get_expected_max() > 1; }

std::vector<Row> Positionals(const CLI::App* app) {
  std::vector<Row> rows;
  for (const CLI::Option* option : app->get_options()) {
    if (IsShown(option) && option->get_positional()) {
      rows.emplace_back(option->get_name(true), option->get_description());
    }
  }
  return rows;
}

std::vector<Row> Options(const CLI::App* app) {
  std::vector<Row> rows;
  for (const CLI::Option* option : app->get_options()) {
    if (!IsShown(option) || option->get_positional()) continue;
    std::string left;
    for (const std::string& name : option->get_snames()) left += "-" + name + ", ";
    for (const std::string& name : option->get_lnames()) left += "--" + name;
    if (const std::string type = option->get_type_name(); !type.empty()) left += " " + type;
    rows.emplace_back(left, option->get_description());
  }
  return rows;
}

std::vector<Row> Commands(const CLI::App* app) {
  std::vector<Row> rows;
  for (const CLI::App* command : app->get_subcommands([](const CLI::App*) { return true; })) {
    rows.emplace_back(command->get_name(), command->get_description());
  }
  return rows;
}

// "torchassay policy init".
std::string FullName(const CLI::App* app) {
  const CLI::App* parent = app->get_parent();
  return parent == nullptr ? "torchassay" : FullName(parent) + " " + app->get_name();
}

std::string UsageLine(const CLI::App* app) {
  std::string text = "usage: " + FullName(app);
  if (!Commands(app).empty()) return text + " COMMAND ...\n";
  for (const CLI::Option* option : app->get_options()) {
    if (!IsShown(option) || !option->get_positional()) continue;
    std::string name = option->get_name(true);
    if (TakesMany(option)) name += "...";
    text += " " + (option->get_required() ? name : "[" + name + "]");
  }
  return text + " [OPTION]...\n";
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  std::string text = UsageLine(app) + "\n" + app->get_description() + ".\n";
  text += Section("commands", Commands(app));
  text += Section("arguments", Positionals(app));
  text += Section("options", Options(app));
  if (const std::string footer = app->get_footer(); !footer.empty()) text += "\n" + footer + "\n";
  return text;
}

}  // namespace torchassay
