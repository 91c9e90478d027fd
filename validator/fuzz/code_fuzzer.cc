// Any bytes as stored code: classes, schemas, calls and plain names.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "validator/archive/code_scanner.h"
#include "validator/archive/operators.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const torchassay::CodeUnit unit = torchassay::ScanCode("code/__torch__/fuzz.py", text);
  for (const torchassay::ClassCode& code : unit.classes) {
    for (const torchassay::Method& method : code.methods) (void)method.Schema();
  }
  (void)torchassay::FindCalls(text);
  (void)torchassay::DemangledName(std::string(text));
  return 0;
}
