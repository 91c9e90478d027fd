#include "validator/gate/apply_policy.h"

#include <algorithm>

#include "validator/base/strings.h"
#include "validator/gate/model_names.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

// Durations vary from run to run: that one was within its budget today makes its waiver no unused one.
constexpr char kLate[] = "TA604";

bool Fits(const std::string& wanted, const std::string& actual) { return wanted.empty() || wanted == actual; }

bool FitsModel(const std::string& wanted, const ModelReport& model) {
  return wanted.empty() || NamesModel(wanted, model.path.empty() ? model.name : model.path);
}

bool IsOfModel(const std::string& wanted, const ReportedFinding& reported, const Report& report) {
  return wanted.empty() || std::ranges::any_of(report.models, [&](const ModelReport& model) {
           return model.name == reported.model && FitsModel(wanted, model);
         });
}

bool Matches(const Waiver& waiver, const ReportedFinding& reported, const Report& report) {
  const Finding& finding = reported.finding;
  return waiver.code == finding.code && IsOfModel(waiver.model, reported, report) &&
         Fits(waiver.case_name, reported.case_name) && Fits(waiver.output, reported.output) &&
         Fits(waiver.file, finding.file.value_or("")) && Fits(waiver.function, finding.function.value_or("")) &&
         (!waiver.line || waiver.line == finding.line);
}

bool Expired(const Waiver& waiver, const std::string& today) {
  return !waiver.expires.empty() && waiver.expires < today;  // ISO dates sort as text
}

bool PolicyFails(const Policy& policy, const Finding& finding) {
  const auto is_beginning = [&](const std::string& code) { return finding.code.starts_with(code); };
  if (std::any_of(policy.failing_codes.begin(), policy.failing_codes.end(), is_beginning)) return true;
  if (finding.verdict == Verdict::kFailed) return FailsByDefault(finding);
  return std::find(policy.failing_verdicts.begin(), policy.failing_verdicts.end(), finding.verdict) !=
         policy.failing_verdicts.end();
}

void DecideFindings(const Policy& policy, Report& report) {
  for (ReportedFinding& reported : report.findings) {
    const bool by_default = FailsByDefault(reported.finding);
    reported.fails = !reported.finding.waived && PolicyFails(policy, reported.finding);
    if (reported.fails && !by_default) {
      reported.finding.severity = Severity::kError;
      reported.finding.notes.push_back("the policy " + Quote(policy.name) + " fails this");
    }
  }
}

ReportedFinding PolicyFinding(const std::string& code, const std::string& model, std::string message) {
  ReportedFinding reported;
  reported.finding.code = code;
  reported.finding.message = std::move(message);
  reported.model = model;
  reported.fails = true;
  return reported;
}

void CheckLimit(const std::string& code, const std::string& model, const std::string& what, double actual, double limit,
                std::string (*print)(double), Report& report) {
  if (actual <= limit) return;
  ReportedFinding reported = PolicyFinding(code, model, what + " is over its budget");
  reported.finding.evidence = {{"measured", print(actual)}, {"budget", print(limit)}};
  report.findings.push_back(std::move(reported));
}

std::string PrintBytes(double bytes) { return BytesText(static_cast<std::uint64_t>(bytes)); }

// The limits that hold for a model: each from the first entry that fits the model and sets it.
Budgets BudgetsFor(const Policy& policy, const ModelReport& model) {
  Budgets merged;
  const auto take = [](auto& limit, const auto& from) {
    if (!limit) limit = from;
  };
  for (const Budgets& entry : policy.budgets) {
    if (!FitsModel(entry.model, model)) continue;
    take(merged.case_ms, entry.case_ms);
    take(merged.p50_ms, entry.p50_ms);
    take(merged.p90_ms, entry.p90_ms);
    take(merged.p99_ms, entry.p99_ms);
    take(merged.first_call_ms, entry.first_call_ms);
    take(merged.model_bytes, entry.model_bytes);
    take(merged.peak_bytes, entry.peak_bytes);
  }
  return merged;
}

