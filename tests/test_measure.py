"""Does measuring a module report what happened, and leave the module as it was?"""

from __future__ import annotations

import copy
from collections import OrderedDict
from dataclasses import fields, is_dataclass
from typing import NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from headcheck.heads.head_spec import build_head
from headcheck.lesson.layers import layers_of, side_by_side, wanted
from headcheck.lesson.measure import Measurement, Request, measure
from headcheck.lesson.plain import same
from headcheck.lesson.state import state_of


def head() -> nn.Sequential:
    return build_head(4, 3, [5], y_range=(0, 5))


def texts(module: nn.Module, *shape: int) -> list[str]:
    ops = measure(module, Request(train_inputs=[torch.randn(shape)])).train_ops
    return [layer.text for layer in layers_of(ops)]


class Forward(nn.Module):
    def __init__(self, forward, **parts):
        super().__init__()
        self.function = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


def test_the_module_is_left_as_it_was_found():
    module = head()
    module[2].eval()
    module[4].weight.grad = torch.ones_like(module[4].weight)
    before, gradient = state_of(module), module[4].weight.grad
    weights = {"4.weight": torch.zeros(5, 8), "2.running_mean": torch.ones(8)}
    x = torch.randn(4, 4, 3, 3)
    given, random_state = x.clone(), torch.get_rng_state()
    measure(module, Request([x], [x, x], weights))
    assert same(before, state_of(module))
    assert module[4].weight.grad is gradient
    assert torch.equal(random_state, torch.get_rng_state())
    assert torch.equal(x, given)


def test_the_module_is_left_as_it_was_found_after_a_crash():
    module = head()
    before = state_of(module)
    crash = measure(module, Request(train_inputs=[torch.randn(4, 5, 3, 3)])).crash
    assert crash is not None
    assert (crash.phase, crash.kind, crash.input_shape) == ("train", "RuntimeError", (4, 5, 3, 3))
    assert crash.op is not None
    assert crash.op.name == "batch_norm"
    assert same(before, state_of(module))


def test_given_weights_are_used():
    module = nn.Linear(2, 1)
    weights = {"weight": torch.tensor([[2.0, 3.0]]), "bias": torch.tensor([1.0])}
    x = torch.tensor([[10.0, 100.0]])
    found = measure(module, Request([x], [x], weights))
    assert found.eval_outputs[0].tensors[0].item() == 321
    ratio = found.gradients[0]["weight"] / found.gradients[0]["bias"]
    assert torch.allclose(ratio, x)
    assert torch.allclose(found.gradients[0][""] / found.gradients[0]["bias"], weights["weight"])


def test_an_unknown_weight_is_an_error_of_the_caller():
    with pytest.raises(KeyError):
        measure(nn.Linear(2, 1), Request(weights={"wieght": torch.ones(1)}))


def test_statistics_and_train_outputs_come_from_the_seed():
    module, x = head(), torch.randn(6, 4, 3, 3)
    a, b = (measure(module, Request(train_inputs=[x], seed=3)) for _ in range(2))
    assert torch.equal(a.train_outputs[0].tensors[0], b.train_outputs[0].tensors[0])
    assert same(a.statistics, b.statistics)
    assert not torch.equal(a.statistics["2.running_mean"], module[2].running_mean)
    c = measure(module, Request(train_inputs=[x], seed=4))
    assert not torch.equal(a.train_outputs[0].tensors[0], c.train_outputs[0].tensors[0])


def test_operations_name_the_tensors_they_use():
    found = measure(head(), Request(train_inputs=[torch.randn(6, 4, 3, 3)]))
    linear = next(op for op in found.train_ops if op.name == "linear")
    assert linear.tensors == {"weight": "4.weight"}
    norm = next(op for op in found.train_ops if op.name == "batch_norm")
    assert norm.tensors["running_var"] == "2.running_var"
    assert norm.arguments["momentum"] == 0.1


def test_tied_unregistered_and_detached_weights_are_told():
    shared = nn.Linear(2, 2)
    loose = nn.Linear(2, 2)

    def forward(self, x):
        x = self.b(self.a(x))
        x = F.linear(x, self.a.weight.detach())
        return loose(x)

    found = measure(Forward(forward, a=shared, b=shared), Request(train_inputs=[torch.ones(3, 2)]))
    tied = {t.name: t.same_as for t in found.tensors}
    assert tied == {"a.weight": None, "a.bias": None, "b.weight": "a.weight", "b.bias": "a.bias"}
    linears = [op for op in found.train_ops if op.name == "linear"]
    assert linears[2].detached == ["a.weight"]
    assert linears[3].tensors == {"weight": "", "bias": ""}


