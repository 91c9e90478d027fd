// Surroundings: all that the program takes from its process: streams, environment, clock, place.
// Nothing outside this room reads any of them.

#ifndef VALIDATOR_CLI_SURROUNDINGS_H_
#define VALIDATOR_CLI_SURROUNDINGS_H_

#include <iosfwd>
#include <string>

#include "validator/base/status.h"
#include "validator/report/terminal_style.h"

namespace torchassay {

struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  TerminalStyle out_style;
  TerminalStyle err_style;
  bool err_is_terminal = false;  // progress may be shown there
  bool in_github_workflow = false;
  std::string created;           // now, "2026-11-23T20:28:00Z"
  std::string program_path;      // this executable
  std::string runner_path;       // "" unless TORCHASSAY_RUNNER says
  std::string converter_python;  // "" unless TORCHASSAY_TOOL_PYTHON says
  std::string converter_folder;  // "" unless TORCHASSAY_CONVERTER says
};

// Those of this process. Colours where a stream is a terminal, NO_COLOR is unset and TERM is not "dumb"; GITHUB_ACTIONS
// says whether a GitHub workflow runs us; SOURCE_DATE_EPOCH stops the clock, for results that can be reproduced byte by
// byte.
Surroundings ProcessSurroundings();

}  // namespace torchassay

#endif  // VALIDATOR_CLI_SURROUNDINGS_H_
