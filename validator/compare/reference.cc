#include "validator/compare/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "validator/compare/decades.h"
#include "validator/compare/pair.h"

namespace torchassay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Judged {
  std::size_t position;
  Pair pair;
  double ratio() const { return pair.expected == 0 ? kInfinity : pair.error / pair.expected; }
  double excess() const { return pair.error - pair.proportional; }
};

template <DType kType>
std::vector<Judged> JudgeAll(const TensorView& actual, const TensorView& expected, const Tolerance& tolerance,
                             NanPolicy policy) {
  const std::size_t size = DTypeSize(kType);
  std::vector<Judged> all(expected.bytes.size() / size);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto* a = actual.bytes.data() + i * size;
    all[i] = {i, JudgePair<kType>(a, expected.bytes.data() + i * size, tolerance, policy)};
  }
  return all;
}

std::vector<Judged> JudgeAll(const TensorView& a, const TensorView& e, const Tolerance& tolerance, NanPolicy policy) {
  switch (e.dtype) {
    case DType::kF16: return JudgeAll<DType::kF16>(a, e, tolerance, policy);
    case DType::kBF16: return JudgeAll<DType::kBF16>(a, e, tolerance, policy);
    case DType::kF32: return JudgeAll<DType::kF32>(a, e, tolerance, policy);
    case DType::kF64: return JudgeAll<DType::kF64>(a, e, tolerance, policy);
    case DType::kI8: return JudgeAll<DType::kI8>(a, e, tolerance, policy);
    case DType::kI16: return JudgeAll<DType::kI16>(a, e, tolerance, policy);
    case DType::kI32: return JudgeAll<DType::kI32>(a, e, tolerance, policy);
    case DType::kI64: return JudgeAll<DType::kI64>(a, e, tolerance, policy);
    case DType::kU8: return JudgeAll<DType::kU8>(a, e, tolerance, policy);
    case DType::kBool: return JudgeAll<DType::kBool>(a, e, tolerance, policy);
    case DType::kC64: return JudgeAll<DType::kC64>(a, e, tolerance, policy);
    case DType::kC128: return JudgeAll<DType::kC128>(a, e, tolerance, policy);
  }
  return {};
}

Element ElementOf(const Judged& judged) {
  Element element;
  element.index = {static_cast<std::int64_t>(judged.position)};
  element.error = judged.pair.error;
  return element;
}

void CountNonFinite(const Judged& judged, Comparison& comparison) {
  NonFinite& counts = comparison.non_finite;
  std::int64_t* const by_kind[] = {nullptr,          &counts.nan_both,     &counts.nan_actual, &counts.nan_expected,
                                   &counts.inf_both, &counts.inf_opposite, &counts.inf_actual, &counts.inf_expected};
  ++*by_kind[static_cast<std::size_t>(judged.pair.kind)];
  if (!judged.pair.mismatched) return;
  ++comparison.mismatched;
  if (comparison.non_finite_first.size() < 3) comparison.non_finite_first.push_back(ElementOf(judged));
}

std::vector<Decade> HistogramOf(DType dtype, const std::vector<Judged>& differing) {
  const bool in_single = dtype == DType::kF16 || dtype == DType::kBF16 || dtype == DType::kF32;
  std::map<int, std::int64_t> counts;
  for (const Judged& judged : differing) {
    const double error = judged.pair.error;
    if (!std::isfinite(error)) continue;
    const bool fits = error <= std::numeric_limits<float>::max();
    ++counts[DecadeOf(in_single && fits ? static_cast<float>(error) : error)];
  }
  std::vector<Decade> histogram;
  for (const auto& [exponent, count] : counts) histogram.push_back({exponent, count});
  return histogram;
}

// The first of those with the largest `key`.
template <typename Key>
const Judged& FirstLargest(const std::vector<Judged>& all, Key key) {
  return *std::max_element(all.begin(), all.end(), [&](const Judged& a, const Judged& b) { return key(a) < key(b); });
}

void FillErrors(const std::vector<Judged>& finite, const std::vector<Judged>& differing, Comparison& comparison) {
  double error = 0, error_squared = 0;
  std::uint64_t ulp = 0;
  for (const Judged& judged : differing) {
    error += judged.pair.error;
    error_squared += judged.pair.error * judged.pair.error;
    ulp = std::max(ulp, judged.pair.ulp);
  }
  comparison.mean_error = finite.empty() ? 0 : error / static_cast<double>(finite.size());
  comparison.rms_error = finite.empty() ? 0 : std::sqrt(error_squared / static_cast<double>(finite.size()));
  if (IsFloating(comparison.dtype)) comparison.max_ulp = ulp;
  comparison.differing = static_cast<std::int64_t>(differing.size());
  comparison.histogram = HistogramOf(comparison.dtype, differing);
  if (differing.empty()) return;
  comparison.max_abs = ElementOf(FirstLargest(differing, [](const Judged& j) { return j.pair.error; }));
  comparison.max_abs_error = comparison.max_abs->error;
  const Judged& max_rel = FirstLargest(differing, [](const Judged& j) { return j.ratio(); });
  comparison.max_rel = ElementOf(max_rel);
  comparison.max_rel_error = max_rel.ratio();
}

void FillMismatches(std::vector<Judged> mismatched, Comparison& comparison) {
  std::stable_sort(mismatched.begin(), mismatched.end(),
                   [](const Judged& a, const Judged& b) { return a.excess() > b.excess(); });
  for (std::size_t i = 0; i < std::min<std::size_t>(10, mismatched.size()); ++i) {
    comparison.worst.push_back(ElementOf(mismatched[i]));
  }
}

}  // namespace

Comparison CompareByReference(const TensorView& actual, const TensorView& expected, const Tolerance& tolerance,
                              NanPolicy policy) {
  Comparison comparison;
  comparison.dtype = expected.dtype;
  std::vector<Judged> finite, differing, mismatched;
  for (const Judged& judged : JudgeAll(actual, expected, tolerance, policy)) {
    ++comparison.compared;
    if (judged.pair.kind != PairKind::kFinite) {
      CountNonFinite(judged, comparison);
      continue;
    }
    finite.push_back(judged);
    if (judged.pair.error > 0) differing.push_back(judged);
    if (judged.pair.mismatched) mismatched.push_back(judged);
  }
  comparison.mismatched += static_cast<std::int64_t>(mismatched.size());
  comparison.passed = comparison.mismatched == 0;
  FillErrors(finite, differing, comparison);
  FillMismatches(std::move(mismatched), comparison);
  return comparison;
}

}  // namespace torchassay
