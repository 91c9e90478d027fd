#include "validator/compare/comparison_json.h"

#include <cmath>

#include "validator/tensor/value_json.h"

namespace torchassay {
namespace {

struct ScalarEncoder {
  Json operator()(double value) const { return EncodeNumber(value); }
  Json operator()(std::int64_t value) const { return value; }
  Json operator()(bool value) const { return value; }
  Json operator()(const std::complex<double>& value) const {
    return Json::array({EncodeNumber(value.real()), EncodeNumber(value.imag())});
  }
};

Json EncodeElement(const Element& element) {
  return {{"index", element.index},
          {"actual", std::visit(ScalarEncoder(), element.actual)},
          {"expected", std::visit(ScalarEncoder(), element.expected)},
          {"error", EncodeNumber(element.error)},
          {"allowed", EncodeNumber(element.allowed)}};
}

Json EncodeElements(const std::vector<Element>& elements) {
  Json array = Json::array();
  for (const Element& element : elements) array.push_back(EncodeElement(element));
  return array;
}

template <typename T, typename Encode>
Json EncodeOptional(const std::optional<T>& value, Encode encode) {
  return value ? Json(encode(*value)) : Json(nullptr);
}

Json EncodeHistogram(const std::vector<Decade>& histogram) {
  Json array = Json::array();
  for (const Decade& decade : histogram) array.push_back({{"exponent", decade.exponent}, {"count", decade.count}});
  return array;
}

Json EncodeNonFinite(const NonFinite& counts) {
  return {{"nan_both", counts.nan_both},         {"nan_actual", counts.nan_actual},
          {"nan_expected", counts.nan_expected}, {"inf_both", counts.inf_both},
          {"inf_opposite", counts.inf_opposite}, {"inf_actual", counts.inf_actual},
          {"inf_expected", counts.inf_expected}};
}

// What a scalar's JSON means depends on the dtype: 1 may be an integer or a float.
Scalar DecodeScalar(const JsonNode& node, DType dtype) {
  if (dtype == DType::kBool) return node.Bool();
  if (IsInteger(dtype)) return node.Integer();
  if (!IsComplex(dtype)) return node.Number();
  const std::vector<JsonNode> parts = node.Items();
  if (parts.size() == 2) return std::complex<double>(parts[0].Number(), parts[1].Number());
  node.Complain("a pair of two numbers");
  return 0.0;
}

Shape DecodeIntegers(const JsonNode& node) {
  Shape list;
  for (const JsonNode& item : node.Items()) list.push_back(item.Integer());
  return list;
}

Element DecodeElement(const JsonNode& node, DType dtype) {
  return {DecodeIntegers(node.Required("index")), DecodeScalar(node.Required("actual"), dtype),
          DecodeScalar(node.Required("expected"), dtype), node.Required("error").Number(),
          node.Required("allowed").Number()};
}

std::optional<Element> DecodeMaybeElement(const std::optional<JsonNode>& node, DType dtype) {
  return node ? std::optional<Element>(DecodeElement(*node, dtype)) : std::nullopt;
}

std::optional<double> DecodeMaybeNumber(const std::optional<JsonNode>& node) {
  return node ? std::optional<double>(node->Number()) : std::nullopt;
}

std::vector<Element> DecodeElements(const JsonNode& node, DType dtype) {
  std::vector<Element> elements;
  for (const JsonNode& item : node.Items()) elements.push_back(DecodeElement(item, dtype));
  return elements;
}

std::vector<Decade> DecodeHistogram(const JsonNode& node) {
  std::vector<Decade> histogram;
  for (const JsonNode& item : node.Items()) {
    histogram.push_back({static_cast<int>(item.Required("exponent").Integer()), item.Required("count").Integer()});
  }
  return histogram;
}

NonFinite DecodeNonFinite(const JsonNode& node) {
  return {node.Required("nan_both").Integer(),     node.Required("nan_actual").Integer(),
          node.Required("nan_expected").Integer(), node.Required("inf_both").Integer(),
          node.Required("inf_opposite").Integer(), node.Required("inf_actual").Integer(),
          node.Required("inf_expected").Integer()};
}

}  // namespace

Json EncodeComparison(const Comparison& c) {
  Json json;
  json["dtype"] = std::string(DTypeName(c.dtype));
  json["shape"] = c.shape;
  json["rtol"] = c.tolerance.rtol;
  json["atol"] = c.tolerance.atol;
  json["equal_nan"] = c.nan_policy == NanPolicy::kEqualWhereExpected;
  json["passed"] = c.passed;
  json["compared"] = c.compared;
  json["mismatched"] = c.mismatched;
  json["differing"] = c.differing;
  json["non_finite"] = EncodeNonFinite(c.non_finite);
  json["max_abs_error"] = EncodeNumber(c.max_abs_error);
  json["max_abs"] = EncodeOptional(c.max_abs, EncodeElement);
  json["max_rel_error"] = EncodeNumber(c.max_rel_error);
  json["max_rel"] = EncodeOptional(c.max_rel, EncodeElement);
  json["max_ulp"] = EncodeOptional(c.max_ulp, [](std::uint64_t ulp) { return ulp; });
  json["mean_error"] = EncodeNumber(c.mean_error);
  json["rms_error"] = EncodeNumber(c.rms_error);
  json["cosine"] = EncodeOptional(c.cosine, EncodeNumber);
  json["histogram"] = EncodeHistogram(c.histogram);
  json["worst"] = EncodeElements(c.worst);
  json["non_finite_first"] = EncodeElements(c.non_finite_first);
  json["needed_atol"] = EncodeOptional(c.needed_atol, EncodeNumber);
  json["needed_rtol"] = EncodeOptional(c.needed_rtol, EncodeNumber);
  return json;
}

Comparison DecodeComparison(const JsonNode& node) {
  Comparison c;
  const JsonNode dtype = node.Required("dtype");
  const std::optional<DType> parsed = ParseDType(dtype.String());
  if (!parsed) dtype.Complain("a dtype such as `f32`");
  c.dtype = parsed.value_or(DType::kF32);
  c.shape = DecodeIntegers(node.Required("shape"));
  c.tolerance = {node.Required("rtol").Number(), node.Required("atol").Number()};
  c.nan_policy = node.Required("equal_nan").Bool() ? NanPolicy::kEqualWhereExpected : NanPolicy::kNeverEqual;
  c.passed = node.Required("passed").Bool();
  c.compared = node.Required("compared").Integer();
  c.mismatched = node.Required("mismatched").Integer();
  c.differing = node.Required("differing").Integer();
  c.non_finite = DecodeNonFinite(node.Required("non_finite"));
  c.max_abs_error = node.Required("max_abs_error").Number();
  c.max_abs = DecodeMaybeElement(node.Optional("max_abs"), c.dtype);
  c.max_rel_error = node.Required("max_rel_error").Number();
  c.max_rel = DecodeMaybeElement(node.Optional("max_rel"), c.dtype);
  if (const auto ulp = node.Optional("max_ulp"))
    c.max_ulp = ulp->json().is_number_unsigned() ? ulp->json().get<std::uint64_t>() : 0;
  c.mean_error = node.Required("mean_error").Number();
  c.rms_error = node.Required("rms_error").Number();
  c.cosine = DecodeMaybeNumber(node.Optional("cosine"));
  c.histogram = DecodeHistogram(node.Required("histogram"));
  c.worst = DecodeElements(node.Required("worst"), c.dtype);
  c.non_finite_first = DecodeElements(node.Required("non_finite_first"), c.dtype);
  c.needed_atol = DecodeMaybeNumber(node.Optional("needed_atol"));
  c.needed_rtol = DecodeMaybeNumber(node.Optional("needed_rtol"));
  return c;
}

}  // namespace torchassay
