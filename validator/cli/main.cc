// The program `torchassay`.

#include <span>

#include "validator/cli/program.h"
#include "validator/cli/surroundings.h"

int main(int argc, char** argv) {
  torchassay::Surroundings around = torchassay::ProcessSurroundings();
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  return torchassay::RunProgram({words.begin() + (argc > 0 ? 1 : 0), words.end()}, around);
}
