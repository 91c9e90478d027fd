// Any bytes as a pickle, and what it says as text, as an input, as the kind of a file and as a module tree.

#include <cstddef>
#include <cstdint>
#include <span>

#include "validator/archive/file_kind.h"
#include "validator/archive/module_tree.h"
#include "validator/archive/pickle_machine.h"
#include "validator/archive/pickle_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  torchassay::ArchiveLimits limits;
  limits.pickle_values = 100'000;
  const auto pickle = torchassay::ParsePickle(std::as_bytes(std::span(data, size)), limits);
  if (!pickle.ok()) return 0;
  (void)torchassay::PickledKind(*pickle);
  (void)torchassay::PickleText(*pickle, pickle->root());
  (void)torchassay::PickledInput(*pickle, pickle->root());
  (void)torchassay::ReadModuleTree(*pickle, {}, limits);
  return 0;
}
