#include "validator/archive/archive.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "validator/archive/archive_findings.h"
#include "validator/archive/checksums.h"
#include "validator/archive/code_scanner.h"
#include "validator/archive/container.h"
#include "validator/archive/crc32.h"
#include "validator/archive/debug_info.h"
#include "validator/archive/operators.h"
#include "validator/archive/pickle_machine.h"
#include "validator/archive/pickle_text.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::size_t kMethodsPerOperator = 3;  // that are named; more say nothing new
constexpr std::uint64_t kExtraFileText = 4096;

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// Fills an ArchiveSummary, one part after the other.
class ArchiveReader final {
 public:
  ArchiveReader(const Container& container, const ReadOptions& options)
      : container_(container), options_(options), text_left_(options.limits.text_bytes) {}

  Result<ArchiveSummary> Read() {
    out_.root = container_.root();
    out_.file_bytes = container_.source().size();
    ListRecords();
    for (Status (ArchiveReader::*part)() :
         {&ArchiveReader::CheckRecords, &ArchiveReader::ReadVersion, &ArchiveReader::ReadCode,
          &ArchiveReader::ReadModules, &ArchiveReader::ReadTracedInputs, &ArchiveReader::ReadExtraFiles}) {
      if (Status status = (this->*part)(); !status.ok()) return status;
    }
    CollectCalls();
    Classify();
    AddRiskFindings(out_);
    AddChecksumFindings(mismatched_, out_);
    return std::move(out_);
  }

 private:
  void ListRecords() {
    for (const ZipEntry& entry : container_.entries()) {
      out_.records.push_back({std::string(container_.RelativeName(entry)), entry.size, entry.stored_size,
                              entry.compressed, entry.crc != 0});
    }
  }

  Status CheckRecords() {
    if (!options_.checksums) {
      for (const RecordInfo& record : out_.records) out_.unchecked_records += record.bytes > 0;
      return Status();
    }
    Result<ChecksumResult> result = VerifyChecksums(container_.source(), container_.entries(), options_.threads);
    if (!result.ok()) return result.status();
    out_.checked_records = result->checked;
    out_.unchecked_records = result->unchecked;
    for (const std::size_t index : result->mismatched) mismatched_.insert(out_.records[index].name);
    return Status();
  }

  // Text records count against one limit together: a file with ten thousand large ones is no model.
  Result<std::string> Text(const std::string& name) {
    Result<std::string> text = container_.Read(name, std::min(options_.limits.pickle_bytes, text_left_));
    if (text.ok()) text_left_ -= text->size();
    return text;
  }

  // What went wrong in `record`: where its checksum is wrong as well, that is the cause.
  Status Blame(const Status& status, const std::string& record, std::string_view content) const {
    const ZipEntry* entry = container_.Find(record);
    if (entry != nullptr && entry->crc != 0 && Crc32(Bytes(content)) != entry->crc) {
      return Status(StatusCode::kUnreadable, "TA203",
                    "the record " + Quote(record) + " is damaged: its checksum is wrong, and " + status.message(),
                    "copy or download the file again");
    }
    return status.WithContext(Quote(record));
  }

  Status ReadVersion() {
    const std::string name = container_.Find("version") != nullptr ? "version" : ".data/version";
    if (container_.Find(name) != nullptr) {
      const Result<std::string> text = Text(name);
      if (!text.ok()) return text.status();
      std::from_chars(text->data(), text->data() + text->size(), out_.format_version);
    }
    if (container_.Find("byteorder") != nullptr) {
      const Result<std::string> text = Text("byteorder");
      if (!text.ok()) return text.status();
      out_.byte_order = text->substr(0, 16);
    }
    return container_.Find("bytecode.pkl") == nullptr ? Status() : ReadBytecodeVersion();
  }

  // A tuple: its version, then the functions.
  Status ReadBytecodeVersion() {
    const Result<std::string> bytes = Text("bytecode.pkl");
    if (!bytes.ok()) return bytes.status();
    const Result<PickleTree> bytecode = ParsePickle(Bytes(*bytes), options_.limits);
    if (!bytecode.ok()) return Blame(bytecode.status(), "bytecode.pkl", *bytes);
    out_.bytecode_version = static_cast<int>(bytecode->Item(bytecode->root(), 0).integer);
    return Status();
  }

