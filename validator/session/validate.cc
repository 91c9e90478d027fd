#include "validator/session/validate.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "validator/base/file.h"
#include "validator/base/strings.h"
#include "validator/compare/compare_values.h"
#include "validator/gate/apply_policy.h"
#include "validator/gate/baseline.h"
#include "validator/session/case_results.h"
#include "validator/session/judging.h"
#include "validator/session/localise.h"
#include "validator/session/report_parts.h"
#include "validator/session/source_excerpt.h"

namespace torchassay {
namespace {

// A bundle on its way through validation. `ready`: verified, and to be run.
struct Subject {
  ModelReport model;
  std::optional<Bundle> bundle;
  std::vector<Finding> findings;
  bool ready = false;
  bool compared = false;                      // anything with its reference
  std::map<std::string, std::string> stamps;  // of every file of the bundle, from before it was verified
};

Subject NotReady(Subject subject, Finding finding) {
  subject.findings.push_back(std::move(finding));
  return subject;
}

Finding BareFile(const Subject& subject) {
  Finding finding = NothingCompared(subject.model.name);
  finding.message = Quote(subject.model.name) + " is a bare TorchScript file: there is nothing to compare it with";
  finding.help = "record references first: `torchassay convert " + subject.model.name + " --input SPEC`";
  return finding;
}

Finding NoCases(const Subject& subject) {
  Finding finding = NothingCompared(subject.model.name);
  finding.message = "the bundle " + Quote(subject.model.name) + " has no cases: nothing was compared";
  finding.help = "convert the model again with `--cases`";
  return finding;
}

std::map<std::string, std::string> Stamps(const std::string& path) {
  std::map<std::string, std::string> stamps;
  if (!LooksLikeBundle(RealFileSystem(), path)) return stamps;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(path, error), end; entry != end; entry.increment(error)) {
    stamps.emplace(AbsolutePath(entry->path().string()), FileStamp(entry->path().string()));
    if (error) break;
  }
  return stamps;
}

// Leaves the stamps of what is read: a log that grows beside it is no change.
void KeepListed(const Bundle& bundle, std::map<std::string, std::string>& stamps) {
  std::map<std::string, std::string> listed;
  std::vector<std::string> files = {"manifest.json"};
  for (const BundleFile& file : bundle.manifest.files) files.push_back(file.path);
  for (const std::string& file : files) {
    const std::string path = AbsolutePath(bundle.PathOf(file));
    // Below a folder that is a link nothing was found before.
    const auto before = stamps.find(path);
    listed.emplace(path, before == stamps.end() ? FileStamp(path) : before->second);
  }
  stamps = std::move(listed);
}

// Reads and verifies everything that needs no LibTorch.
Subject Open(const std::string& path, const std::string& name, const LoadOptions& load) {
  Subject subject;
  subject.model.name = name;
  subject.model.path = AbsolutePath(path);
  subject.stamps = Stamps(subject.model.path);
  Result<ModelFile> file = OpenModelFile(path);
  if (!file.ok()) return NotReady(std::move(subject), FindingFromStatus(file.status()));
  subject.model.modules = ModuleTree(file->archive);
  if (!file->bundle) return NotReady(std::move(subject), BareFile(subject));
  KeepListed(*file->bundle, subject.stamps);
  DescribeOrigin(file->bundle->manifest, subject.model);
  if (Status status = VerifyCases(RealFileSystem(), *file->bundle); !status.ok()) {
    return NotReady(std::move(subject), FindingFromStatus(status));
  }
  subject.findings = file->bundle->manifest.findings;
  if (Status status = PermitLoad(*file, load); !status.ok()) {
    return NotReady(std::move(subject), FindingFromStatus(status));
  }
  if (file->bundle->manifest.cases.empty()) return NotReady(std::move(subject), NoCases(subject));
  subject.bundle = std::move(file->bundle);
  subject.ready = true;
  return subject;
}

std::vector<TypedTolerance> PolicyTolerances(const std::optional<Policy>& policy, const Subject& subject) {
  std::vector<TypedTolerance> tolerances;
  if (!policy) return tolerances;
  for (const auto& [output, dtype] : OutputTypes(subject.bundle->manifest)) {
    if (const auto found = ToleranceFor(*policy, subject.model, output, dtype)) {
      tolerances.push_back({output, dtype, *found});
    }
  }
  return tolerances;
}

Job JobFor(const ValidateOptions& options, const std::optional<Policy>& policy, const Subject& subject) {
  Job job;
  job.kind = JobKind::kValidate;
  job.model_path = subject.bundle->model_path;
  job.bundle_path = subject.bundle->path;
  job.method = subject.bundle->manifest.signature.method;
  job.device = options.device;
  job.libraries = options.load.libraries;
  job.tolerances = PolicyTolerances(policy, subject);
  job.timeout_s = options.timeout_s;
  job.memory_bytes = options.memory_bytes;
  return job;
}

Status RunAll(const ValidateOptions& options, const std::optional<Policy>& policy, const std::string& against,
              Runner& runner, std::vector<Subject>& subjects, Report& report) {
  std::vector<Job> jobs;
  std::vector<Subject*> running;
  for (Subject& subject : subjects) {
    if (!subject.ready) continue;
    jobs.push_back(JobFor(options, policy, subject));
    running.push_back(&subject);
  }
  if (jobs.empty()) return Status();
  std::size_t done = 0;
  RunAllOptions run{.parallel = options.jobs, .on_result = {}};
  run.on_result = [&](std::size_t, const JobResult&) {
    if (options.on_progress) options.on_progress(++done, jobs.size());
  };
  Result<std::vector<JobResult>> results = runner.RunAll(jobs, run);
  if (!results.ok()) return results.status();
  for (const JobResult& result : *results) DescribeRuntime(result, options.device, report);
  for (std::size_t i = 0; i < running.size(); ++i) {
    Subject& subject = *running[i];
    subject.compared = AddCaseResults((*results)[i], subject.bundle->manifest, subject.model, report);
    if (options.localise) Localise(jobs[i], against, runner, subject.model, report);
  }
  return Status();
}

// The TorchScript file of the model to compare submodules with; "" for none.
Result<std::string> OpenOther(const ValidateOptions& options) {
  if (options.against_path.empty()) return std::string();
  Result<ModelFile> other = OpenModelFile(options.against_path);
  if (!other.ok()) return other.status();
  if (Status status = PermitLoad(*other, options.load); !status.ok()) return status;
  return other->model_path;
}

bool AnyInSource(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.file && finding.line; });
}

