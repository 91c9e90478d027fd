#include "validator/cli/surroundings.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <system_error>

namespace torchassay {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Colours ColoursOf(int descriptor) {
  const bool wanted = Variable("NO_COLOR").empty() && Variable("TERM") != "dumb";
  return wanted && isatty(descriptor) ? Colours::kAlways : Colours::kNever;
}

std::string Now() {
  std::time_t now = std::time(nullptr);
  if (const std::string epoch = Variable("SOURCE_DATE_EPOCH"); !epoch.empty()) {
    now = static_cast<std::time_t>(std::strtoll(epoch.c_str(), nullptr, 10));
  }
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text;
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

std::string ProgramPath() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

}  // namespace

Surroundings ProcessSurroundings() {
  return {.out = std::cout,
          .err = std::cerr,
          .out_style = TerminalStyle(ColoursOf(STDOUT_FILENO)),
          .err_style = TerminalStyle(ColoursOf(STDERR_FILENO)),
          .err_is_terminal = isatty(STDERR_FILENO) != 0,
          .in_github_workflow = Variable("GITHUB_ACTIONS") == "true",
          .created = Now(),
          .program_path = ProgramPath(),
          .runner_path = Variable("TORCHASSAY_RUNNER"),
          .converter_python = Variable("TORCHASSAY_TOOL_PYTHON"),
          .converter_folder = Variable("TORCHASSAY_CONVERTER")};
}

}  // namespace torchassay
