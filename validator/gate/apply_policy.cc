#include "validator/gate/apply_policy.h"

#include <algorithm>

#include "validator/base/strings.h"
#include "validator/report/number_text.h"

namespace torchassay {
namespace {

bool Fits(const std::string& wanted, const std::string& actual) {
  return wanted.empty() || wanted == actual;
}

bool Matches(const Waiver& waiver, const ReportedFinding& reported) {
  const Finding& finding = reported.finding;
  return waiver.code == finding.code && Fits(waiver.model, reported.model) &&
         Fits(waiver.case_name, reported.case_name) && Fits(waiver.output, reported.output) &&
         Fits(waiver.file, finding.file.value_or("")) &&
         Fits(waiver.function, finding.function.value_or("")) &&
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

void CheckLimit(const std::string& code, const std::string& model, const std::string& what,
                double actual, double limit, std::string (*print)(double), Report& report) {
  if (actual <= limit) return;
  ReportedFinding reported = PolicyFinding(code, model, what + " is over its budget");
  reported.finding.evidence = {{"measured", print(actual)}, {"budget", print(limit)}};
  report.findings.push_back(std::move(reported));
}

std::string PrintBytes(double bytes) { return BytesText(static_cast<std::uint64_t>(bytes)); }

void CheckLatency(const Budgets& budgets, const ModelReport& model, Report& report) {
  if (budgets.case_ms) {
    for (const auto& [name, milliseconds] : model.measured.case_ms) {
      CheckLimit("TA604", model.name, "the time of case " + Quote(name), milliseconds, *budgets.case_ms,
                 DurationText, report);
    }
  }
  if (!model.measured.latency) return;
  const Latency& latency = *model.measured.latency;
  const auto check = [&](const char* what, double actual, const std::optional<double>& limit) {
    if (limit) CheckLimit("TA604", model.name, what, actual, *limit, DurationText, report);
  };
  check("the median latency", latency.p50_ms, budgets.p50_ms);
  check("the 90th percentile of the latency", latency.p90_ms, budgets.p90_ms);
  check("the 99th percentile of the latency", latency.p99_ms, budgets.p99_ms);
  check("the first call", latency.first_ms, budgets.first_call_ms);
}

void CheckSizes(const Budgets& budgets, const ModelReport& model, Report& report) {
  if (budgets.model_bytes && !model.files.empty()) {
    CheckLimit("TA605", model.name, "the size of " + Quote(model.files.front().path),
               static_cast<double>(model.files.front().bytes), static_cast<double>(*budgets.model_bytes),
               PrintBytes, report);
  }
  if (budgets.peak_bytes && model.measured.peak_bytes) {
    CheckLimit("TA605", model.name, "the peak memory", static_cast<double>(*model.measured.peak_bytes),
               static_cast<double>(*budgets.peak_bytes), PrintBytes, report);
  }
}

// Returns whether the waiver accepted anything.
bool ApplyWaiver(const Waiver& waiver, Report& report) {
  bool used = false;
  for (ReportedFinding& reported : report.findings) {
    if (!reported.fails || !Matches(waiver, reported)) continue;
    used = true;
    reported.fails = false;
    reported.finding.waived = waiver.owner.empty() ? waiver.reason : waiver.reason + " (" + waiver.owner + ")";
  }
  return used;
}

void ReportWaiver(const std::string& code, const Waiver& waiver, const std::string& what,
                  const std::string& help, const Policy& policy, Report& report) {
  ReportedFinding reported = PolicyFinding(code, "", "the waiver of " + Quote(waiver.code) + " " + what);
  reported.finding.subject = policy.name;
  if (!waiver.reason.empty()) reported.finding.evidence.push_back({"reason", waiver.reason});
  if (!waiver.owner.empty()) reported.finding.evidence.push_back({"owner", waiver.owner});
  reported.finding.help = help;
  report.findings.push_back(std::move(reported));
}

void ApplyWaivers(const Policy& policy, const std::string& today, Report& report) {
  for (const Waiver& waiver : policy.waivers) {
    if (Expired(waiver, today)) {
      ReportWaiver("TA603", waiver, "expired on " + waiver.expires,
                   "mend the model, or agree on a new date", policy, report);
    } else if (waiver.reason.empty()) {
      ReportWaiver("TA601", waiver, "has no reason", "say why it is accepted: `\"reason\": \"…\"`", policy,
                   report);
    } else if (!ApplyWaiver(waiver, report)) {
      ReportWaiver("TA602", waiver, "accepts nothing", "remove it", policy, report);
    }
  }
}

}  // namespace

void ApplyPolicy(const Policy& policy, const std::string& today, Report& report) {
  DecideFindings(policy, report);
  for (const ModelReport& model : report.models) {
    CheckLatency(policy.budgets, model, report);
    CheckSizes(policy.budgets, model, report);
  }
  ApplyWaivers(policy, today, report);
  Judge(report);
}

std::optional<Tolerance> ToleranceFor(const Policy& policy, const std::string& model,
                                      const std::string& output, DType dtype) {
  for (const PolicyTolerance& entry : policy.tolerances) {
    if (Fits(entry.model, model) && Fits(entry.output, output) && (!entry.dtype || entry.dtype == dtype)) {
      return entry.tolerance;
    }
  }
  return std::nullopt;
}

}  // namespace torchassay
