#include "validator/cli/usage.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

#include "validator/base/closest.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A word that starts like an option and is no number: "-", "-1" and "-.5" are values.
bool IsOption(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !std::isdigit(static_cast<unsigned char>(word[1])) && word[1] != '.';
}

Status UnknownCommand(const CLI::App& app, const std::string& word) {
  const std::vector<std::string> names = CommandNames(app);
  std::string help = DidYouMean(word, names);
  if (help.empty()) help = "the commands are " + Join(names, ", ");
  return Status(StatusCode::kUsage, "", "unknown command " + Quote(word), help);
}

Status UnknownOption(const CLI::App& app, const std::string& word) {
  const bool is_command = app.get_parent() != nullptr;
  std::string message = "unknown option " + Quote(word);
  if (is_command) message += " of `" + app.get_name() + "`";
  std::string help = DidYouMean(word, OptionNames(app));
  if (help.empty()) {
    help = "`torchassay " + (is_command ? app.get_name() + " " : std::string()) + "--help` lists them all";
  }
  return Status(StatusCode::kUsage, "", message, help);
}

const CLI::App* FindCommand(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

// The command that was chosen, the innermost one, or the whole program.
const CLI::App& Chosen(const CLI::App& app) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  return chosen.empty() ? app : Chosen(*chosen.front());
}

bool HasCommands(const CLI::App& app) { return !CommandNames(app).empty(); }

// "policy init"; "" for the program itself.
std::string FullName(const CLI::App& command) {
  if (command.get_parent() == nullptr) return "";
  const std::string parent = FullName(*command.get_parent());
  return parent.empty() ? command.get_name() : parent + " " + command.get_name();
}

std::string SeeHelp(const CLI::App& command) {
  const std::string name = FullName(command);
  return "see `torchassay " + (name.empty() ? "" : name + " ") + "--help`";
}

// CLI11 puts the option's name before its own text: "--rtol: Value abc not …".
std::string LeadingName(const std::string& text) {
  const std::size_t end = text.find_first_of(": ");
  return text.substr(0, end);
}

std::string AfterName(const std::string& text) {
  const std::size_t colon = text.find(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

Status Usage(const std::string& message, const std::string& help) {
  return Status(StatusCode::kUsage, "", message, help);
}

std::string Unquoted(const std::string& word) {  // of CLI11's list "[a, b]"
  std::string text;
  for (char c : word) {
    if (c != '[' && c != ']') text += c;
  }
  return text;
}

CLI::Validator WholeNumber(std::int64_t least, std::int64_t most, const std::string& expected) {
  const auto check = [=](std::string& text) -> std::string {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool good = error == std::errc() && end == text.data() + text.size() && number >= least && number <= most;
    return good ? "" : "expected " + expected + ", got " + Quote(text);
  };
  return CLI::Validator(check, "", "whole number");
}

}  // namespace

Status CheckWords(const CLI::App& app, std::span<const std::string> arguments) {
  const CLI::App* current = &app;
  for (const std::string& word : arguments) {
    if (word == "--") break;
    // An empty word is rarely meant: `--policy "$UNSET"` would be no policy.
    if (word.empty() || (IsOption(word) && word.ends_with('='))) {
      return Status(StatusCode::kUsage, "", word.empty() ? "an argument is empty" : Quote(word) + " gives no value",
                    "was a variable of the shell not set?");
    }
    if (IsOption(word)) {
      const std::string name = word.substr(0, word.find('='));
      if (!Contains(OptionNames(*current), name)) return UnknownOption(*current, name);
    } else if (!CommandNames(*current).empty()) {
      const CLI::App* command = FindCommand(*current, word);
      if (command == nullptr) return UnknownCommand(*current, word);
      current = command;
    }
  }
  return Status();
}

Status UsageStatus(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = Chosen(app);
  const std::string text = error.what();
  const std::string name = LeadingName(text);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    if (&command == &app) return Usage("no command given", SeeHelp(command));
    const std::string wanted = HasCommands(command) ? "a command: " + Join(CommandNames(command), " or ") : name;
    return Usage("`" + FullName(command) + "` needs " + wanted, SeeHelp(command));
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    return Usage("a value of " + Quote(LeadingName(AfterName(text))) + " is not of the right kind", SeeHelp(command));
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const bool too_many = text.find("At Most") != std::string::npos;
    return Usage(Quote(name) + (too_many ? " is given more than once" : " needs a value"), SeeHelp(command));
  }
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    return Usage(Quote(name) + " cannot be given together with " + Quote(Unquoted(text.substr(text.rfind(' ') + 1))),
                 SeeHelp(command));
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::vector<std::string> extras = app.remaining(true);
    return Usage("unexpected argument " + Quote(extras.empty() ? "" : extras.front()), SeeHelp(command));
  }
  return Usage(Quote(name) + ": " + AfterName(text), SeeHelp(command));
}

CLI::Validator NotNegative() {
  const auto check = [](std::string& text) -> std::string {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    const bool good = !text.empty() && *end == '\0' && std::isfinite(number) && number >= 0;
    return good ? "" : "expected a number, 0 or more, got " + Quote(text);
  };
  return CLI::Validator(check, "", "not negative");
}

CLI::Validator AtLeastOne() { return WholeNumber(1, std::numeric_limits<int>::max(), "a whole number, 1 or more"); }

CLI::Validator ThreadCount() {
  // Beyond that processes run out of what threads take.
  return WholeNumber(1, 1024, "a whole number, 1 to 1024");
}

CLI::Validator Seed() {
  return WholeNumber(0, std::numeric_limits<std::int64_t>::max(), "a whole number from 0 to 2^63 - 1");
}

Result<std::int64_t> ParseBytes(const std::string& text) {
  constexpr std::string_view kUnits = "KMGT";
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  std::string unit = end;
  double factor = 1;
  if (!unit.empty()) {
    const std::size_t power = kUnits.find(static_cast<char>(std::toupper(static_cast<unsigned char>(unit[0]))));
    if (power != std::string_view::npos) {
      factor = std::pow(1024.0, static_cast<double>(power + 1));
      unit.erase(0, 1);
      if (unit[0] == 'i') unit.erase(0, 1);
    }
    if (unit == "B" || unit == "b") unit.clear();
  }
  const double bytes = number * factor;
  if (end == text.c_str() || !unit.empty() || !(bytes >= 0) || bytes > 9e18) {
    return Status(StatusCode::kUsage, "", "expected a size such as `512M` or `2GiB`, got " + Quote(text));
  }
  return static_cast<std::int64_t>(bytes);
}

}  // namespace torchassay
