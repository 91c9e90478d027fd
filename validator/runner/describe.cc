#include "validator/runner/describe.h"

#include <algorithm>
#include <set>
#include <utility>

#include "validator/base/strings.h"
#include "validator/runner/form.h"
#include "validator/runner/generalise.h"
#include "validator/runner/probe.h"
#include "validator/runner/search.h"
#include "validator/signature/spec.h"
#include "validator/tensor/value_paths.h"

namespace torchassay {
namespace {

// Where a search begins, and with what. Batches first: what takes one sample often takes a batch as well, and that
// says more. Integers are ids, which seldom have more than three dimensions.
struct Start {
  std::size_t rank;
  DType dtype;
};
constexpr Start kStarts[] = {{4, DType::kF32}, {2, DType::kF32}, {2, DType::kI64}, {3, DType::kF32}, {3, DType::kI64},
                             {5, DType::kF32}, {1, DType::kF32}, {1, DType::kI64}, {0, DType::kF32}, {0, DType::kI64}};
// Of several tensors each may be of another rank, so that whatever is found is compared with what else there is.
constexpr Start kJointStarts[] = {
    {2, DType::kF32}, {2, DType::kI64}, {3, DType::kF32}, {4, DType::kF32}, {1, DType::kI64}};
// Where these lead nowhere, or to what fits by chance: a batch, and beside it what has one number for each sample, or
// for each step.
struct MixedStart {
  std::size_t first_rank, other_rank;
};
constexpr MixedStart kMixedStarts[] = {{3, 1}, {3, 2}, {2, 1}, {4, 1}};
constexpr SearchLimits kNarrow = {.probes = 90, .without_progress = 45, .moves = {.first_rank = true, .floats = true}};
constexpr SearchLimits kNear = {.probes = 120, .without_progress = 60, .moves = {.first_rank = true}};
constexpr SearchLimits kSameRanks = {
    .probes = 250, .without_progress = 200, .moves = {.all_ranks = true, .patient = true}};
constexpr SearchLimits kWide = {};
constexpr SearchLimits kPatient = {.probes = 300, .without_progress = 150, .moves = {.patient = true}};
constexpr std::size_t kLongestList = 6;
constexpr int kRankProbes = 40;  // to see whether another rank is taken as well
constexpr std::size_t kHighestRank = 5;
constexpr std::ptrdiff_t kManyRanks = 3;  // no coincidence
constexpr DType kTypes[] = {DType::kF32, DType::kF64, DType::kF16,  DType::kBF16, DType::kI64,
                            DType::kI32, DType::kU8,  DType::kBool, DType::kC64,  DType::kC128};

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

// How little a description leaves open: sizes that must be just so are often a coincidence, as are two that must be
// alike in one tensor; one sample and a scalar are seldom meant.
std::size_t Tightness(const General& general) {
  std::size_t tight = 0, highest = 0;
  for (const GeneralTensor& tensor : general.tensors) {
    const auto& dims = tensor.spec.dims;
    std::set<std::string> symbols;
    for (const Dim& dim : dims) {
      tight += dim.size || (!dim.symbol.empty() && !symbols.insert(dim.symbol).second) ? 1 : 0;
    }
    if (dims.empty()) tight += 10;
    highest = std::max(highest, dims.size());
  }
  // One sample of each.
  if (highest < 2 && general.tensors.size() > 1) tight += 2;
  return tight + general.coincidences;
}

// Of one tensor's alternatives what says most comes first. A model that minds only the last sizes takes any number of
// dimensions in front of them: one, the batch, is the plainest then.
void PutPlainestFirst(std::vector<General>& alternatives) {
  if (alternatives.size() < 2) return;
  const auto tail = [](const General& general) { return BoundTail(general.tensors[0].spec); };
  const auto plainness = [&](const General& general) {
    const auto alike =
        std::ranges::count_if(alternatives, [&](const General& other) { return tail(other) == tail(general); });
    const TensorSpec& spec = general.tensors[0].spec;
    const bool plainest = spec.dims.size() == std::max<std::size_t>(2, BoundTail(spec).size() + 1);
    return std::pair(Tightness(general), alike >= kManyRanks && !plainest ? 1 : 0);
  };
  std::vector<std::pair<std::pair<std::size_t, int>, General>> ranked;
  ranked.reserve(alternatives.size());
  for (const General& general : alternatives) ranked.emplace_back(plainness(general), general);
  std::ranges::stable_sort(ranked, {}, [](const auto& one) { return one.first; });
  std::ranges::transform(ranked, alternatives.begin(), [](auto& one) { return std::move(one.second); });
}

// A call that is taken, and what follows from it.
struct Known {
  Found found;
  General general;
};

class Describer {
 public:
  explicit Describer(Model& model) : model_(model), prober_(model) {
    signature_.method = model.schema().name();
    const auto& arguments = model.schema().arguments();
    for (std::size_t i = 1; i < arguments.size(); ++i) signature_.inputs.push_back(FromSchema(arguments[i]));
  }

