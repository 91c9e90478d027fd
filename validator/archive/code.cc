#include "validator/archive/code.h"

#include <string_view>

#include "validator/archive/code_text.h"

namespace torchassay {
namespace {

constexpr std::string_view kRoot = "__torch__.";
constexpr std::string_view kMangle = "___torch_mangle_";

// The size of "___torch_mangle_12." at the start of `text`, or 0.
std::size_t MangleSize(std::string_view text) {
  if (!text.starts_with(kMangle)) return 0;
  std::size_t size = kMangle.size();
  while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
  return size < text.size() && text[size] == '.' ? size + 1 : 0;
}

}  // namespace

std::string Method::Schema() const {
  const std::size_t dot = name.rfind('.');
  std::string schema = (dot == std::string::npos ? name : name.substr(dot + 1)) + "(";
  for (const Argument& argument : arguments) {
    if (schema.back() != '(') schema += ", ";
    schema += DemangledName(argument.type) + " " + argument.name;
    if (argument.default_value) schema += "=" + *argument.default_value;
  }
  return schema + ") -> " + DemangledName(returns);
}

const Method* ClassCode::FindMethod(const std::string& method) const {
  for (const Method& candidate : methods) {
    if (candidate.name == method) return &candidate;
  }
  return nullptr;
}

std::string ClassCode::FieldType(const std::string& field) const {
  for (const auto& [name, type] : fields) {
    if (name == field) return type;
  }
  return "";
}

std::string ShortClassName(const std::string& type) { return type.substr(type.rfind('.') + 1); }

std::string DemangledName(const std::string& text) {
  std::string plain;
  const std::string_view rest = text;
  for (std::size_t i = 0; i < rest.size();) {
    const bool starts_name = i == 0 || !(IsNameCharacter(rest[i - 1]));
    if (starts_name && rest.substr(i).starts_with(kRoot)) {
      i += kRoot.size();
    }
    if (const std::size_t size = MangleSize(rest.substr(i)); size != 0) {
      i += size;
    } else if (i < rest.size()) {
      plain += rest[i++];
    }
  }
  return plain;
}

}  // namespace torchassay
