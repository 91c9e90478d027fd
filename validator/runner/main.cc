// torchassay-runner: the process that holds LibTorch. The client starts it with one end of a socket.

#include <torch/version.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "validator/runner/execute.h"
#include "validator/runner/server.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::printf("torchassay-runner (LibTorch %s)\n", TORCH_VERSION);
    return 0;
  }
  if (argc == 3 && std::strcmp(argv[1], "--socket") == 0) {
    torchassay::Serve(std::atoi(argv[2]), torchassay::Execute, TORCH_VERSION);
    // Nothing is left to do, and unloading LibTorch would take a while.
    std::_Exit(0);
  }
  std::fprintf(stderr, "usage: torchassay-runner --socket DESCRIPTOR | --version\n");
  return 4;
}
