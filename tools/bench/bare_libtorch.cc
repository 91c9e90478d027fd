// The least that a C++ program must do to run a model: load it, and call it on inputs of one shape.
//
//   bare_libtorch MODEL.pt FORWARDS SIZE...      FORWARDS 0 only loads

#include <torch/script.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: bare_libtorch MODEL.pt FORWARDS SIZE...\n";
    return 4;
  }
  torch::jit::Module module = torch::jit::load(argv[1]);
  std::vector<std::int64_t> sizes;
  for (int i = 3; i < argc; ++i) sizes.push_back(std::stoll(argv[i]));

  torch::InferenceMode no_gradients;
  const int forwards = std::stoi(argv[2]);
  double sum = 0;  // used, so that nothing may be left out
  for (int i = 0; i < forwards; ++i) {
    sum += module.forward({torch::rand(sizes)}).toTensor().sum().item<double>();
  }
  std::cout << sum << '\n';
  return 0;
}
