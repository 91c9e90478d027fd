#include "validator/tensor/value_json.h"

#include <cmath>
#include <string>

namespace torchassay {
namespace {

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
  tensor.layout = OptionalString(node, "layout");
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
    for (const JsonNode& name : names->Items()) tuple.names.push_back(name.String());
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
    if (parts.size() == 2) {
      dict.items.emplace_back(DecodeKey(parts[0]), DecodeValue(parts[1]));
    } else {
      pair.Complain("a pair of a key and a value");
    }
  }
  return dict;
}

std::complex<double> DecodeComplex(const JsonNode& node) {
  const std::vector<JsonNode> parts = node.Items();
  if (parts.size() == 2) return {parts[0].Number(), parts[1].Number()};
  node.Complain("a pair of two numbers");
  return {};
}

}  // namespace

Json EncodeNumber(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return value;
}

Json EncodeValue(const Value& value) { return std::visit(Encoder(), value.content); }

Value DecodeValue(const JsonNode& node) {
  if (node.IsObject()) {
    if (node.json().contains("none")) return {NoneValue()};
    if (const auto name = node.Optional("tensor")) return {DecodeTensor(node, *name)};
    if (const auto items = node.Optional("tuple")) return {DecodeTuple(node, *items)};
    if (const auto items = node.Optional("list")) return {ListValue{DecodeItems(*items)}};
    if (const auto pairs = node.Optional("dict")) return {DecodeDict(node, *pairs)};
    if (const auto boolean = node.Optional("bool")) return {boolean->Bool()};
    if (const auto integer = node.Optional("int")) return {integer->Integer()};
    if (const auto number = node.Optional("float")) return {number->Number()};
    if (const auto complex = node.Optional("complex")) return {DecodeComplex(*complex)};
    if (const auto text = node.Optional("str")) return {text->String()};
  }
  node.Complain(
      "a value: an object with one of `tensor`, `tuple`, `list`, `dict`, `none`, `bool`, `int`, `float`, "
      "`complex`, `str`");
  return {NoneValue()};
}

}  // namespace torchassay
