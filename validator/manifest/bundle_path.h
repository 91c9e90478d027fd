// Paths of a manifest: relative, with slashes, inside the bundle.

#ifndef VALIDATOR_MANIFEST_BUNDLE_PATH_H_
#define VALIDATOR_MANIFEST_BUNDLE_PATH_H_

#include <string>
#include <string_view>

namespace torchassay {

// Why a manifest may not name `path`: "is absolute", "leaves the bundle with `..`", …; "" where it may.
// Looks at the text only: a symbolic link is found when the bundle is opened.
std::string WhyOutside(std::string_view path);

}  // namespace torchassay

#endif  // VALIDATOR_MANIFEST_BUNDLE_PATH_H_