void AddSubject(Subject& subject, Report& report) {
  std::optional<ModelSource> source;
  if (subject.bundle && AnyInSource(subject.findings)) source = FindModelSource(*subject.bundle);
  for (Finding& finding : subject.findings) {
    AddFinding(report, subject.model.name, std::move(finding));
    if (source) {
      report.findings.back().source = ExcerptFor(report.findings.back().finding, *subject.bundle, *source);
    }
  }
  report.models.push_back(std::move(subject.model));
}

// The runner opens the files anew: what ran is what was verified only if nobody touched them meanwhile.
void FailWhereChanged(Subject& subject) {
  if (!subject.ready) return;
  for (const auto& [file, stamp] : subject.stamps) {
    if (FileStamp(file) == stamp) continue;
    Finding finding;
    finding.code = "TA213";
    finding.message = Quote(BaseName(file)) + " was changed while the bundle was validated";
    finding.help = "validate it again";
    subject.findings.push_back(std::move(finding));
    return;
  }
}

// A waiver or a baseline accepts what fails; that nothing was looked at is left when it has.
void FailWhereNothingIsLeft(const std::vector<Subject>& subjects, const std::vector<std::string>& names,
                            Report& report) {
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const auto fails = [&](const ReportedFinding& reported) { return reported.model == names[i] && reported.fails; };
    if (subjects[i].compared || std::any_of(report.findings.begin(), report.findings.end(), fails)) continue;
    Finding finding = NothingCompared(names[i]);
    finding.message = "all that failed of " + Quote(names[i]) + " is accepted, and nothing else was compared";
    AddFinding(report, names[i], std::move(finding));
  }
}

}  // namespace

Result<Report> Validate(const ValidateOptions& options, Runner& runner) {
  const Result<Judging> judging = ReadJudging(options.policy_path, options.baseline_path, options.paths);
  if (!judging.ok()) return judging.status();
  Report report = NewReport("validate");
  const std::vector<std::string> names = DisplayNames(options.paths);
  std::vector<Subject> subjects;
  for (std::size_t i = 0; i < names.size(); ++i) {
    // LibTorch takes longer to load than most bundles take to verify.
    if (RealFileSystem().Kind(options.paths[i]) == FileKind::kDirectory) runner.Prepare();
    subjects.push_back(Open(options.paths[i], names[i], options.load));
  }
  const Result<std::string> against = OpenOther(options);
  if (!against.ok()) return against.status();
  if (Status status = RunAll(options, judging->policy, *against, runner, subjects, report); !status.ok()) return status;
  for (Subject& subject : subjects) FailWhereChanged(subject);
  std::vector<ReportedFinding> of_cases = std::exchange(report.findings, {});
  for (Subject& subject : subjects) AddSubject(subject, report);
  std::move(of_cases.begin(), of_cases.end(), std::back_inserter(report.findings));
  if (judging->policy) ApplyPolicy(*judging->policy, options.today, report);
  if (judging->baseline) ApplyBaseline(*judging->baseline, report);
  FailWhereNothingIsLeft(subjects, names, report);
  Judge(report);
  return report;
}

}  // namespace torchassay
