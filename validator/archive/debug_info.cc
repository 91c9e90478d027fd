#include "validator/archive/debug_info.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace torchassay {
namespace {

constexpr std::int64_t kMostLines = 1'000'000;

std::string BaseName(std::string_view path) { return std::string(path.substr(path.find_last_of("/\\") + 1)); }

struct Frame {
  std::string_view file;
  int line = 0;
};

// "/a/b/conv.py(560): forward"
std::optional<Frame> ParseFrame(std::string_view text) {
  const std::size_t close = text.find("): ");
  const std::size_t open = close == std::string_view::npos ? close : text.rfind('(', close);
  if (open == std::string_view::npos || open == 0 || close - open > 9) return std::nullopt;
  int line = 0;
  for (const char c : text.substr(open + 1, close - open - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    line = line * 10 + (c - '0');
  }
  return Frame{text.substr(0, open), line};
}

// A trace keeps its call stack, innermost frame first. The first frame outside of PyTorch that lies
// below the call of torch.jit.trace is the model's own line.
std::optional<SourcePlace> PlaceInStack(std::string_view stack) {
  std::optional<Frame> innermost;
  while (!stack.empty()) {
    const std::size_t end = std::min(stack.find('\n'), stack.size());
    const std::optional<Frame> frame = ParseFrame(stack.substr(0, end));
    stack.remove_prefix(std::min(end + 1, stack.size()));
    if (!frame) break;
    if (frame->file.ends_with("torch/jit/_trace.py")) break;
    if (!innermost) innermost = frame;
    if (frame->file.find("/torch/") == std::string_view::npos) {
      return SourcePlace{BaseName(frame->file), frame->line};
    }
  }
  if (!innermost) return std::nullopt;
  return SourcePlace{BaseName(innermost->file), innermost->line};
}

// The two forms of a source: (text, file, line), or with the texts in a table: ([indexes], file index, line).
class SourceReader final {
 public:
  SourceReader(const PickleTree& debug, const PickleValue* table) : debug_(debug), table_(table) {}

  // Whether `source` is the call stack of a trace.
  bool IsStack(const PickleValue& source) { return Find(source).stack.has_value(); }

  // The place of the character `start` of `source`.
  std::optional<SourcePlace> Place(const PickleValue& source, std::int64_t start) {
    const Source& known = Find(source);
    if (known.stack || known.empty) return known.stack;
    const std::string_view file = Text(debug_.Item(source, 1));
    const std::int64_t first = debug_.Item(source, 2).integer;
    if (file.empty() || first < 0 || first > kMostLines) return std::nullopt;
    const auto before = std::lower_bound(known.newlines.begin(), known.newlines.end(), start);
    return SourcePlace{BaseName(file), static_cast<int>(first + 1 + (before - known.newlines.begin()))};
  }

 private:
  // What is kept of a source: not its text, of which traces have one for each operator.
  struct Source {
    bool empty = true;
    std::vector<std::int64_t> newlines;  // positions, ascending
    std::optional<SourcePlace> stack;    // where the text is a call stack
  };

  std::string_view Text(const PickleValue& value) const {
    if (value.kind == PickleKind::kText) return value.text;
    if (table_ == nullptr || value.kind != PickleKind::kInt || value.integer < 0) return {};
    return debug_.Item(*table_, static_cast<std::size_t>(value.integer)).text;
  }

  // Many ranges name one source: it is looked at once.
  const Source& Find(const PickleValue& source) {
    const auto [at, added] = sources_.try_emplace(&source);
    if (!added) return at->second;
    const std::string text = Join(debug_.Item(source, 0));
    Source& known = at->second;
    known.empty = text.empty();
    known.stack = PlaceInStack(text);
    if (known.stack) return known;
    for (std::size_t i = text.find('\n'); i != std::string::npos; i = text.find('\n', i + 1)) {
      known.newlines.push_back(static_cast<std::int64_t>(i));
    }
    return known;
  }

  // A text, or build_intlist([...]) of indexes into the table. What all sources take together is bounded.
  std::string Join(const PickleValue& value) {
    std::string text(Text(value));
    const PickleValue& list = debug_.Item(debug_.Item(value, 1), 0);
    for (std::size_t i = 0; i < list.items.size() && text.size() < text_left_; ++i) {
      text += Text(debug_.Item(list, i));
    }
    if (text.size() > text_left_) text.clear();
    text_left_ -= text.size();
    return text;
  }

  const PickleTree& debug_;
  const PickleValue* table_;
  std::map<const PickleValue*, Source> sources_;
  std::size_t text_left_ = 64 << 20;
};

// Turns the ascending offsets of one file's code into lines of its methods, in one pass.
class LineCounter final {
 public:
  explicit LineCounter(std::string_view code) : code_(code) {}

  // The line of `offset` within `method`, from 0; -1 where an earlier offset was asked for before.
  int LineOf(const Method& method, std::size_t offset) {
    if (method_ != &method) {
      method_ = &method;
      at_ = method.offset;
      line_ = 0;
    }
    if (offset < at_ || offset > code_.size()) return -1;
    const std::string_view between = code_.substr(at_, offset - at_);
    line_ += static_cast<int>(std::count(between.begin(), between.end(), '\n'));
    at_ = offset;
    return line_;
  }

 private:
  std::string_view code_;
  const Method* method_ = nullptr;
  std::size_t at_ = 0;
  int line_ = 0;
};

void AddPlace(Method& method, int line, const SourcePlace& place) {
  if (line < 0 || (!method.places.empty() && method.places.back().first == line)) return;
  method.places.emplace_back(line, place);
  if (!method.source) method.source = place;
}

}  // namespace

void AddSourcePlaces(const PickleTree& debug, std::string_view code, std::span<Method* const> methods) {
  const PickleValue& root = debug.root();
  const bool tabled = debug.Item(root, 0).text == "FORMAT_WITH_STRING_TABLE";
  const PickleValue& ranges = tabled ? debug.Item(root, 2) : root;
  SourceReader reader(debug, tabled ? &debug.Item(root, 1) : nullptr);

  std::vector<Method*> order(methods.begin(), methods.end());
  std::sort(order.begin(), order.end(), [](const Method* a, const Method* b) { return a->offset < b->offset; });
  LineCounter lines(code);
  auto method = order.begin();
  for (std::size_t i = 0; i < ranges.items.size(); ++i) {
    const PickleValue& range = debug.Item(ranges, i);
    const PickleValue& place = debug.Item(range, 1);
    const std::int64_t offset = debug.Item(range, 0).integer;
    while (method != order.end() && static_cast<std::int64_t>((*method)->end) <= offset) ++method;
    if (method == order.end()) return;
    if (offset < static_cast<std::int64_t>((*method)->offset)) continue;
    const PickleValue& source = debug.Item(place, 0);
    if (const auto found = reader.Place(source, debug.Item(place, 1).integer)) {
      AddPlace(**method, lines.LineOf(**method, static_cast<std::size_t>(offset)), *found);
      (*method)->traced |= reader.IsStack(source);
    }
  }
}

}  // namespace torchassay
