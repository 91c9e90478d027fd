// Text made safe for XML, HTML and Markdown.

#ifndef VALIDATOR_REPORT_MARKUP_H_
#define VALIDATOR_REPORT_MARKUP_H_

#include <string>
#include <string_view>

namespace torchassay {

// For element content and for attributes in double quotes. Characters that XML 1.0 cannot hold become U+FFFD.
std::string EscapeXml(std::string_view text);
// For one cell of a Markdown table: no pipe, line break or tag survives; `backticks` stay.
std::string EscapeMarkdown(std::string_view text);
// Escaped, and each `word` in backticks a <code> element.
std::string HtmlWithCode(std::string_view text);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_MARKUP_H_
