#include "validator/manifest/bundle.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "validator/base/closest.h"
#include "validator/base/sha256.h"
#include "validator/base/strings.h"
#include "validator/tensor/tensor_file.h"
#include "validator/tensor/value_paths.h"

namespace torchassay {
namespace {

constexpr char kManifestName[] = "manifest.json";
constexpr char kModelName[] = "model.pt";

std::vector<std::string> ListedPaths(const Manifest& manifest) {
  std::vector<std::string> paths;
  for (const BundleFile& file : manifest.files) paths.push_back(file.path);
  return paths;
}

// What is used must be listed, so that its hash is known.
Status CheckListed(const Manifest& manifest) {
  const std::vector<std::string> paths = ListedPaths(manifest);
  const std::set<std::string> listed(paths.begin(), paths.end());
  if (!listed.contains(kModelName)) {
    return Status(StatusCode::kUnreadable, "TA214", "the manifest lists no `model.pt` among its files");
  }
  for (const Case& bundle_case : manifest.cases) {
    for (const CaseCall& call : bundle_case.calls) {
      if (call.file.empty() || listed.contains(call.file)) continue;
      return Status(StatusCode::kUnreadable, "TA214",
                    "case " + Quote(bundle_case.name) + " uses " + Quote(call.file) +
                        ", which the manifest does not list among its files",
                    DidYouMean(call.file, paths));
    }
  }
  return Status();
}

Status CheckPlace(const FileSystem& files, const Bundle& bundle, const std::string& root, const std::string& file) {
  const Result<std::string> resolved = files.Resolve(bundle.PathOf(file));
  if (resolved.ok() && files.Kind(bundle.PathOf(file)) != FileKind::kRegular) {
    return Status(StatusCode::kUnreadable, "TA214", Quote(file) + " of the bundle is no regular file");
  }
  if (!resolved.ok()) {
    return Status(StatusCode::kUnreadable, "TA214", "the bundle lacks its file " + Quote(file),
                  "convert the model again, or copy the whole folder");
  }
  if (resolved->starts_with(root + "/")) return Status();
  return Status(StatusCode::kRefused, "TA206", "the file " + Quote(file) + " is a link that leads out of the bundle",
                "put the file itself into the bundle");
}

Status CheckPlaces(const FileSystem& files, const Bundle& bundle) {
  const Result<std::string> root = files.Resolve(bundle.path);
  if (!root.ok()) return root.status();
  for (const BundleFile& file : bundle.manifest.files) {
    if (Status status = CheckPlace(files, bundle, *root, file.path); !status.ok()) return status;
  }
  return Status();
}

Result<std::string> ReadManifestText(const FileSystem& files, const std::string& path) {
  switch (files.Kind(path)) {
    case FileKind::kMissing: return Status(StatusCode::kNotFound, "no such bundle " + Quote(path));
    case FileKind::kRegular:
    case FileKind::kOther:
      return Status(StatusCode::kUnreadable, "TA211", Quote(path) + " is a file, a bundle is a folder");
    case FileKind::kDirectory: break;
  }
  Result<std::string> text = files.Read(JoinPath(path, kManifestName));
  if (text.ok() || text.status().code() != StatusCode::kNotFound) return text;
  return Status(StatusCode::kUnreadable, "TA211", Quote(path) + " is no bundle: it holds no `manifest.json`",
                "`torchassay convert` writes bundles");
}

const BundleFile* FindFile(const Manifest& manifest, const std::string& path) {
  for (const BundleFile& file : manifest.files) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

Status Stale(const std::string& file, const std::string& what) {
  return Status(StatusCode::kUnreadable, "TA213", Quote(file) + " is not what the manifest recorded: " + what,
                "convert the model again: nothing in a bundle may be edited");
}

// An empty file cannot be mapped, and has nothing to read; a bundle may hold one.
class NoBytes final : public FileBytes {
 public:
  std::span<const std::byte> bytes() const override { return {}; }
};

Result<std::unique_ptr<FileBytes>> MapListed(const FileSystem& files, const Bundle& bundle, const BundleFile& file) {
  Result<std::unique_ptr<FileBytes>> content = files.Map(bundle.PathOf(file.path));
  if (content.ok()) return content;
  if (content.status().code() == StatusCode::kNotFound) {
    return Status(StatusCode::kUnreadable, "TA214", "the bundle lacks its file " + Quote(file.path));
  }
  const Result<std::string> text = files.Read(bundle.PathOf(file.path));
  if (text.ok() && text->empty()) return std::unique_ptr<FileBytes>(std::make_unique<NoBytes>());
  return content;
}

// A call and the name of its case, by the file of its tensors.
using CallsByFile = std::map<std::string, std::vector<std::pair<std::string, const CaseCall*>>>;

CallsByFile Calls(const Manifest& manifest) {
  CallsByFile calls;
  for (const Case& one : manifest.cases) {
    for (const CaseCall& call : one.calls) calls[call.file].emplace_back(one.name, &call);
  }
  return calls;
}

std::vector<const TensorRef*> TensorsOf(const CaseCall& call) {
  std::vector<const TensorRef*> tensors;
  const auto add = [&](const Value& value) {
    const std::vector<const TensorRef*> more = Tensors(value);
    tensors.insert(tensors.end(), more.begin(), more.end());
  };
  for (const Value& value : call.args) add(value);
  for (const auto& [name, value] : call.kwargs) add(value);
  if (const auto* outputs = std::get_if<Value>(&call.expects)) add(*outputs);
  for (const SubmoduleRecord& record : call.submodules) add(record.output);
  return tensors;
}

// How a file holds what the manifest says: safetensors has no c128, whose pairs are one more dimension of f64.
std::string StoredText(const TensorRef& tensor, DType stored) {
  if (tensor.dtype != DType::kC128 || stored != DType::kF64) return DescribeTensor(tensor.dtype, tensor.shape);
  Shape shape = tensor.shape;
  shape.push_back(2);
  return DescribeTensor(DType::kF64, shape);
}

Status CheckTensors(const TensorSource& source, const std::string& file, const CallsByFile::mapped_type& calls) {
  for (const auto& [name, call] : calls) {
    for (const TensorRef* tensor : TensorsOf(*call)) {
      const std::optional<TensorView> held = source.Find(tensor->name);
      const std::string who = "case " + Quote(name) + " uses the tensor " + Quote(tensor->name);
      if (!held) {
        return Status(StatusCode::kUnreadable, "TA211",
                      who + (file.empty() ? ", but names no file" : ", which " + Quote(file) + " does not hold"));
      }
      if (!tensor->alias.empty()) {
        const std::optional<TensorView> twin = source.Find(tensor->alias);
        if (twin && !std::ranges::equal(twin->bytes, held->bytes)) {
          return Status(
              StatusCode::kUnreadable, "TA211",
              who + " as an alias of " + Quote(tensor->alias) + ", but " + Quote(file) + " holds other values");
        }
      }
      const std::string said = StoredText(*tensor, held->dtype), is = DescribeTensor(held->dtype, held->shape);
      if (said == is) continue;
      return Status(StatusCode::kUnreadable, "TA211", who + " as " + said + ", but " + Quote(file) + " holds " + is);
    }
  }
  return Status();
}

}  // namespace

std::string Bundle::PathOf(const std::string& file) const { return JoinPath(path, file); }

bool LooksLikeBundle(const FileSystem& files, const std::string& path) {
  return files.Kind(JoinPath(path, kManifestName)) == FileKind::kRegular;
}

Result<Bundle> OpenBundle(const FileSystem& files, const std::string& path) {
  Result<std::string> text = ReadManifestText(files, path);
  if (!text.ok()) return text.status();
  Result<Manifest> manifest = ParseManifest(*std::move(text), kManifestName);
  if (!manifest.ok()) return manifest.status().WithContext(Quote(BaseName(path)));
  Bundle bundle = {path, JoinPath(path, kModelName), *std::move(manifest)};
  Status status = CheckListed(bundle.manifest);
  if (status.ok()) status = CheckPlaces(files, bundle);
  if (!status.ok()) return status.WithContext(Quote(BaseName(path)));
  return bundle;
}

Result<Bundle> OpenBundle(const std::string& path) { return OpenBundle(RealFileSystem(), path); }

Result<std::unique_ptr<FileBytes>> VerifyFile(const FileSystem& files, const Bundle& bundle, const std::string& file) {
  const BundleFile* recorded = FindFile(bundle.manifest, file);
  if (recorded == nullptr) {
    return Status(StatusCode::kUnreadable, "TA214", "the manifest does not list " + Quote(file) + " among its files");
  }
  Result<std::unique_ptr<FileBytes>> content = MapListed(files, bundle, *recorded);
  if (!content.ok()) return content.status();
  const std::span<const std::byte> bytes = (*content)->bytes();
  if (bytes.size() != recorded->bytes) {
    return Stale(file, "it has " + CountText(std::ssize(bytes), "byte") + ", not " + std::to_string(recorded->bytes));
  }
  if (Sha256(bytes) != recorded->sha256) return Stale(file, "its SHA-256 differs");
  return content;
}

Status VerifyCases(const FileSystem& files, const Bundle& bundle) {
  const CallsByFile calls = Calls(bundle.manifest);
  if (const auto without = calls.find(""); without != calls.end()) {
    if (Status status = CheckTensors(TensorTable(), "", without->second); !status.ok()) return status;
  }
  for (const BundleFile& file : bundle.manifest.files) {
    if (bundle.PathOf(file.path) == bundle.model_path) continue;
    Result<std::unique_ptr<FileBytes>> content = VerifyFile(files, bundle, file.path);
    if (!content.ok()) return content.status();
    const auto users = calls.find(file.path);
    if (users == calls.end()) continue;
    const Result<TensorFile> tensors = TensorFile::FromBytes(*std::move(content), file.path);
    if (!tensors.ok()) return tensors.status();
    if (Status status = CheckTensors(*tensors, file.path, users->second); !status.ok()) return status;
  }
  return Status();
}

}  // namespace torchassay