  Description Run(const std::optional<Form>& near) {
    FormFromSchema declared = DeclaredForm(model_);
    const std::optional<Form> traced = TracedForm(model_);
    if (!traced && !declared.form) return {std::move(signature_), declared.why};
    std::optional<Known> known = Find(traced, traced ? *traced : *declared.form, near);
    if (!known && !traced && HoldsList(*declared.form)) known = FindLonger();
    if (!known) return {std::move(signature_), WhyNone()};
    if (traced) AddExample(*traced);
    std::vector<General> alternatives = {known->general};
    if (known->found.form.tensors().size() == 1) {
      if (!traced) AddOtherSizes(known->found.form, alternatives);
      AddOtherRanks(known->found.form, traced.has_value(), alternatives);
    }
    PutPlainestFirst(alternatives);
    const Origin origin = traced ? Origin::kTraced : Origin::kInferred;
    for (const General& general : alternatives) Learn(general, origin, alternatives.size() > 1);
    LearnTypes(known->found.form);
    if (!traced) LearnScalars(known->found.form, *declared.form);
    LearnKeys(known->found.form);
    for (const auto& [path, evidence] : refused_ranks_) ArgumentAt(path).evidence.push_back(evidence);
    return {std::move(signature_), "", std::move(also_taken_)};
  }

 private:
  std::optional<Known> Find(const std::optional<Form>& traced, const Form& form, const std::optional<Form>& near) {
    if (traced) {
      ProbeResult result = prober_.Probe(traced->call());
      if (result.accepted()) return Generalised({*traced, std::move(result)});
    }
    if (near && near->tensors().size() > 1) {
      // What has the caller's ranks is nearer than what has the caller's sizes.
      if (auto found = Search({*near}, kSameRanks)) return Generalised(*std::move(found));
      if (auto found = Search({*near}, kNear)) return Generalised(*std::move(found));
    }
    if (form.tensors().empty()) return Wide({form});
    return form.tensors().size() == 1 ? FindSingle(form) : FindJoint(form);
  }

  std::optional<Known> FindSingle(const Form& form) {
    std::vector<Form> seeds;
    std::optional<Known> bound;
    for (const Start& start : kStarts) {
      seeds.push_back(UsualForm(form, start.dtype, start.rank));
      SearchLimits limits = kNarrow;
      limits.moves.floats = start.dtype == DType::kF32;
      auto found = Search({seeds.back()}, limits);
      if (!found) continue;
      Known known = Generalised(AsMeant(*std::move(found)));
      if (CanGrow(known.general)) return known;
      if (!bound) bound = std::move(known);
    }
    return bound ? bound : Wide(seeds);
  }

  // A call none of whose sizes can grow has no batch, and was perhaps taken by chance.
  static bool CanGrow(const General& general) {
    return std::ranges::any_of(general.tensors[0].spec.dims, [](const Dim& dim) {
      return !dim.size && dim.hi.value_or(kNoLargestSize) == kNoLargestSize;
    });
  }

  // Lists of one item were refused: how many a model wants, only its code knows.
  std::optional<Known> FindLonger() {
    for (std::size_t items = 2; items <= kLongestList; ++items) {
      const FormFromSchema declared = DeclaredForm(model_, items);
      std::vector<Form> seeds;
      for (const Start& start : kJointStarts) seeds.push_back(UsualForm(*declared.form, start.dtype, start.rank));
      if (auto found = Search(seeds, kPatient)) return Generalised(AsMeant(*std::move(found)));
    }
    return std::nullopt;
  }

