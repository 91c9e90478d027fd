#include "validator/signature/spec_json.h"

#include <cmath>
#include <string>

#include "validator/tensor/dtype.h"

namespace torchassay {
namespace {

Json Encode(const Constant& value) {
  if (const bool* v = std::get_if<bool>(&value)) return *v;
  if (const std::int64_t* v = std::get_if<std::int64_t>(&value)) return *v;
  if (const std::string* v = std::get_if<std::string>(&value)) return *v;
  const double real = std::get<double>(value);
  if (std::isnan(real)) return "nan";
  if (std::isinf(real)) return real < 0 ? "-inf" : "inf";
  return real;
}

Json Encode(const std::optional<ValueDomain>& domain) {
  if (!domain) return nullptr;
  if (domain->choices) {
    Json set = Json::array();
    for (const Constant& choice : *domain->choices) set.push_back(Encode(choice));
    return {{"set", set}};
  }
  return {{"lo", domain->lo ? Encode(*domain->lo) : "-inf"},
          {"hi", domain->hi ? Encode(*domain->hi) : "inf"},
          {"nan", domain->nan},
          {"inf", domain->inf}};
}

Json Encode(const Dim& dim) {
  if (dim.size) return {{"fixed", *dim.size}};
  Json json = {{"symbol", dim.symbol}};
  if (!dim.lo) return json;
  json["lo"] = *dim.lo;
  json["hi"] = *dim.hi == kNoLargestSize ? Json(nullptr) : Json(*dim.hi);
  json["step"] = dim.step;
  return json;
}

Json Encode(Layout layout) {
  switch (layout) {
    case Layout::kAny: return nullptr;
    case Layout::kChannelsLast: return "channels_last";
    case Layout::kGrad: return "grad";
  }
  return nullptr;
}

struct ValueEncoder {
  Json operator()(const TensorSpec& spec) const {
    Json dims = Json::array();
    for (const Dim& dim : spec.dims) dims.push_back(Encode(dim));
    return {{"kind", "tensor"},
            {"dtype", std::string(DTypeName(spec.dtype))},
            {"dims", dims},
            {"values", Encode(spec.values)},
            {"layout", Encode(spec.layout)}};
  }
  Json operator()(const ScalarSpec& spec) const {
    return {{"kind", "scalar"}, {"type", ScalarKindName(spec.kind)}, {"values", Encode(spec.values)}};
  }
  Json operator()(const ListSpec& spec) const { return {{"kind", "list"}, {"lo", spec.lo}, {"hi", spec.hi}}; }
  Json operator()(const KeysSpec& spec) const {
    Json keys = Json::array();
    for (const auto& key : spec.keys) keys.push_back({{"name", key.name}, {"optional", key.optional}});
    return {{"kind", "keys"}, {"keys", keys}};
  }
};

Constant DecodeConstant(const JsonNode& node, ScalarKind kind) {
  if (node.IsBool()) return node.Bool();
  if (kind == ScalarKind::kStr) return node.String();
  if (kind == ScalarKind::kFloat) return node.Number();
  return node.Integer();
}

// The kind of constant that a domain of this dtype holds.
ScalarKind ElementKind(DType dtype) {
  if (dtype == DType::kBool) return ScalarKind::kBool;
  return IsInteger(dtype) ? ScalarKind::kInt : ScalarKind::kFloat;
}

std::optional<Constant> DecodeBound(const JsonNode& node, ScalarKind kind) {
  if (node.IsString()) return std::nullopt;
  return DecodeConstant(node, kind);
}

std::optional<ValueDomain> DecodeDomain(const JsonNode& node, ScalarKind kind) {
  const std::optional<JsonNode> values = node.Optional("values");
  if (!values) return std::nullopt;
  ValueDomain domain;
  if (const std::optional<JsonNode> set = values->Optional("set")) {
    domain.choices.emplace();
    for (const JsonNode& item : set->Items()) domain.choices->push_back(DecodeConstant(item, kind));
    return domain;
  }
  domain.lo = DecodeBound(values->Required("lo"), kind);
  domain.hi = DecodeBound(values->Required("hi"), kind);
  domain.nan = values->Required("nan").Bool();
  domain.inf = values->Required("inf").Bool();
  return domain;
}

Dim DecodeDim(const JsonNode& node) {
  Dim dim;
  if (const std::optional<JsonNode> fixed = node.Optional("fixed")) {
    dim.size = fixed->Integer();
    return dim;
  }
  dim.symbol = node.Required("symbol").String();
  const std::optional<JsonNode> lo = node.Optional("lo");
  if (!lo) return dim;
  const std::optional<JsonNode> hi = node.Optional("hi");
  dim.lo = lo->Integer();
  dim.hi = hi ? hi->Integer() : kNoLargestSize;
  dim.step = node.Required("step").Integer();
  return dim;
}

Layout DecodeLayout(const JsonNode& node) {
  const std::optional<JsonNode> layout = node.Optional("layout");
  if (!layout) return Layout::kAny;
  return layout->String() == "grad" ? Layout::kGrad : Layout::kChannelsLast;
}

TensorSpec DecodeTensor(const JsonNode& node) {
  TensorSpec spec;
  const std::optional<DType> dtype = ParseDType(node.Required("dtype").String());
  if (!dtype) node.Required("dtype").Complain("a dtype");
  spec.dtype = dtype.value_or(DType::kF32);
  for (const JsonNode& dim : node.Required("dims").Items()) spec.dims.push_back(DecodeDim(dim));
  spec.values = DecodeDomain(node, ElementKind(spec.dtype));
  spec.layout = DecodeLayout(node);
  return spec;
}

ScalarSpec DecodeScalar(const JsonNode& node) {
  const std::string type = node.Required("type").String();
  for (const ScalarKind kind :
       {ScalarKind::kInt, ScalarKind::kFloat, ScalarKind::kBool, ScalarKind::kStr, ScalarKind::kNone}) {
    if (type == ScalarKindName(kind)) return {kind, DecodeDomain(node, kind)};
  }
  node.Required("type").Complain("int, float, bool, str or none");
  return {};
}

KeysSpec DecodeKeys(const JsonNode& node) {
  KeysSpec spec;
  for (const JsonNode& key : node.Required("keys").Items()) {
    spec.keys.push_back({key.Required("name").String(), key.Required("optional").Bool()});
  }
  return spec;
}

ValueSpec DecodeValueSpec(const JsonNode& node) {
  const std::string kind = node.Required("kind").String();
  if (kind == "tensor") return DecodeTensor(node);
  if (kind == "scalar") return DecodeScalar(node);
  if (kind == "keys") return DecodeKeys(node);
  if (kind != "list") node.Required("kind").Complain("tensor, scalar, list or keys");
  return ListSpec{node.Required("lo").Integer(), node.Required("hi").Integer()};
}

}  // namespace

InputSpec DecodeInputSpec(const JsonNode& node) {
  const std::optional<JsonNode> name = node.Optional("name");
  return {name ? name->String() : "", DecodeValueSpec(node)};
}

Json EncodeInputSpec(const InputSpec& spec) {
  Json json = std::visit(ValueEncoder(), spec.value);
  json["name"] = spec.path.empty() ? Json(nullptr) : Json(spec.path);
  return json;
}

}  // namespace torchassay
