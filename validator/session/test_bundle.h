// A small bundle on disk, whose hashes are right whatever the model's bytes are; for tests.

#ifndef VALIDATOR_SESSION_TEST_BUNDLE_H_
#define VALIDATOR_SESSION_TEST_BUNDLE_H_

#include <string>

namespace torchassay {

// The bytes of a file; "" where there is none.
std::string FileBytes(const std::string& path);

// Writes a file and the folders above it.
void WriteFileBytes(const std::string& path, const std::string& bytes);

// A bundle of one case, `one`: input `x` f32[20], output f32[10], all zeros.
void WriteTestBundle(const std::string& folder, const std::string& model);

// An empty folder of the test's own, named `name`.
std::string TestFolder(const std::string& name);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_TEST_BUNDLE_H_
