"""The domain draws legal calls, all kinds of them, and recognises illegal ones."""

from __future__ import annotations

import dataclasses
import inspect
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch

from torchassay.base.errors import UsageError
from torchassay.inputs.call import Call
from torchassay.inputs.domain import ABSENT, Domain, SizeRange, build_domain
from torchassay.inputs.draw import MODES
from torchassay.inputs.parameters import Parameters
from torchassay.inputs.spec import parse_input_spec


class Pair(NamedTuple):
    left: object
    right: object



@dataclasses.dataclass
class Batch:
    ids: torch.Tensor
    scale: float = 1.0


def one(x: Any) -> None: ...
def two(x: Any, mask: Any = None) -> None: ...
def keyword(x: Any, /, y: Any = 1, *, flag: Any = None) -> None: ...
def surplus(x: Any, *rest: Any, **options: Any) -> None: ...


def domain_of(
    function: Callable[..., None], examples: list[Call], *specs: str
) -> Domain:
    parameters = Parameters(inspect.signature(function))
    return build_domain(parameters, examples, [parse_input_spec(spec) for spec in specs])


def draws(domain: Domain, count: int = 60, **options: Any) -> list[Call]:
    rng = random.Random(0)
    return [domain.sample(rng, **options) for _ in range(count)]


DOMAINS: dict[str, Callable[[], Domain]] = {
    "fixed": lambda: domain_of(one, [Call((torch.rand(2, 3),))]),
    "range": lambda: domain_of(one, [], "x=f32[B:1..4,T:2..16:2]{-1..1}"),
    "open symbol": lambda: domain_of(one, [Call((torch.rand(2, 3),))], "x=f32[B,3]"),
    "shared": lambda: domain_of(two, [], "f32[B:1..4,T:1..9]", "bool[B,T]"),
    "integers": lambda: domain_of(one, [], "x=i64[5]{-3..30521}"),
    "wide integers": lambda: domain_of(one, [], "x=i64[3]{-9223372036854775808..9223372036854775807}"),
    "bytes": lambda: domain_of(one, [], "x=u8[4]{0..255}"),
    "choices": lambda: domain_of(one, [], "x=f32[4]{0.5,nan,-inf}"),
    "flags": lambda: domain_of(one, [], "x=f32[4]{-1..1,nan,inf}"),
    "half": lambda: domain_of(one, [], "x=f16[3]{0.1..0.3}"),
    "bfloat": lambda: domain_of(one, [], "x=bf16[3]"),
    "positive": lambda: domain_of(one, [], "x=f32[3]{2..5}"),
    "huge": lambda: domain_of(one, [], "x=f64[3]{-1e300..1e300}"),
    "complex": lambda: domain_of(one, [], "x=c64[3]{-1..1}"),
    "scalar": lambda: domain_of(one, [], "x=f32[]"),
    "empty": lambda: domain_of(one, [], "x=f32[B:0..2,3]"),
    "grad": lambda: domain_of(one, [Call((torch.rand(3),))], "x=f32[3]@grad"),
    "layout": lambda: domain_of(one, [Call((torch.rand(2, 3, 4, 4),))], "x=f32[N:1..4,3,4,4]@channels_last"),
    "dtype": lambda: domain_of(one, [Call((torch.rand(3),))], "x=f16[3]"),
    "rank": lambda: domain_of(one, [Call((torch.rand(3),))], "x=f32[2,3]"),
    "none": lambda: domain_of(two, [Call((torch.rand(3), None))], "mask=f32[3]"),
    "absent": lambda: domain_of(two, [Call((torch.rand(3),))], "mask=f32[3]"),
    "number": lambda: domain_of(two, [Call((torch.rand(3), 2))], "mask=int{1..4}"),
    "float": lambda: domain_of(two, [Call((torch.rand(3), 0.5))], "mask=float{0..1}"),
    "other text": lambda: domain_of(two, [Call((torch.rand(3), "a"))], 'mask="b"'),
    "other number": lambda: domain_of(two, [Call((torch.rand(3), 9))], "mask=int{1..2}"),
    "text": lambda: domain_of(two, [Call((torch.rand(3), "a"))], 'mask=str{"a","b"}'),
    "bool": lambda: domain_of(two, [Call((torch.rand(3), True))], "mask=bool"),
    "list": lambda: domain_of(one, [Call(([torch.rand(3), torch.rand(3)],))], "x=list{1..4}"),
    "list of specs": lambda: domain_of(one, [], "x=list{0..3}", "x[0]=f32[T:1..3]"),
    "keys": lambda: domain_of(one, [Call(({"a": torch.rand(2), "b": torch.rand(2)},))], "x={a,b?,c?}", "x.c=f32[2]"),
    "dict of specs": lambda: domain_of(one, [], "x.ids=i64[B:1..3]{0..9}", 'x["a b"]=f32[B]'),
    "tuple": lambda: domain_of(one, [Call(((torch.rand(2), Pair(torch.rand(1), 3)),))], "x[1].left=f32[K:1..5]"),
    "dataclass": lambda: domain_of(one, [Call((Batch(torch.arange(3)),))], "x.ids=i64[T:1..4]"),
    "list or tensor": lambda: domain_of(one, [Call(((torch.rand(4), torch.rand(4)),))], "x=f32[3,4]"),
    "tensor or tuple": lambda: domain_of(one, [Call((torch.rand(4),))], "x[0]=f32[4]", "x[1]=f32[4]"),
    "keyword": lambda: domain_of(keyword, [Call((torch.rand(2),), {"flag": torch.ones(2)})], "flag=f32[K:1..3]"),
    "surplus": lambda: domain_of(surplus, [Call((torch.rand(2), torch.rand(3)), {"deep": 1})], "rest[0]=f32[K:1..3]"),
    "examples": lambda: domain_of(two, [Call((torch.rand(3),)), Call((torch.rand(4), torch.ones(4)))]),
}


