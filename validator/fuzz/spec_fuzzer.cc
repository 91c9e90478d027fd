// Any bytes as an input spec. What is accepted prints as a text that means the same; what is refused is refused at a
// place inside the text.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "validator/base/json.h"
#include "validator/signature/spec.h"
#include "validator/signature/spec_json.h"

namespace {

void CheckReadsBack(const torchassay::InputSpec& spec) {
  const auto again = torchassay::ParseInputSpec(torchassay::PrintInputSpec(spec));
  if (!again.ok()) std::abort();
  // As JSON: a NaN in a domain is not equal to itself.
  if (torchassay::DumpJson(torchassay::EncodeInputSpec(spec)) !=
      torchassay::DumpJson(torchassay::EncodeInputSpec(*again))) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto scanned = torchassay::ScanInputSpec(text);
  if (const auto* error = std::get_if<torchassay::SpecError>(&scanned)) {
    if (error->position > size || error->message.empty()) std::abort();
  } else {
    CheckReadsBack(std::get<torchassay::InputSpec>(scanned));
  }
  (void)torchassay::ParseFilledSpec(text);
  return 0;
}
