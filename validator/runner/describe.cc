#include "validator/runner/describe.h"

#include <algorithm>

#include "validator/runner/form.h"
#include "validator/runner/generalise.h"
#include "validator/runner/probe.h"

namespace torchassay {
namespace {

// Batches first: what takes one sample often takes a batch as well, and that says more.
constexpr std::size_t kBatchRanks[] = {4, 2, 3, 5};
constexpr std::size_t kSampleRanks[] = {1, 0};
constexpr int kSearchProbes = 300;
constexpr int kRankProbes = 40;  // to see whether another rank is taken as well
constexpr std::size_t kHighestRank = 5;

std::optional<ValueSpec> ScalarOf(const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::IntType: return ScalarSpec{ScalarKind::kInt, std::nullopt};
    case c10::TypeKind::FloatType: return ScalarSpec{ScalarKind::kFloat, std::nullopt};
    case c10::TypeKind::BoolType: return ScalarSpec{ScalarKind::kBool, std::nullopt};
    case c10::TypeKind::StringType: return ScalarSpec{ScalarKind::kStr, std::nullopt};
    default: return std::nullopt;
  }
}

ArgumentSpec FromSchema(const c10::Argument& argument) {
  ArgumentSpec spec;
  spec.path = argument.name();
  spec.type = argument.type()->annotation_str();
  spec.origin = Origin::kSchema;
  if (const auto& value = argument.default_value()) spec.default_value = c10::str(*value);
  if (const auto scalar = ScalarOf(argument.type())) spec.alternatives.push_back(*scalar);
  return spec;
}

class Describer {
 public:
  explicit Describer(Model& model) : model_(model), prober_(model) {
    signature_.method = model.schema().name();
    const auto& arguments = model.schema().arguments();
    for (std::size_t i = 1; i < arguments.size(); ++i) signature_.inputs.push_back(FromSchema(arguments[i]));
  }

  Description Run(const std::optional<Found>& taken) {
    FormFromSchema declared = DeclaredForm(model_);
    const std::optional<Form> traced = TracedForm(model_);
    if (!taken && !traced && !declared.form) return {std::move(signature_), declared.why};
    std::optional<Found> found = taken ? taken : Find(traced, declared.form);
    if (!found) return {std::move(signature_), "no input that was tried is taken"};
    if (traced) AddExample(*traced);
    Learn(*found, traced ? Origin::kTraced : Origin::kInferred);
    if (found->form.tensors().size() == 1) LearnOtherRanks(found->form, traced.has_value());
    return {std::move(signature_), ""};
  }

 private:
  std::optional<Found> Find(const std::optional<Form>& traced, const std::optional<Form>& declared) {
    if (traced) {
      ProbeResult result = prober_.Probe(traced->call());
      if (result.accepted()) return Found{*traced, std::move(result)};
    }
    const Form& form = traced ? *traced : *declared;
    auto found = SearchAccepted(prober_, UsualSeeds(form, kBatchRanks), kSearchProbes);
    return found ? std::move(found) : SearchAccepted(prober_, UsualSeeds(form, kSampleRanks), kSearchProbes);
  }

  // The argument at `path`; one below a container is put behind it.
  ArgumentSpec& ArgumentAt(const std::string& path) {
    auto& inputs = signature_.inputs;
    const auto known = std::find_if(inputs.begin(), inputs.end(), [&](const auto& input) { return input.path == path; });
    if (known != inputs.end()) return *known;
    const std::string name = path.substr(0, path.find_first_of(".["));
    auto place = std::find_if(inputs.begin(), inputs.end(), [&](const auto& input) { return input.path == name; });
    while (place != inputs.end() && place->path.starts_with(name)) ++place;
    return *inputs.insert(place, ArgumentSpec{.path = path, .type = "Tensor"});
  }

  void AddExample(const Form& traced) {
    for (const auto& [path, tensor] : traced.tensors()) {
      ArgumentAt(path).evidence.push_back({"traced with", DescribeTensor(tensor->dtype, tensor->shape)});
    }
  }

  void Learn(const Found& found, Origin origin) {
    const General general = Generalise(prober_, found);
    for (const GeneralTensor& tensor : general.tensors) {
      ArgumentSpec& argument = ArgumentAt(tensor.path);
      argument.alternatives.push_back(tensor.spec);
      if (argument.alternatives.size() == 1) argument.origin = origin;
      argument.evidence.insert(argument.evidence.end(), tensor.evidence.begin(), tensor.evidence.end());
    }
    if (signature_.outputs.empty()) signature_.outputs = general.outputs;
  }

  // Other ranks of a single tensor: what is taken too is an alternative, what is refused is evidence.
  // A traced file has its sizes burnt in: that another rank is not refused means nothing there.
  void LearnOtherRanks(const Form& form, bool traced) {
    const std::size_t rank = form.tensor(0).shape.size();
    for (std::size_t other = 0; other <= kHighestRank; ++other) {
      if (other == rank) continue;
      const std::vector<Form> seeds = RankSeeds(form, other);
      const auto found = traced ? std::nullopt : SearchSameType(seeds, form.tensor(0).dtype);
      if (found) {
        Learn(*found, Origin::kInferred);
      } else if (other + 1 == rank || other == rank + 1) {
        AddRankEvidence(seeds[0], form.tensors()[0].first, other);
      }
    }
  }

  // The call with sizes dropped or put in front, which keeps what the last dimensions need.
  static std::vector<Form> RankSeeds(const Form& form, std::size_t rank) {
    Shape shape = form.tensor(0).shape;
    while (shape.size() > rank) shape.erase(shape.begin());
    while (shape.size() < rank) shape.insert(shape.begin(), 2);
    return {form.WithShape(0, std::move(shape))};
  }

  // Accepted calls of this very rank and type only.
  std::optional<Found> SearchSameType(const std::vector<Form>& seeds, DType dtype) {
    std::optional<Found> found = SearchAccepted(prober_, seeds, kRankProbes);
    const Shape& wanted = seeds[0].tensor(0).shape;
    const bool same = found && found->form.tensor(0).shape.size() == wanted.size() && found->form.tensor(0).dtype == dtype;
    return same ? found : std::nullopt;
  }

  void AddRankEvidence(const Form& form, const std::string& path, std::size_t rank) {
    const ProbeResult result = prober_.Probe(form.call());
    if (result.accepted()) return;
    ArgumentAt(path).evidence.push_back({"not " + std::to_string(rank) + "-D", RefusalText(*result.refusal)});
  }

  Model& model_;
  Prober prober_;
  Signature signature_;
};

}  // namespace

Description DescribeModel(Model& model, const std::optional<Found>& taken) { return Describer(model).Run(taken); }

}  // namespace torchassay
