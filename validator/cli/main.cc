// The program `torchassay`.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <span>
#include <string_view>

#include "validator/cli/exit_code.h"
#include "validator/cli/program.h"
#include "validator/cli/surroundings.h"

namespace {

// A file that is cut off while it is read through its mapping.
[[noreturn]] void EndForLostPages(int) {
  constexpr std::string_view kText = "error: a file was cut off while it was read\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
  _exit(torchassay::kExitNotDone);
}

// Where a standard stream is closed, the next file that is opened would take its place.
void OpenStandardStreams() {
  while (true) {
    const int file = open("/dev/null", O_RDWR);
    if (file > STDERR_FILENO) close(file);
    if (file < 0 || file > STDERR_FILENO) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  OpenStandardStreams();
  signal(SIGBUS, EndForLostPages);
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of its write
  torchassay::Surroundings around = torchassay::ProcessSurroundings();
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  return torchassay::RunProgram({words.begin() + (argc > 0 ? 1 : 0), words.end()}, around);
}
