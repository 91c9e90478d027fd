#include "validator/runner/probe.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <regex>
#include <tuple>

#include "validator/base/strings.h"
#include "validator/runner/error_text.h"
#include "validator/runner/needs.h"
#include "validator/runner/source_frame.h"

namespace torchassay {
namespace {

// Nodes visited at most in one probe: enough for every model met, and a bound for endless loops.
constexpr std::int64_t kStepBudget = 300'000;

void CollectNumbers(const c10::IValue& value, std::vector<std::int64_t>& numbers) {
  if (value.isTensor() && value.toTensor().defined()) {
    const auto sizes = value.toTensor().sizes();
    numbers.insert(numbers.end(), sizes.begin(), sizes.end());
  } else if (value.isInt()) {
    numbers.push_back(value.toInt());
  } else if (value.isIntList()) {
    const auto list = value.toIntVector();
    numbers.insert(numbers.end(), list.begin(), list.end());
  } else if (value.isTensorList()) {
    for (const at::Tensor& tensor : value.toTensorVector()) CollectNumbers(tensor, numbers);
  }
}

void CollectShapes(const c10::IValue& value, std::vector<Shape>& shapes) {
  ForEachTensor(value, [&](const at::Tensor& tensor) {
    if (tensor.dim() > 0) shapes.push_back(tensor.sizes().vec());
  });
}

// What a view asks for says how many elements it needs.
void AddProducts(const std::vector<c10::IValue>& inputs, std::vector<std::int64_t>& numbers) {
  for (const c10::IValue& input : inputs) {
    if (!input.isIntList()) continue;
    const auto sizes = input.toIntVector();
    std::int64_t product = 1;
    for (std::size_t i = sizes.size(); i-- > 0 && sizes[i] > 0 && product < (1 << 20);) {
      product *= sizes[i];
      if (i + 1 < sizes.size()) numbers.push_back(product);
    }
  }
}

// `expected 7 columns, got 16`: the model's own words often name the size.
void AddNumbersOf(std::string_view text, std::vector<std::int64_t>& numbers) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    if (end > at && end - at < 8) numbers.push_back(std::atoll(std::string(text.substr(at, end - at)).c_str()));
    at = end + 1;
  }
}

// `expected hidden[0] size (1, 2, 16), got [1, 3, 16]`.
void AddShapesOf(std::string_view text, std::vector<Shape>& shapes) {
  for (std::size_t open = text.find_first_of("(["); open != std::string_view::npos;) {
    const std::size_t close = text.find_first_of("()[]", open + 1);
    if (close == std::string_view::npos) return;
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    Shape shape;
    AddNumbersOf(inside, shape);
    const bool plain = inside.find_first_not_of("0123456789, ") == std::string_view::npos;
    if (plain && shape.size() > 1) shapes.push_back(std::move(shape));
    open = text.find_first_of("([", open + 1);
  }
}

// Tensors that are broadcast fit from the last dimension on, those that are joined from the first.
std::int64_t MisfitsOf(std::string_view reason, const std::vector<c10::IValue>& inputs) {
  const bool broadcast = reason.find("must match the size of tensor b") != std::string_view::npos;
  const bool joined = reason.find("Sizes of tensors must match") != std::string_view::npos ||
                      reason.find("Tensors must have same number of dimensions") != std::string_view::npos;
  if (!broadcast && !joined) return 0;
  std::vector<Shape> shapes;
  for (const c10::IValue& input : inputs) CollectShapes(input, shapes);
  std::int64_t misfits = 0;
  for (std::size_t i = 1; i < shapes.size(); ++i) {
    Shape first = shapes[0], other = shapes[i];
    if (joined) misfits += std::abs(std::ssize(first) - std::ssize(other));
    if (broadcast) std::ranges::reverse(first), std::ranges::reverse(other);
    for (std::size_t dim = 0; dim < std::min(first.size(), other.size()); ++dim) {
      const bool spread = broadcast && (first[dim] == 1 || other[dim] == 1);
      misfits += first[dim] != other[dim] && !spread ? 1 : 0;
    }
  }
  return misfits;
}

// The size that was given, less the one that is wanted; 0 where the words do not tell.
std::int64_t ExcessOf(const std::string& reason) {
  static const auto* patterns = new std::vector<std::pair<std::regex, bool>>{
      {std::regex(R"(\(\d+x(\d{1,9}) and (\d{1,9})x\d+\))"), true},
      {std::regex(R"(should contain (\d{1,9}) elements not (\d{1,9})\b)"), true},
      {std::regex(R"(to have (\d{1,9}) channels, but got (\d{1,9}) )"), false},
  };
  for (const auto& [pattern, given_first] : *patterns) {
    std::smatch match;
    if (!std::regex_search(reason, match, pattern)) continue;
    const std::int64_t first = std::atoll(match[1].str().c_str()), second = std::atoll(match[2].str().c_str());
    return given_first ? first - second : second - first;
  }
  return 0;
}

