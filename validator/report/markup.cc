#include "validator/report/markup.h"

#include "validator/base/strings.h"

namespace torchassay {
namespace {

// The `Char` production of XML 1.0.
bool IsOfXml(char32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code != 0xfffe && code != 0xffff);
}

}  // namespace

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const auto [code, bytes] = FirstCharacter(text);
    switch (code.value_or(0)) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += code && IsOfXml(*code) ? text.substr(0, bytes) : "\xEF\xBF\xBD";
    }
    text.remove_prefix(bytes);
  }
  return escaped;
}

std::string EscapeMarkdown(std::string_view text) {
  std::string escaped;
  bool in_code = false;
  for (char c : text) {
    if (c == '`') in_code = !in_code;
    if (c == '|') {
      escaped += "\\|";
    } else if (c == '\n' || c == '\r') {
      escaped += ' ';
    } else if (c == '<' && !in_code) {
      escaped += "&lt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string HtmlWithCode(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    const std::size_t open = text.find('`');
    const std::size_t close = open == std::string_view::npos ? open : text.find('`', open + 1);
    if (close == std::string_view::npos) return html + EscapeXml(text);
    html += EscapeXml(text.substr(0, open)) + "<code>" + EscapeXml(text.substr(open + 1, close - open - 1)) + "</code>";
    text.remove_prefix(close + 1);
  }
  return html;
}

}  // namespace torchassay
