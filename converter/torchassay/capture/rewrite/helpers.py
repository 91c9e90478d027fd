"""Functions that a rewritten model carries along: what Python has and TorchScript lacks. Their text is copied verbatim."""

HELPERS: dict[str, str] = {
    "_product": """
def _product(values: List[int]) -> int:
    result = 1
    for value in values:
        result = result * value
    return result
""",
    "_format_fixed": """
def _format_fixed(value: float, digits: int) -> str:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    scale = int(10 ** digits)
    whole = int(round(abs(value) * scale))
    text = str(whole // scale)
    if digits > 0:
        rest = str(whole % scale)
        while len(rest) < digits:
            rest = "0" + rest
        text = text + "." + rest
    return "-" + text if value < 0 else text
""",
    "_format_padded": """
def _format_padded(value: int, width: int) -> str:
    text = str(abs(value))
    room = width - 1 if value < 0 else width
    while len(text) < room:
        text = "0" + text
    return "-" + text if value < 0 else text
""",
    "_format_float": """
def _format_float(value: float) -> str:
    if value == math.floor(value) and abs(value) < 1e16:
        return str(int(value)) + ".0"
    return str(value)
""",
    "_format_list": """
def _format_list(values: List[int]) -> str:
    text = "["
    for i in range(len(values)):
        text = text + (", " if i > 0 else "") + str(values[i])
    return text + "]"
""",
    "_repeat_text": """
def _repeat_text(text: str, times: int) -> str:
    result = ""
    for _ in range(times):
        result = result + text
    return result
""",
    "_round_digits": """
def _round_digits(value: float, digits: int) -> float:
    scale = float(10 ** digits)
    return round(value * scale) / scale
""",
    "_log2": """
def _log2(value: float) -> float:
    return float(torch.log2(torch.tensor(value, dtype=torch.float64)))
""",
    "_set_order": """
def _set_table(values: List[int], used: int) -> List[int]:
    size = 8
    while size <= used:
        size = size * 2
    table = [-1 for _ in range(size)]
    for number in range(len(values)):
        hashed = -2 if values[number] == -1 else values[number]
        mask = size - 1
        place = hashed & mask
        shifted = hashed
        while True:
            probes = 9 if place + 9 <= mask else 0
            free = -1
            for step in range(probes + 1):
                if free < 0 and table[place + step] < 0:
                    free = place + step
            if free >= 0:
                table[free] = number
                break
            shifted = (shifted >> 5) & 0x7FFFFFFFFFFFFFF
            place = (place * 5 + 1 + shifted) & mask
    found: List[int] = []
    for number in table:
        if number >= 0:
            found.append(values[number])
    return found


def _set_order(values: List[int]) -> List[int]:
    ordered: List[int] = []
    size = 8
    for value in values:
        ordered.append(value)
        if len(ordered) * 5 >= (size - 1) * 3:
            used = len(ordered) * (4 if len(ordered) <= 50000 else 2)
            ordered = _set_table(ordered, used)
            while size <= used:
                size = size * 2
    return _set_table(ordered, size - 1)
""",
    "_is_finite": """
def _is_finite(value: float) -> bool:
    return not (math.isnan(value) or math.isinf(value))
""",
    "_dtype_is_floating_point": """
def _dtype_is_floating_point(dtype: int) -> bool:
    return torch.empty([0], dtype=dtype).is_floating_point()
""",
    "_dtype_is_complex": """
def _dtype_is_complex(dtype: int) -> bool:
    return torch.empty([0], dtype=dtype).is_complex()
""",
    "_dtype_itemsize": """
def _dtype_itemsize(dtype: int) -> int:
    return torch.empty([0], dtype=dtype).element_size()
""",
}


def _distinct() -> dict[str, str]:
    """What `set` does to a list, for each type of item."""
    kinds = {"_distinct_integers": "int", "_distinct_texts": "str", "_distinct_numbers": "float"}
    return {
        label: f"""
def {label}(values: List[{kind}]) -> List[{kind}]:
    found: List[{kind}] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found
"""
        for label, kind in kinds.items()
    }


def _dtype_texts() -> str:
    """How Python prints a dtype, as a chain over the dtypes."""
    import torch

    named = {getattr(torch, name) for name in ("float16", "bfloat16", "float32", "float64", "complex64", "complex128", "bool")}
    named |= {getattr(torch, name) for name in ("uint8", "int8", "int16", "int32", "int64")}
    lines = ["def _dtype_text(dtype: int) -> str:"]
    for dtype in sorted(named, key=str):
        lines += [f"    if dtype == {dtype}:", f"        return '{dtype}'"]
    return "\n" + "\n".join([*lines, "    raise RuntimeError('a dtype without a name')"]) + "\n"


def _limits() -> dict[str, str]:
    """One function per limit of `torch.finfo` and `torch.iinfo`, a chain over the dtypes."""
    import torch

    kinds = {
        "finfo": (
            "float",
            (torch.float32, torch.float64, torch.float16, torch.bfloat16),
            ("min", "max", "eps", "tiny", "smallest_normal", "resolution"),
        ),
        "iinfo": ("int", (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8), ("min", "max")),
    }
    found: dict[str, str] = {}
    for label, (kind, dtypes, fields) in kinds.items():
        for field in fields:
            lines = [f"def _{label}_{field}(dtype: int) -> {kind}:"]
            for dtype in dtypes:
                value = getattr(getattr(torch, label)(dtype), field)
                spelt = f"{value + 1} - 1" if value == -(2**63) else repr(value)
                lines += [f"    if dtype == {dtype}:", f"        return {spelt}"]
            lines += ["    raise RuntimeError('this dtype has no such limits')"]
            found[f"_{label}_{field}"] = "\n" + "\n".join(lines) + "\n"
    return found


HELPERS.update(_limits() | _distinct() | {"_dtype_text": _dtype_texts()})
