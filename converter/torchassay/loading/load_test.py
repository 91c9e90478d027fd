"""Models come to life from every kind of reference, and what is wrong is said in one message."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from torchassay.base.errors import ConverterError, LoadError, UsageError
from torchassay.base.safetensors import write_tensors
from torchassay.inputs.call import Call
from torchassay.loading.examples import load_examples, nest
from torchassay.loading.load import load

MODEL = """
from __future__ import annotations
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, depth=1, width=3):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(width, width) for _ in range(depth)])
        self.drop = nn.Dropout()
        self.calls = 0

    def forward(self, x, mask=None):
        self.calls += 1
        return self.drop(self.layers(x))

    def encode(self, x):
        return x

def build(depth=2):
    return Net(depth)

class Outer:
    Inner = Net

class NoForward(nn.Module):
    pass

instance = Net()
number = 3
wrong = lambda: {"a": 1}

def broken():
    raise KeyError("inside")

def leaves():
    raise SystemExit(4)

def tuple_of_arguments(): return (torch.ones(2, 3),)
def single_tensor(): return torch.ones(2, 3)
def by_name(): return {"x": torch.ones(2, 3), "mask": None}
def several(): return [(torch.ones(2, 3),), {"x": torch.zeros(1, 3)}]
def too_many(): return (1, 2, 3)
def nothing(): return None
def no_calls(): return []
def list_of_tensors(): return [torch.ones(3)]
def text(): return "x"
def fails(): return undefined
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    (folder / "net_for_loading.py").write_text(MODEL)
    return folder


@pytest.fixture(autouse=True)
def restore_path() -> Iterator[None]:
    before = list(sys.path)
    yield
    sys.path[:] = before


def message_of(reference: str, **options: object) -> str:
    with pytest.raises(ConverterError) as caught:
        load(reference, **options)  # type: ignore[arg-type]
    return f"{caught.value.message} | {caught.value.help}"


@pytest.mark.parametrize("name", ["build", "Net", "Outer.Inner", "instance"])
def test_a_name_in_a_file_becomes_a_model_in_eval_mode(folder: Path, name: str) -> None:
    subject = load(f"{folder / 'net_for_loading.py'}:{name}")
    assert not any(module.training for module in subject.model.modules())
    assert subject.parameters.describe() == "forward(x, mask=None)"
    assert subject.folder == folder
    out = subject.call(Call((torch.ones(2, 3),)))
    assert isinstance(out, torch.Tensor)
    assert not out.requires_grad


def test_gradients_flow_where_an_input_asks_for_them(folder: Path) -> None:
    subject = load(f"{folder / 'net_for_loading.py'}:build")
    out = subject.call(Call((torch.ones(2, 3, requires_grad=True),)))
    assert isinstance(out, torch.Tensor)
    assert out.requires_grad


def test_arguments_reach_the_factory_and_weights_are_the_same_each_time(folder: Path) -> None:
    first = load(f"{folder / 'net_for_loading.py'}:build", kwargs={"depth": 3})
    second = load(f"{folder / 'net_for_loading.py'}:build", kwargs={"depth": 3})
    assert len(first.model.state_dict()) == 6
    assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True))


def test_a_fresh_subject_knows_nothing_of_earlier_calls(folder: Path) -> None:
    subject = load(f"{folder / 'net_for_loading.py'}:build")
    used = subject.fresh()
    used.call(Call((torch.ones(2, 3),)))
    assert used.model.calls == 1
    assert subject.fresh().model.calls == subject.model.calls == 0


def test_another_method_has_its_own_signature(folder: Path) -> None:
    subject = load(f"{folder / 'net_for_loading.py'}:build", method="encode")
    assert subject.parameters.describe() == "encode(x)"
    assert torch.equal(subject.call(Call((torch.ones(1),))), torch.ones(1))  # type: ignore[arg-type]


def test_an_installed_module_is_a_reference_too() -> None:
    subject = load("torch.nn:Linear", kwargs={"in_features": 2, "out_features": 1})
    assert subject.name == "Linear"


def test_a_file_of_a_package_can_import_its_siblings(tmp_path: Path) -> None:
    package = tmp_path / "pack_for_loading" / "inner"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package.parent / "parts.py").write_text("import torch\nPart = torch.nn.Identity\n")
    (package / "model.py").write_text("from ..parts import Part\n")
    assert type(load(f"{package / 'model.py'}:Part").model) is torch.nn.Identity


