#include "validator/archive/code_scanner.h"

#include <algorithm>

#include "validator/archive/code_text.h"

namespace torchassay {
namespace {

// "code/__torch__/torch/nn.py" → "__torch__.torch.nn."
std::string ModulePrefix(std::string_view record) {
  if (record.starts_with("code/")) record.remove_prefix(5);
  if (record.ends_with(".py")) record.remove_suffix(3);
  std::string prefix(record);
  std::replace(prefix.begin(), prefix.end(), '/', '.');
  return prefix + ".";
}

struct Line {
  std::string_view text;  // without the newline
  std::size_t offset = 0;
  int number = 0;  // from 1
  std::size_t indent = 0;
  bool blank() const { return indent == text.size(); }
};

std::vector<Line> SplitLines(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    Line line;
    line.text = text.substr(start, end - start);
    line.offset = start;
    line.number = static_cast<int>(lines.size()) + 1;
    line.indent = std::min(line.text.find_first_not_of(' '), line.text.size());
    lines.push_back(line);
    start = end + 1;
  }
  return lines;
}

Argument ParseArgument(std::string_view text) {
  Argument argument;
  const std::size_t colon = FindOutside(text, ':');
  argument.name = Trim(text.substr(0, colon));
  if (colon == std::string_view::npos) return argument;
  const std::string_view rest = text.substr(colon + 1);
  const std::size_t equals = FindOutside(rest, '=');
  argument.type = Trim(rest.substr(0, equals));
  if (equals != std::string_view::npos) argument.default_value = Trim(rest.substr(equals + 1));
  return argument;
}

// Reads "def name(self: T, a: B=c) -> D:" from `text`; true if it is one.
bool ParseHeader(std::string_view text, bool in_class, Method& method) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return false;
  const std::size_t close = ClosingBracket(text, open);
  if (close == std::string_view::npos) return false;
  method.name = Trim(text.substr(4, open - 4));
  std::vector<std::string_view> arguments = SplitArguments(text.substr(open + 1, close - open - 1));
  if (in_class && !arguments.empty()) arguments.erase(arguments.begin());
  for (const std::string_view argument : arguments) method.arguments.push_back(ParseArgument(argument));
  const std::string_view rest = text.substr(close + 1);
  const std::size_t arrow = rest.find("->");
  const std::size_t colon = FindOutside(rest, ':');
  if (arrow != std::string_view::npos && colon != std::string_view::npos && arrow < colon) {
    method.returns = Trim(rest.substr(arrow + 2, colon - arrow - 2));
  }
  return true;
}

// ["a", "b", ] → a, b
std::vector<std::string> StringList(std::string_view text) {
  std::vector<std::string> items;
  const std::string_view list = Trim(text);
  if (list.size() < 2 || list.front() != '[') return items;
  for (const std::string_view item : SplitArguments(list.substr(1, list.size() - 2))) {
    items.push_back(Unquote(item));
  }
  return items;
}

class Scanner final {
 public:
  Scanner(const std::string& record, std::string_view text)
      : record_(record), prefix_(ModulePrefix(record)), text_(text), lines_(SplitLines(text)) {}

  CodeUnit Run() {
    while (at_ < lines_.size()) {
      const Line& line = lines_[at_];
      const std::string_view rest = line.text.substr(line.indent);
      if (line.indent == 0 && rest.starts_with("class ")) {
        StartClass(rest);
      } else if (rest.starts_with("def ")) {
        ReadMethod(line.indent > 0);
        continue;
      } else if (line.indent > 0 && !unit_.classes.empty()) {
        ReadField(rest, unit_.classes.back());
      }
      ++at_;
    }
    return std::move(unit_);
  }

