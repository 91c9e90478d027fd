#include "validator/report/inspect_text.h"

#include <algorithm>
#include <set>

#include "validator/base/strings.h"
#include "validator/report/finding_text.h"
#include "validator/report/inspect_code.h"
#include "validator/report/number_text.h"
#include "validator/report/takes_text.h"
#include "validator/report/text_table.h"

namespace torchassay {
namespace {

constexpr std::size_t kSummaryLines = 40;  // of the tree, before it is cut to its upper levels
constexpr std::size_t kSummaryOperators = 8;

std::string Counted(std::size_t count, const char* noun) {
  return GroupedText(static_cast<std::int64_t>(count)) + " " + noun + (count == 1 ? "" : "s");
}

std::string HeadingText(const Inspection& inspection, const TerminalStyle& style) {
  const ArchiveSummary& archive = inspection.archive;
  return style.Paint(Emphasis::kStrong, inspection.name) + ": TorchScript, " + ArchiveKindName(archive.kind) + ", " +
         BytesText(archive.file_bytes) + ", " + archive.producer + " (format " +
         std::to_string(archive.format_version) + ")\n";
}

std::string MethodsText(const ArchiveSummary& archive) {
  std::string text;
  const ClassCode* root = archive.FindClass(archive.modules.front().type);
  if (root == nullptr) return text;
  for (const Method& method : root->methods) {
    text += "  " + method.Schema() + "\n";
    for (const TracedInput& traced : archive.traced_inputs) {
      if (traced.method == method.name) text += "    traced with " + Join(traced.texts, ", ") + "\n";
    }
  }
  return text;
}

std::string WeightsText(const ArchiveSummary& archive) {
  const ModuleSize all = ModuleSizes(archive).front();
  std::string text = "  " + Counted(archive.modules.size(), "module") + ", " +
                     Counted(archive.tensors.size(), "tensor") + ", " +
                     Counted(static_cast<std::size_t>(all.parameters), "parameter");
  const char* separator = ": ";
  for (const auto& [dtype, bytes] : BytesByType(archive)) {
    text += separator + dtype + " " + BytesText(static_cast<std::uint64_t>(bytes));
    separator = ", ";
  }
  return text + "\n";
}

std::string ChecksumText(const ArchiveSummary& archive) {
  const bool damaged = std::any_of(archive.findings.begin(), archive.findings.end(),
                                   [](const Finding& finding) { return finding.code == "TA203"; });
  if (damaged) return "";
  if (archive.checked_records == 0) return "  no checksum was compared\n";
  std::string text = "  the checksums of " + Counted(archive.checked_records, "record") + " are right";
  if (archive.unchecked_records > 0) {
    text += ", " + Counted(archive.unchecked_records, "record") + " without one";
  }
  return text + "\n";
}

std::string DevicesText(const ArchiveSummary& archive) {
  std::set<std::string> devices(archive.code_devices.begin(), archive.code_devices.end());
  devices.insert(archive.storage_devices.begin(), archive.storage_devices.end());
  devices.erase("");
  if (devices.empty() || (devices.size() == 1 && devices.count("cpu") == 1)) return "";
  std::string text = "  devices:";
  for (const std::string& device : devices) text += " " + device;
  return text + "\n";
}

std::string ManifestText(const Manifest& manifest) {
  const auto faithful = manifest.conversion.faithful ? "faithful" : "not faithful";
  std::string text = "  bundle of " + Quote(manifest.source.model) + ", converted by " + manifest.conversion.mode_used +
                     ", " + faithful + ", with PyTorch " + manifest.producer.torch + "\n";
  for (const SignatureEntry& entry : manifest.signature.inputs) {
    text += "    input " + entry.path + " = " + entry.spec + "\n";
  }
  for (const SignatureEntry& entry : manifest.signature.outputs) {
    text += "    output " + entry.path + " = " + entry.spec + "\n";
  }
  for (const OutputTolerance& tolerance : manifest.tolerances) {
    text += "    tolerance of " + tolerance.output + ": rtol " + NumberText(tolerance.rtol) + ", atol " +
            NumberText(tolerance.atol) + " (" + tolerance.origin + ")\n";
  }
  std::map<std::string, std::size_t> kinds;
  for (const Case& one : manifest.cases) ++kinds[CaseKindName(one.kind)];
  text += "    " + Counted(manifest.cases.size(), "case");
  const char* separator = ": ";
  for (const auto& [kind, count] : kinds) {
    text += separator + std::to_string(count) + " " + kind;
    separator = ", ";
  }
  return text + "\n    " + Counted(manifest.findings.size(), "finding") + " of the converter\n";
}

// The tree with a branch drawn before each name.
class TreeText final {
 public:
  TreeText(const ArchiveSummary& archive, bool tensors, int depth)
      : archive_(archive), sizes_(ModuleSizes(archive)), tensors_(tensors), depth_(depth) {}

