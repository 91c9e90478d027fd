// Any bytes as a manifest; what is accepted keeps its promises.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "validator/manifest/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest =
      torchassay::ParseManifest(std::string(reinterpret_cast<const char*>(data), size), "manifest.json");
  if (!manifest.ok()) return 0;
  for (const torchassay::BundleFile& file : manifest->files) {
    if (file.path.empty() || file.path[0] == '/' || file.path.find("../") == 0) std::abort();
  }
  for (const torchassay::Case& bundle_case : manifest->cases) {
    if (bundle_case.calls.empty()) std::abort();
  }
  return 0;
}
