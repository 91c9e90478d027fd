// Scanner: a cursor over the text of an input spec that remembers the first error.

#ifndef VALIDATOR_SIGNATURE_SCANNER_H_
#define VALIDATOR_SIGNATURE_SCANNER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "validator/signature/spec.h"

namespace torchassay {

// Reads tokens; spaces between them do not count. After the first Fail() every reader finds nothing,
// so that a parser may check failed() once, after the fact. The text must outlive the scanner.
class Scanner final {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool failed() const { return error_.has_value(); }
  const SpecError& error() const { return *error_; }  // REQUIRES: failed()

  // Records the error, unless there is one already. `at` counts bytes.
  void Fail(std::string message, std::string help = {});
  void FailAt(std::size_t at, std::string message, std::string help = {});

  // Passes spaces; the byte position of the next token.
  std::size_t Skip();
  void MoveTo(std::size_t position) { position_ = position; }
  // The next character that is no space, 0 at the end and after an error.
  char Peek();
  bool Ahead(std::string_view token);
  bool Take(std::string_view token);
  std::optional<std::string> Word();    // [A-Za-z_][A-Za-z0-9_]*
  std::optional<std::string> Number();  // -1.5e3
  // A text in double quotes; the cursor stands on the first quote.
  std::optional<std::string> Quoted();
  // Demands that nothing follows but spaces.
  void End(const std::string& after);
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
  std::optional<SpecError> error_;
};

bool IsIdentifier(std::string_view text);
bool IsDigits(std::string_view text);  // one digit or more, nothing else

}  // namespace torchassay

#endif  // VALIDATOR_SIGNATURE_SCANNER_H_
