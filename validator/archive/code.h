// What the stored code of an archive declares: classes, methods and their schemas.

#ifndef VALIDATOR_ARCHIVE_CODE_H_
#define VALIDATOR_ARCHIVE_CODE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace torchassay {

// A line of the Python that a method was made from.
struct SourcePlace {
  std::string file;  // the base name alone: "resnet.py"
  int line = 0;      // from 1
  friend bool operator==(const SourcePlace&, const SourcePlace&) = default;
};

struct Argument {
  std::string name;
  std::string type;  // "Tensor", "Optional[Dict[str, Tensor]]"
  std::optional<std::string> default_value;
};

struct Method {
  std::string name;                 // of a free function: qualified
  std::vector<Argument> arguments;  // without self
  std::string returns;
  std::string code;        // the def and its body as stored, without the class's indentation
  std::string code_file;   // "code/__torch__.py"
  int code_line = 0;       // of the def, from 1
  std::size_t offset = 0;  // of the def in its file, in bytes
  std::size_t end = 0;
  bool traced = false;                              // its places are call stacks, as torch.jit.trace records them
  std::optional<SourcePlace> source;                // of its first statement
  std::vector<std::pair<int, SourcePlace>> places;  // line within `code`, from 0, ascending

  // "forward(Tensor x, int n=3) -> Tensor".
  std::string Schema() const;
};

struct ClassCode {
  std::string name;                     // qualified, as stored: "__torch__.torchvision.___torch_mangle_3.Conv2d"
  std::string kind;                     // "Module", "NamedTuple", "Enum", "Interface"; "" for a plain class
  std::vector<std::string> parameters;  // of __parameters__
  std::vector<std::string> buffers;     // of __buffers__
  std::vector<std::pair<std::string, std::string>> fields;     // name, declared type
  std::vector<std::pair<std::string, std::string>> constants;  // Final fields: name, value
  std::vector<Method> methods;

  const Method* FindMethod(const std::string& method) const;
  // The declared type of a field, or "".
  std::string FieldType(const std::string& field) const;
};

// "__torch__.torchvision.models.resnet.___torch_mangle_3.BasicBlock" → "BasicBlock".
std::string ShortClassName(const std::string& type);
// The same without "__torch__." and the mangling, anywhere in a text: "torchvision.models.resnet.BasicBlock".
std::string DemangledName(const std::string& text);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_CODE_H_
