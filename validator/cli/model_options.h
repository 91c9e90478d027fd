// Options that every command that loads a model has.

#ifndef VALIDATOR_CLI_MODEL_OPTIONS_H_
#define VALIDATOR_CLI_MODEL_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "validator/base/status.h"
#include "validator/cli/surroundings.h"
#include "validator/session/model_file.h"
#include "validator/session/runner.h"

namespace torchassay {

// --library, --trust.
void AddLoadOptions(CLI::App& command, LoadOptions& load);
// --device: cpu, cuda, cuda:N.
void AddDeviceOption(CLI::App& command, std::string& device);
// --timeout S, --memory BYTES.
void AddLimitOptions(CLI::App& command, double& timeout_s, std::int64_t& memory_bytes);

// `--input SPEC...` and `--inputs FILE`, of which one must be given. Specs may also follow one another
// without repeating `--input`.
struct InputOptions {
  std::vector<std::string> specs;
  std::vector<std::string> more_specs;
  std::string path;

  std::vector<std::string> AllSpecs() const;
};
void AddInputOptions(CLI::App& command, InputOptions& inputs, const std::string& spec_help);
// kUsage where no input was given.
Status RequireInput(const InputOptions& inputs, const std::string& command, const std::string& example);

// The runner beside this program, or the one that the environment names; not yet started.
ProcessRunner MakeRunner(const Surroundings& around);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_MODEL_OPTIONS_H_
