#include "validator/archive/file_kind.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "validator/archive/byte_cursor.h"
#include "validator/archive/pickle_machine.h"
#include "validator/archive/zip_reader.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::uint64_t kLegacyPickleBytes = 16 << 20;  // enough to name the kind; weights follow after
constexpr char kConvertHelp[] = "convert the model where its Python source is: `torchassay convert model.py:NAME`";
constexpr char kDownloadHelp[] = "download the file again, and look at what the server sent";

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  const char* what;
  const char* help;
};

constexpr Magic kMagics[] = {
    {0, "version https://git-lfs.github.com"sv, "a Git LFS pointer, not the file it points to",
     "fetch the real file: `git lfs pull`"},
    {0, "PYTORCH1"sv, "TorchScript of a preview of PyTorch 1.0, which nothing reads any more", kConvertHelp},
    {0, "\x93NUMPY"sv, "a NumPy array (.npy), not TorchScript", "give arrays to `torchassay compare`"},
    {0, "GGUF"sv, "a GGUF file, not TorchScript", kConvertHelp},
    {0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file, such as Keras writes, not TorchScript", kConvertHelp},
    {4, "TFL3"sv, "a TensorFlow Lite model, not TorchScript", kConvertHelp},
    {4, "ET"sv, "an ExecuTorch program (.pte), not TorchScript", kConvertHelp},
    {4, "PTMF"sv, "a mobile model in flatbuffer format, which LibTorch's server build does not load",
     "save the model again with `torch.jit.save`"},
    {0, "\177ELF"sv, "a compiled library or program, not TorchScript",
     "a library with custom operators is given with `--library`"},
    {0, "\x1f\x8b"sv, "compressed with gzip", "unpack it first: `gunzip`"},
    {0, "\x28\xb5\x2f\xfd"sv, "compressed with zstd", "unpack it first: `unzstd`"},
    {0, "BZh"sv, "compressed with bzip2", "unpack it first: `bunzip2`"},
    {0, "\3757zXZ"sv, "compressed with xz", "unpack it first: `unxz`"},
    {257, "ustar"sv, "a tar archive", "unpack it, or save the model again with `torch.jit.save`"},
    {0, "%PDF"sv, "a PDF document, not a model", kDownloadHelp},
    {0, "\x89PNG"sv, "a PNG picture, not a model", ""},
    {0, "\xff\xd8\xff"sv, "a JPEG picture, not a model", ""},
};

std::string Head(const ByteSource& source, std::uint64_t most) {
  std::string head(std::min(source.size(), most), '\0');
  if (!source.ReadAt(0, std::as_writable_bytes(std::span(head))).ok()) head.clear();
  return head;
}

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// A header of JSON behind its own length.
bool IsSafetensors(const ByteSource& source, std::string_view head) {
  ByteCursor cursor(Bytes(head));
  const std::uint64_t length = cursor.U64();
  return cursor.ok() && head.size() > 8 && head[8] == '{' && source.size() >= 8 && length <= source.size() - 8;
}

// One number of a protobuf, seven bits a byte.
std::uint64_t Varint(ByteCursor& cursor) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = cursor.U8();
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (!(byte & 0x80)) break;
  }
  return value;
}

// ONNX has no magic bytes: its fields must be those of a ModelProto, with a graph among them.
bool IsOnnx(const ByteSource& source) {
  constexpr std::array kFields = {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26};
  bool graph = false;
  std::uint64_t at = 0;
  for (int fields = 0; at < source.size() && fields < 10'000; ++fields) {
    std::array<std::byte, 20> window{};
    const std::size_t size = std::min<std::uint64_t>(window.size(), source.size() - at);
    if (!source.ReadAt(at, std::span(window).first(size)).ok()) return false;
    ByteCursor cursor(std::span<const std::byte>(window).first(size));
    const std::uint64_t tag = Varint(cursor);
    const std::uint64_t field = tag >> 3;
    const bool text = (tag & 7) == 2;
    const bool number = field == 1 || field == 5;
    if (at == 0 && field != 1) return false;
    if (std::find(kFields.begin(), kFields.end(), static_cast<int>(field)) == kFields.end()) return false;
    if ((tag & 7) != (number ? 0u : 2u)) return false;
    const std::uint64_t value = Varint(cursor);
    if (!cursor.ok()) return false;
    graph |= field == 7;
    at += cursor.position();
    if (text && value > source.size() - at) return graph;  // cut off inside its graph
    if (text) at += value;
  }
  return graph;
}

// How many bytes of UTF-8 follow a first byte; -1 where none may begin with it.
int Continuations(unsigned char first) {
  if (first < 0x80) return 0;
  if (first >= 0xc2 && first < 0xe0) return 1;
  if (first >= 0xe0 && first < 0xf0) return 2;
  return first >= 0xf0 && first < 0xf5 ? 3 : -1;
}

// UTF-8 without control characters; a character that the end of `head` cuts off is none the worse.
bool LooksLikeText(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto byte = static_cast<unsigned char>(head[i]);
    if (byte < 0x20 && head.substr(i, 1).find_first_of("\n\r\t\f") != 0) return false;
    int more = Continuations(byte);
    if (more < 0) return false;
    for (; more > 0 && i + 1 < head.size(); --more) {
      if ((static_cast<unsigned char>(head[++i]) & 0xc0) != 0x80) return false;
    }
  }
  return !head.empty();
}

