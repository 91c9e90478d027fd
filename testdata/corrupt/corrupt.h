// Corrupt: spoils the bytes of a file in one of many ways, the same way for the same seed; for tests.

#ifndef TESTDATA_CORRUPT_CORRUPT_H_
#define TESTDATA_CORRUPT_CORRUPT_H_

#include <array>
#include <cstdint>
#include <string>

namespace torchassay {

enum class Recipe {
  kTruncate,     // ends early
  kFlipBit,      // one bit
  kFlipBytes,    // up to 64 random bytes
  kZeroRun,      // a run of zeros, as a hole in a sparse download
  kSwapBlocks,   // two blocks in each other's place
  kDeleteBlock,  // everything behind it moves forward
  kInsertBlock,  // everything behind it moves back
  kWrongLength,  // a 4-byte number in the last kilobyte, where zip directories lie, is replaced by an extreme
  kWrongHeader,  // the same in the first kilobyte
  kSplice,       // the first half followed by its own beginning
  kRepeatTail,   // the last part twice
  kPrefix,       // rubbish in front
};

inline constexpr std::array kRecipes = {
    Recipe::kTruncate,    Recipe::kFlipBit,     Recipe::kFlipBytes,   Recipe::kZeroRun,
    Recipe::kSwapBlocks,  Recipe::kDeleteBlock, Recipe::kInsertBlock, Recipe::kWrongLength,
    Recipe::kWrongHeader, Recipe::kSplice,      Recipe::kRepeatTail,  Recipe::kPrefix,
};

// "truncate", "flip-bit", …
const char* RecipeName(Recipe recipe);

// `bytes` spoilt. REQUIRES: at least 64 bytes.
std::string Corrupt(std::string bytes, Recipe recipe, std::uint32_t seed);

}  // namespace torchassay

#endif  // TESTDATA_CORRUPT_CORRUPT_H_
