"""What each way out of the tensor world looks like when it is sensed. Lines are named by a comment on them."""

import copy
import functools
import math
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from torchassay.sense.build import statement_of
from torchassay.sense.leak import Leak, Sensing

Sense = Callable[..., Sensing]
LINES = Path(__file__).read_text().splitlines()


def line_of(mark: str) -> int:
    return next(number for number, text in enumerate(LINES, 1) if text.endswith(f"  # {mark}"))


class Calls(nn.Module):
    """Runs a function as its forward."""

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: torch.Tensor) -> object:
        return self.function(*inputs)


def only(sensing: Sensing, kind: str) -> Leak:
    leaks = [leak for leak in sensing.leaks if leak.kind == kind]
    assert len(leaks) == 1, [(leak.kind, leak.statement.text) for leak in sensing.leaks]
    return leaks[0]


# -- values ----------------------------------------------------------------------------------------------------------

CONVERSIONS = {
    "int": lambda x, i: x[: int(i)],
    "float": lambda x, i: x * float(i),
    "complex": lambda x, i: x * complex(i).real,
    "item": lambda x, i: x * i.item(),
    "tolist": lambda x, i: x * i.tolist(),
    "index": lambda x, i: x * [1.0, 2.0, 3.0][i],
    "numpy": lambda x, i: x * float(i.numpy()),
    "format": lambda x, i: x * len(f"{i:d}"),
    "data": lambda x, i: x * i.data,
    "storage": lambda x, i: x * i.untyped_storage()[0],
    "deepcopy": lambda x, i: x * copy.deepcopy(i),
    "equal": lambda x, i: x if torch.equal(x[0], i) else -x,
    "contains": lambda x, i: x if 2 in i else -x,
    "bool": lambda x, i: x if i > 1 else -x,
}


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_a_value_that_becomes_python(sensed: Sense, kind: str) -> None:
    leak = only(sensed(Calls(CONVERSIONS[kind]), torch.rand(4), torch.tensor(2)), kind)
    assert LINES[leak.statement.line - 1].strip().startswith(f'"{kind}"')
    assert leak.live


def test_a_branch_has_condition_operands_side_and_dropped_lines(sensed: Sense) -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        if x.sum() > 0:  # branch
            return x + 1
        return x - 1

    leak = only(sensed(Calls(forward), torch.ones(3)), "bool")
    statement = leak.statement
    assert (leak.code, statement.kind, statement.line) == ("TA101", "if", line_of("branch"))
    assert (statement.condition, statement.taken) == ("x.sum() > 0", "True")
    assert statement.dropped_lines == (line_of("branch") + 2,)
    assert leak.comparison is not None
    assert (leak.comparison.left, leak.comparison.op, leak.comparison.right) == ("3.0", ">", "0")
    assert leak.taint == {"value:inputs[0]"}


def test_the_operands_are_found_behind_any_and_all(sensed: Sense) -> None:
    leak = only(sensed(Calls(lambda x: x if (x > 0).all() else -x), torch.ones(3)), "bool")
    assert leak.comparison is not None
    assert leak.comparison.op == ">"


# -- shapes ----------------------------------------------------------------------------------------------------------

SIZES = {
    "bool TA103": lambda x: x if x.shape[0] > 3 else -x,
    "index TA105": lambda x: sum([x] * x.shape[0]),
    "index TA102": lambda x: [x[i] for i in range(x.size(0))],
    "len TA105": lambda x: x / len(x),
    "float TA105": lambda x: x / math.sqrt(x.shape[1]),
    "count TA102": lambda x: [row * 2 for row in x.unbind(0)],
    "constructor TA105": lambda x: x * torch.tensor([x.shape[0], 1, 1, 1]),
    "rank TA103": lambda x: x if x.dim() == 2 else -x,
    "dtype TA103": lambda x: x if x.dtype == torch.float32 else -x,
    "layout TA103": lambda x: x if x.is_contiguous() else -x,
    "grad TA103": lambda x: x if x.requires_grad else -x,
    "device TA105": lambda x: x + torch.zeros(4, device=x.device),
}


@pytest.mark.parametrize("case", SIZES)
def test_a_size_or_fact_that_becomes_python(sensed: Sense, case: str) -> None:
    kind, code = case.split()
    leaks = [leak for leak in sensed(Calls(SIZES[case]), torch.rand(2, 4)).leaks if leak.kind == kind]
    assert [leak.code for leak in leaks] == [code]
    assert LINES[leaks[0].statement.line - 1].strip().startswith(f'"{case}"')


