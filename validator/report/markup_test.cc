#include "validator/report/markup.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("XML text cannot open a tag, end an attribute or hold what XML forbids") {
  CHECK(EscapeXml("<a b=\"c\">&'\n\x01") == "&lt;a b=&quot;c&quot;&gt;&amp;&#39;\n\xEF\xBF\xBD");
  CHECK(EscapeXml("\uFFFF\uFFFEé\xff") == "\uFFFD\uFFFDé\uFFFD");
}

TEST_CASE("a table cell of Markdown stays one cell") {
  CHECK(EscapeMarkdown("a|b\nc <script> `<T>`") == "a\\|b c &lt;script> `<T>`");
}

TEST_CASE("words in backticks become code, a single backtick stays") {
  CHECK(HtmlWithCode("use `a<b` now") == "use <code>a&lt;b</code> now");
  CHECK(HtmlWithCode("one ` alone") == "one ` alone");
}

}  // namespace
}  // namespace torchassay