  std::string Render() {
    table_.Add({"module", "class", "parameters", "size", ""});
    Add(0, "", "");
    return table_.Render();
  }

 private:
  void Add(int index, const std::string& branch, const std::string& below, int depth = 0) {
    const ModuleNode& node = archive_.modules[index];
    const ModuleSize& size = sizes_[index];
    const std::string name = index == 0 ? "(root)" : node.path.substr(node.path.rfind('.') + 1);
    table_.Add({branch + name, node.class_name, size.parameters > 0 ? GroupedText(size.parameters) : "",
                size.bytes > 0 ? BytesText(static_cast<std::uint64_t>(size.bytes)) : "", NoteText(node, depth)});
    if (tensors_) AddTensors(node, below + (node.children.empty() ? "   " : "│  "));
    if (depth >= depth_) return;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const bool last = i + 1 == node.children.size();
      Add(node.children[i], below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "), depth + 1);
    }
  }

  std::string NoteText(const ModuleNode& node, int depth) const {
    std::string note;
    if (!node.shares.empty()) note = "the same as " + node.shares;
    if (node.training.value_or(false) && archive_.modules.front().training != node.training) note += "(training)";
    if (depth >= depth_ && !node.children.empty()) note += "…";
    return note;
  }

  void AddTensors(const ModuleNode& node, const std::string& branch) {
    for (const int index : node.tensors) {
      const NamedTensor& named = archive_.tensors[index];
      const std::string name = named.path.substr(node.path.empty() ? 0 : node.path.size() + 1);
      table_.Add({branch + name, named.tensor.Describe(), "",
                  BytesText(static_cast<std::uint64_t>(named.tensor.bytes())),
                  named.shares.empty() ? "" : "shares " + named.shares});
    }
  }

