"""Input specs as canonical text and as JSON."""

from __future__ import annotations

import math
import re

from torchassay.inputs.kinds import (
    Constant,
    Dim,
    InputSpec,
    Key,
    KeysSpec,
    ListSpec,
    ScalarSpec,
    TensorSpec,
    ValueDomain,
    ValueSpec,
)

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def input_text(spec: InputSpec) -> str:
    """The canonical text of a spec; parsing it gives the same spec."""
    return spec_text(spec.value) if spec.name is None else f"{spec.name}={spec_text(spec.value)}"


def spec_text(spec: ValueSpec) -> str:
    """The canonical text of a value without a name."""
    if isinstance(spec, TensorSpec):
        dims = ",".join(dim_text(dim) for dim in spec.dims)
        layout = f"@{spec.layout}" if spec.layout else ""
        return f"{spec.dtype}[{dims}]{_domain_text(spec.values)}{layout}"
    if isinstance(spec, ListSpec):
        return f"list{{{spec.lo}..{spec.hi}}}"
    if isinstance(spec, KeysSpec):
        return "{" + ",".join(_key_text(key) for key in spec.keys) + "}"
    if spec.type == "none":
        return "none"
    if spec.constant and spec.values and spec.values.choices:
        return constant_text(spec.values.choices[0])
    return spec.type + _domain_text(spec.values)


def dim_text(dim: Dim) -> str:
    if dim.size is not None:
        return str(dim.size)
    if dim.lo is None:
        return str(dim.symbol)
    step = f":{dim.step}" if dim.step != 1 else ""
    return f"{dim.symbol}:{dim.lo}..{dim.hi}{step}"


def _key_text(key: Key) -> str:
    name = key.name if _WORD.match(key.name) else quote(key.name)
    return name + ("?" if key.optional else "")


def _domain_text(values: ValueDomain | None) -> str:
    if values is None:
        return ""
    if values.choices is not None:
        return "{" + ",".join(_domain_value_text(value) for value in values.choices) + "}"
    lo = "-inf" if values.lo is None else _domain_value_text(values.lo)
    hi = "inf" if values.hi is None else _domain_value_text(values.hi)
    flags = (",nan" if values.nan else "") + (",inf" if values.inf else "")
    return f"{{{lo}..{hi}{flags}}}"


def _domain_value_text(value: Constant) -> str:
    """Inside braces the dtype is known, so a whole float needs no point."""
    text = constant_text(value)
    return text.removesuffix(".0") if isinstance(value, float) else text


def constant_text(value: Constant) -> str:
    """A constant as the grammar writes it; a float keeps a point, an exponent or its name."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    return str(value)


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'


def input_json(spec: InputSpec) -> dict[str, object]:
    """The spec as plain data; non-finite numbers are texts."""
    return {"name": spec.name, **_value_json(spec.value)}


def _value_json(spec: ValueSpec) -> dict[str, object]:
    if isinstance(spec, TensorSpec):
        return {
            "kind": "tensor",
            "dtype": spec.dtype,
            "dims": [_dim_json(dim) for dim in spec.dims],
            "values": _domain_json(spec.values),
            "layout": spec.layout,
        }
    if isinstance(spec, ScalarSpec):
        return {"kind": "scalar", "type": spec.type, "values": _domain_json(spec.values)}
    if isinstance(spec, ListSpec):
        return {"kind": "list", "lo": spec.lo, "hi": spec.hi}
    keys = [{"name": key.name, "optional": key.optional} for key in spec.keys]
    return {"kind": "keys", "keys": keys}


def _dim_json(dim: Dim) -> dict[str, object]:
    if dim.size is not None:
        return {"fixed": dim.size}
    if dim.lo is None:
        return {"symbol": dim.symbol}
    return {"symbol": dim.symbol, "lo": dim.lo, "hi": dim.hi, "step": dim.step}


def _domain_json(values: ValueDomain | None) -> dict[str, object] | None:
    if values is None:
        return None
    if values.choices is not None:
        return {"set": [_number_json(value) for value in values.choices]}
    lo = "-inf" if values.lo is None else values.lo
    hi = "inf" if values.hi is None else values.hi
    return {"lo": lo, "hi": hi, "nan": values.nan, "inf": values.inf}


def _number_json(value: Constant) -> Constant:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
