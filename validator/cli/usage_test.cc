#include "validator/cli/usage.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("sizes are read with and without units") {
  CHECK(*ParseBytes("1000000") == 1000000);
  CHECK(*ParseBytes("512M") == 512LL << 20);
  CHECK(*ParseBytes("2GiB") == 2LL << 30);
  CHECK(*ParseBytes("1.5k") == 1536);
  CHECK(*ParseBytes("10B") == 10);
}

TEST_CASE("what is no size says what one looks like") {
  for (const char* text : {"", "lots", "-1", "5X", "1e30", "nan"}) {
    CAPTURE(text);
    CHECK(ParseBytes(text).status().code() == StatusCode::kUsage);
  }
  CHECK(ParseBytes("lots").status().message() == "expected a size such as `512M` or `2GiB`, got `lots`");
}

TEST_CASE("words are looked up before anything is parsed") {
  CLI::App app("", "torchassay");
  CLI::App* compare = app.add_subcommand("compare", "");
  double rtol = 0;
  compare->add_option("--rtol", rtol, "");
  const auto check = [&](std::vector<std::string> words) { return CheckWords(app, words).ToString(); };
  CHECK(check({"compare", "a", "--rtol=1"}) == Status().ToString());
  CHECK(check({"compare", "--rtol", "-1"}) == Status().ToString());
  CHECK(check({"compare", "--", "--file-with-dashes"}) == Status().ToString());
  CHECK(check({"comprae"}) == "error: unknown command `comprae`\n = help: did you mean `compare`?");
  CHECK(check({"compare", "--rtl=1"}) == "error: unknown option `--rtl` of `compare`\n = help: did you mean `--rtol`?");
}

}  // namespace
}  // namespace torchassay
