#include "validator/runner/source_frame.h"

#include <algorithm>
#include <cstdlib>

#include "validator/base/file.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t start = text.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kSpace) - start + 1);
}

// An installed PyTorch, one in its source tree, and its modules inside an archive.
bool IsPyTorchs(const SourceFrame& frame) {
  for (const std::string_view part :
       {"-packages/torch/", "/torch/nn/", "/torch/jit/", "/torch/functional.py", "/torch/ao/", "__torch__/torch/"}) {
    if (frame.path.find(part) != std::string::npos) return true;
  }
  return false;
}

// Code that a program made, as PyTorch does for `torch._assert`; an author's only where nothing else is.
bool IsMade(const SourceFrame& frame) { return frame.path == "<string>"; }

}  // namespace

std::optional<SourceFrame> ParseTracedFrame(std::string_view line) {
  const std::size_t end = line.find("): ");
  if (end == std::string_view::npos) return std::nullopt;
  const std::size_t open = line.rfind('(', end);
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view number = line.substr(open + 1, end - open - 1);
  const bool digits = !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
  const std::string_view path = Trim(line.substr(0, open));
  // `<stdin>`, `<string>`: source that stood in no file.
  if (!digits || !(path.ends_with(".py") || path.ends_with('>'))) return std::nullopt;
  return SourceFrame{std::string(path), std::atoi(std::string(number).c_str()), std::string(Trim(line.substr(end + 3))),
                     ""};
}

std::vector<SourceFrame> ParseTracedStack(std::string_view text) {
  std::vector<SourceFrame> frames;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::optional<SourceFrame> frame = ParseTracedFrame(text.substr(0, end));
    if (!frame && frames.empty()) return {};
    if (frame) frames.push_back(*std::move(frame));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return frames;
}

std::optional<SourceFrame> ParseScriptedFrame(std::string_view line) {
  const std::size_t open = line.find("File \"");
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t close = line.find('"', open + 6);
  const std::size_t number = line.find(", line ", open);
  if (close == std::string_view::npos || number == std::string_view::npos) return std::nullopt;
  const std::size_t in = line.find(", in ", number);
  return SourceFrame{std::string(line.substr(open + 6, close - open - 6)),
                     std::atoi(std::string(line.substr(number + 7)).c_str()),
                     in == std::string_view::npos ? "" : std::string(Trim(line.substr(in + 5))), ""};
}

std::size_t AuthorsFrame(std::span<const SourceFrame> innermost_first) {
  auto own = std::find_if_not(innermost_first.begin(), innermost_first.end(),
                              [](const SourceFrame& frame) { return IsPyTorchs(frame) || IsMade(frame); });
  if (own == innermost_first.end()) {
    own = std::find_if_not(innermost_first.begin(), innermost_first.end(), IsPyTorchs);
  }
  return own == innermost_first.end() ? 0 : static_cast<std::size_t>(own - innermost_first.begin());
}

std::string FrameText(const SourceFrame& frame) {
  const std::string file = frame.path.starts_with("code/") ? frame.path : BaseName(frame.path);
  return frame.line > 0 ? file + ":" + std::to_string(frame.line) : file;
}

std::string PlaceText(std::span<const SourceFrame> innermost_first) {
  if (innermost_first.empty()) return "";
  const std::size_t own = AuthorsFrame(innermost_first);
  const std::string text = FrameText(innermost_first[own]);
  return own == 0 ? text : text + " (in " + FrameText(innermost_first[0]) + ")";
}

}  // namespace torchassay