void CheckLatency(const Budgets& budgets, const ModelReport& model, Report& report) {
  if (budgets.case_ms) {
    for (const auto& [name, milliseconds] : model.measured.case_ms) {
      CheckLimit(kLate, model.name, "the time of case " + Quote(name), milliseconds, *budgets.case_ms, DurationText,
                 report);
    }
  }
  if (!model.measured.latency) return;
  const Latency& latency = *model.measured.latency;
  const auto check = [&](const char* what, double actual, const std::optional<double>& limit) {
    if (limit) CheckLimit(kLate, model.name, what, actual, *limit, DurationText, report);
  };
  check("the median latency", latency.p50_ms, budgets.p50_ms);
  check("the 90th percentile of the latency", latency.p90_ms, budgets.p90_ms);
  check("the 99th percentile of the latency", latency.p99_ms, budgets.p99_ms);
  check("the first call", latency.first_ms, budgets.first_call_ms);
}

void CheckSizes(const Budgets& budgets, const ModelReport& model, Report& report) {
  if (budgets.model_bytes && !model.files.empty()) {
    CheckLimit("TA605", model.name, "the size of " + Quote(model.files.front().path),
               static_cast<double>(model.files.front().bytes), static_cast<double>(*budgets.model_bytes), PrintBytes,
               report);
  }
  if (budgets.peak_bytes && model.measured.peak_bytes) {
    CheckLimit("TA605", model.name, "the peak memory", static_cast<double>(*model.measured.peak_bytes),
               static_cast<double>(*budgets.peak_bytes), PrintBytes, report);
  }
}

// What a search could not prove today it may prove tomorrow: a waiver of either is in use.
bool CanUseWaiver(const ReportedFinding& reported) {
  return reported.fails || (reported.finding.verdict == Verdict::kPossible && !reported.finding.waived);
}

// Returns whether the waiver accepted anything.
bool ApplyWaiver(const Waiver& waiver, Report& report) {
  bool used = false;
  for (ReportedFinding& reported : report.findings) {
    if (!CanUseWaiver(reported) || !Matches(waiver, reported, report)) continue;
    used = true;
    reported.fails = false;
    reported.finding.waived = waiver.owner.empty() ? waiver.reason : waiver.reason + " (" + waiver.owner + ")";
  }
  return used;
}

// Which models are validated the command line decides: a policy may speak of others as well.
bool IsForAnother(const Waiver& waiver, const Report& report) {
  return std::none_of(report.models.begin(), report.models.end(),
                      [&](const ModelReport& model) { return FitsModel(waiver.model, model); });
}

// The members of the waiver that keep it from accepting a finding of its code: "`line`: 12 there, 9 here"; "" where
// no finding has the code.
std::string NearestMiss(const Waiver& waiver, const Report& report) {
  std::vector<std::string> fewest;
  bool found = false;
  for (const ReportedFinding& reported : report.findings) {
    const Finding& finding = reported.finding;
    if (waiver.code != finding.code || !CanUseWaiver(reported)) continue;
    std::vector<std::string> misses;
    const auto check = [&](const char* member, const std::string& wanted, const std::string& actual) {
      misses.push_back("`" + std::string(member) + "` is " + Quote(wanted) + " in the waiver, " + Quote(actual) +
                       " there");
    };
    if (!IsOfModel(waiver.model, reported, report)) check("model", waiver.model, reported.model);
    if (!Fits(waiver.case_name, reported.case_name)) check("case", waiver.case_name, reported.case_name);
    if (!Fits(waiver.output, reported.output)) check("output", waiver.output, reported.output);
    if (!Fits(waiver.file, finding.file.value_or(""))) check("file", waiver.file, finding.file.value_or(""));
    if (!Fits(waiver.function, finding.function.value_or("")))
      check("function", waiver.function, finding.function.value_or(""));
    if (waiver.line && waiver.line != finding.line) {
      check("line", std::to_string(*waiver.line), finding.line ? std::to_string(*finding.line) : "");
    }
    if (!found || misses.size() < fewest.size()) fewest = misses;
    found = true;
  }
  return Join(fewest, ", ");
}

