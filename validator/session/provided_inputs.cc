#include "validator/session/provided_inputs.h"

#include <utility>

#include "validator/base/strings.h"
#include "validator/signature/spec.h"

namespace torchassay {
namespace {

Result<ProvidedInputs> FromSpecs(const std::vector<std::string>& texts) {
  std::vector<InputSpec> specs;
  for (const std::string& text : texts) {
    Result<InputSpec> spec = ParseInputSpec(text);
    if (!spec.ok()) return spec.status();
    specs.push_back(std::move(*spec));
  }
  ProvidedInputs inputs;
  inputs.provided = ProvidedFromSpecs(specs);
  return inputs;
}

Result<ProvidedInputs> FromFile(const std::string& path) {
  Result<TensorFile> file = TensorFile::Open(path);
  if (!file.ok()) return file.status();
  ProvidedInputs inputs;
  inputs.file.emplace(std::move(file).value());
  NamedTensors tensors;
  for (const std::string& name : inputs.file->names()) tensors.emplace_back(name, *inputs.file->Find(name));
  inputs.provided = ProvidedFromTensors(tensors);
  return inputs;
}

}  // namespace

Result<ProvidedInputs> ParseInputs(const std::vector<std::string>& specs, const std::string& path) {
  return path.empty() ? FromSpecs(specs) : FromFile(path);
}

std::string DescribeInputs(const std::vector<Provided>& provided) {
  std::vector<std::string> texts;
  for (const Provided& one : provided) texts.push_back(PrintInputSpec({one.path, one.value}));
  return Join(texts, ", ");
}

}  // namespace torchassay
