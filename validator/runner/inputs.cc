#include "validator/runner/inputs.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "validator/base/file.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

constexpr std::int64_t kDefaultIntegers = 10;  // 0..9, the grammar's default domain
constexpr std::int64_t kDeclaredElements = std::int64_t{1} << 16;

double Bound(const std::optional<Constant>& bound, double otherwise) {
  if (!bound) return otherwise;
  if (const auto* integer = std::get_if<std::int64_t>(&*bound)) return static_cast<double>(*integer);
  const auto* real = std::get_if<double>(&*bound);
  return real != nullptr ? *real : otherwise;
}

double Number(const Constant& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  return Bound(value, 0);
}

at::Tensor PickChoices(const std::vector<Constant>& choices, const Shape& shape, const at::Generator& generator) {
  std::vector<double> numbers;
  for (const Constant& choice : choices) numbers.push_back(Number(choice));
  const at::Tensor table = at::tensor(numbers, at::kDouble);
  const auto count = static_cast<std::int64_t>(numbers.size());
  return table.index_select(0, at::randint(0, count, {ElementCount(shape)}, generator, at::kLong)).reshape(shape);
}

// Random numbers in double precision, in the domain of the spec.
at::Tensor RandomNumbers(Fill fill, const TensorSpec& spec, const Shape& shape, const at::Generator& generator) {
  if (spec.values && spec.values->choices) return PickChoices(*spec.values->choices, shape, generator);
  const ValueDomain domain = spec.values.value_or(ValueDomain());
  if (spec.dtype == DType::kBool) return at::randint(0, 2, shape, generator, at::kDouble);
  if (IsInteger(spec.dtype)) {
    const auto lo = static_cast<std::int64_t>(Bound(domain.lo, 0));
    const auto hi = static_cast<std::int64_t>(Bound(domain.hi, static_cast<double>(lo + kDefaultIntegers - 1)));
    return at::randint(lo, std::max(lo, hi) + 1, shape, generator, at::kLong);
  }
  if (fill == Fill::kRand) {
    const double lo = Bound(domain.lo, 0);
    const double hi = Bound(domain.hi, std::max(1.0, lo + 1));
    return at::rand(shape, generator, at::kDouble) * (hi - lo) + lo;
  }
  const at::Tensor numbers = at::randn(shape, generator, at::kDouble);
  return numbers.clamp(Bound(domain.lo, -INFINITY), Bound(domain.hi, INFINITY));
}

at::Tensor WithLayout(at::Tensor tensor, Layout layout) {
  switch (layout) {
    case Layout::kAny: return tensor;
    case Layout::kGrad: return tensor.requires_grad_();
    case Layout::kChannelsLast:
      return tensor.contiguous(tensor.dim() == 5 ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::ChannelsLast);
  }
  return tensor;
}

}  // namespace

at::Tensor MakeFilled(Fill fill, const TensorSpec& spec, const Shape& shape, std::int64_t seed) {
  const at::ScalarType type = ToScalarType(spec.dtype);
  const at::Generator generator = at::detail::createCPUGenerator(static_cast<std::uint64_t>(seed));
  switch (fill) {
    case Fill::kOnes: return WithLayout(at::ones(shape, type), spec.layout);
    case Fill::kZeros: return WithLayout(at::zeros(shape, type), spec.layout);
    case Fill::kArange:
      return WithLayout(at::arange(ElementCount(shape), at::kLong).reshape(shape).to(type), spec.layout);
    case Fill::kRandn:
    case Fill::kRand: return WithLayout(RandomNumbers(fill, spec, shape, generator).to(type), spec.layout);
  }
  return {};
}

std::vector<std::string> ParameterNames(const c10::FunctionSchema& schema) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < schema.arguments().size(); ++i) names.push_back(schema.arguments()[i].name());
  return names;
}

JobInputs::JobInputs(const Job& job, const std::vector<std::string>& names, bool need_fill) : seed_(job.seed) {
  ReadSpecs(job, need_fill);
  if (!job.inputs_path.empty()) ReadFile(job, names);
}

