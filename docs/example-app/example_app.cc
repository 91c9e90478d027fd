// Loads a TorchScript file, runs it once on ones, and prints the first five numbers that come out.
//
//   example-app MODEL.pt SIZE...        example-app resnet18.pt 1 3 224 224
//
// This is the whole of what a deployment does with a converted model. What it does not do is check: a wrong shape ends
// in the exception below, after the model has begun to run. `torchassay check` says the same before.

#include <torch/script.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: example-app MODEL.pt SIZE...\n";
    return 4;
  }
  try {
    torch::jit::script::Module module = torch::jit::load(argv[1]);
    std::cout << "ok\n";

    std::vector<std::int64_t> sizes;
    for (int i = 2; i < argc; ++i) sizes.push_back(std::stoll(argv[i]));

    torch::InferenceMode no_gradients;
    const torch::Tensor output = module.forward({torch::ones(sizes)}).toTensor().flatten();
    const std::int64_t shown = std::min<std::int64_t>(5, output.numel());
    std::cout << output.slice(/*dim=*/0, /*start=*/0, /*end=*/shown) << '\n';
  } catch (const std::exception& error) {
    std::cerr << "error: the model could not be loaded or run\n" << error.what() << '\n';
    return 1;
  }
  return 0;
}
