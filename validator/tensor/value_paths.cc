#include "validator/tensor/value_paths.h"

#include <cctype>
#include <cmath>
#include <complex>

#include "validator/base/strings.h"

namespace torchassay {
namespace {

using LeafList = std::vector<std::pair<std::string, const Value*>>;

bool IsIdentifier(const std::string& text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0]))) return false;
  for (const char c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

std::string EscapedKey(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// 2.0 stays a float: "2.0", as Python writes it.
std::string FloatKeyText(double key) {
  const std::string text = ExactNumberText(key);
  return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

std::string KeyText(const DictKey& key) {
  if (const auto* integer = std::get_if<std::int64_t>(&key)) return std::to_string(*integer);
  if (const auto* boolean = std::get_if<bool>(&key)) return *boolean ? "true" : "false";
  if (const auto* number = std::get_if<double>(&key)) return FloatKeyText(*number);
  return "\"" + EscapedKey(std::get<std::string>(key)) + "\"";
}

void AddLeaves(const Value& value, const std::string& path, LeafList& leaves);

void AddTuple(const TupleValue& tuple, const std::string& path, LeafList& leaves) {
  for (std::size_t i = 0; i < tuple.items.size(); ++i) {
    AddLeaves(tuple.items[i], TupleItemPath(path, tuple, i), leaves);
  }
}

void AddLeaves(const Value& value, const std::string& path, LeafList& leaves) {
  if (const auto* tuple = std::get_if<TupleValue>(&value.content)) {
    AddTuple(*tuple, path, leaves);
  } else if (const auto* list = std::get_if<ListValue>(&value.content)) {
    for (std::size_t i = 0; i < list->items.size(); ++i) AddLeaves(list->items[i], ItemPath(path, i), leaves);
  } else if (const auto* dict = std::get_if<DictValue>(&value.content)) {
    for (const auto& [key, item] : dict->items) AddLeaves(item, KeyPath(path, key), leaves);
  } else {
    leaves.emplace_back(path, &value);
  }
}

std::string DescribeDict(const DictValue& dict) {
  if (dict.items.empty()) return "an empty dict";
  std::vector<std::string> keys;
  for (const auto& [key, item] : dict.items) {
    const auto* text = std::get_if<std::string>(&key);
    keys.push_back(text != nullptr ? *text : KeyText(key));
  }
  return std::string("a dict with the key") + (keys.size() == 1 ? " " : "s ") + QuoteList(keys);
}

std::string ComplexText(const std::complex<double>& number) {
  const std::string sign = std::signbit(number.imag()) ? "" : "+";
  return ExactNumberText(number.real()) + sign + ExactNumberText(number.imag()) + "j";
}

// Says what a value is, in the words of a message.
struct Describer {
  std::string operator()(const NoneValue&) const { return "None"; }
  std::string operator()(const TensorRef& tensor) const { return DescribeTensor(tensor.dtype, tensor.shape); }
  std::string operator()(const TupleValue& tuple) const {
    return "a tuple of " + CountText(static_cast<std::int64_t>(tuple.items.size()), "item");
  }
  std::string operator()(const ListValue& list) const {
    return "a list of " + CountText(static_cast<std::int64_t>(list.items.size()), "item");
  }
  std::string operator()(const DictValue& dict) const { return DescribeDict(dict); }
  std::string operator()(bool value) const { return value ? "True" : "False"; }
  std::string operator()(std::int64_t value) const { return "the int " + std::to_string(value); }
  std::string operator()(double value) const { return "the float " + ExactNumberText(value); }
  std::string operator()(const std::complex<double>& value) const { return "the complex " + ComplexText(value); }
  std::string operator()(const std::string& value) const { return "the str " + Quote(value); }
};

}  // namespace

std::string ItemPath(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

std::string KeyPath(const std::string& path, const DictKey& key) {
  const auto* name = std::get_if<std::string>(&key);
  if (name == nullptr || !IsIdentifier(*name)) return path + "[" + KeyText(key) + "]";
  return path.empty() ? *name : path + "." + *name;
}

std::string TupleItemPath(const std::string& path, const TupleValue& tuple, std::size_t index) {
  return index < tuple.names.size() ? KeyPath(path, tuple.names[index]) : ItemPath(path, index);
}

LeafList Leaves(const Value& value, const std::string& path) {
  LeafList leaves;
  AddLeaves(value, path, leaves);
  return leaves;
}

std::vector<const TensorRef*> Tensors(const Value& value) {
  std::vector<const TensorRef*> tensors;
  for (const auto& [path, leaf] : Leaves(value, "")) {
    if (const auto* tensor = std::get_if<TensorRef>(&leaf->content)) tensors.push_back(tensor);
  }
  return tensors;
}

std::string DescribeValue(const Value& value) { return std::visit(Describer(), value.content); }

}  // namespace torchassay
