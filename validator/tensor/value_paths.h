// Paths of leaves inside a nested value, in the syntax of the input-spec grammar.

#ifndef VALIDATOR_TENSOR_VALUE_PATHS_H_
#define VALIDATOR_TENSOR_VALUE_PATHS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "validator/tensor/value.h"

namespace torchassay {

// "output" + [0] -> "output[0]".
std::string ItemPath(const std::string& path, std::size_t index);
// "output" + "logits" -> "output.logits"; a key that is no identifier stands in brackets:
// output["a b"], output[3], output[true].
std::string KeyPath(const std::string& path, const DictKey& key);

// The path of item `index` of a tuple: by name where the tuple has names.
std::string TupleItemPath(const std::string& path, const TupleValue& tuple, std::size_t index);

// Every leaf (whatever is no tuple, list or dict) in order, with its path. An empty container is no leaf.
// The pointers live as long as `value`.
std::vector<std::pair<std::string, const Value*>> Leaves(const Value& value, const std::string& path);

// The tensors among them, in the same order. The pointers live as long as `value`.
std::vector<const TensorRef*> Tensors(const Value& value);

// "a tuple of 2 items", "a dict with the keys `a`, `b`", "f32[1,3]", "None", "the int 3": for messages.
std::string DescribeValue(const Value& value);

}  // namespace torchassay

#endif  // VALIDATOR_TENSOR_VALUE_PATHS_H_
