// ModuleBytes: the records of a TorchScript module with one weight, as PyTorch wrote them since 1.3; for tests.

#ifndef VALIDATOR_ARCHIVE_MODULE_BYTES_H_
#define VALIDATOR_ARCHIVE_MODULE_BYTES_H_

#include <cstdint>
#include <string>

namespace torchassay {

// `data.pkl`: an `M` whose `weight` is f32[elements], in the storage `data/0`.
inline std::string ModulePickle(std::int32_t elements) {
  using namespace std::string_literals;
  std::string count = "J";
  for (int i = 0; i < 4; ++i) count += static_cast<char>(static_cast<std::uint32_t>(elements) >> (8 * i));
  return "\x80\x02"
         "c__torch__\nM\n)\x81}(X\x08\0\0\0training\x89X\x06\0\0\0weight"
         "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0"
         "0X\x03\0\0\0cpu"s +
         count + "tQK\0"s + count + "\x85K\x01\x85\x89"s + "ccollections\nOrderedDict\n)RtRub.";
}

// `code/__torch__.py`; the very first format began with the version of its operators.
inline std::string ModuleCode(int version) {
  return std::string(version == 1 ? "op_version_set = 1\n" : "") +
         "class M(Module):\n"
         "  __parameters__ = [\"weight\", ]\n"
         "  __buffers__ = []\n"
         "  weight : Tensor\n"
         "  training : bool\n"
         "  def forward(self: __torch__.M,\n"
         "    x: Tensor) -> Tensor:\n"
         "    return torch.mul(x, self.weight)\n";
}

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_MODULE_BYTES_H_
