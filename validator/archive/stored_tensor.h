// StoredTensor: type, shape and place of one tensor of an archive, read from its pickle; no data.

#ifndef VALIDATOR_ARCHIVE_STORED_TENSOR_H_
#define VALIDATOR_ARCHIVE_STORED_TENSOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "validator/archive/pickle_value.h"
#include "validator/base/status.h"
#include "validator/tensor/dtype.h"
#include "validator/tensor/tensor.h"

namespace torchassay {

// Two tensors that name the same record share memory.
struct StoredTensor {
  std::string dtype;               // "f32"; beyond the grammar's types Torch's name: "qint8", "float8_e4m3fn"
  std::optional<DType> element;    // absent beyond the grammar's types
  std::int64_t element_bytes = 0;  // 0: of a type that is not known
  Shape shape;
  std::vector<std::int64_t> stride;   // in elements; empty where the layout has none
  std::int64_t offset = 0;            // of the first element in its record, in elements
  std::int64_t stored_elements = 0;   // with values of their own: of a sparse tensor its non-zeros
  std::int64_t storage_elements = 0;  // that the record holds
  std::string record;                 // "data/3", "constants/0"; relative to the archive's root
  std::string device;                 // where it was saved from: "cpu", "cuda:0"
  std::string layout;                 // "" for a dense one, "sparse_coo", "sparse_csr", …
  std::string quantisation;           // "", "per_tensor_affine(scale=0.1, zero_point=3)", "per_channel_affine(axis=0)"
  bool requires_grad = false;

  std::int64_t elements() const { return stored_elements; }
  std::int64_t bytes() const { return stored_elements * element_bytes; }
  // Whether its elements lie in row-major order without gaps.
  bool contiguous() const;
  // "f32[64,3,7,7]".
  std::string Describe() const;
};

// Whether `value` says how to rebuild a tensor.
bool IsStoredTensor(const PickleTree& pickle, const PickleValue& value);

// `folder` is where its pickle keeps its records: "data", "constants", "traced_inputs". Error TA204: a shape,
// stride or offset that no tensor can have, or that reaches beyond the storage.
Result<StoredTensor> ReadStoredTensor(const PickleTree& pickle, const PickleValue& value, const std::string& folder);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_STORED_TENSOR_H_
