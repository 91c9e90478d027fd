// How `--help` looks.

#ifndef VALIDATOR_CLI_HELP_TEXT_H_
#define VALIDATOR_CLI_HELP_TEXT_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace torchassay {

// Usage line, description, arguments, options and footer, in lower-case headings and 100 columns.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(26); }
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace torchassay

#endif  // VALIDATOR_CLI_HELP_TEXT_H_
