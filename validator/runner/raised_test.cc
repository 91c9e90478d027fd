#include "validator/runner/raised.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

RaisedMatch Scripted(const Raises& expected, const ActualError& actual) { return MatchRaised(expected, actual, true); }
RaisedMatch Traced(const Raises& expected, const ActualError& actual) { return MatchRaised(expected, actual, false); }

TEST_CASE("the class is the one that LibTorch names, else the one that the text begins with") {
  CHECK(MakeActualError("builtins.ValueError", "bad k").type == "ValueError");
  CHECK(MakeActualError("builtins.ValueError", "builtins.ValueError: bad k").message == "bad k");
  CHECK(MakeActualError("", "AssertionError: five dims").type == "AssertionError");
  CHECK(MakeActualError("", "AssertionError: ").message.empty());
  CHECK(MakeActualError("", "KeyError: b").message == "b");
  CHECK(MakeActualError("", "size mismatch: got 3").type.empty());
  CHECK(MakeActualError("", "size mismatch: got 3").message == "size mismatch: got 3");
}

TEST_CASE("the same class with the same words is the same exception") {
  CHECK(Scripted({"ValueError", "bad k 0"}, {"ValueError", "bad k 0"}) == RaisedMatch::kSame);
  CHECK(Scripted({"AssertionError", ""}, {"AssertionError", ""}) == RaisedMatch::kSame);
  CHECK(Scripted({"KeyError", "'b'"}, {"KeyError", "b"}) == RaisedMatch::kSame);
}

TEST_CASE("numbers, and how a tensor prints, are not the words") {
  CHECK(Scripted({"ValueError", "got torch.Size([3]) and 3.0"}, {"ValueError", "got [3] and 3 [ CPUFloatType{} ]"}) ==
        RaisedMatch::kSame);
}

TEST_CASE("the same class with other words may be another statement") {
  CHECK(Scripted({"ValueError", "too many rows"}, {"ValueError", "no columns here"}) == RaisedMatch::kOtherWords);
}

TEST_CASE("another class is another exception, whatever it says") {
  CHECK(Scripted({"ValueError", "bad k"}, {"RuntimeError", "bad k"}) == RaisedMatch::kOtherClass);
  CHECK(Traced({"ValueError", "bad k"}, {"KeyError", "bad k"}) == RaisedMatch::kOtherClass);
}

TEST_CASE("an operator's error has no class, and is known by its words") {
  CHECK(Scripted({"RuntimeError", "mat1 and mat2 shapes cannot be multiplied (1x3 and 7x7)"},
                 {"", "mat1 and mat2 shapes cannot be multiplied (1x3 and 7x7)"}) == RaisedMatch::kSame);
  CHECK(Scripted({"IndexError", "index 7 is out of bounds for dimension 0 with size 3"},
                 {"", "select(): index 7 out of range for tensor of size [3] at dimension 0"}) == RaisedMatch::kSame);
  CHECK(Scripted({"ZeroDivisionError", "integer division or modulo by zero"}, {"", "division by 0"}) ==
        RaisedMatch::kSame);
  CHECK(Scripted({"torch._C._LinAlgError", "the input is not positive-definite"},
                 {"", "the factorization failed: the input is not positive-definite"}) == RaisedMatch::kSame);
}

TEST_CASE("an operator's error in other words may be the same") {
  CHECK(Scripted({"RuntimeError", "size mismatch"}, {"", "expected input to have 3 channels"}) ==
        RaisedMatch::kOtherWords);
}

TEST_CASE("an operator's error in place of the model's own exception") {
  const Raises expected{"ValueError", "expected 20 features"};
  const ActualError actual{"", "mat1 and mat2 shapes cannot be multiplied"};
  CHECK(Scripted(expected, actual) == RaisedMatch::kOtherClass);  // a script keeps `raise ValueError`
  CHECK(Traced(expected, actual) == RaisedMatch::kUnrelated);     // a trace cannot
}

TEST_CASE("a reference that was recorded from TorchScript knows no class") {
  CHECK(Traced({"Error", "bad k"}, {"ValueError", "bad k"}) == RaisedMatch::kSame);
  CHECK(Traced({"Error", "The following operation failed"}, {"ValueError", "bad k"}) == RaisedMatch::kOtherWords);
}

TEST_CASE("what was raised, as text") {
  CHECK(RaisedText("ValueError", "bad k") == "ValueError: bad k");
  CHECK(RaisedText("builtins.ValueError", "bad k") == "ValueError: bad k");
  CHECK(RaisedText("AssertionError", "") == "AssertionError");
  CHECK(RaisedText("", "size mismatch") == "size mismatch");
  CHECK(RaisedText("", "") == "an error without words");
}

}  // namespace
}  // namespace torchassay
