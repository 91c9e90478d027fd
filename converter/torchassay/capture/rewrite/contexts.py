"""`with`: contexts that the artifact enters too, and those that have no effect on results."""

from __future__ import annotations

import ast

import torch

from torchassay.capture.rewrite.binding import bind_target
from torchassay.capture.rewrite.errors import Refused
from torchassay.capture.rewrite.evaluator import evaluate, handles, run_block
from torchassay.capture.rewrite.frame import Frame
from torchassay.capture.rewrite.values import (
    Static,
)


@handles(ast.With)
def _with(frame: Frame, node: ast.With) -> None:
    kept: list[ast.withitem] = []
    for item in node.items:
        native = _context(frame, item)
        if native is not None:
            kept.append(ast.withitem(native, None))
    if not kept:
        run_block(frame, node.body)
        return
    with frame.block() as body:
        run_block(frame, node.body)
    frame.emit(ast.With(kept, body or [ast.Pass()]))


_SILENT = (
    "nullcontext",
    "record_function",
    "profile",
    "suppress_warnings",
    "catch_warnings",
    "FlopCounterMode",
    "enable_grad",
    "sdpa_kernel",
    "_sdpa_kernel_variadic",
    "set_grad_enabled",
    "inference_mode",
    "ThreadPoolExecutor",
)


def _context(frame: Frame, item: ast.withitem) -> ast.expr | None:
    """The context that the artifact enters as well; None for one that has no effect on results."""
    value = evaluate(frame, item.context_expr)
    data = value.data if isinstance(value, Static) else None
    label = type(data).__name__
    if item.optional_vars is not None:
        bind_target(frame, item.optional_vars, Static(getattr(data, "enter_result", data)))
    if label in ("no_grad", "inference_mode"):
        return ast.parse("torch.no_grad()", mode="eval").body
    if isinstance(data, torch.autocast):
        text = f"torch.autocast({data.device!r}, dtype={data.fast_dtype}, enabled={data._enabled})"
        return ast.parse(text, mode="eval").body
    if label in _SILENT or label == "_GeneratorContextManager":
        return None
    raise Refused(f"TorchScript cannot enter the context `{label}`", "leave it out of the exported method")
