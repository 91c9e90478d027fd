#include "validator/base/status.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("a status without a catalogue code prints a plain error") {
  CHECK(Status(StatusCode::kNotFound, "no such file `a.pt`").ToString() == "error: no such file `a.pt`");
}

TEST_CASE("success says so") { CHECK(Status().ToString() == "ok"); }

TEST_CASE("context comes before the message and keeps code and help") {
  const Status damaged(StatusCode::kUnreadable, "TA202", "the zip directory is cut off", "copy it again");
  CHECK(damaged.WithContext("`a.pt`").ToString() ==
        "error[TA202]: `a.pt`: the zip directory is cut off\n = help: copy it again");
}

TEST_CASE("a result holds its value or why there is none") {
  const Result<int> seven = 7;
  const Result<int> none = Status(StatusCode::kUsage, "not a number");
  CHECK(seven.ok());
  CHECK(*seven == 7);
  CHECK(seven.status().ok());
  CHECK_FALSE(none.ok());
  CHECK(none.status().code() == StatusCode::kUsage);
}

}  // namespace
}  // namespace torchassay
