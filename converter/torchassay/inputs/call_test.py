"""A cloned call is independent of the original and alike in everything a model can see."""

from __future__ import annotations

import torch

from torchassay.inputs.call import Call


def test_tensors_are_copied_and_plain_values_kept() -> None:
    call = Call((torch.ones(2), 3, None), {"mode": "a", "pair": (torch.zeros(1), [True])})
    twin = call.clone()
    next(iter(twin.tensors())).add_(5)
    assert torch.equal(next(iter(call.tensors())), torch.ones(2))
    assert twin.args[1:] == (3, None)
    assert twin.kwargs["mode"] == "a"


def test_the_same_tensor_twice_stays_the_same_tensor() -> None:
    x = torch.ones(2)
    twin = Call((x,), {"again": x}).clone()
    assert twin.args[0] is twin.kwargs["again"]


def test_views_of_one_storage_stay_views_of_one() -> None:
    base = torch.zeros(4)
    twin = Call((base, base[1:3])).clone()
    first, second = twin.tensors()
    second.fill_(7)
    assert first.tolist() == [0, 7, 7, 0]
    assert base.tolist() == [0, 0, 0, 0]


def test_strides_layouts_and_gradients_are_kept() -> None:
    image = torch.rand(1, 2, 3, 3).to(memory_format=torch.channels_last)
    call = Call((image, torch.rand(3, 4).t(), torch.rand(1).expand(5), torch.rand(2, requires_grad=True)))
    for before, after in zip(call.tensors(), call.clone().tensors(), strict=True):
        assert before.stride() == after.stride()
        assert before.requires_grad == after.requires_grad
        assert torch.equal(before, after)


def test_what_is_no_plain_window_on_memory_is_copied_too() -> None:
    values = (
        torch.eye(2).to_sparse(),
        torch.rand(2, dtype=torch.complex64).conj(),
        torch.empty(0, 3),
        torch.rand(2, device="meta"),
        torch.nn.Parameter(torch.ones(1)),
    )
    for before, after in zip(values, Call(values).clone().tensors(), strict=True):
        assert after is not before
        assert after.shape == before.shape
        assert after.layout == before.layout


def test_a_call_knows_whether_gradients_are_asked_for() -> None:
    assert Call((torch.ones(1),), {"w": [torch.ones(1, requires_grad=True)]}).requires_grad
    assert not Call((torch.ones(1), 2)).requires_grad