def test_a_torchscript_file_is_taken_as_it_is(tmp_path: Path) -> None:
    torch.jit.script(torch.nn.Linear(2, 1)).save(str(tmp_path / "old.pt"))
    subject = load(str(tmp_path / "old.pt"))
    assert subject.scripted
    assert subject.parameters.names == ("input",)
    with pytest.raises(UsageError, match="takes no --kwargs"):
        load(str(tmp_path / "old.pt"), kwargs={"a": 1})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bild", "has no `bild` | did you mean `build`"),
        ("zzzzzzzz", "has no `zzzzzzzz` | it defines `Net`"),
        ("number", "is an int, not a model"),
        ("wrong", "`wrong` returns a dict, not an nn.Module"),
        ("broken", "`broken` raises: KeyError: 'inside' (net_for_loading.py:"),
        ("leaves", "ends the program (sys.exit(4))"),
        ("NoForward", "has no forward"),
        ("no such name", "no usable name"),
    ],
)
def test_a_bad_name_is_explained(folder: Path, name: str, expected: str) -> None:
    assert expected in message_of(f"{folder / 'net_for_loading.py'}:{name}")


def test_bad_options_are_explained(folder: Path) -> None:
    reference = f"{folder / 'net_for_loading.py'}:build"
    assert "did you mean `depth`" in message_of(reference, kwargs={"dept": 3})
    already = message_of(f"{folder / 'net_for_loading.py'}:instance", kwargs={"a": 1})
    assert "is a module already" in already
    assert "has no method `encod` | did you mean `encode`" in message_of(reference, method="encod")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("raise ValueError('bad thing')", "raises on import: ValueError: bad thing (bad.py:1)"),
        ("import sys; sys.exit(3)", "ends the program (sys.exit(3))"),
        ("def f(:", "cannot be imported: invalid syntax (bad.py:1)"),
        ("import no_such_package_at_all", "imports `no_such_package_at_all`, which is not installed here"),
        ("from torch import no_such_name", "raises on import: ImportError: cannot import name 'no_such_name'"),
        ("", "is empty"),
    ],
)
def test_a_file_that_cannot_be_imported_is_explained(tmp_path: Path, source: str, expected: str) -> None:
    (tmp_path / "bad.py").write_text(source)
    assert expected in message_of(f"{tmp_path / 'bad.py'}:x")


def test_files_that_are_no_models_are_explained(tmp_path: Path) -> None:
    net = torch.nn.Linear(2, 1)
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    torch.jit.script(net).save(str(tmp_path / "good.pt"))
    (tmp_path / "cut.pt").write_bytes((tmp_path / "good.pt").read_bytes()[:200])
    (tmp_path / "empty.pt").write_bytes(b"")
    assert "holds weights or a pickled object" in message_of(str(tmp_path / "weights.pt"))
    assert "or a truncated one" in message_of(str(tmp_path / "cut.pt"))
    assert "is empty" in message_of(str(tmp_path / "empty.pt"))
    assert "there is no file" in message_of(str(tmp_path / "god.pt"))
    assert "did you mean" in message_of(str(tmp_path / "god.pt"))
    assert "is a directory" in message_of(f"{tmp_path}/:x")
    assert "there is no module `no_such_module`" in message_of("no_such_module.inner:x")


def state(folder: Path) -> dict[str, torch.Tensor]:
    model = load(f"{folder / 'net_for_loading.py'}:Net").model
    return {name: torch.full_like(value, 0.5) for name, value in model.state_dict().items()}