@pytest.mark.parametrize("name", DOMAINS)
def test_whatever_is_drawn_is_legal(name: str) -> None:
    domain = DOMAINS[name]()
    for mode in MODES:
        for call in draws(domain, 12, values=mode):
            assert domain.contains(call) is None
            assert domain.parameters.misfit(call) is None
    for label, call in domain.boundary(random.Random(1)):
        assert domain.contains(call) is None, label
    for example in domain.examples:
        assert domain.contains(example.clone()) is None


@pytest.mark.parametrize("name", DOMAINS)
def test_the_same_seed_draws_the_same_calls(name: str) -> None:
    first, second = draws(DOMAINS["shared"](), 5), draws(DOMAINS["shared"](), 5)
    for one_call, other in zip(first, second, strict=True):
        pairs = zip(one_call.tensors(), other.tensors(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)


def test_one_symbol_is_one_size_everywhere() -> None:
    for call in draws(DOMAINS["shared"]()):
        sizes = {tensor.shape for tensor in call.tensors()}
        assert len(sizes) == 1


def test_sizes_reach_their_ends_and_keep_their_step() -> None:
    sizes = {call.args[0].shape for call in draws(DOMAINS["range"](), 300)}  # type: ignore[attr-defined]
    assert {size[0] for size in sizes} == {1, 2, 3, 4}
    assert {size[1] for size in sizes} == set(range(2, 17, 2))


def test_given_sizes_and_alternatives_are_taken() -> None:
    domain = DOMAINS["shared"]()
    (call,) = draws(domain, 1, sizes={"B": 3, "T": 7}, alternatives={"mask": 0})
    assert [tuple(tensor.shape) for tensor in call.tensors()] == [(3, 7), (3, 7)]
    absent = DOMAINS["absent"]()
    (call,) = draws(absent, 1, alternatives={"mask": ABSENT})
    assert len(call.args) == 1
    with pytest.raises(UsageError, match="no size `Q`"):
        draws(domain, 1, sizes={"Q": 3})


def test_a_list_takes_every_declared_length() -> None:
    domain = DOMAINS["list"]()
    assert domain.symbols == {"len(x)": SizeRange(1, 4, example=2)}
    lengths = {len(call.args[0]) for call in draws(domain)}  # type: ignore[arg-type]
    assert lengths == {1, 2, 3, 4}


def test_optional_keys_come_and_go() -> None:
    keys: set[tuple[str, ...]] = {tuple(call.args[0]) for call in draws(DOMAINS["keys"]())}  # type: ignore[arg-type]
    assert keys == {("a",), ("a", "b"), ("a", "c"), ("a", "b", "c")}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dtype", {"float32", "float16"}),
        ("layout", {"contiguous", "channels_last"}),
        ("grad", {"grad", "plain"}),
        ("rank", {"1", "2"}),
        ("none", {"NoneType", "Tensor"}),
        ("text", {"a", "b"}),
        ("other text", {"a", "b"}),
        ("other number", {"1", "2", "9"}),
        ("bool", {"True", "False"}),
        ("number", {"1", "2", "3", "4"}),
        ("list or tensor", {"tuple", "Tensor"}),
        ("tensor or tuple", {"tuple", "Tensor"}),
    ],
)
def test_the_example_and_every_alternative_come_up(name: str, expected: set[str]) -> None:
    def shown(call: Call) -> str:
        x = call.args[0]
        if name in ("text", "bool", "number", "other text", "other number"):
            return str(call.args[1])
        if name == "none":
            return type(call.args[1]).__name__
        if not isinstance(x, torch.Tensor) or name.startswith(("list", "tensor")):
            return type(x).__name__
        return {
            "dtype": str(x.dtype).removeprefix("torch."),
            "layout": "contiguous" if x.is_contiguous() else "channels_last",
            "grad": "grad" if x.requires_grad else "plain",
            "rank": str(x.dim()),
        }[name]

    assert {shown(call) for call in draws(DOMAINS[name]())} == expected


