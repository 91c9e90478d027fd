// Which build this is.

#ifndef VALIDATOR_REPORT_VERSION_H_
#define VALIDATOR_REPORT_VERSION_H_

namespace torchassay {

inline constexpr char kVersion[] = "0.1.0";

#if defined(__x86_64__)
inline constexpr char kPlatform[] = "linux-x86_64";
#elif defined(__aarch64__)
inline constexpr char kPlatform[] = "linux-aarch64";
#else
inline constexpr char kPlatform[] = "linux";
#endif

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_VERSION_H_
