// Limits: how much of a file is read before it is called hostile rather than large.

#ifndef VALIDATOR_ARCHIVE_LIMITS_H_
#define VALIDATOR_ARCHIVE_LIMITS_H_

#include <cstdint>

namespace torchassay {

// Each is far above what any real model needs; passing one is finding TA205.
struct ArchiveLimits {
  std::uint64_t entries = 1'000'000;          // records in the zip directory
  std::uint64_t directory_bytes = 256 << 20;  // the zip directory itself
  std::uint64_t pickle_bytes = 64 << 20;      // one pickle, or one code file, after decompression
  std::uint64_t text_bytes = 512 << 20;       // all code and debug records together
  std::uint64_t expanded_bytes = 1ull << 30;  // all compressed records together, once expanded, …
  std::uint64_t expansion_ratio = 100;        // … or this many times the file's size, if that is more
  std::uint64_t pickle_values = 8'000'000;    // values one pickle may build
  std::uint32_t pickle_depth = 1'000;         // nesting of its result
  std::uint32_t modules = 200'000;            // submodules in the tree, shared ones counted each time
  std::uint32_t tensors = 200'000;            // likewise
  std::uint32_t name_bytes = 4096;            // of a path, a class or an attribute
};

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_LIMITS_H_
