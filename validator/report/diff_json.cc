#include "validator/report/diff_json.h"

#include "validator/base/json.h"

namespace torchassay {
namespace {

Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json OrNull(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Json Encode(const std::vector<TextChange>& changes) {
  Json json = Json::array();
  for (const TextChange& change : changes) {
    json.push_back({{"change", ChangeName(change.change)},
                    {"name", change.name},
                    {"before", OrNull(change.before)},
                    {"after", OrNull(change.after)}});
  }
  return json;
}

Json Encode(const std::optional<UlpHistogram>& ulp) {
  if (!ulp) return Json();
  Json json = Json::object();
  for (std::size_t i = 0; i < ulp->counts.size(); ++i) json[UlpHistogram::kLabels[i]] = ulp->counts[i];
  return json;
}

Json Encode(const WeightChange& weight) {
  return {{"change", ChangeName(weight.change)},
          {"path", weight.path},
          {"before", OrNull(weight.before)},
          {"after", OrNull(weight.after)},
          {"elements", weight.elements},
          {"changed_elements", weight.changed_elements},
          {"norm_before", OrNull(weight.norm_before)},
          {"norm_after", OrNull(weight.norm_after)},
          {"norm_difference", OrNull(weight.norm_difference)},
          {"largest_change", OrNull(weight.largest_change)},
          {"ulp", Encode(weight.ulp)}};
}

}  // namespace

std::string RenderDiffJson(const ModelDiff& diff) {
  Json weights = Json::array();
  for (const WeightChange& weight : diff.weights) weights.push_back(Encode(weight));
  const Json json = {{"schema_version", kDiffSchemaVersion},
                     {"command", "diff"},
                     {"old", diff.old_name},
                     {"new", diff.new_name},
                     {"equal", diff.equal()},
                     {"signature", Encode(diff.signature)},
                     {"modules", Encode(diff.modules)},
                     {"attributes", Encode(diff.attributes)},
                     {"operators", Encode(diff.operators)},
                     {"code", Encode(diff.code)},
                     {"equal_weights", diff.equal_weights},
                     {"weights", std::move(weights)}};
  return DumpJson(json, 2) + "\n";
}

}  // namespace torchassay
