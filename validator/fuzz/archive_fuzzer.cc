// Any bytes as a TorchScript file: whatever they are, reading them ends in a status or a summary.

#include <cstddef>
#include <cstdint>
#include <span>

#include "validator/archive/archive.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const torchassay::MemorySource source(std::as_bytes(std::span(data, size)));
  torchassay::ReadOptions options;
  options.threads = 1;
  options.limits.expanded_bytes = 1 << 20;  // a fuzzer must not spend its time on expansion
  options.limits.pickle_values = 100'000;
  (void)torchassay::ReadArchive(source, "fuzz.pt", options);
  return 0;
}
