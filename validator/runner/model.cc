#include "validator/runner/model.h"

#include <dlfcn.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/cuda.h>

#include <chrono>
#include <functional>
#include <map>

#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/runner/error_text.h"

namespace torchassay {
namespace {

using Clock = std::chrono::steady_clock;

// Calls `visit` for every node of a block and of the blocks inside, until it returns true.
bool AnyNode(const torch::jit::Block* block, const std::function<bool(const torch::jit::Node*)>& visit) {
  for (const torch::jit::Node* node : block->nodes()) {
    if (visit(node)) return true;
    for (const torch::jit::Block* inner : node->blocks()) {
      if (AnyNode(inner, visit)) return true;
    }
  }
  return false;
}

// Writes that no tensor's version counter shows: attributes set, tensors swapped, containers changed in
// place, `.data`, and whatever operators of other namespaces do.
bool WritesUnseen(const torch::jit::Node* node) {
  static const c10::Symbol set_attribute = c10::prim::SetAttr;
  static const c10::Symbol data = c10::Symbol::fromQualString("prim::data");
  const c10::Symbol kind = node->kind();
  if (kind == set_attribute || kind == data || kind == c10::aten::set_ || kind == c10::aten::set_data) return true;
  if (!kind.is_aten() && !kind.is_prim() && !kind.is_attr()) {
    return node->maybeSchema() != nullptr && node->schema().is_mutable();
  }
  const c10::FunctionSchema* schema = node->maybeSchema();
  if (schema == nullptr || !schema->is_mutable() || node->inputs().empty()) return false;
  const c10::TypeKind changed = node->inputs()[0]->type()->kind();
  return changed == c10::TypeKind::ListType || changed == c10::TypeKind::DictType;
}

bool AsksForGrad(const torch::jit::Node* node) {
  const std::string name = node->kind().toQualString();
  return name == "aten::grad" || name == "aten::backward" || name == "aten::requires_grad_";
}

torch::jit::Module ImportWith(const std::string& path, at::Device device, bool restore_shapes) {
  std::unordered_map<std::string, std::string> no_extra_files;
  return torch::jit::import_ir_module(std::make_shared<torch::jit::CompilationUnit>(), path, device, no_extra_files,
                                      /*load_debug_files=*/true, restore_shapes);
}

// With the shapes that it was traced with. LibTorch fails over those of nested inputs, which are no reason to fail.
torch::jit::Module Import(const std::string& path, at::Device device) {
  try {
    return ImportWith(path, device, /*restore_shapes=*/true);
  } catch (const std::exception&) {
    return ImportWith(path, device, /*restore_shapes=*/false);
  }
}

// Keeps what `model` has loaded until it loads again, or the process ends. A task that the model started and never
// awaited may still run when the model itself is gone, and a job's process ends soon after its model.
void KeepLoaded(const Model* model, const torch::jit::Module& module) {
  static auto* const kept = new std::map<const Model*, torch::jit::Module>();
  kept->insert_or_assign(model, module);
}

std::string CudaDeviceText(const std::string& text) {
  const auto count = static_cast<std::int64_t>(torch::cuda::device_count());
  if (!torch::cuda::is_available())
    return "device " + Quote(text) + " is not there: this machine's LibTorch sees no CUDA device";
  return "device " + Quote(text) + " is not there: this machine has " + CountText(count, "CUDA device");
}

}  // namespace

at::Device FindDevice(const std::string& text) {
  std::optional<at::Device> device;
  try {
    device.emplace(text);
  } catch (const c10::Error&) {
  }
  if (!device || !(device->is_cpu() || device->is_cuda())) {
    throw ModelError(Outcome::kUnusable, "TA505", Quote(text) + " is no device: cpu, cuda or cuda:N");
  }
  if (device->is_cuda() &&
      (!torch::cuda::is_available() || device->index() >= static_cast<int>(torch::cuda::device_count()))) {
    throw ModelError(Outcome::kDeviceMissing, "TA505", CudaDeviceText(text));
  }
  return *device;
}

void OpenLibraries(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    // Without a slash the dynamic linker would search elsewhere than in the current folder.
    const std::string place = path.find('/') == std::string::npos ? "./" + path : path;
    if (dlopen(place.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
      throw ModelError(Outcome::kCouldNotLoad, "TA506", "library " + Quote(path) + " cannot be opened: " + dlerror());
    }
  }
}

Model::Model(std::string path, std::string method, at::Device device)
    : path_(std::move(path)), method_(std::move(method)), device_(device) {
  const Clock::time_point start = Clock::now();
  Load();
  load_ms_ = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  for (torch::jit::Function* function : module_._ivalue()->compilation_unit()->get_functions()) {
    if (!function->isGraphFunction()) continue;
    const torch::jit::Block* block = torch::jit::toGraphFunction(*function).graph()->block();
    hides_state_ = hides_state_ || AnyNode(block, WritesUnseen);
    wants_grad_ = wants_grad_ || AnyNode(block, AsksForGrad);
  }
}

void Model::Load() {
  try {
    module_ = Import(path_, device_);
  } catch (const std::exception& error) {
    const Outcome outcome = SpeaksOfMemory(error.what()) ? Outcome::kOutOfMemory : Outcome::kCouldNotLoad;
    throw ModelError(outcome, outcome == Outcome::kOutOfMemory ? "TA504" : "TA506",
                     "LibTorch cannot load " + Quote(BaseName(path_)) + ": " + FactText(CutError(error.what())));
  }
  if (!module_.find_method(method_)) {
    throw ModelError(Outcome::kUnusable, "TA506", "the model has no method " + Quote(method_));
  }
  KeepLoaded(this, module_);
  used_ = false;
}

torch::jit::Method Model::method() const { return module_.get_method(method_); }

const c10::FunctionSchema& Model::schema() const { return method().function().getSchema(); }

c10::IValue Model::Call(Arguments arguments) {
  if (!used_) versions_ = Versions();
  used_ = true;
  bool grad = wants_grad_;
  for (const c10::IValue& value : arguments.positional) grad |= value.isTensor() && value.toTensor().requires_grad();
  for (const auto& [name, value] : arguments.keywords) grad |= value.isTensor() && value.toTensor().requires_grad();
  const at::AutoGradMode mode(grad);
  return method()(std::move(arguments.positional), arguments.keywords);
}

void Model::MakeFresh() {
  if (used_ && (hides_state_ || Versions() != versions_)) Load();
}

std::vector<std::int64_t> Model::Versions() const {
  std::vector<std::int64_t> versions;
  for (const at::Tensor& tensor : module_.parameters()) versions.push_back(tensor._version());
  for (const at::Tensor& tensor : module_.buffers()) versions.push_back(tensor._version());
  for (const auto& attribute : module_.attributes()) {
    if (attribute.isTensor() && attribute.toTensor().defined()) versions.push_back(attribute.toTensor()._version());
  }
  return versions;
}

}  // namespace torchassay