FileKind TextKind(std::string_view head) {
  std::string start;
  for (const char c : head.substr(0, 512)) start += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  start.erase(0, start.find_first_not_of(" \t\r\n"));
  if (start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<head")) {
    return {"an HTML page, not a model", kDownloadHelp};
  }
  if (start.starts_with("<?xml") || start.starts_with("<")) return {"an XML document, not a model", kDownloadHelp};
  if (start.starts_with("{") || start.starts_with("[")) return {"a JSON text, not a model", kDownloadHelp};
  if (head.find("import torch") != std::string_view::npos) {
    return {"Python source, not a converted model", "convert it first: `torchassay convert FILE.py:NAME`"};
  }
  const std::string line(head.substr(0, head.find_first_of("\r\n")));
  return {"a text file, not a model: it begins " + Quote(line), kDownloadHelp};
}

// torch.save before zip files: three small pickles (a magic number among them), then the object's.
std::optional<FileKind> PickleFileKind(const ByteSource& source, const ArchiveLimits& limits) {
  const std::string bytes = Head(source, kLegacyPickleBytes);
  std::size_t at = 0;
  for (int i = 0; i < 4 && at < bytes.size(); ++i) {
    const Result<PickleTree> pickle = ParsePickle(Bytes(bytes).subspan(at), limits);
    if (!pickle.ok()) return std::nullopt;
    const bool magic = i == 0 && pickle->root().kind == PickleKind::kBigInt;
    if ((i == 0 && !magic) || i == 3) {
      FileKind kind = PickledKind(*pickle);
      kind.what += i == 3 ? " (in torch.save's format before 1.6)" : " (a plain pickle)";
      return kind;
    }
    at += pickle->consumed();
  }
  return std::nullopt;
}

bool Ends(std::string_view name, std::string_view suffix) { return name.ends_with(suffix); }

// Records without the root folder.
std::vector<std::string_view> Names(const std::vector<ZipEntry>& entries, const std::string& root) {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const ZipEntry& entry : entries) {
    std::string_view name = entry.name;
    if (name.starts_with(root + "/")) name.remove_prefix(root.size() + 1);
    names.push_back(name);
  }
  return names;
}

FileKind SavedKind(const ByteSource& source, const ZipEntry& data, const ArchiveLimits& limits) {
  const Result<std::string> bytes = ReadRecord(source, data, limits.pickle_bytes);
  if (bytes.ok()) {
    const Result<PickleTree> pickle = ParsePickle(Bytes(*bytes), limits);
    if (pickle.ok()) return PickledKind(*pickle);
  }
  return {"an archive of torch.save, not TorchScript", kConvertHelp};
}

FileKind UnknownZipKind(const std::vector<ZipEntry>& entries) {
  if (entries.empty()) return {"an empty zip archive", kDownloadHelp};
  std::vector<std::string> names;
  for (const ZipEntry& entry : entries) names.push_back(entry.name);
  return {"a zip archive without `data.pkl`, not TorchScript: it holds " + QuoteList(names), kConvertHelp};
}

}  // namespace

FileKind ForeignFileKind(const ByteSource& source, const ArchiveLimits& limits) {
  if (source.size() == 0) return {"empty", "download or save the file again"};
  const std::string head = Head(source, 4096);
  for (const Magic& magic : kMagics) {
    if (head.size() >= magic.offset && std::string_view(head).substr(magic.offset).starts_with(magic.bytes)) {
      return {magic.what, magic.help};
    }
  }
  if (IsSafetensors(source, head)) {
    return {"a safetensors file, not TorchScript",
            "it holds weights or tensors only: give it to `--weights`, `--inputs` or `compare`"};
  }
  if (static_cast<unsigned char>(head[0]) == 0x80) {
    if (std::optional<FileKind> kind = PickleFileKind(source, limits)) return *kind;
    return {"a damaged or very large pickle, not TorchScript", kConvertHelp};
  }
  if (IsOnnx(source)) return {"an ONNX model, not TorchScript", kConvertHelp};
  if (LooksLikeText(head)) return TextKind(head);
  return {"of no kind that is known here: a TorchScript file is a zip archive", kDownloadHelp};
}

std::optional<FileKind> ForeignZipKind(const ByteSource& source, const std::vector<ZipEntry>& entries,
                                       const std::string& root, const ArchiveLimits& limits) {
  const std::vector<std::string_view> names = Names(entries, root);
  const auto has = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  const auto any = [&](auto&& test) { return std::any_of(names.begin(), names.end(), test); };
  const bool code = any([](std::string_view name) { return name.starts_with("code/"); });

  if (any([](std::string_view name) { return Ends(name, "serialized_exported_program.json"); }) ||
      has("archive_format") || has("models/model.json")) {
    return FileKind{"a torch.export program (.pt2), not TorchScript", kConvertHelp};
  }
  if (has("model.json")) {
    return FileKind{"TorchScript of PyTorch 1.0 to 1.2 (`model.json`), which is not read here",
                    "load it once in Python and save it again with `torch.jit.save`"};
  }
  if (any([](std::string_view name) { return name.starts_with("MAR-INF/") || name == "MANIFEST.json"; })) {
    return FileKind{"a TorchServe archive (.mar), not TorchScript", "unpack it: the model is a file inside"};
  }
  if (any([](std::string_view name) { return Ends(name, ".data/extern_modules"); })) {
    return FileKind{"a torch.package archive, not TorchScript", kConvertHelp};
  }
  if (!names.empty() &&
      std::all_of(names.begin(), names.end(), [](std::string_view name) { return Ends(name, ".npy"); })) {
    return FileKind{"a NumPy archive (.npz), not TorchScript", "give arrays to `torchassay compare`"};
  }
  if (has("constants.pkl") || code) return std::nullopt;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "data.pkl") return SavedKind(source, entries[i], limits);
  }
  return UnknownZipKind(entries);
}

}  // namespace torchassay
