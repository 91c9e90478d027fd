// Bench: how fast a model answers and how much memory it takes. Backs `bench`.

#ifndef VALIDATOR_SESSION_BENCH_H_
#define VALIDATOR_SESSION_BENCH_H_

#include <cstdint>
#include <string>

#include "validator/base/status.h"
#include "validator/report/report.h"
#include "validator/session/model_file.h"
#include "validator/session/runner.h"

namespace torchassay {

struct BenchOptions {
  std::string path;       // a bundle
  std::string case_name;  // "" for the first
  LoadOptions load;
  std::string device = "cpu";
  int threads = 0;     // 0: as many as cores
  double seconds = 3;  // of measuring, after the warm-up
  double timeout_s = 300;
  std::int64_t memory_bytes = 0;
  std::string policy_path;  // "" for none; its budgets of latency and size are applied, and waivers of those
  std::string today;        // "2026-11-23": decides which waivers have expired
};

// The numbers stand in the model's `measured` and, for a reader, in its facts. Errors: kUsage where `path` is
// a bare file; those of OpenModelFile, PermitLoad and ParsePolicy. A bundle without cases comes to "nothing checked",
// and a budget that is passed to "failed" (TA604, TA605).
Result<Report> Bench(const BenchOptions& options, Runner& runner);

}  // namespace torchassay

#endif  // VALIDATOR_SESSION_BENCH_H_