  // The most general of what is found from several starts.
  std::optional<Known> FindJoint(const Form& form) {
    std::vector<Form> seeds;
    std::optional<Known> best;
    for (const Start& start : kJointStarts) {
      seeds.push_back(UsualForm(form, start.dtype, start.rank));
      auto found = Search({seeds.back()}, kNear);
      if (!found) continue;
      Known known = Generalised(AsMeant(*std::move(found)));
      if (!best || Tightness(known.general) < Tightness(best->general)) best = std::move(known);
      if (Tightness(best->general) == 0) break;
    }
    if (!best) best = Wide(seeds);
    for (const MixedStart& start : kMixedStarts) {
      if (best && best->general.coincidences == 0) break;
      auto found = Search({Beside(UsualForm(form, DType::kF32, start.first_rank), start.other_rank)}, kNear);
      if (!found) continue;
      Known known = Generalised(AsMeant(*std::move(found)));
      if (!best || Tightness(known.general) < Tightness(best->general)) best = std::move(known);
    }
    return best;
  }

  // All tensors but the first with the first `rank` sizes of that.
  static Form Beside(Form form, std::size_t rank) {
    const Shape& first = form.tensor(0).shape;
    const Shape sizes(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(rank));
    for (std::size_t i = 1; i < form.tensors().size(); ++i) form = form.WithShape(i, sizes);
    return form;
  }

  std::optional<Known> Wide(const std::vector<Form>& seeds) {
    auto found = Search(seeds, kWide);
    if (!found && seeds[0].tensors().size() > 1) found = Search(seeds, kPatient);
    if (!found) return std::nullopt;
    return Generalised(AsMeant(*std::move(found)));
  }

  std::optional<Found> Search(const std::vector<Form>& seeds, const SearchLimits& limits) {
    Searched searched = SearchAccepted(prober_, seeds, limits);
    const bool farther =
        searched.farthest && (!farthest_ || searched.farthest->result.places > farthest_->result.places);
    if (farther) farthest_ = std::move(searched.farthest);
    return std::move(searched.found);
  }

  Known Generalised(Found found) {
    General general = Generalise(prober_, found);
    return {std::move(found), std::move(general)};
  }

  // Of all calls that fit a search's steps, the one that says most.
  Found AsMeant(Found found) {
    found = PreferUsualTypes(prober_, std::move(found));
    found = PreferLowRanks(prober_, std::move(found));
    found = PreferBatches(prober_, std::move(found));
    return PreferWholeSizes(prober_, std::move(found));
  }

  std::string WhyNone() const {
    if (!farthest_ || !farthest_->result.refusal) return "no input that was tried is taken";
    return "no input that was tried is taken; of the one that came farthest, " +
           RefusalText(*farthest_->result.refusal);
  }

