// What tests of the kernel share: tensors made of pairs, and the fast path held against the exact one.

#ifndef VALIDATOR_COMPARE_KERNEL_TESTING_H_
#define VALIDATOR_COMPARE_KERNEL_TESTING_H_

#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "validator/compare/comparison.h"
#include "validator/compare/tolerance.h"
#include "validator/tensor/dtype.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

constexpr DType kAllDTypes[] = {DType::kF16, DType::kBF16, DType::kF32, DType::kF64,  DType::kI8,  DType::kI16,
                                DType::kI32, DType::kI64,  DType::kU8,  DType::kBool, DType::kC64, DType::kC128};

struct Data {
  std::vector<std::byte> actual, expected;
};

// Makes the pair of actual and expected at a position.
using Maker = std::function<std::pair<double, double>(std::mt19937&, std::size_t)>;

// Every part of a complex element is the number; integers are scaled so that there are several.
Data Make(DType dtype, std::size_t count, const Maker& maker);
double Normal(std::mt19937& random);

// Kinds of pairs: what real models give, and what is hard.
const std::vector<std::pair<std::string, Maker>>& KindsOfPairs();

struct Sides {
  TensorView actual, expected;
};

// One dimension over all of `data`, which outlives the views.
Sides ViewsOf(DType dtype, const Data& data);

Comparison RunFast(const Sides& sides, const Tolerance& tolerance, NanPolicy policy);

// Holds the fast path against the reference, and where that says nothing against the exact path.
void CheckAll(const Sides& sides, const Tolerance& tolerance, NanPolicy policy = NanPolicy::kEqualWhereExpected);

// Runs `check` as on every kind of processor that this machine can be.
void OnEveryTarget(const std::function<void()>& check);

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_KERNEL_TESTING_H_
