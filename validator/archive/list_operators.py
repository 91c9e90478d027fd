"""Writes the C++ header that lists the operators and custom classes of the installed LibTorch."""

import sys
from pathlib import Path

import torch

# Namespaces that Python code registers: a C++ program that links LibTorch does not have them.
PYTHON_ONLY = {"_native", "debug_mode_ops", "debugprims", "export", "inductor", "inductor_prims", "prims", "rngprims"}

# Builtins that LibTorch compiles from TorchScript source and that have no registered schema.
BUILTIN_FUNCTIONS = ["_assert", "_assert_int_or_pair", "device", "list_with_default", "ndim", "shape"]

# Custom classes that LibTorch's libraries may register; only those that this build has are written.
CLASSES = [
    "_nnapi.Compilation",
    "c10d.ProcessGroup",
    "c10d.Work",
    "dist_rpc.WorkerInfo",
    "mkldnn.ConvOpContext",
    "mkldnn.LinearOpContext",
    "profiling.InstructionStats",
    "profiling.SourceStats",
    "quantized.Conv2dPackedParamsBase",
    "quantized.Conv3dPackedParamsBase",
    "quantized.EmbeddingPackedParamsBase",
    "quantized.LinearPackedParamsBase",
    "rnn.CellParamsBase",
    "sparse.LinearPackedParamsBase",
    "xnnpack.Conv2dOpContext",
    "xnnpack.LinearOpContext",
    "xnnpack.TransposeConv2dOpContext",
]

HEADER = """// Made by list_operators.py: what the LibTorch {version} of this build can run.
#ifndef VALIDATOR_ARCHIVE_KNOWN_OPERATORS_H_
#define VALIDATOR_ARCHIVE_KNOWN_OPERATORS_H_

#include <array>
#include <string_view>

namespace torchassay {{

inline constexpr std::string_view kKnownTorch = "{version}";

{operators}
{classes}
}}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_KNOWN_OPERATORS_H_
"""


def known_operators() -> list[str]:
    """Every operator name that C++ can resolve, sorted by bytes."""
    names = {schema.name for schema in torch._C._jit_get_all_schemas()}  # type: ignore[attr-defined]
    names = {name for name in names if name.split("::")[0] not in PYTHON_ONLY}
    return sorted(names | {f"aten::{name}" for name in BUILTIN_FUNCTIONS})


def known_classes() -> list[str]:
    """Those of CLASSES that this build registers, sorted."""
    return sorted(name for name in CLASSES if is_registered(name))


def is_registered(name: str) -> bool:
    """Whether LibTorch knows the custom class `namespace.Name`."""
    namespace, _, short = name.partition(".")
    try:
        torch._C._get_custom_class_python_wrapper(namespace, short)  # type: ignore[attr-defined]
    except RuntimeError:
        return False
    return True


def array(name: str, items: list[str]) -> str:
    """A C++ array of string views, one item a line."""
    lines = "".join(f'    "{item}",\n' for item in items)
    return f"inline constexpr std::array<std::string_view, {len(items)}> {name} = {{\n{lines}}};\n"


def main() -> None:
    """Writes the header to the path that is the only argument."""
    text = HEADER.format(
        version=torch.__version__,
        operators=array("kKnownOperators", known_operators()),
        classes=array("kKnownClasses", known_classes()),
    )
    Path(sys.argv[1]).write_text(text)


if __name__ == "__main__":
    main()
