// Status and Result<T>: what a function says when *we* could not do the job.
//
// A wrong model is never a Status: it is a Finding (finding.h). A Status carries one code, one
// message that stands alone, and, where there is any, one piece of advice.

#ifndef VALIDATOR_BASE_STATUS_H_
#define VALIDATOR_BASE_STATUS_H_

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace torchassay {

enum class StatusCode {
  kOk,
  kUsage,        // the command line is wrong
  kNotFound,     // no such file, output, device, …
  kUnreadable,   // the file is of another kind, damaged or beyond a limit
  kUnsupported,  // well formed, but newer or other than this build knows
  kRefused,      // we could, but will not: unsafe without `--trust`
  kCrashed,      // a child process died, hung or passed a limit
  kInternal,     // our own fault
};

// Success, or a code with a message: lower case, no final stop, names in backticks.
class [[nodiscard]] Status final {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}
  // `finding_code` is the catalogue's code, such as "TA202"; `help` is advice, or empty.
  Status(StatusCode code, std::string finding_code, std::string message, std::string help = {})
      : code_(code), finding_code_(std::move(finding_code)), message_(std::move(message)), help_(std::move(help)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& finding_code() const { return finding_code_; }
  const std::string& message() const { return message_; }
  const std::string& help() const { return help_; }

  // The same status with `context` and a colon before the message: "`a.pt`: truncated".
  Status WithContext(const std::string& context) const;

  // "error[TA202]: message", or "error: message" where there is no catalogue code, then the help; "ok".
  std::string ToString() const;

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string finding_code_;
  std::string message_;
  std::string help_;
};

// A value, or the Status that says why there is none.
//
//   Result<Manifest> manifest = ReadManifest(path);
//   if (!manifest.ok()) return manifest.status();
//   Use(*manifest);
template <typename T>
class [[nodiscard]] Result final {
 public:
  Result(T value) : content_(std::move(value)) {}        // NOLINT: implicit, so that `return value;` works
  Result(Status status) : content_(std::move(status)) {  // NOLINT
    assert(!std::get<Status>(content_).ok());
  }

  bool ok() const { return std::holds_alternative<T>(content_); }
  // REQUIRES: nothing; OK where there is a value.
  Status status() const { return ok() ? Status() : std::get<Status>(content_); }

  // REQUIRES: ok().
  T& value() & { return std::get<T>(content_); }
  const T& value() const& { return std::get<T>(content_); }
  T&& value() && { return std::get<T>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> content_;
};

}  // namespace torchassay

#endif  // VALIDATOR_BASE_STATUS_H_
