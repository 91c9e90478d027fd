#include "validator/session/source_excerpt.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "validator/base/file.h"
#include "validator/base/sha256.h"

namespace torchassay {
namespace {

constexpr int kLinesAround = 2;
constexpr int kLongestExcerpt = 40;

std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

std::vector<std::string> PlacesOf(const Bundle& bundle, const std::string& file) {
  return {file, bundle.path + "/../" + file, bundle.path + "/../../" + file};
}

int LastLine(const Finding& finding) {
  int last = finding.end_line.value_or(*finding.line);
  for (int line : finding.dropped_lines) last = std::max(last, line);
  return last;
}

}  // namespace

std::optional<SourceExcerpt> CutExcerpt(std::string_view text, int first, int last) {
  const std::vector<std::string> lines = SplitLines(text);
  const int count = static_cast<int>(lines.size());
  if (first < 1 || first > count) return std::nullopt;
  const int begin = std::max(1, first - kLinesAround);
  const int end = std::min({count, std::max(first, last) + kLinesAround, begin + kLongestExcerpt - 1});
  return SourceExcerpt{begin, {lines.begin() + begin - 1, lines.begin() + end}};
}

std::optional<SourceExcerpt> FindExcerpt(const Bundle& bundle, const Finding& finding) {
  const Source& source = bundle.manifest.source;
  if (!finding.file || !finding.line || !source.file || !source.sha256) return std::nullopt;
  if (BaseName(*finding.file) != BaseName(*source.file)) return std::nullopt;
  const RealFileSystem files;
  for (const std::string& place : PlacesOf(bundle, *source.file)) {
    if (files.Kind(place) != FileKind::kRegular) continue;
    const Result<std::string> text = files.Read(place);
    if (text.ok() && Sha256(std::as_bytes(std::span(*text))) == *source.sha256) {
      return CutExcerpt(*text, *finding.line, LastLine(finding));
    }
  }
  return std::nullopt;
}

}  // namespace torchassay
