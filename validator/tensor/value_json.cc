#include "validator/tensor/value_json.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace torchassay {
namespace {

constexpr const char* kKinds[] = {"tensor", "tuple", "list", "dict", "none", "bool", "int", "float", "complex", "str"};
constexpr char kExpected[] =
    "a value: an object with one of `tensor`, `tuple`, `list`, `dict`, `none`, `bool`, `int`, `float`, "
    "`complex`, `str`";
// As the layouts of torch are called; the one of memory that has none of them is left out.
constexpr const char* kLayouts[] = {"channels_last", "sparse_coo", "sparse_csr", "sparse_csc",
                                    "sparse_bsr",    "sparse_bsc", "_mkldnn",    "jagged"};

Json EncodeItems(const std::vector<Value>& items) {
  Json array = Json::array();
  for (const Value& item : items) array.push_back(EncodeValue(item));
  return array;
}

struct Encoder {
  Json operator()(const NoneValue&) const { return {{"none", nullptr}}; }
  Json operator()(const TensorRef& tensor) const {
    Json json = {{"tensor", tensor.name}, {"dtype", std::string(DTypeName(tensor.dtype))}, {"shape", tensor.shape}};
    if (!tensor.layout.empty()) json["layout"] = tensor.layout;
    if (tensor.requires_grad) json["requires_grad"] = true;
    if (!tensor.alias.empty()) json["alias"] = tensor.alias;
    return json;
  }
  Json operator()(const TupleValue& tuple) const {
    Json json = {{"tuple", EncodeItems(tuple.items)}};
    if (!tuple.names.empty()) json["names"] = tuple.names;
    if (!tuple.class_name.empty()) json["class"] = tuple.class_name;
    return json;
  }
  Json operator()(const ListValue& list) const { return {{"list", EncodeItems(list.items)}}; }
  Json operator()(const DictValue& dict) const {
    Json pairs = Json::array();
    for (const auto& [key, item] : dict.items) {
      const Json encoded_key = std::visit([](const auto& k) { return Json(k); }, key);
      pairs.push_back(Json::array({encoded_key, EncodeValue(item)}));
    }
    Json json = {{"dict", std::move(pairs)}};
    if (!dict.class_name.empty()) json["class"] = dict.class_name;
    return json;
  }
  Json operator()(bool value) const { return {{"bool", value}}; }
  Json operator()(std::int64_t value) const { return {{"int", value}}; }
  Json operator()(double value) const { return {{"float", EncodeNumber(value)}}; }
  Json operator()(const std::complex<double>& value) const {
    return {{"complex", Json::array({EncodeNumber(value.real()), EncodeNumber(value.imag())})}};
  }
  Json operator()(const std::string& value) const { return {{"str", value}}; }
};

std::string OptionalString(const JsonNode& node, std::string_view key) {
  const std::optional<JsonNode> member = node.Optional(key);
  return member ? member->String() : "";
}

Shape DecodeShape(const JsonNode& node) {
  Shape shape;
  for (const JsonNode& size : node.Items()) {
    shape.push_back(size.Integer());
    if (shape.back() < 0) size.Complain("a size of 0 or more");
  }
  return shape;
}

// Refuses a value that is of two kinds at once.
void CheckOneKind(const JsonNode& node, std::string_view kind) {
  for (const std::string_view other : kKinds) {
    if (other == kind || !node.json().contains(other)) continue;
    node.Reject("", "a value is one of `" + std::string(kind) + "` and `" + std::string(other) + "`, not both");
  }
}

std::string DecodeLayout(const JsonNode& node, const Shape& shape) {
  const std::optional<JsonNode> member = node.Optional("layout");
  if (!member) return "";
  const std::string layout = member->String();
  if (std::ranges::find(kLayouts, layout) == std::end(kLayouts)) {
    member->Complain("a layout such as `channels_last` or `sparse_coo`");
  } else if (layout == "channels_last" && shape.size() != 4 && shape.size() != 5) {
    member->Complain("a layout for this rank: `channels_last` has 4 or 5 dimensions");
  }
  return layout;
}

DType DecodeDType(const JsonNode& node) {
  const std::optional<DType> dtype = ParseDType(node.String());
  if (!dtype) node.Complain("a dtype such as `f32`");
  return dtype.value_or(DType::kF32);
}

TensorRef DecodeTensor(const JsonNode& node, const JsonNode& name) {
  TensorRef tensor;
  tensor.name = name.String();
  tensor.dtype = DecodeDType(node.Required("dtype"));
  tensor.shape = DecodeShape(node.Required("shape"));
  if (!ByteCount(tensor.dtype, tensor.shape)) node.Complain("a tensor of less than 2^63 bytes");
  tensor.layout = DecodeLayout(node, tensor.shape);
  tensor.alias = OptionalString(node, "alias");
  if (const auto requires_grad = node.Optional("requires_grad")) tensor.requires_grad = requires_grad->Bool();
  return tensor;
}

std::vector<Value> DecodeItems(const JsonNode& node) {
  std::vector<Value> items;
  for (const JsonNode& item : node.Items()) items.push_back(DecodeValue(item));
  return items;
}

TupleValue DecodeTuple(const JsonNode& node, const JsonNode& items) {
  TupleValue tuple{DecodeItems(items), {}, OptionalString(node, "class")};
  if (const auto names = node.Optional("names")) {
    for (const JsonNode& name : names->Items()) {
      if (std::ranges::find(tuple.names, name.String()) != tuple.names.end()) name.Complain("a name of its own");
      tuple.names.push_back(name.String());
    }
    if (tuple.names.size() != tuple.items.size()) names->Complain("one name for each item");
  }
  return tuple;
}

DictKey DecodeKey(const JsonNode& node) {
  if (node.IsString()) return node.String();
  if (node.IsBool()) return node.Bool();
  if (node.IsInteger()) return node.Integer();
  return node.Number();
}

DictValue DecodeDict(const JsonNode& node, const JsonNode& pairs) {
  DictValue dict;
  dict.class_name = OptionalString(node, "class");
  for (const JsonNode& pair : pairs.Items()) {
    const std::vector<JsonNode> parts = pair.Items();
    if (parts.size() != 2) {
      pair.Complain("a pair of a key and a value");
      continue;
    }
    DictKey key = DecodeKey(parts[0]);
    const auto is_key = [&](const auto& item) { return item.first == key; };
    if (std::ranges::any_of(dict.items, is_key)) parts[0].Complain("a key that no earlier pair has");
    dict.items.emplace_back(std::move(key), DecodeValue(parts[1]));
  }
  return dict;
}

std::complex<double> DecodeComplex(const JsonNode& node) {
  const std::vector<JsonNode> parts = node.Items();
  if (parts.size() == 2) return {parts[0].Number(), parts[1].Number()};
  node.Complain("a pair of two numbers");
  return {};
}

Value DecodePlain(std::string_view kind, const JsonNode& content) {
  if (kind == "list") return {ListValue{DecodeItems(content)}};
  if (kind == "bool") return {content.Bool()};
  if (kind == "int") return {content.Integer()};
  if (kind == "float") return {content.Number()};
  if (kind == "complex") return {DecodeComplex(content)};
  return {content.String()};
}

}  // namespace

Json EncodeNumber(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return value;
}

Json EncodeValue(const Value& value) { return std::visit(Encoder(), value.content); }

Value DecodeValue(const JsonNode& node) {
  for (const std::string_view kind : kKinds) {
    if (!node.IsObject() || !node.json().contains(kind)) continue;
    CheckOneKind(node, kind);
    if (kind == "none") {
      if (const auto content = node.Optional(kind)) content->Complain("null");
      return {NoneValue()};
    }
    const JsonNode content = node.Required(kind);
    if (kind == "tensor") return {DecodeTensor(node, content)};
    if (kind == "tuple") return {DecodeTuple(node, content)};
    if (kind == "dict") return {DecodeDict(node, content)};
    return DecodePlain(kind, content);
  }
  node.Complain(kExpected);
  return {NoneValue()};
}

}  // namespace torchassay
