#include "validator/session/compare.h"

#include <algorithm>
#include <utility>

#include "validator/base/file.h"
#include "validator/compare/compare_values.h"
#include "validator/session/report_parts.h"
#include "validator/tensor/tensor_file.h"

namespace torchassay {
namespace {

ToleranceOf ToleranceFor(const CompareFilesOptions& options) {
  return [rtol = options.rtol, atol = options.atol](const std::string&, DType dtype) {
    const Tolerance tolerance = DefaultTolerance(dtype);
    return Tolerance{rtol.value_or(tolerance.rtol), atol.value_or(tolerance.atol)};
  };
}

void AddOutput(OutputResult output, const std::string& model, CaseReport& one, Report& report) {
  const bool passed = std::none_of(output.findings.begin(), output.findings.end(), FailsByDefault);
  one.passed = one.passed && passed;
  for (Finding& finding : output.findings) {
    finding.help.clear();  // it is about bundles
    AddFinding(report, model, std::move(finding));
    report.findings.back().output = output.path;
  }
  one.outputs.push_back({std::move(output.path), passed, std::move(output.comparison)});
}

}  // namespace

Result<Report> CompareFiles(const CompareFilesOptions& options) {
  Result<TensorFile> actual = TensorFile::Open(options.actual_path);
  if (!actual.ok()) return actual.status();
  Result<TensorFile> expected = TensorFile::Open(options.expected_path);
  if (!expected.ok()) return expected.status();

  const std::vector<std::string> names = DisplayNames({options.actual_path, options.expected_path});
  Report report = NewReport("compare");
  ModelReport model;
  model.name = names[0] + " against " + names[1];
  CompareValuesOptions compare;
  compare.tolerance_of = ToleranceFor(options);
  compare.nan_policy = options.nan_policy;
  compare.subject = model.name;
  ValuesResult result = CompareTensorFiles(*actual, *expected, compare);

  CaseReport one{"file", "file", true, {}};
  for (OutputResult& output : result.outputs) AddOutput(std::move(output), model.name, one, report);
  model.cases.push_back(std::move(one));
  if (result.compared == 0 && result.passed()) AddFinding(report, model.name, NothingCompared(model.name));
  report.models.push_back(std::move(model));
  Judge(report);
  return report;
}

}  // namespace torchassay