std::string CodeOf(std::string_view what, const std::string& need) {
  const bool about_type =
      what.find("dtype") != std::string_view::npos || what.find("type (") != std::string_view::npos ||
      what.find("scalar type") != std::string_view::npos || what.find("boolean mask") != std::string_view::npos ||
      what.find("not implemented for") != std::string_view::npos || what.find("omplex t") != std::string_view::npos ||
      need.find("as its weight is") != std::string::npos || need.find("integer indices") != std::string::npos;
  return about_type ? "TA303" : "TA311";
}

// What a range says of its place: a traced one has the whole stack as its text, any other a line of a file.
std::vector<SourceFrame> FramesOf(const torch::jit::SourceRange& range) {
  if (!range.source()) return {};
  std::vector<SourceFrame> frames = ParseTracedStack(range.source()->text_str().str());
  if (!frames.empty()) return frames;
  const auto place = range.file_line_col();
  if (!place || std::get<0>(*place).empty()) return {};
  return {{std::get<0>(*place), static_cast<int>(std::get<1>(*place)), "", ""}};
}

// The lines of source that made a node, the innermost first. A call has often none of the author's: its line in the
// file's own code stands for it then.
void AddFrames(const torch::jit::Node* node, std::vector<SourceFrame>& frames) {
  const torch::jit::SourceRange here = node->sourceRange();
  const auto original = here.findSourceRangeThatGenerated();
  std::vector<SourceFrame> found = original ? FramesOf(*original) : std::vector<SourceFrame>();
  if (found.empty()) found = FramesOf(here);
  // To take a list apart is no line of its own.
  for (std::size_t i = 0; found.empty() && i < node->inputs().size(); ++i) {
    const torch::jit::SourceRange made = node->input(i)->node()->sourceRange();
    const auto before = made.findSourceRangeThatGenerated();
    found = before ? FramesOf(*before) : FramesOf(made);
  }
  frames.insert(frames.end(), found.begin(), found.end());
}

std::string PlaceOf(const Position& position) {
  std::vector<SourceFrame> frames;
  for (const torch::jit::Node* node : position.nodes) AddFrames(node, frames);
  return PlaceText(frames);
}

Refusal FromNode(const NodeRefused& error) {
  Refusal refusal;
  const std::string name = error.node()->kind().toQualString();
  const ErrorFact fact = CutError(error.what());
  refusal.op = OperatorText(name);
  refusal.place = PlaceOf(error.position());
  refusal.module = error.position().module;
  refusal.reason = fact.reason;
  refusal.need = NeedText(name, error.inputs());
  refusal.code = CodeOf(fact.reason, refusal.need);
  refusal.excess = ExcessOf(fact.reason);
  refusal.misfits = MisfitsOf(fact.reason, error.inputs());
  // Weights stand behind the input, and say more than it.
  for (std::size_t i = error.inputs().size(); i-- > 0;) {
    CollectNumbers(error.inputs()[i], refusal.numbers);
    CollectShapes(error.inputs()[i], refusal.shapes);
  }
  AddProducts(error.inputs(), refusal.numbers);
  AddNumbersOf(refusal.reason, refusal.numbers);
  AddShapesOf(refusal.reason, refusal.asked);
  std::erase_if(refusal.asked, [&](const Shape& shape) { return std::ranges::count(refusal.shapes, shape) > 0; });
  return refusal;
}

Refusal FromText(const std::string& code, const std::string& text) {
  Refusal refusal;
  refusal.code = code;
  refusal.reason = text;
  return refusal;
}

ProbedOutput OneOutput(const c10::IValue& value, const std::string& path) {
  if (IsUnknown(value)) return {path, "unknown", std::nullopt, {}};
  if (!value.isTensor() || !value.toTensor().defined()) return {path, value.tagKind(), std::nullopt, {}};
  const at::Tensor& tensor = value.toTensor();
  ProbedOutput output{path, DescribeTensor(tensor), std::nullopt, tensor.sizes().vec()};
  output.dtype = ParseDType(output.text.substr(0, output.text.find('[')));
  return output;
}

