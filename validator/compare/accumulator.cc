#include "validator/compare/accumulator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace torchassay {
namespace {

constexpr std::size_t kWorstShown = 10;
constexpr std::size_t kNonFiniteShown = 3;
constexpr double kLengthsApart = 1e6;

// A quotient or difference was rounded; a little more is certainly enough.
double RoundedUp(double tolerance) { return tolerance * (1 + 4e-15); }

std::optional<double> IfFinite(double value) {
  return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

std::int64_t Total(const NonFinite& counts) {
  return counts.nan_both + counts.nan_actual + counts.nan_expected + counts.inf_both + counts.inf_opposite +
         counts.inf_actual + counts.inf_expected;
}

// Types that single precision holds have their errors put in decades as rounded to it: so does the kernel.
template <DType kType>
double AsDecadesTakeIt(double error) {
  constexpr bool kWide = kType == DType::kF64 || kType == DType::kI32 || kType == DType::kI64 || kType == DType::kC64 ||
                         kType == DType::kC128;
  if constexpr (kWide) return error;
  const auto single = static_cast<float>(error);
  return std::isfinite(single) ? single : error;
}

double Quotient(double part, double whole) {
  return whole == 0 ? std::numeric_limits<double>::infinity() : part / whole;
}

}  // namespace

Accumulator::Accumulator(const TensorView& actual, const TensorView& expected, const Tolerance& tolerance,
                         NanPolicy policy)
    : actual_(actual), expected_(expected), tolerance_(tolerance), policy_(policy), look_(LookFor(expected.dtype)),
      elements_(static_cast<std::size_t>(ElementCount(expected.shape))) {
  records_.needed_rtol = tolerance.rtol;
}

Accumulator::LookFunction Accumulator::LookFor(DType dtype) {
  switch (dtype) {
    case DType::kF16: return &Accumulator::LookAt<DType::kF16>;
    case DType::kBF16: return &Accumulator::LookAt<DType::kBF16>;
    case DType::kF32: return &Accumulator::LookAt<DType::kF32>;
    case DType::kF64: return &Accumulator::LookAt<DType::kF64>;
    case DType::kI8: return &Accumulator::LookAt<DType::kI8>;
    case DType::kI16: return &Accumulator::LookAt<DType::kI16>;
    case DType::kI32: return &Accumulator::LookAt<DType::kI32>;
    case DType::kI64: return &Accumulator::LookAt<DType::kI64>;
    case DType::kU8: return &Accumulator::LookAt<DType::kU8>;
    case DType::kBool: return &Accumulator::LookAt<DType::kBool>;
    case DType::kC64: return &Accumulator::LookAt<DType::kC64>;
    case DType::kC128: return &Accumulator::LookAt<DType::kC128>;
  }
  return nullptr;
}

bool Accumulator::IsWorse(const Candidate& a, const Candidate& b) {
  return Record{b.excess(), b.position}.IsBeatenBy(a.excess(), a.position);
}

void Accumulator::Add(const BlockSums& sums) {
  sums_.error += sums.error;
  sums_.error_squared += sums.error_squared;
  sums_.actual_squared += sums.actual_squared;
  sums_.expected_squared += sums.expected_squared;
  sums_.max_ulp = std::max(sums_.max_ulp, sums.max_ulp);
  sums_.differing += sums.differing;
  sums_.mismatched += sums.mismatched;
}

void Accumulator::Add(const NonFinite& counts) {
  non_finite_.nan_both += counts.nan_both;
  non_finite_.nan_actual += counts.nan_actual;
  non_finite_.nan_expected += counts.nan_expected;
  non_finite_.inf_both += counts.inf_both;
  non_finite_.inf_opposite += counts.inf_opposite;
  non_finite_.inf_actual += counts.inf_actual;
  non_finite_.inf_expected += counts.inf_expected;
}

void Accumulator::NoteNonFinite(std::size_t begin, std::size_t count) {
  if (non_finite_first_.size() < kNonFiniteShown) (this->*look_)(begin, count, Look::kNonFinite);
}

template <DType kType>
void Accumulator::LookAt(std::size_t begin, std::size_t count, Look look) {
  constexpr std::size_t kSize = kType == DType::kC128                                                   ? 16
                                : kType == DType::kF64 || kType == DType::kI64 || kType == DType::kC64  ? 8
                                : kType == DType::kF32 || kType == DType::kI32                          ? 4
                                : kType == DType::kF16 || kType == DType::kBF16 || kType == DType::kI16 ? 2
                                                                                                        : 1;
  // Backwards: where errors grow, the first element then sets a record that the others do not break.
  for (std::size_t i = std::min(begin + count, elements_); i-- > begin;) {
    const Pair pair =
        JudgePair<kType>(actual_.bytes.data() + i * kSize, expected_.bytes.data() + i * kSize, tolerance_, policy_);
    if (pair.kind == PairKind::kFinite) {
      if (look == Look::kEverything || look == Look::kFinite) CountFinite<kType>(pair);
      if (look != Look::kNonFinite) UpdateRecords(pair, i);
    } else {
      if (look == Look::kEverything) CountNonFinite(pair.kind);
      if (look == Look::kEverything || look == Look::kNonFinite) NotePosition(pair, i);
    }
  }
}

template <DType kType>
void Accumulator::CountFinite(const Pair& pair) {
  sums_.actual_squared += pair.actual * pair.actual;
  sums_.expected_squared += pair.expected * pair.expected;
  if (pair.error == 0) return;
  sums_.error += pair.error;
  sums_.error_squared += pair.error * pair.error;
  sums_.max_ulp = std::max(sums_.max_ulp, pair.ulp);
  ++sums_.differing;
  sums_.mismatched += pair.mismatched;
  if (std::isfinite(pair.error)) decades_.Add(DecadeOf(AsDecadesTakeIt<kType>(pair.error)), 1);
}

void Accumulator::CountNonFinite(PairKind kind) {
  switch (kind) {
    case PairKind::kFinite: break;
    case PairKind::kNanBoth: ++non_finite_.nan_both; break;
    case PairKind::kNanActual: ++non_finite_.nan_actual; break;
    case PairKind::kNanExpected: ++non_finite_.nan_expected; break;
    case PairKind::kInfBoth: ++non_finite_.inf_both; break;
    case PairKind::kInfOpposite: ++non_finite_.inf_opposite; break;
    case PairKind::kInfActual: ++non_finite_.inf_actual; break;
    case PairKind::kInfExpected: ++non_finite_.inf_expected; break;
  }
}

void Accumulator::NotePosition(const Pair& pair, std::size_t position) {
  if (!pair.mismatched) return;
  non_finite_first_.insert(std::upper_bound(non_finite_first_.begin(), non_finite_first_.end(), position), position);
  if (non_finite_first_.size() > kNonFiniteShown) non_finite_first_.pop_back();
}

void Accumulator::UpdateRecords(const Pair& pair, std::size_t position) {
  if (pair.error == 0) return;
  const Candidate candidate = {position, pair.error, pair.proportional};
  if (records_.max_error.IsBeatenBy(pair.error, position)) {
    records_.max_error = {pair.error, position};
    max_error_ = candidate;
  }
  // Most elements are far from the record, and a product is cheaper than a quotient.
  if (pair.error >= records_.max_ratio.value * pair.expected * 0.999 || pair.expected == 0) {
    const double ratio = Quotient(pair.error, pair.expected);
    if (records_.max_ratio.IsBeatenBy(ratio, position)) {
      records_.max_ratio = {ratio, position};
      max_ratio_ = candidate;
    }
  }
  if (pair.mismatched) RecordMismatch(pair, candidate);
}

void Accumulator::RecordMismatch(const Pair& pair, const Candidate& candidate) {
  records_.needed_rtol = std::max(records_.needed_rtol, Quotient(pair.error - tolerance_.atol, pair.expected));
  const bool full = worst_.size() == kWorstShown;
  if (full && !IsWorse(candidate, worst_.back())) return;
  worst_.insert(std::upper_bound(worst_.begin(), worst_.end(), candidate, IsWorse), candidate);
  if (worst_.size() > kWorstShown) worst_.pop_back();
  if (worst_.size() == kWorstShown) records_.worst_excess = {worst_.back().excess(), worst_.back().position};
}

Shape Accumulator::IndexOf(std::size_t position) const {
  Shape index(expected_.shape.size());
  for (std::size_t d = index.size(); d-- > 0;) {
    const auto size = static_cast<std::size_t>(expected_.shape[d]);
    index[d] = static_cast<std::int64_t>(position % size);
    position /= size;
  }
  return index;
}

Element Accumulator::ElementOf(const Candidate& candidate) const {
  const std::size_t offset = candidate.position * DTypeSize(expected_.dtype);
  return {IndexOf(candidate.position), LoadScalar(expected_.dtype, actual_.bytes.data() + offset),
          LoadScalar(expected_.dtype, expected_.bytes.data() + offset), candidate.error,
          candidate.proportional + tolerance_.atol};
}

std::int64_t Accumulator::FiniteCount() const { return ElementCount(expected_.shape) - Total(non_finite_); }

std::int64_t Accumulator::NonFiniteMismatched() const {
  const std::int64_t nan_equal = policy_ == NanPolicy::kEqualWhereExpected ? non_finite_.nan_both : 0;
  return Total(non_finite_) - non_finite_.inf_both - nan_equal;
}

// By the law of cosines: unlike the quotient with the inner product it stays exact where the two are nearly equal. It
// loses as many digits as one length has more than the other.
std::optional<double> Accumulator::Cosine() const {
  if (!(sums_.actual_squared > 0) || !(sums_.expected_squared > 0)) return std::nullopt;
  const double ratio = std::sqrt(sums_.actual_squared / sums_.expected_squared);  // of the two lengths
  if (ratio > kLengthsApart || ratio < 1 / kLengthsApart) return std::nullopt;
  const double apart = sums_.error_squared / sums_.expected_squared / ratio;
  const double cosine = (ratio + 1 / ratio - apart) / 2;
  if (!std::isfinite(cosine)) return std::nullopt;
  return std::clamp(cosine, -1.0, 1.0);
}

void Accumulator::FinishErrors(Comparison& comparison) const {
  const auto finite = static_cast<double>(FiniteCount());
  comparison.mean_error = finite > 0 ? sums_.error / finite : 0;
  comparison.rms_error = finite > 0 ? std::sqrt(sums_.error_squared / finite) : 0;
  comparison.cosine = Cosine();
  comparison.histogram = decades_.Histogram();
  if (IsFloating(comparison.dtype)) comparison.max_ulp = sums_.max_ulp;
  if (sums_.differing == 0) return;
  comparison.max_abs_error = records_.max_error.value;
  comparison.max_abs = ElementOf(max_error_);
  comparison.max_rel_error = records_.max_ratio.value;
  comparison.max_rel = ElementOf(max_ratio_);
}

void Accumulator::FinishMismatches(Comparison& comparison) const {
  for (const Candidate& candidate : worst_) comparison.worst.push_back(ElementOf(candidate));
  for (const std::size_t position : non_finite_first_) {
    Element element = ElementOf({position, std::numeric_limits<double>::quiet_NaN(), 0});
    element.allowed = 0;
    comparison.non_finite_first.push_back(std::move(element));
  }
  if (NonFiniteMismatched() > 0) return;
  const bool passed = sums_.mismatched == 0;
  comparison.needed_atol = passed ? tolerance_.atol : IfFinite(RoundedUp(worst_.front().excess()));
  comparison.needed_rtol = passed ? tolerance_.rtol : IfFinite(RoundedUp(records_.needed_rtol));
}

Comparison Accumulator::Finish() const {
  Comparison comparison;
  comparison.dtype = expected_.dtype;
  comparison.shape = expected_.shape;
  comparison.tolerance = tolerance_;
  comparison.nan_policy = policy_;
  comparison.compared = ElementCount(expected_.shape);
  comparison.mismatched = sums_.mismatched + NonFiniteMismatched();
  comparison.passed = comparison.mismatched == 0;
  comparison.differing = sums_.differing;
  comparison.non_finite = non_finite_;
  FinishErrors(comparison);
  FinishMismatches(comparison);
  return comparison;
}

}  // namespace torchassay