  // The argument at `path`; one below a container is put behind it.
  ArgumentSpec& ArgumentAt(const std::string& path) {
    auto& inputs = signature_.inputs;
    const auto known =
        std::find_if(inputs.begin(), inputs.end(), [&](const auto& input) { return input.path == path; });
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

  // Of `several` alternatives each says whose evidence it is.
  void Learn(const General& general, Origin origin, bool several) {
    for (const GeneralTensor& tensor : general.tensors) {
      ArgumentSpec& argument = ArgumentAt(tensor.path);
      argument.alternatives.push_back(tensor.spec);
      if (argument.alternatives.size() == 1) argument.origin = origin;
      for (const Evidence& one : tensor.evidence) {
        argument.evidence.push_back(several ? OfAlternative(tensor.spec, one) : one);
      }
    }
    if (signature_.outputs.empty()) signature_.outputs = general.outputs;
  }

  // Which other element types are taken in each place, and who minds.
  void LearnTypes(const Form& form) {
    for (std::size_t i = 0; i < form.tensors().size(); ++i) {
      const TensorRef tensor = form.tensor(i);
      std::vector<std::string> taken;
      std::vector<DType>& also_taken = also_taken_[tensor.name];
      std::optional<Refusal> refusal;
      for (const DType dtype : kTypes) {
        if (dtype == tensor.dtype) continue;
        ProbeResult result = prober_.Probe(form.With(i, dtype, tensor.shape).call());
        if (result.accepted()) {
          taken.emplace_back(DTypeName(dtype));
          also_taken.push_back(dtype);
        }
        if (!result.accepted() && !refusal) refusal = std::move(result.refusal);
      }
      auto& evidence = ArgumentAt(tensor.name).evidence;
      if (refusal) evidence.push_back({"element type " + std::string(DTypeName(tensor.dtype)), RefusalText(*refusal)});
      if (!taken.empty()) evidence.push_back({"also taken", Join(taken, ", ")});
    }
  }

  // Numbers and words that had to be other than usual.
  void LearnScalars(const Form& form, const Form& usual) {
    for (std::size_t i = 0; i < form.call().args.size(); ++i) {
      ArgumentSpec& argument = signature_.inputs[i];
      const auto leaves = Leaves(form.call().args[i], argument.path),
                 before = Leaves(usual.call().args[i], argument.path);
      for (std::size_t j = 0; j < leaves.size() && leaves.size() == before.size(); ++j) {
        const auto& [path, value] = leaves[j];
        if (std::holds_alternative<TensorRef>(value->content)) continue;
        const std::string text = DescribeValue(*value);
        if (text == DescribeValue(*before[j].second)) continue;
        argument.evidence.push_back({path == argument.path ? "taken with" : path + " taken with", text});
      }
    }
  }

  // Sizes that the model itself tells apart, such as 1 and 3 channels, each with what follows from it.
  void AddOtherSizes(const Form& form, std::vector<General>& alternatives) {
    const std::vector<Dim> dims = alternatives[0].tensors[0].spec.dims;
    std::set<std::string> seen = {PrintValueSpec(alternatives[0].tensors[0].spec)};
    for (std::size_t dim = 0; dim < dims.size(); ++dim) {
      if (!dims[dim].size) continue;
      const ProbeResult other = prober_.Probe(form.WithSize(0, dim, *dims[dim].size + 1).call());
      if (other.accepted()) continue;
      const std::set<std::int64_t> sizes(other.refusal->compared.begin(), other.refusal->compared.end());
      for (auto size = sizes.lower_bound(1); size != sizes.end(); ++size) {
        const Form changed = form.WithSize(0, dim, *size);
        ProbeResult result = prober_.Probe(changed.call());
        if (!result.accepted()) continue;
        General general = Generalise(prober_, {changed, std::move(result)});
        if (seen.insert(PrintValueSpec(general.tensors[0].spec)).second) alternatives.push_back(std::move(general));
      }
    }
  }

  // Which keys a dict may lack.
  void LearnKeys(const Form& form) {
    for (std::size_t i = 0; i < form.call().args.size(); ++i) {
      KeysSpec keys;
      for (const std::string& key : KeysAt(form, i)) {
        keys.keys.push_back({key, prober_.Probe(WithoutKey(form, i, key).call()).accepted()});
      }
      if (keys.keys.empty()) continue;
      ArgumentSpec& argument = ArgumentAt(model_.schema().arguments()[i + 1].name());
      argument.alternatives.push_back(std::move(keys));
      argument.origin = Origin::kInferred;
    }
  }

  // Other ranks of a single tensor: what is taken too is an alternative, what is refused is evidence.
  // A traced file has its sizes burnt in: that another rank is not refused means nothing there.
  void AddOtherRanks(const Form& form, bool traced, std::vector<General>& alternatives) {
    const std::size_t rank = form.tensor(0).shape.size();
    for (std::size_t other = 0; other <= kHighestRank; ++other) {
      if (other == rank) continue;
      const std::vector<Form> seeds = RankSeeds(form, other);
      const auto found = traced ? std::nullopt : SearchSameType(seeds, form.tensor(0).dtype);
      if (found) {
        General general = Generalise(prober_, *found);
        const bool same_sizes = BoundTail(general.tensors[0].spec) == BoundTail(alternatives[0].tensors[0].spec);
        if (same_sizes || CanGrow(general) || !CanGrow(alternatives[0])) alternatives.push_back(std::move(general));
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
    std::optional<Found> found =
        SearchAccepted(prober_, seeds, {.probes = kRankProbes, .moves = {.first_rank = true}}).found;
    const Shape& wanted = seeds[0].tensor(0).shape;
    const bool same =
        found && found->form.tensor(0).shape.size() == wanted.size() && found->form.tensor(0).dtype == dtype;
    return same ? found : std::nullopt;
  }

  void AddRankEvidence(const Form& form, const std::string& path, std::size_t rank) {
    const ProbeResult result = prober_.Probe(form.call());
    if (result.accepted()) return;
    refused_ranks_.push_back({path, {"not " + std::to_string(rank) + "-D", RefusalText(*result.refusal)}});
  }

  Model& model_;
  Prober prober_;
  Signature signature_;
  std::map<std::string, std::vector<DType>> also_taken_;
  std::optional<Found> farthest_;                                // of the calls that were refused
  std::vector<std::pair<std::string, Evidence>> refused_ranks_;  // by the tensor's path
};

}  // namespace

Description DescribeModel(Model& model, const std::optional<Form>& near) { return Describer(model).Run(near); }

}  // namespace torchassay