void AppendOutputs(const c10::IValue& value, const std::string& path, std::vector<ProbedOutput>& outputs) {
  if (value.isTuple() && !value.toTupleRef().elements().empty()) {
    const auto& elements = value.toTupleRef().elements();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      AppendOutputs(elements[i], path + "[" + std::to_string(i) + "]", outputs);
    }
  } else if (value.isList()) {
    for (std::size_t i = 0; i < value.toListRef().size(); ++i) {
      AppendOutputs(value.toListRef()[i], path + "[" + std::to_string(i) + "]", outputs);
    }
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      if (entry.key().isString()) AppendOutputs(entry.value(), path + "." + entry.key().toStringRef(), outputs);
    }
  } else {
    outputs.push_back(OneOutput(value, path));
  }
}

}  // namespace

at::Tensor WithoutData(const TensorRef& tensor) {
  return at::empty(tensor.shape, at::TensorOptions(ToScalarType(tensor.dtype)).device(at::kMeta));
}

std::string RefusalText(const Refusal& refusal) {
  if (refusal.op.empty()) return refusal.reason;
  std::string text = Quote(refusal.op);
  if (!refusal.place.empty()) text += " at " + refusal.place;
  return text + (refusal.need.empty() ? " says: " + refusal.reason : " " + refusal.need);
}

ProbeResult Prober::Probe(const CallValues& call, const TensorMaker& make) {
  ++probes_;
  Prepared prepared;
  const auto make_known = [&](const TensorRef& ref) {
    return prepared.tensors.emplace_back(ref.name, make(ref)).second;
  };
  try {
    Arguments arguments = ToArguments(call, model_.schema(), make_known);
    prepared.stack = std::move(arguments.positional);
    prepared.stack.insert(prepared.stack.begin(), model_.module()._ivalue());
    model_.schema().checkAndNormalizeInputs(prepared.stack, arguments.keywords);
  } catch (const UnusableInput& error) {
    return {FromText(error.code(), error.what()), 0, {}};
  } catch (const std::exception& error) {
    return {FromText("TA304", CutError(error.what()).reason), 0, {}};
  }
  return Walk(prepared);
}

// A size that data decides is assumed twice: only what is refused both times is refused.
ProbeResult Prober::Walk(const Prepared& call) {
  bool has_assumed = false;
  ProbeResult result = WalkAssuming(Assumed::kAll, call, has_assumed);
  if (has_assumed && !result.accepted()) {
    ProbeResult other = WalkAssuming(Assumed::kOne, call, has_assumed);
    if (other.accepted()) result = std::move(other);
  }
  return result;
}

ProbeResult Prober::WalkAssuming(Assumed assumed, const Prepared& call, bool& has_assumed) {
  const at::NoGradGuard no_grad;
  Origins origins;
  for (std::size_t i = 0; i < call.tensors.size(); ++i) origins.Add(call.tensors[i].second, i);
  MetaEvaluator evaluator(trials_, assumed, origins);
  Interpreter interpreter(evaluator, kStepBudget);
  const std::int64_t untried = trials_.untried();
  const std::int64_t elements = trials_.elements();
  ProbeResult result;
  try {
    AppendOutputs(interpreter.Run(model_.method(), call.stack), "output", result.outputs);
  } catch (const NodeRefused& error) {
    result.refusal = FromNode(error);
    for (const std::size_t index : origins.Of(error.inputs())) {
      result.refusal->blamed.push_back(call.tensors[index].first);
    }
  } catch (const ModelRaised& error) {
    const std::string place = PlaceOf(error.position());
    result.refusal =
        FromText("TA311", "the model raises" + (place.empty() ? "" : " at " + place) + ": " + error.what());
    result.refusal->module = error.position().module;
    AddNumbersOf(error.what(), result.refusal->numbers);
    AddShapesOf(error.what(), result.refusal->asked);
    result.refusal->numbers.insert(result.refusal->numbers.end(), evaluator.compared().rbegin(),
                                   evaluator.compared().rend());
  } catch (const BudgetSpent&) {
    result.unsure = true;
  }
  if (result.refusal) {
    const auto& words = evaluator.compared_words();
    result.refusal->compared.assign(evaluator.compared().rbegin(), evaluator.compared().rend());
    result.refusal->words.assign(words.rbegin(), words.rend());
  }
  result.unsure |= trials_.untried() > untried;
  result.elements = trials_.elements() - elements;
  has_assumed = evaluator.has_assumed();
  for (ProbedOutput& output : result.outputs) {
    if (has_assumed) output = {output.path, "unknown", std::nullopt, {}};
  }
  result.places = interpreter.places();
  result.steps = interpreter.steps();
  return result;
}

}  // namespace torchassay