 private:
  // class Name(Base):
  void StartClass(std::string_view text) {
    const std::string_view head = text.substr(6, text.find_last_of(':') - 6);
    const std::size_t open = head.find('(');
    ClassCode added;
    added.name = prefix_ + std::string(Trim(head.substr(0, open)));
    if (open != std::string_view::npos) {
      added.kind = Trim(head.substr(open + 1, head.rfind(')') - open - 1));
    }
    unit_.classes.push_back(std::move(added));
  }

  // name : Type | name : Final[Type] = value | __annotations__["0"] = Type | __parameters__ = [...]
  static void ReadField(std::string_view text, ClassCode& into) {
    if (text.starts_with("__parameters__ =")) {
      into.parameters = StringList(text.substr(16));
    } else if (text.starts_with("__buffers__ =")) {
      into.buffers = StringList(text.substr(13));
    } else if (text.starts_with("__annotations__[")) {
      const std::size_t close = ClosingBracket(text, 15);
      if (close == std::string_view::npos || close < 16) return;
      const std::size_t equals = text.find('=', close);
      if (equals == std::string_view::npos) return;
      into.fields.emplace_back(Unquote(text.substr(16, close - 16)), Trim(text.substr(equals + 1)));
    } else if (const std::size_t colon = text.find(" : "); colon != std::string_view::npos) {
      ReadAnnotation(std::string(Trim(text.substr(0, colon))), text.substr(colon + 3), into);
    }
  }

  static void ReadAnnotation(const std::string& name, std::string_view text, ClassCode& into) {
    const std::size_t equals = FindOutside(text, '=');
    const std::string_view type = Trim(text.substr(0, equals));
    const bool constant = type.starts_with("Final[") && equals != std::string_view::npos;
    if (constant) {
      into.constants.emplace_back(name, Trim(text.substr(equals + 1)));
    } else {
      into.fields.emplace_back(name, type);
    }
  }

  // The header may take several lines; the body is what is indented deeper.
  void ReadMethod(bool in_class) {
    const Line first = lines_[at_];
    std::size_t last = at_;
    std::size_t close = std::string_view::npos;
    const std::string_view from = text_.substr(first.offset + first.indent);
    if (const std::size_t open = from.find('('); open != std::string_view::npos) {
      close = ClosingBracket(from, open);
    }
    if (close == std::string_view::npos) {  // no code: looking on from each line would take quadratic time
      at_ = lines_.size();
      return;
    }
    const std::size_t header_end = first.offset + first.indent + close;
    while (last + 1 < lines_.size() && lines_[last + 1].offset <= header_end) ++last;
    std::size_t end = last + 1;
    while (end < lines_.size() && (lines_[end].blank() || lines_[end].indent > first.indent)) ++end;

    Method method;
    method.code_file = record_;
    method.code_line = first.number;
    method.offset = first.offset;
    method.end = end < lines_.size() ? lines_[end].offset : text_.size();
    const std::size_t header = lines_[last].offset + lines_[last].text.size() - (first.offset + first.indent);
    if (ParseHeader(from.substr(0, header), in_class, method)) {
      method.code = Dedented(at_, end, first.indent);
      Keep(std::move(method), in_class);
    }
    at_ = end;
  }

  std::string Dedented(std::size_t from, std::size_t end, std::size_t indent) const {
    std::string code;
    for (std::size_t i = from; i < end; ++i) {
      code += lines_[i].text.substr(std::min(indent, lines_[i].indent));
      code += '\n';
    }
    return code;
  }

  void Keep(Method method, bool in_class) {
    if (in_class && !unit_.classes.empty()) {
      unit_.classes.back().methods.push_back(std::move(method));
    } else {
      method.name = prefix_ + method.name;
      unit_.functions.push_back(std::move(method));
    }
  }

  const std::string& record_;
  std::string prefix_;
  std::string_view text_;
  std::vector<Line> lines_;
  std::size_t at_ = 0;
  CodeUnit unit_;
};

}  // namespace

CodeUnit ScanCode(const std::string& record, std::string_view text) { return Scanner(record, text).Run(); }

}  // namespace torchassay
