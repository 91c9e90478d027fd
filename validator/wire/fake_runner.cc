// A runner without LibTorch, for tests of those who use one: does what a job's method says.
//
//   die          dies over the job
//   die once     dies over it unless the file `output_path` is there, which it makes
//   (any other)  answers, with the method as its detail

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "validator/wire/envelope.h"
#include "validator/wire/frame.h"

namespace torchassay {
namespace {

void Do(const Job& job) {
  const bool dies_now = job.method == "die once" && access(job.output_path.c_str(), F_OK) != 0;
  if (dies_now) std::ofstream(job.output_path) << "died";
  if (dies_now || job.method == "die") raise(SIGKILL);
}

bool Answer(int socket, const JobEnvelope& envelope) {
  ResultEnvelope answer{envelope.number, {}};
  answer.result.detail = envelope.job.method;
  return WriteFrame(socket, EncodeEnvelope(answer)).ok();
}

void Serve(int socket) {
  FrameReader reader;
  bool open = WriteFrame(socket, EncodeEnvelope(ResultEnvelope{kReady, {}})).ok();
  while (open && reader.ReadSome(socket) == FrameReader::State::kOpen) {
    while (const std::optional<std::string> frame = reader.Next()) {
      const Result<JobEnvelope> envelope = DecodeJobEnvelope(*frame);
      if (!envelope.ok()) return;
      Do(envelope->job);
      open = Answer(socket, *envelope);
    }
  }
}

}  // namespace
}  // namespace torchassay

int main(int argc, char** argv) {
  if (argc == 3) torchassay::Serve(std::atoi(argv[2]));
  return 0;
}