// Where a model was not judged to the end, nobody knows what the waiver might have accepted.
bool WasJudged(const Waiver& waiver, const Report& report) {
  return std::none_of(report.findings.begin(), report.findings.end(), [&](const ReportedFinding& reported) {
    return reported.fails && IsOfModel(waiver.model, reported, report) &&
           VerdictOfCode(reported.finding.code) != ModelVerdict::kFailed;
  });
}

ReportedFinding WaiverFinding(const std::string& code, const Waiver& waiver, const std::string& what,
                              const std::string& help, const Policy& policy) {
  ReportedFinding reported = PolicyFinding(code, "", "the waiver of " + Quote(waiver.code) + " " + what);
  reported.finding.subject = policy.name;
  if (!waiver.reason.empty()) reported.finding.evidence.push_back({"reason", waiver.reason});
  if (!waiver.owner.empty()) reported.finding.evidence.push_back({"owner", waiver.owner});
  reported.finding.help = help;
  return reported;
}

ReportedFinding UnusedWaiver(const Waiver& waiver, const Policy& policy, const Report& report) {
  ReportedFinding reported = WaiverFinding("TA602", waiver, "accepts nothing", "remove it", policy);
  if (const std::string miss = NearestMiss(waiver, report); !miss.empty()) {
    reported.finding.evidence.push_back({"nearest", miss});
    reported.finding.help = "mend what it names, or remove it";
  }
  return reported;
}

ReportedFinding WaiversForOthers(std::int64_t count, const Policy& policy) {
  ReportedFinding reported = PolicyFinding(
      "TA602", "", CountText(count, "waiver") + (count == 1 ? " is" : " are") + " for models that were not validated");
  reported.finding.subject = policy.name;
  reported.finding.severity = Severity::kNote;
  reported.fails = false;
  return reported;
}

void ApplyWaivers(const Policy& policy, const std::string& today, Report& report) {
  std::int64_t for_others = 0;
  for (const Waiver& waiver : policy.waivers) {
    if (IsForAnother(waiver, report)) {
      ++for_others;
    } else if (Expired(waiver, today)) {
      report.findings.push_back(WaiverFinding("TA603", waiver, "expired on " + waiver.expires,
                                              "mend the model, or agree on a new date", policy));
    } else if (IsBlank(waiver.reason)) {
      report.findings.push_back(
          WaiverFinding("TA601", waiver, "has no reason", "say why it is accepted: `\"reason\": \"…\"`", policy));
    } else if (!ApplyWaiver(waiver, report) && waiver.code != kLate && WasJudged(waiver, report)) {
      report.findings.push_back(UnusedWaiver(waiver, policy, report));
    }
  }
  if (for_others > 0) report.findings.push_back(WaiversForOthers(for_others, policy));
}

}  // namespace

void ApplyPolicy(const Policy& policy, const std::string& today, Report& report) {
  DecideFindings(policy, report);
  for (const ModelReport& model : report.models) {
    const Budgets budgets = BudgetsFor(policy, model);
    CheckLatency(budgets, model, report);
    CheckSizes(budgets, model, report);
  }
  ApplyWaivers(policy, today, report);
  Judge(report);
}

std::optional<Tolerance> ToleranceFor(const Policy& policy, const ModelReport& model, const std::string& output,
                                      DType dtype) {
  for (const PolicyTolerance& entry : policy.tolerances) {
    if (FitsModel(entry.model, model) && Fits(entry.output, output) && (!entry.dtype || entry.dtype == dtype)) {
      return entry.tolerance;
    }
  }
  return std::nullopt;
}

}  // namespace torchassay
