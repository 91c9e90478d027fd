#include "validator/runner/origins.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>
#include <vector>

namespace torchassay {
namespace {

using Indices = std::vector<std::size_t>;

TEST_CASE("what is computed of several tensors has all of them as its origin") {
  const at::Tensor a = at::ones({2}), b = at::ones({2}), c = at::ones({2}), weight = at::ones({2});
  Origins origins;
  origins.Add(a, 0);
  origins.Add(b, 1);
  origins.Add(c, 2);
  const at::Tensor scaled = a * weight, sum = scaled + c, made = weight + weight;
  origins.Derive({a, weight}, {scaled});
  origins.Derive({scaled, c}, {sum});
  origins.Derive({weight, weight}, {made});
  CHECK(origins.Of({scaled}) == Indices{0});
  CHECK(origins.Of({sum}) == Indices{0, 2});
  CHECK(origins.Of({made, b}) == Indices{1});
  CHECK(origins.Of({made}).empty());
  CHECK(origins.Of({3}).empty());
}

TEST_CASE("a list knows its items, and what is taken out of it is what was put in") {
  const at::Tensor a = at::ones({2}), b = at::ones({2});
  Origins origins;
  origins.Add(a, 0);
  origins.Add(b, 1);
  const c10::IValue both = c10::List<at::Tensor>({a, b});
  CHECK(origins.Of({both}) == Indices{0, 1});
  origins.Derive({both, 0}, {a});
  CHECK(origins.Of({a}) == Indices{0});
  const at::Tensor joined = at::cat({a, b});
  origins.Derive({both}, {joined});
  CHECK(origins.Of({joined}) == Indices{0, 1});
}

TEST_CASE("what is written on a tensor becomes one of its origins") {
  const at::Tensor a = at::ones({2}), b = at::ones({2});
  Origins origins;
  origins.Add(a, 0);
  origins.Add(b, 1);
  origins.Derive({a, b}, {a});
  CHECK(origins.Of({a}) == Indices{0, 1});
  CHECK(origins.Of({b}) == Indices{1});
}

TEST_CASE("a tensor that is gone leaves its origin to none that comes after it") {
  const at::Tensor a = at::ones({2});
  Origins origins;
  origins.Add(a, 0);
  for (int i = 0; i < 100; ++i) {
    const at::Tensor derived = a + 1;
    origins.Derive({a}, {derived});
  }
  for (int i = 0; i < 100; ++i) CHECK(origins.Of({at::ones({2})}).empty());
}

TEST_CASE("the 64th tensor and those after it count as one") {
  std::vector<at::Tensor> tensors;
  Origins origins;
  for (std::size_t i = 0; i < 66; ++i) origins.Add(tensors.emplace_back(at::ones({1})), i);
  CHECK(origins.Of({tensors[62]}) == Indices{62});
  CHECK(origins.Of({tensors[64]}) == Indices{63, 64, 65});
}

}  // namespace
}  // namespace torchassay