def test_a_size_names_its_dimension(sensed: Sense) -> None:
    leak = only(sensed(Calls(lambda x: x if x.shape[1] > 3 else -x), torch.rand(2, 4)), "bool")
    assert leak.taint == {"shape:inputs[0][1]"}


def test_how_many_parts_a_list_of_sizes_makes_is_no_leak(sensed: Sense) -> None:
    def forward(x: torch.Tensor) -> list[torch.Tensor]:
        return [*x.split([1, 3], dim=1), *torch.split(x, [2, 2], 1), *x.tensor_split(2), *torch.tensor_split(x, [1], dim=1)]

    assert not [leak for leak in sensed(Calls(forward), torch.rand(2, 4)).leaks if leak.kind == "count"]


def test_the_shape_of_a_selection_follows_values(sensed: Sense) -> None:
    leak = only(sensed(Calls(lambda x: x if x.nonzero().shape[0] > 1 else -x), torch.ones(3)), "bool")
    assert "value:inputs[0]" in leak.taint
    assert leak.code == "TA101"


def test_a_size_lost_in_a_list_argument_of_a_library_call(sensed: Sense) -> None:
    model = Up()
    leak = only(sensed(model, torch.rand(1, 1, 4, 4), torch.rand(1, 1, 8, 8)), "constructor")
    assert leak.statement.line == line_of("library call")