  const ArchiveSummary& archive_;
  std::vector<ModuleSize> sizes_;
  bool tensors_;
  int depth_;
  TextTable table_{{Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kLeft}};
};

constexpr int kAllLevels = 1 << 20;

int DepthOf(const std::string& path) {
  return path.empty() ? 0 : 1 + static_cast<int>(std::count(path.begin(), path.end(), '.'));
}

// As many levels as fit into a screen.
std::string SummaryTree(const ArchiveSummary& archive) {
  int depth = 1;
  for (;; ++depth) {
    const auto shown = std::count_if(archive.modules.begin(), archive.modules.end(),
                                     [&](const ModuleNode& node) { return DepthOf(node.path) <= depth + 1; });
    if (shown > static_cast<std::ptrdiff_t>(kSummaryLines) || depth > 20) break;
  }
  std::string text = TreeText(archive, /*tensors=*/false, depth).Render();
  const auto hidden = std::count_if(archive.modules.begin(), archive.modules.end(),
                                    [&](const ModuleNode& node) { return DepthOf(node.path) > depth; });
  if (hidden > 0) text += "  … " + Counted(static_cast<std::size_t>(hidden), "module") + " more: `--tree`\n";
  return text;
}

std::string NoteOf(const NamedTensor& named) {
  std::string note = TensorRoleName(named.role);
  if (!named.shares.empty()) note += ", shares " + named.shares;
  if (!named.tensor.quantisation.empty()) note += ", " + named.tensor.quantisation;
  if (!named.tensor.layout.empty()) note += ", " + named.tensor.layout;
  if (named.tensor.layout.empty() && !named.tensor.contiguous()) note += ", strided";
  if (named.tensor.device != "cpu" && !named.tensor.device.empty()) note += ", from " + named.tensor.device;
  return note;
}

std::string ParamsText(const ArchiveSummary& archive) {
  TextTable table({Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft});
  table.Add({"tensor", "type", "size", ""});
  for (const NamedTensor& named : archive.tensors) {
    table.Add({named.path, named.tensor.Describe(), BytesText(static_cast<std::uint64_t>(named.tensor.bytes())),
               NoteOf(named)});
  }
  for (const ModuleNode& node : archive.modules) {
    for (const Attribute& attribute : node.attributes) {
      table.Add({node.path.empty() ? attribute.name : node.path + "." + attribute.name, DemangledName(attribute.type),
                 "", "= " + attribute.value});
    }
  }
  return table.Render();
}

std::string RiskOf(const ArchiveSummary& archive, const std::string& op) {
  const auto in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), op) != list.end();
  };
  if (in(archive.touches_files)) return "touches files";
  return in(archive.unknown_operators) ? "not in this LibTorch" : "";
}

std::string OpsText(const ArchiveSummary& archive) {
  TextTable table({Align::kRight, Align::kLeft, Align::kLeft, Align::kLeft});
  table.Add({"written", "operator", "", "in"});
  for (const OperatorUse& use : archive.operators) {
    const std::string more = use.methods.size() < static_cast<std::size_t>(use.count) ? ", …" : "";
    table.Add({GroupedText(use.count), use.name, RiskOf(archive, use.name), DemangledName(use.methods.front()) + more});
  }
  return table.Render();
}

std::string SummaryOps(const ArchiveSummary& archive) {
  std::string text = "  operators:";
  for (std::size_t i = 0; i < archive.operators.size() && i < kSummaryOperators; ++i) {
    text += (i > 0 ? ", " : " ") + archive.operators[i].name + " ×" + std::to_string(archive.operators[i].count);
  }
  if (archive.operators.empty()) text += " none";
  if (archive.operators.size() > kSummaryOperators) {
    text += " and " + std::to_string(archive.operators.size() - kSummaryOperators) + " more: `--ops`";
  }
  return text + "\n";
}

std::string ViewText(const ArchiveSummary& archive, InspectView view) {
  switch (view) {
    case InspectView::kSummary: return SummaryOps(archive) + "\n" + SummaryTree(archive);
    case InspectView::kTree: return "\n" + TreeText(archive, /*tensors=*/true, kAllLevels).Render();
    case InspectView::kParams: return "\n" + ParamsText(archive);
    case InspectView::kCode: return "\n" + CodeText(archive);
    case InspectView::kGraph: return "\n" + GraphText(archive);
    case InspectView::kOps: return "\n" + OpsText(archive);
  }
  return "";
}

}  // namespace

std::string RenderInspection(const Inspection& inspection, InspectView view, const TerminalStyle& style) {
  const ArchiveSummary& archive = inspection.archive;
  std::string text = HeadingText(inspection, style);
  if (inspection.manifest) text += ManifestText(*inspection.manifest);
  text += MethodsText(archive);
  if (inspection.inputs) text += TakesText(*inspection.inputs);
  text += WeightsText(archive) + ChecksumText(archive) + DevicesText(archive);
  text += ViewText(archive, view);
  for (const Finding& finding : inspection.findings) {
    ReportedFinding reported;
    reported.finding = finding;
    text += "\n" + FindingText(reported, style);
  }
  return style.Printable(text);
}

}  // namespace torchassay