  Status ReadCode() {
    for (const RecordInfo& record : out_.records) {
      if (!record.name.starts_with("code/") || !record.name.ends_with(".py")) continue;
      const Result<std::string> text = Text(record.name);
      if (!text.ok()) return text.status();
      CodeUnit unit = ScanCode(record.name, *text);
      AddPlaces(record.name, *text, unit);
      std::move(unit.classes.begin(), unit.classes.end(), std::back_inserter(out_.classes));
      std::move(unit.functions.begin(), unit.functions.end(), std::back_inserter(out_.functions));
    }
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::stable_sort(out_.classes.begin(), out_.classes.end(), by_name);
    std::stable_sort(out_.functions.begin(), out_.functions.end(), by_name);
    for (const ClassCode& code : out_.classes) class_index_.emplace(code.name, &code);
    return Status();
  }

  // A damaged debug record costs only the places.
  void AddPlaces(const std::string& record, std::string_view code, CodeUnit& unit) {
    const std::string name = record + ".debug_pkl";
    if (container_.Find(name) == nullptr) return;
    const Result<std::string> bytes = Text(name);
    if (!bytes.ok()) return;
    const Result<PickleTree> debug = ParsePickle(Bytes(*bytes), options_.limits);
    if (!debug.ok()) return;
    std::vector<Method*> methods;
    for (ClassCode& owner : unit.classes) {
      for (Method& method : owner.methods) methods.push_back(&method);
    }
    for (Method& function : unit.functions) methods.push_back(&function);
    AddSourcePlaces(*debug, code, methods);
  }

  Status ReadModules() {
    const Result<std::string> bytes = Text("data.pkl");
    if (!bytes.ok()) return bytes.status();
    const Result<PickleTree> data = ParsePickle(Bytes(*bytes), options_.limits);
    if (!data.ok()) return Blame(data.status(), "data.pkl", *bytes);
    Result<ModuleContent> tree = ReadModuleTree(*data, class_index_, options_.limits);
    if (!tree.ok()) return Blame(tree.status(), "data.pkl", *bytes);
    tree_ = std::move(*tree);
    if (Status status = ReadConstants(); !status.ok()) return status;
    MarkShared(tree_.tensors);
    if (Status status = CheckStorages(); !status.ok()) return status;
    out_.modules = std::move(tree_.modules);
    out_.tensors = std::move(tree_.tensors);
    out_.runs_on_load.assign(tree_.runs_on_load.begin(), tree_.runs_on_load.end());
    return Status();
  }

  Status ReadConstants() {
    if (container_.Find("constants.pkl") == nullptr) return Status();
    const Result<std::string> bytes = Text("constants.pkl");
    if (!bytes.ok()) return bytes.status();
    const Result<PickleTree> constants = ParsePickle(Bytes(*bytes), options_.limits);
    if (!constants.ok()) return Blame(constants.status(), "constants.pkl", *bytes);
    const Status status = AddConstants(*constants, class_index_, options_.limits, tree_);
    return status.ok() ? status : Blame(status, "constants.pkl", *bytes);
  }

  // LibTorch trusts the pickle about a storage's size; a record that is shorter would be read beyond its end.
  Status CheckStorages() const {
    for (const NamedTensor& named : tree_.tensors) {
      const StoredTensor& tensor = named.tensor;
      const ZipEntry* entry = container_.Find(tensor.record);
      if (entry == nullptr) {
        return Status(StatusCode::kUnreadable, "TA202",
                      "the archive lacks the record " + Quote(tensor.record) + " of the tensor " + Quote(named.path),
                      "copy or download the file again");
      }
      std::int64_t needed = 0;
      if (__builtin_mul_overflow(tensor.storage_elements, tensor.element_bytes, &needed) ||
          static_cast<std::uint64_t>(needed) > entry->size) {
        return Status(StatusCode::kUnreadable, "TA204",
                      "the tensor " + Quote(named.path) + " needs " + CountText(tensor.storage_elements, "element") +
                          " of " + tensor.dtype + ", but its record " + Quote(tensor.record) + " has " +
                          BytesText(entry->size),
                      "the file is damaged, or was not written by PyTorch");
      }
    }
    return Status();
  }

  Status ReadTracedInputs() {
    if (container_.Find("traced_inputs.pkl") == nullptr) return Status();
    const Result<std::string> bytes = Text("traced_inputs.pkl");
    if (!bytes.ok()) return bytes.status();
    const Result<PickleTree> pickle = ParsePickle(Bytes(*bytes), options_.limits);
    if (!pickle.ok()) return Blame(pickle.status(), "traced_inputs.pkl", *bytes);
    const PickleValue& methods = Unwrapped(*pickle, pickle->root());
    for (std::size_t i = 0; i + 1 < methods.items.size(); i += 2) {
      TracedInput traced;
      traced.method = pickle->Item(methods, i).text;
      const PickleValue& arguments = Unwrapped(*pickle, pickle->Item(methods, i + 1));
      for (std::size_t k = 0; k < arguments.items.size(); ++k) {
        const PickleValue& argument = pickle->Item(arguments, k);
        Result<Value> value = PickledInput(*pickle, argument);
        if (!value.ok()) return Blame(value.status(), "traced_inputs.pkl", *bytes);
        traced.arguments.push_back(std::move(*value));
        traced.texts.push_back(PickleText(*pickle, argument));
      }
      out_.traced_inputs.push_back(std::move(traced));
    }
    return Status();
  }

