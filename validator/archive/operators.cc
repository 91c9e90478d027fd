#include "validator/archive/operators.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "validator/archive/code_text.h"
#include "validator/archive/known_operators.h"

namespace torchassay {
namespace {

constexpr std::string_view kClasses = "__torch__.torch.classes.";

// A dotted name: "ops.quantized.conv2d".
std::string_view DottedName(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && (IsNameCharacter(text[size]) || text[size] == '.')) ++size;
  return text.substr(0, size);
}

// "torch.add" is aten::add and "ops.image.read_file" is image::read_file; "" for anything else.
std::string OperatorName(std::string_view dotted) {
  if (dotted.starts_with("torch.")) {
    const std::string_view name = dotted.substr(6);
    return name.empty() || name.find('.') != std::string_view::npos ? "" : "aten::" + std::string(name);
  }
  if (!dotted.starts_with("ops.")) return "";
  const std::string_view rest = dotted.substr(4);
  const std::size_t dot = rest.find('.');
  if (dot == std::string_view::npos || rest.find('.', dot + 1) != std::string_view::npos) return "";
  return std::string(rest.substr(0, dot)) + "::" + std::string(rest.substr(dot + 1));
}

void NoteDevice(std::string_view code, std::size_t at, CodeCalls& calls) {
  if (at < code.size() && (code[at] == '"' || code[at] == '\'')) {
    calls.devices.insert(Unquote(code.substr(at, SkipString(code, at) - at)));
  }
}

void NoteName(std::string_view code, std::size_t at, std::string_view name, CodeCalls& calls) {
  if (name.starts_with(kClasses)) {
    calls.custom_classes.emplace(name.substr(kClasses.size()));
    return;
  }
  const std::size_t end = at + name.size();
  if (end >= code.size() || code[end] != '(') return;
  if (name == "torch.device") return NoteDevice(code, end + 1, calls);
  if (std::string op = OperatorName(name); !op.empty()) ++calls.operators[op];
}

template <std::size_t N>
bool Contains(const std::array<std::string_view, N>& sorted, std::string_view name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

}  // namespace

CodeCalls FindCalls(std::string_view code) {
  CodeCalls calls;
  for (std::size_t i = 0; i < code.size();) {
    if (code[i] == '"' || code[i] == '\'') {
      i = SkipString(code, i);
    } else if (IsNameCharacter(code[i])) {
      const std::string_view name = DottedName(code.substr(i));
      NoteName(code, i, name, calls);
      i += name.size();
    } else if (code[i] == '.') {  // a member of an expression: (x).name
      i += 1 + DottedName(code.substr(i + 1)).size();
    } else {
      ++i;
    }
  }
  return calls;
}

bool IsKnownOperator(const std::string& name) { return name.starts_with("prim::") || Contains(kKnownOperators, name); }

bool IsKnownClass(const std::string& name) { return Contains(kKnownClasses, name); }

bool TouchesFiles(const std::string& name) {
  static constexpr std::array<std::string_view, 17> kTouching = {
      "aten::from_file",
      "aten::save",
      "image::read_file",
      "image::write_file",
      "torchaudio::compat_load",
      "torchaudio::compat_save",
      "torchaudio::load",
      "torchaudio::save",
      "torchaudio::sox_effects_apply_effects_file",
      "torchaudio::sox_io_get_info",
      "torchaudio::sox_io_load_audio_file",
      "torchaudio::sox_io_save_audio_file",
      "torchcodec_ns::create_from_file",
      "torchcodec_ns::encode_audio_to_file",
      "torchcodec_ns::encode_video_to_file",
      "video_reader::probe_video_from_file",
      "video_reader::read_video_from_file",
  };
  return Contains(kTouching, name);
}

}  // namespace torchassay
