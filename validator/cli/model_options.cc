#include "validator/cli/model_options.h"

#include <algorithm>
#include <cctype>

#include "validator/base/strings.h"
#include "validator/cli/usage.h"

namespace torchassay {
namespace {

bool IsDevice(const std::string& text) {
  if (text == "cpu" || text == "cuda") return true;
  const std::string index = text.substr(0, 5) == "cuda:" ? text.substr(5) : "";
  return !index.empty() && index.size() <= 3 &&
         std::all_of(index.begin(), index.end(), [](unsigned char c) { return std::isdigit(c); });
}

std::string CheckDevice(std::string& text) {
  return IsDevice(text) ? "" : "expected `cpu`, `cuda` or `cuda:N`, got " + Quote(text);
}

}  // namespace

void AddLoadOptions(CLI::App& command, LoadOptions& load) {
  command.add_option("--library", load.libraries, "Shared object with the model's own operators; may be repeated")
      ->type_name("FILE.so")
      ->expected(1)
      ->take_all();
  command.add_flag("--trust", load.trust, "Load the file even if it runs code on load or touches files");
}

void AddDeviceOption(CLI::App& command, std::string& device) {
  command.add_option("--device", device, "Where to run: cpu, cuda or cuda:N (default: cpu)")
      ->type_name("D")
      ->check(CLI::Validator(CheckDevice, "", "device"));
}

void AddLimitOptions(CLI::App& command, double& timeout_s, std::int64_t& memory_bytes) {
  command.add_option("--timeout", timeout_s, "Seconds that a model may take; 0 is no limit (default: 300)")
      ->type_name("S")
      ->check(NotNegative());
  command
      .add_option_function<std::string>(
          "--memory",
          [&memory_bytes](const std::string& text) {
            const Result<std::int64_t> bytes = ParseBytes(text);
            if (!bytes.ok()) throw CLI::ValidationError("--memory", bytes.status().message());
            memory_bytes = *bytes;
          },
          "Memory that a model may use, such as 512M or 2GiB (default: what the machine has to spare)")
      ->type_name("BYTES");
}

std::vector<std::string> InputOptions::AllSpecs() const {
  std::vector<std::string> all = specs;
  all.insert(all.end(), more_specs.begin(), more_specs.end());
  return all;
}

void AddInputOptions(CLI::App& command, InputOptions& inputs, const std::string& spec_help) {
  CLI::Option* specs = command.add_option("--input", inputs.specs, spec_help);
  specs->type_name("SPEC...")->expected(1)->take_all();
  command.add_option("--inputs", inputs.path, "Tensors from a .safetensors, .npy or .npz file")
      ->type_name("FILE")
      ->excludes(specs);
  command.add_option("SPEC", inputs.more_specs, "")->group("");
}

Status RequireInput(const InputOptions& inputs, const std::string& command, const std::string& example) {
  if (!inputs.path.empty() && !inputs.more_specs.empty()) {
    return Status(StatusCode::kUsage, "", "unexpected argument " + Quote(inputs.more_specs.front()),
                  "see `torchassay " + command + " --help`");
  }
  if (!inputs.specs.empty() || !inputs.path.empty()) return Status();
  return Status(StatusCode::kUsage, "", "`" + command + "` needs `--input SPEC` or `--inputs FILE`",
                "for example `torchassay " + command + " model.pt --input '" + example + "'`");
}

ProcessRunner MakeRunner(const Surroundings& around) { return ProcessRunner(around.runner_path, around.program_path); }

}  // namespace torchassay