  Status ReadExtraFiles() {
    for (const RecordInfo& record : out_.records) {
      if (!record.name.starts_with("extra/")) continue;
      std::string text = "<" + BytesText(record.bytes) + ">";
      if (record.bytes <= kExtraFileText) {
        const Result<std::string> content = Text(record.name);
        if (!content.ok()) return content.status();
        if (IsPrintable(*content)) text = *content;
      }
      out_.extra_files.emplace(record.name.substr(6), std::move(text));
    }
    return Status();
  }

  static bool IsPrintable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r';
    });
  }

  void CollectCalls() {
    std::map<std::string, OperatorUse> uses;
    std::set<std::string> devices;
    std::set<std::string> classes = tree_.custom_classes;
    const auto add = [&](const Method& method, const std::string& name) {
      const CodeCalls calls = FindCalls(method.code);
      devices.insert(calls.devices.begin(), calls.devices.end());
      classes.insert(calls.custom_classes.begin(), calls.custom_classes.end());
      for (const auto& [op, count] : calls.operators) {
        OperatorUse& use = uses[op];
        use.name = op;
        use.count += count;
        if (use.methods.size() < kMethodsPerOperator) use.methods.push_back(name);
      }
    };
    for (const ClassCode& code : out_.classes) {
      for (const Method& method : code.methods) add(method, code.name + "." + method.name);
    }
    for (const Method& function : out_.functions) add(function, function.name);

    for (auto& [name, use] : uses) {
      if (TouchesFiles(name)) out_.touches_files.push_back(name);
      if (!IsKnownOperator(name)) out_.unknown_operators.push_back(name);
      out_.operators.push_back(std::move(use));
    }
    std::stable_sort(out_.operators.begin(), out_.operators.end(),
                     [](const OperatorUse& a, const OperatorUse& b) { return a.count > b.count; });
    for (const std::string& name : classes) {
      if (!IsKnownClass(name)) out_.unknown_classes.push_back(name);
    }
    out_.code_devices.assign(devices.begin(), devices.end());
    std::set<std::string> storages;
    for (const NamedTensor& tensor : out_.tensors) storages.insert(tensor.tensor.device);
    out_.storage_devices.assign(storages.begin(), storages.end());
  }

  void Classify() {
    const bool weights_in_code = out_.modules.size() == 1 && !out_.tensors.empty() &&
                                 std::all_of(out_.tensors.begin(), out_.tensors.end(), [](const NamedTensor& tensor) {
                                   return tensor.role == TensorRole::kConstant;
                                 });
    if (container_.Find("bytecode.pkl") != nullptr) {
      out_.kind = ArchiveKind::kMobile;
    } else if (weights_in_code && out_.traced_inputs.empty()) {
      out_.kind = ArchiveKind::kFrozen;
    } else {
      out_.kind = IsTraced() ? ArchiveKind::kTraced : ArchiveKind::kScripted;
    }
    out_.producer = DescribeProducer(out_);
  }

  // Before PyTorch 1.9 the example was not stored; the call stacks in the debug records tell as well.
  bool IsTraced() const {
    if (!out_.traced_inputs.empty()) return true;
    const ClassCode* root = out_.FindClass(out_.modules.front().type);
    if (root == nullptr) return false;
    return std::any_of(root->methods.begin(), root->methods.end(), [](const Method& method) { return method.traced; });
  }

  const Container& container_;
  const ReadOptions& options_;
  std::uint64_t text_left_;
  ClassIndex class_index_;
  ModuleContent tree_;
  std::set<std::string> mismatched_;  // records
  ArchiveSummary out_;
};

}  // namespace

Result<ArchiveSummary> ReadArchive(const std::string& path, const ReadOptions& options) {
  const Result<std::unique_ptr<ByteSource>> source = OpenFileSource(path);
  if (!source.ok()) return source.status();
  return ReadArchive(**source, path, options);
}

Result<ArchiveSummary> ReadArchive(const ByteSource& source, const std::string& name, const ReadOptions& options) {
  const Result<Container> container = Container::Open(source, name, options.limits);
  if (!container.ok()) return container.status();
  Result<ArchiveSummary> summary = ArchiveReader(*container, options).Read();
  if (!summary.ok()) return summary.status().WithContext(Quote(name));
  return summary;
}

}  // namespace torchassay
