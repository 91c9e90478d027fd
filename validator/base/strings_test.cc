#include "validator/base/strings.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

namespace torchassay {
namespace {

TEST_CASE("a quoted name cannot steer a terminal") {
  CHECK(Quote("a.pt") == "`a.pt`");
  CHECK(Quote("a\n\t\x1b[31m") == "`a\\n\\t\\x1b[31m`");
  CHECK(OneLine("\u009b31m \u202e\u2028 é 漢") == "\\x9b31m \\u202e\\u2028 é 漢");
  CHECK(OneLine("\xff\xc3") == "\\xff\\xc3");
}

TEST_CASE("a long name is cut in its middle, never inside a character") {
  CHECK(Quote(std::string(61, 'a') + std::string(61, 'b')) ==
        "`" + std::string(60, 'a') + "…" + std::string(60, 'b') + "`");
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "ä";
  CHECK(Quote("x" + umlauts) == "`x" + umlauts.substr(0, 58) + "…" + umlauts.substr(0, 60) + "`");
}

TEST_CASE("numbers are short, and exact where they must be") {
  CHECK(NumberText(0.41283712345) == "0.412837");
  CHECK(NumberText(1.1e-5, 3) == "1.1e-05");
  CHECK(NumberText(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(NumberText(std::nan("")) == "nan");
  CHECK(ExactNumberText(0.1) == "0.1");
  CHECK(ExactNumberText(0.1f) == "0.1");
  CHECK(ExactNumberText(static_cast<double>(0.1f)) == "0.10000000149011612");
}

TEST_CASE("a number rounded up is never less than it was") {
  CHECK(NumberTextRoundedUp(3.01e-4) == "3.1e-04");
  CHECK(NumberTextRoundedUp(3.1e-4) == "3.1e-04");
  CHECK(NumberTextRoundedUp(9.99e-7) == "1.0e-06");
  CHECK(NumberTextRoundedUp(0) == "0");
  CHECK(NumberTextRoundedUp(0.5) == "0.5");
  CHECK(NumberTextRoundedUp(17.2) == "18");
  CHECK(NumberTextRoundedUp(116.5) == "117");
  CHECK(NumberTextRoundedUp(1e300) == "1.0e+300");
  CHECK(NumberTextRoundedUp(5e-324) == "4.9e-324");
}

TEST_CASE("counts and sizes read as in a sentence") {
  CHECK(CountText(1, "element") == "1 element");
  CHECK(CountText(4000, "element") == "4000 elements");
  CHECK(BytesText(1) == "1 byte");
  CHECK(BytesText(1536) == "1.5 KiB");
  CHECK(BytesText((std::uint64_t{1} << 30) - 1) == "1.0 GiB");
}

TEST_CASE("a share is 0 or 100 per cent only when it is exactly that") {
  CHECK(PercentText(37, 4000) == "0.9 %");
  CHECK(PercentText(1, 1000000) == "< 0.1 %");
  CHECK(PercentText(999999, 1000000) == "> 99.9 %");
  CHECK(PercentText(9999, 10001) == "> 99.9 %");
  CHECK(PercentText(4, 4) == "100 %");
  CHECK(PercentText(0, 4) == "0 %");
  CHECK(PercentText(0, 0) == "0 %");
  CHECK(PercentText(1, 4) == "25 %");
}

TEST_CASE("a list of names is cut after a few") {
  const std::vector<std::string> names = {"a", "b", "c"};
  CHECK(Join(names, ", ") == "a, b, c");
  CHECK(QuoteList(names) == "`a`, `b`, `c`");
  CHECK(QuoteList(names, 1) == "`a` and 2 more");
}

TEST_CASE("blank is what a reader sees nothing of") {
  CHECK(IsBlank(""));
  CHECK(IsBlank(" \t\n\u200b\u00a0"));
  CHECK_FALSE(IsBlank(" \u00e9 "));
}

TEST_CASE("a long text is cut in its middle, between characters") {
  CHECK(Shortened("abcdef", 6) == "abcdef");
  CHECK(Shortened("abcdefg", 4) == "ab…fg");
  CHECK(Shortened("éééé", 6) == "é…é");
}

TEST_CASE("a character is what UTF-8 allows") {
  const auto is = [](std::string_view text, char32_t code, std::size_t bytes) {
    const Character first = FirstCharacter(text);
    return first.code == code && first.bytes == bytes;
  };
  CHECK(is("a", U'a', 1));
  CHECK(is("é!", U'é', 2));
  CHECK(is("漢", U'漢', 3));
  CHECK(is("\xf0\x9f\x98\x80", U'\U0001f600', 4));
  for (const char* none :
       {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe6\xbc", "\xff"}) {
    CHECK_FALSE(FirstCharacter(none).code);
    CHECK(FirstCharacter(none).bytes == 1);
  }
}

}  // namespace
}  // namespace torchassay
