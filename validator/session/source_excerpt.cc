#include "validator/session/source_excerpt.h"

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "validator/base/file.h"
#include "validator/base/sha256.h"

namespace torchassay {
namespace {

constexpr int kLinesAround = 2;
constexpr int kLongestExcerpt = 40;
constexpr int kEntriesSearched = 20000;
constexpr int kDeepestFolder = 8;

std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

namespace fs = std::filesystem;

// `text` of the file at `path`, where it is the one that was converted.
std::optional<std::string> ReadConverted(const std::string& path, const Source& source) {
  const RealFileSystem files;
  if (files.Kind(path) != FileKind::kRegular) return std::nullopt;
  Result<std::string> text = files.Read(path);
  if (!text.ok() || Sha256(std::as_bytes(std::span(*text))) != *source.sha256) return std::nullopt;
  return *std::move(text);
}

// From the working folder; "" where it is above it, or absolute.
std::string FromWorkingFolder(const fs::path& path) {
  const fs::path normal = path.lexically_normal();
  const std::string text = normal.generic_string();
  return normal.is_absolute() || text.starts_with("..") ? "" : text;
}

bool IsWorthEntering(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return !name.starts_with('.') && !name.ends_with(".assay") && name != "node_modules";
}

// Files of that name below the working folder, in the order of their paths. A search that takes long is given up.
std::vector<fs::path> FilesNamed(const std::string& name) {
  std::vector<fs::path> found;
  std::error_code error;
  int entries = 0;
  fs::recursive_directory_iterator entry(".", fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::end(entry) && entries < kEntriesSearched; entry.increment(error), ++entries) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && (entry.depth() >= kDeepestFolder || !IsWorthEntering(entry->path()))) {
      entry.disable_recursion_pending();
    } else if (entry->path().filename() == name) {
      found.push_back(entry->path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
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
  return SourceExcerpt{"", begin, {lines.begin() + begin - 1, lines.begin() + end}};
}

std::optional<ModelSource> FindModelSource(const Bundle& bundle) {
  const Source& source = bundle.manifest.source;
  if (!source.file || !source.sha256) return std::nullopt;
  std::vector<fs::path> places = {*source.file, fs::path(bundle.path) / ".." / *source.file,
                                  fs::path(bundle.path) / ".." / ".." / *source.file};
  for (const bool everywhere : {false, true}) {
    if (everywhere) places = FilesNamed(BaseName(*source.file));
    for (const fs::path& place : places) {
      if (auto text = ReadConverted(place.string(), source))
        return ModelSource{FromWorkingFolder(place), *std::move(text)};
    }
  }
  return std::nullopt;
}

std::optional<SourceExcerpt> ExcerptFor(const Finding& finding, const Bundle& bundle, const ModelSource& source) {
  if (!finding.file || !finding.line) return std::nullopt;
  if (BaseName(*finding.file) != BaseName(*bundle.manifest.source.file)) return std::nullopt;
  std::optional<SourceExcerpt> excerpt = CutExcerpt(source.text, *finding.line, LastLine(finding));
  if (excerpt) excerpt->path = source.path;
  return excerpt;
}

}  // namespace torchassay