def test_several_outputs_and_the_gradient_of_one_of_them():
    module = Forward(lambda self, x: (self.a(x), self.b(x)), a=nn.Linear(2, 3), b=nn.Linear(2, 4))
    x = torch.randn(5, 2)
    found = measure(module, Request([x], [x], output=1))
    assert found.eval_outputs[0].structure == "tuple of 2"
    assert [tuple(t.shape) for t in found.eval_outputs[0].tensors] == [(5, 3), (5, 4)]
    assert set(found.gradients[0]) == {"", "b.weight", "b.bias"}


class Pair(NamedTuple):
    first: Tensor
    second: Tensor


@pytest.mark.parametrize("made", [Pair, lambda *two: OrderedDict(zip("ab", two, strict=True))])
def test_a_tuple_or_dict_of_a_class_of_its_own_is_one(made):
    module = Forward(lambda self, x: made(x, x + 1))
    (output,) = measure(module, Request([torch.ones(1)])).eval_outputs
    assert output.structure in ("tuple of 2", "dict of 2")
    assert len(output.tensors) == 2


def test_a_stand_in_is_asked_instead():
    class Elsewhere(nn.Module):
        def __measure__(self, request: Request) -> Measurement:
            return measure(twin, request)

    twin, x = head(), torch.randn(2, 4, 1, 1)
    found = measure(Elsewhere(), Request([x]))
    assert torch.equal(found.eval_outputs[0].tensors[0], twin.eval()(x))


def test_a_measurement_is_plain_data():
    def check(value):
        if is_dataclass(value):
            for part in fields(value):
                check(getattr(value, part.name))
        elif isinstance(value, list | tuple):
            for item in value:
                check(item)
        elif isinstance(value, dict):
            for key, item in value.items():
                assert type(key) is str
                check(item)
        else:
            assert value is None or type(value) in (bool, int, float, str, Tensor), type(value)

    x = torch.randn(4, 4, 3, 3)
    check(measure(head(), Request([x], [x])))
    check(measure(head(), Request([torch.randn(4, 9, 3, 3)])))


def test_inputs_may_be_worked_on_in_place():
    module = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(2, 2))
    assert measure(module, Request(train_inputs=[torch.randn(3, 2)])).crash is None


# ---- layers --------------------------------------------------------------------------------------


def test_a_flat_and_an_own_forward_head_are_the_same_list():
    def forward(self, x):
        x = torch.cat([x.flatten(2).max(-1)[0], x.mean(3).mean(2)], -1)
        x = F.dropout(self.norm(x), 0.25, self.training)
        return torch.relu(self.linear(x))

    own = Forward(forward, linear=nn.Linear(8, 2), norm=nn.BatchNorm1d(8))
    flat = nn.Sequential(
        build_head(4, 1)[0],
        nn.Flatten(),
        nn.Identity(),
        nn.BatchNorm1d(8),
        nn.Dropout(0.25),
        nn.Linear(8, 2),
        nn.Dropout(0),
        nn.ReLU(inplace=True),
    )
    assert (
        texts(own, 5, 4, 3, 3)
        == texts(flat, 5, 4, 3, 3)
        == [
            "ConcatPool(maximum, average)",
            "Flatten",
            "BatchNorm(8)",
            "Dropout(0.25)",
            "Linear(8, 2, bias=True)",
            "ReLU",
        ]
    )


def test_convolutions_say_what_is_unusual():
    module = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.MaxPool2d(3, 2))
    assert texts(module, 2, 3, 32, 32) == [
        "Conv2d(3, 8, 7, stride=2, padding=3, bias=False)",
        "MaxPool(kernel_size=3)",
    ]


def test_a_lesson_names_layers_with_as_much_as_matters():
    x = torch.randn(5, 4)
    module = nn.Sequential(nn.Linear(4, 2, bias=False), nn.Dropout(0.1 + 0.2))
    linear, dropout = layers_of(measure(module, Request(train_inputs=[x])).train_ops)
    for text in ("Linear", "Linear(4)", "Linear(4, 2)", "Linear(4, 2, bias=False)"):
        assert wanted(text).fits(linear), text
    for text in ("ReLU", "Linear(2, 4)", "Linear(4, 2, bias=True)", "Linear(4, 2, 1, 1)"):
        assert not wanted(text).fits(linear), text
    assert wanted("Dropout(0.3)").fits(dropout)
    with pytest.raises(ValueError, match="written like"):
        wanted("Linear 4 to 2")


def test_two_columns_have_an_arrow_at_the_first_difference():
    first, lines = side_by_side(["A", "B"], ["A", "C", "D"])
    assert first == 1
    assert [line for line in lines if "→" in line] == ["  →  2  B      C"]


def test_measuring_twice_changes_nothing():
    module, x = head(), torch.randn(4, 4, 2, 2)
    twin = copy.deepcopy(module)
    a, b = measure(module, Request([x], [x])), measure(module, Request([x], [x]))
    c = measure(twin, Request([x], [x]))
    for other in (b, c):
        assert same(a.gradients, other.gradients)
        assert same(a.statistics, other.statistics)
