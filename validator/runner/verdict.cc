#include "validator/runner/verdict.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "validator/base/file.h"
#include "validator/base/strings.h"

namespace torchassay {
namespace {

std::string SignalText(int number) {
  const char* name = sigabbrev_np(number);
  const char* description = sigdescr_np(number);
  std::string text = name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(number);
  if (description != nullptr) text += std::string(" (") + description + ")";
  return text;
}

// The last line that says something.
std::string LastLine(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return "";
  const std::size_t start = text.find_last_of('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     end - (start == std::string::npos ? 0 : start + 1) + 1);
}

std::string SecondsText(double seconds) { return NumberText(seconds) + " s"; }

struct Judgement {
  Outcome outcome;
  const char* code;
  std::string message;
};

Judgement Judge(const Job& job, const Death& death) {
  switch (death.ended_by) {
    case EndedBy::kTimeout: return {Outcome::kTimedOut, "TA503", "did not finish within " + SecondsText(job.timeout_s)};
    case EndedBy::kMemoryLimit:
      return {Outcome::kOutOfMemory, "TA504",
              "used more memory than its limit of " + BytesText(static_cast<std::uint64_t>(job.memory_bytes))};
    case EndedBy::kItself: break;
  }
  if (WIFSIGNALED(death.wait_status) && WTERMSIG(death.wait_status) == SIGKILL) {
    return {Outcome::kOutOfMemory, "TA504", "was killed by the system, most likely for want of memory"};
  }
  std::string message = WIFSIGNALED(death.wait_status)
                            ? "crashed with " + SignalText(WTERMSIG(death.wait_status))
                            : "ended its process with exit code " + std::to_string(WEXITSTATUS(death.wait_status)) +
                                  " before it had an answer";
  const std::string words = LastLine(death.last_words);
  if (!words.empty()) message += ": " + Quote(words);
  return {Outcome::kCrashed, "TA502", message};
}

}  // namespace

Finding ExecutionFinding(const Job& job, const std::string& code, const std::string& message) {
  Finding finding;
  finding.code = code;
  finding.message = message;
  finding.subject = BaseName(job.bundle_path.empty() ? job.model_path : job.bundle_path);
  return finding;
}

void Explain(const Job& job, const Death& death, JobResult& result) {
  const Judgement verdict = Judge(job, death);
  result.outcome = verdict.outcome;
  result.detail = verdict.message;
  Finding finding = ExecutionFinding(job, verdict.code, "the model " + verdict.message);
  if (death.case_name.empty()) {
    result.findings.push_back(std::move(finding));
    return;
  }
  finding.subject += ": case " + Quote(death.case_name);
  CaseResult interrupted;
  interrupted.name = death.case_name;
  interrupted.findings.push_back(std::move(finding));
  result.cases.push_back(std::move(interrupted));
}

}  // namespace torchassay