def test_without_specs_shapes_are_fixed_and_values_vary() -> None:
    domain = domain_of(two, [Call((torch.tensor([2, 5]), torch.tensor([True, False])))])
    calls = draws(domain, 200)
    assert {tuple(tensor.shape) for call in calls for tensor in call.tensors()} == {(2,)}
    assert {int(value) for call in calls for value in call.args[0]} == {2, 3, 4, 5}  # type: ignore[attr-defined]
    assert {tuple(call.args[1].tolist()) for call in calls} == {  # type: ignore[attr-defined]
        (True, True),
        (True, False),
        (False, True),
        (False, False),
    }


def test_an_integer_spec_without_a_range_takes_the_examples() -> None:
    examples = [Call((torch.tensor([3, 4]),)), Call((torch.tensor([7, 9]),))]
    values = {int(v) for call in draws(domain_of(one, examples, "x=i64[T:1..5]"), 200) for v in call.args[0]}  # type: ignore[attr-defined]
    assert values == {3, 4, 5, 6, 7, 8, 9}
    values = {int(v) for call in draws(domain_of(one, [], "x=i64[5]"), 200) for v in call.args[0]}  # type: ignore[attr-defined]
    assert values == set(range(10))


def test_a_fresh_list_is_built_each_time() -> None:
    example = Call(([torch.rand(2)],))
    domain = domain_of(one, [example])
    first, second = draws(domain, 2)
    assert first.args[0] is not second.args[0]
    assert first.args[0] is not example.args[0]


ILLEGAL: list[tuple[str, Call, str]] = [
    ("range", Call((torch.zeros(5, 2),)), "dimension 0 of `x` is 5"),
    ("range", Call((torch.zeros(1, 3),)), "dimension 1 of `x` is 3"),
    ("range", Call((torch.zeros(1),)), "1 dimensions, not 2"),
    ("range", Call((torch.zeros(1, 2, dtype=torch.float64),)), "f64, not f32"),
    ("range", Call((torch.full((1, 2), 1.5),)), "too large"),
    ("range", Call((torch.full((1, 2), float("nan")),)), "holds nan"),
    ("range", Call((None,)), "is a NoneType, not a tensor"),
    ("shared", Call((torch.zeros(1, 2), torch.ones(1, 3, dtype=torch.bool))), "different sizes"),
    ("integers", Call((torch.full((5,), -4),)), "too small"),
    ("choices", Call((torch.zeros(4),)), "none of its values"),
    ("text", Call((torch.rand(3), "c")), "none of its values"),
    ("number", Call((torch.rand(3), 5)), "outside its range"),
    ("number", Call((torch.rand(3), True)), "is a bool, not int"),
    ("list", Call(([torch.rand(3)] * 5,)), "has 5 items"),
    ("keys", Call(({"b": torch.rand(2)},)), "`x.a` is missing"),
    ("keys", Call(({"a": torch.rand(2), "z": torch.rand(2)},)), "`x.z` is not an argument"),
    ("grad", Call((torch.rand(4),)), "dimension 0"),
    ("fixed", Call(()), "`x` is missing"),
]


@pytest.mark.parametrize(("name", "call", "reason"), ILLEGAL)
def test_an_illegal_call_is_recognised(name: str, call: Call, reason: str) -> None:
    said = DOMAINS[name]().contains(call)
    assert said is not None
    assert reason in said


def test_a_leaf_can_be_replaced_and_read() -> None:
    domain = DOMAINS["tuple"]()
    call = domain.with_leaf(domain.examples[0], "x[1].left", torch.zeros(2))
    assert domain.contains(call) is None
    assert torch.equal(domain.leaf(call, "x[1].left"), torch.zeros(2))  # type: ignore[arg-type]
    call = DOMAINS["keyword"]().with_leaf(Call((torch.rand(2),), {"flag": None}), "flag", 3)
    assert call.kwargs == {"flag": 3}


@pytest.mark.parametrize(
    ("function", "examples", "specs", "message"),
    [
        (two, [], [], "nothing says what the model takes"),
        (two, [], ["mask=f32[3]"], "nothing says what `x` is"),
        (one, [], ["f32[3]", "f32[3]"], "more input specs than arguments"),
        (one, [], ["y=f32[3]"], "no argument `y`"),
        (two, [], ["f32[B:1..4]", "mask=f32[B:1..8]"], "`B` has two different ranges"),
        (one, [], ["x=list{1..2}"], "needs specs for its parts"),
        (one, [Call(({"a": 1},))], ["x={a,b}"], "no key `b`"),
    ],
)
def test_a_domain_that_makes_no_sense_is_refused(
    function: Callable[..., None], examples: list[Call], specs: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        domain_of(function, examples, *specs)


def test_the_error_without_inputs_shows_the_method() -> None:
    with pytest.raises(UsageError) as caught:
        domain_of(two, [])
    assert "forward(x: Any, mask: Any = None)" in str(caught.value.help)


def test_interesting_sizes_are_ends_and_neighbours() -> None:
    assert SizeRange(1, 16, example=8).interesting() == (1, 2, 7, 8, 9, 15, 16)
    assert SizeRange(8, 30, 8).interesting() == (8, 16, 24)
    assert SizeRange(3, 3).interesting() == (3,)