class Up(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> object:
        return self.up(x, output_size=[y.shape[2], y.shape[3]])  # library call


HARMLESS = {
    "sizes used as sizes": lambda x: torch.zeros(x.shape[0], 2) + x.view(x.size(0), -1)[:, :2],
    "where": lambda x: torch.where(x.sum() > 0, x, -x),
    "a mask": lambda x: x[x > 0].sum(),
    "a static loop": lambda x: sum(x * i for i in range(3)),
    "isinstance": lambda x: x if isinstance(x, torch.Tensor) else -x,
    "dropout in eval": lambda x: F.dropout(x, 0.5, training=False),
    "a constant tensor": lambda x: x if torch.ones(2).sum() > 1 else -x,
    "detach and clone": lambda x: x.detach().clone() * 2,
}


@pytest.mark.parametrize("case", HARMLESS)
def test_harmless_code_has_no_live_leak(sensed: Sense, case: str) -> None:
    sensing = sensed(Calls(HARMLESS[case]), torch.rand(4, 4))
    assert sensing.mode == "traced"
    assert [(leak.kind, leak.taint) for leak in sensing.live if leak.kind != "rank"] == []


# -- call paths ------------------------------------------------------------------------------------------------------


def helper(x: torch.Tensor) -> torch.Tensor:
    return x if x.max() < 5 else x / 2  # helper


class Leaf(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return helper(x)  # caller


class Tree(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(nn.Identity(), nn.ModuleDict({"leaf": Leaf()})["leaf"])

    def forward(self, x: torch.Tensor) -> object:
        return self.blocks(x)


def test_a_leak_in_a_helper_names_the_helper_the_path_and_the_module(sensed: Sense) -> None:
    leak = only(sensed(Tree(), torch.rand(3)), "bool")
    assert leak.statement.line == line_of("helper")
    assert leak.frames[-1].module == "blocks.1"
    own = [frame.line for frame in leak.frames if frame.origin == "user"]
    assert own[-2:] == [line_of("caller"), line_of("helper")]


def test_a_branch_of_the_library_is_named_where_the_model_calls_it(sensed: Sense) -> None:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.0)
    model = Wrapper(nn.TransformerEncoder(layer, 1))
    mask = nn.Transformer.generate_square_subsequent_mask(4)
    sensing = sensed(model, torch.rand(1, 4, 8), mask)
    leaks = [leak for leak in sensing.live if "value:mask" in leak.taint and leak.kind == "bool"]
    assert leaks
    assert leaks[0].statement.line == line_of("encoder call")
    assert leaks[0].frames[-1].function == "_detect_is_causal_mask"


class Wrapper(nn.Module):
    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> object:
        return self.encoder(x, mask=mask)  # encoder call


def wrapped(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    @functools.wraps(function)
    def outer(x: torch.Tensor) -> torch.Tensor:
        y = function(x)
        return y if bool((y > 0).all()) else -y  # decorator

    return outer


def test_a_decorator_of_a_helper_is_named(sensed: Sense) -> None:
    leak = only(sensed(Calls(wrapped(lambda x: x * 2)), torch.rand(3)), "bool")
    assert leak.statement.line == line_of("decorator")


# -- protection ------------------------------------------------------------------------------------------------------


def test_an_operator_error_that_forward_catches_does_not_kill_the_tracer(sensed: Sense) -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        try:
            return x.view(7)  # failing
        except RuntimeError:
            return x * 2

    sensing = sensed(Calls(forward), torch.rand(3))
    assert (sensing.mode, sensing.raised) == ("traced", None)
    assert [statement_of(site).line for site in sensing.sites if site.kind == "caught"] == [line_of("failing")]


def test_a_crash_is_a_trouble_and_not_ours(sensed: Sense) -> None:
    sensing = sensed(Calls(lambda _: signal.raise_signal(signal.SIGKILL)), torch.rand(3))
    assert sensing.leaks == ()
    assert sensing.trouble is not None
    assert "SIGKILL" in sensing.trouble


def test_what_forward_raises_is_kept(sensed: Sense) -> None:
    assert sensed(Calls(lambda x: x[10]), torch.rand(3)).raised == "IndexError"


def test_the_model_is_not_changed(sensed: Sense) -> None:
    model = nn.BatchNorm1d(3)
    before = copy.deepcopy(model.state_dict())
    sensed(model, torch.rand(4, 3))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_model_of_a_package_that_begins_with_torch_is_not_muted(sensed: Sense, tmp_path: Path) -> None:
    file = tmp_path / "torchzoo.py"
    file.write_text("def forward(x):\n    return x if x.sum() > 0 else -x\n")
    scope: dict[str, Callable[..., object]] = {}
    exec(compile(file.read_text(), str(file), "exec"), scope)
    leak = only(sensed(Calls(scope["forward"]), torch.rand(3)), "bool")
    assert (Path(leak.statement.file).name, leak.statement.line) == ("torchzoo.py", 2)


def test_work_in_another_thread_is_noticed(sensed: Sense) -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        with ThreadPoolExecutor(1) as pool:
            return x + pool.submit(lambda: x * 2).result()

    assert only(sensed(Calls(forward), torch.rand(3)), "thread").code == "TA109"


def test_two_inputs_that_are_one_tensor(sensed: Sense) -> None:
    def forward(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        if query is key:  # identity
            return query * 2
        return query + key

    x = torch.rand(3)
    leak = only(sensed(Calls(forward), x, x), "identity")
    assert (leak.code, leak.value, leak.statement.line) == ("TA110", "True", line_of("identity"))


# -- sizes that follow values ------------------------------------------------------------------------------------------

SIZED = {
    "a choice by element": (lambda x, i: torch.where(x > 0, x, -x), False),
    "the places of a mask": (lambda x, i: torch.where(x > 0)[0], True),
    "a mask as index": (lambda x, i: x[x > 0], True),
    "an element as index": (lambda x, i: x.expand(2, 3)[i], False),
    "a bound of a slice": (lambda x, i: x[: i + 1], True),
    "as many copies of each": (lambda x, i: x.repeat_interleave(2), False),
    "counted copies": (lambda x, i: x.repeat_interleave((x > 0).long()), True),
    "a known number of classes": (lambda x, i: F.one_hot(x.long().abs(), 9), False),
    "as many classes as there are": (lambda x, i: F.one_hot(x.long().abs()), True),
}


@pytest.mark.parametrize(("function", "follows"), SIZED.values(), ids=SIZED)
def test_a_size_depends_on_values_only_where_values_decide_it(
    sensed: Sense, function: Callable[..., torch.Tensor], follows: bool
) -> None:
    def decide(x: torch.Tensor, i: torch.Tensor) -> torch.Tensor:
        part = function(x, i)
        return part * 2 if part.shape[0] > 1 else part

    leaks = sensed(Calls(decide), torch.tensor([1.0, 2.0, 3.0]), torch.tensor(1)).leaks
    (leak,) = [leak for leak in leaks if leak.kind == "bool" and ".shape[0]" in leak.statement.text]
    assert any(label.startswith("value:") for label in leak.taint) == follows