@pytest.mark.parametrize("kind", ["pt", "safetensors", "nested"])
def test_weights_are_loaded_from_every_kind_of_file(folder: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / ("w.safetensors" if kind == "safetensors" else "w.pt")
    values = state(folder)
    if kind == "safetensors":
        write_tensors(file, values)
    else:
        torch.save({"epoch": 3, "state_dict": values} if kind == "nested" else values, file)
    subject = load(f"{folder / 'net_for_loading.py'}:Net", weights=file)
    assert all(bool((p == 0.5).all()) for p in subject.model.parameters())


def test_weights_that_do_not_fit_are_summed_up(folder: Path, tmp_path: Path) -> None:
    reference = f"{folder / 'net_for_loading.py'}:Net"
    torch.save({f"module.{k}": v for k, v in state(folder).items()}, tmp_path / "prefix.pt")
    assert "the names in the file begin with `module.`" in message_of(reference, weights=tmp_path / "prefix.pt")
    torch.save({k: torch.ones(9) for k in state(folder)}, tmp_path / "shapes.pt")
    assert "of another shape (layers.0.weight is [9]" in message_of(reference, weights=tmp_path / "shapes.pt")
    torch.save(torch.nn.Linear(1, 1), tmp_path / "model.pt")
    assert "would run code" in message_of(reference, weights=tmp_path / "model.pt")
    (tmp_path / "junk.pt").write_bytes(b"junk")
    assert "cannot be read" in message_of(reference, weights=tmp_path / "junk.pt")
    assert "there is no file" in message_of(reference, weights=tmp_path / "none.pt")


@pytest.mark.parametrize(
    ("name", "count"),
    [("tuple_of_arguments", 1), ("single_tensor", 1), ("by_name", 1), ("several", 2)],
)
def test_example_calls_come_in_several_forms(folder: Path, name: str, count: int) -> None:
    parameters = load(f"{folder / 'net_for_loading.py'}:build").parameters
    calls = load_examples(f"{folder / 'net_for_loading.py'}:{name}", parameters)
    assert len(calls) == count
    assert all(parameters.misfit(call) is None for call in calls)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("too_many", "does not fit forward(x, mask=None): too many positional"),
        ("nothing", "returns None"),
        ("no_calls", "empty list"),
        ("list_of_tensors", "a list of Tensor"),
        ("text", "returns a str"),
        ("fails", "raises: NameError: name 'undefined' is not defined (net_for_loading.py:"),
        ("txt", "did you mean `text`"),
    ],
)
def test_bad_examples_are_explained(folder: Path, name: str, expected: str) -> None:
    parameters = load(f"{folder / 'net_for_loading.py'}:build").parameters
    with pytest.raises(ConverterError) as caught:
        load_examples(f"{folder / 'net_for_loading.py'}:{name}", parameters)
    assert expected in f"{caught.value.message} | {caught.value.help}"


def test_a_tensor_file_gives_one_call(folder: Path, tmp_path: Path) -> None:
    parameters = load(f"{folder / 'net_for_loading.py'}:build").parameters
    write_tensors(tmp_path / "x.safetensors", {"input.x": torch.ones(1, 3), "output": torch.ones(1)})
    (call,) = load_examples(str(tmp_path / "x.safetensors"), parameters)
    assert list(call.kwargs) == ["x"]
    torch.save((torch.ones(1, 3), None), tmp_path / "x.pt")
    (call,) = load_examples(str(tmp_path / "x.pt"), parameters)
    assert len(call.args) == 2
    write_tensors(tmp_path / "o.safetensors", {"output": torch.ones(1)})
    with pytest.raises(LoadError, match="holds no inputs"):
        load_examples(str(tmp_path / "o.safetensors"), parameters)


def test_paths_in_a_tensor_file_make_nested_arguments() -> None:
    flat = {"x": 1, "batch.ids": 2, "batch.deep.er": 3, "pair[1]": 5, "pair[0]": 4, "rows[0].a": 6}
    assert nest(flat) == {"x": 1, "batch": {"ids": 2, "deep": {"er": 3}}, "pair": (4, 5), "rows": ({"a": 6},)}


WRAPPED = """
import torch

def checked(limit):
    def wrap(function):
        def inner(self, ids, *args, **kwargs):
            assert ids.max() < limit()
            return function(self, ids, *args, **kwargs)
        return inner
    return wrap

class Net(torch.nn.Module):
    @checked(lambda: 9)
    def forward(self, input_ids, mask=None):
        return input_ids
"""


def test_the_arguments_are_those_behind_a_decorator_without_wraps(tmp_path: Path) -> None:
    tmp_path.joinpath("wrapped.py").write_text(WRAPPED)
    assert load(f"{tmp_path / 'wrapped.py'}:Net").parameters.names == ("input_ids", "mask")
