// What the kernel calls the element of each dtype, where C++ has no type for it, and what it computes errors in.

#ifndef VALIDATOR_COMPARE_ELEMENT_TYPES_H_
#define VALIDATOR_COMPARE_ELEMENT_TYPES_H_

#include <cstdint>
#include <type_traits>

#include "hwy/base.h"

namespace torchassay {

struct BoolByte {
  std::uint8_t value;
};
struct ComplexFloat {
  float real, imaginary;
};

// What errors of T are put in decades as: a float where it holds every element.
template <typename T>
using ErrorType = std::conditional_t<sizeof(T) == 8 || std::is_same_v<T, std::int32_t>, double, float>;

}  // namespace torchassay

#endif  // VALIDATOR_COMPARE_ELEMENT_TYPES_H_
