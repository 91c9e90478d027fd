"""Declares the two operators that torchvision's Python needs, where its compiled ones cannot load.

The wheel of the registry is built against CUDA: beside a CPU build of torch its library does not load, and `import
torchvision` fails, although none of the classification models calls a compiled operator.
"""

import importlib.util
import pathlib

import torch


def _compiled_operators_load():
    package = pathlib.Path(importlib.util.find_spec("torchvision").submodule_search_locations[0])
    try:
        torch.ops.load_library(str(next(package.glob("_C*.so"))))
    except (OSError, StopIteration):
        return False
    return True


if not _compiled_operators_load():
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