void JobInputs::ReadSpecs(const Job& job, bool need_fill) {
  int unnamed = 0;
  for (const std::string& text : job.inputs) {
    Result<FilledSpec> filled = ParseFilledSpec(text);
    if (!filled.ok() && !need_fill) {
      Result<InputSpec> spec = ParseInputSpec(text);
      filled = spec.ok() ? Result<FilledSpec>(FilledSpec{Fill::kZeros, *spec}) : spec.status();
    }
    if (!filled.ok()) throw UnusableInput(filled.status().finding_code(), filled.status().message());
    const std::string& path = filled->spec.path;
    fills_.emplace("input." + (path.empty() ? "#" + std::to_string(unnamed++) : path), *filled);
    provided_.push_back({path, filled->spec.value, std::nullopt});
  }
}

void JobInputs::ReadFile(const Job& job, const std::vector<std::string>& names) {
  Result<TensorFile> file = TensorFile::Open(job.inputs_path);
  if (!file.ok()) throw UnusableInput(file.status().finding_code(), file.status().message());
  file_.emplace(*std::move(file));
  std::vector<std::pair<std::string, TensorView>> tensors;
  for (const std::string& name : file_->names()) tensors.emplace_back(name, *file_->Find(name));
  std::vector<Provided> provided = ProvidedFromTensors(tensors);
  UnnameArray(names, provided);
  provided_.insert(provided_.end(), provided.begin(), provided.end());
}

CallValues JobInputs::Assemble() const {
  Result<CallValues> call = AssembleCall(provided_);
  if (!call.ok()) throw UnusableInput(call.status().finding_code(), call.status().message());
  return *std::move(call);
}

std::optional<at::Tensor> JobInputs::Declared(const TensorRef& tensor, bool rising) const {
  const auto fill = fills_.find(tensor.name);
  if (fill == fills_.end()) return std::nullopt;
  const auto* spec = std::get_if<TensorSpec>(&fill->second.spec.value);
  const std::int64_t count = ElementCount(tensor.shape);
  const bool index = tensor.dtype == DType::kI64 || tensor.dtype == DType::kI32;
  if (spec == nullptr || !spec->values || !index || count == 0 || count > kDeclaredElements) return std::nullopt;
  const ValueDomain& values = *spec->values;
  std::vector<double> ends;
  if (values.choices) {
    for (const Constant& choice : *values.choices) ends.push_back(Number(choice));
  } else if (values.lo && values.hi) {
    ends = {Bound(values.lo, 0), Bound(values.hi, 0)};
  }
  if (ends.empty()) return std::nullopt;
  const auto [least, most] = std::minmax_element(ends.begin(), ends.end());
  const at::Tensor numbers = at::linspace(rising ? *least : *most, rising ? *most : *least, count, at::kDouble).floor();
  return numbers.to(ToScalarType(tensor.dtype)).reshape(tensor.shape);
}

Arguments JobInputs::Make(const c10::FunctionSchema& schema, at::Device device) const {
  std::int64_t made = 0;
  const auto make = [&](const TensorRef& tensor) -> at::Tensor {
    if (const auto fill = fills_.find(tensor.name); fill != fills_.end()) {
      const auto& spec = std::get<TensorSpec>(fill->second.spec.value);
      return MakeFilled(fill->second.fill, spec, tensor.shape, seed_ + made++).to(device);
    }
    const std::string bare = tensor.name.substr(tensor.name.find('.') + 1);
    for (const std::string& name : {tensor.name, bare, std::string("array")}) {
      const std::optional<TensorView> view = file_ ? file_->Find(name) : std::nullopt;
      if (view) return CaseTensors(*file_, device)(TensorRef{.name = name, .dtype = view->dtype});
    }
    throw UnusableInput("TA304", "input " + Quote(bare) + " has no values");
  };
  return ToArguments(Assemble(), schema, make);
}

}  // namespace torchassay
