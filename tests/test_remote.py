"""Are student names as good as local ones, and is nothing of the student's in the checker?"""

import copy
import json
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from headcheck.inside.checker.remote import MISSING, BlackBox, Student, YourOwnException
from headcheck.inside.line import wire
from headcheck.inside.line.limits import WireError
from headcheck.inside.line.shared import CannotCross, Inert, NoCheckCanLook
from headcheck.inside.line.values import Named, decode
from headcheck.inside.student.answering import Beside
from headcheck.lesson.call_each import call_each
from headcheck.lesson.checking import checking, hidden
from headcheck.lesson.failures import CheckFailed, WriteItYourself
from headcheck.lesson.forbid import forbidding
from headcheck.lesson.modules import expect_same_function
from headcheck.lesson.seeded import seeded
from headcheck.lesson.state import expect_groups, expect_state_unchanged, state_of

PRELUDE = """
import torch, torch.nn as nn, torch.nn.functional as F
"""


class Toy(nn.Module):
    """As a setup cell would define it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return self.conv(x).mean((2, 3))


Toy.__module__ = "__main__"


def double(x: torch.Tensor) -> torch.Tensor:
    return 2 * x


double.__module__ = "__main__"

Answers = Callable[..., dict[str, Any]]


@pytest.fixture
def answers() -> Iterator[Answers]:
    """Runs source as a student's notebook, and gives its names as the checker sees them."""
    ours, theirs = socket.socketpair()

    def start(source: str, **setup: Any) -> dict[str, Any]:
        namespace: dict[str, Any] = {"__name__": "__main__", **setup}
        code = compile(PRELUDE + source, "<cell 1>", "exec")
        exec(code, namespace)
        beside = start.beside = Beside(theirs, namespace, {})  # type: ignore[attr-defined]

        def serve() -> None:
            try:
                while True:
                    beside.answer()
            except EOFError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        start.student = Student(ours, setup)  # type: ignore[attr-defined]
        names = [n for n in namespace if n not in setup and n not in ("torch", "nn", "F")]
        return start.student.fetch(n for n in names if not n.startswith("__"))  # type: ignore[attr-defined]

    yield start
    ours.close()
    theirs.close()


# ---- random state --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["function", "class"])
def test_does_a_seeded_answer_draw_the_same_here_and_there(answers: Answers, kind: str) -> None:
    source = {
        "function": "def make(n): return nn.Linear(n, 2)",
        "class": "class make(nn.Linear):\n    def __init__(self, n): super().__init__(n, 2)",
    }[kind]
    make = answers(source)["make"]
    torch.manual_seed(5)
    there = [seeded(make, seed)(3).weight for seed in (1, 1, 2)]
    here = [seeded(nn.Linear, seed)(3, 2).weight for seed in (1, 1, 2)]
    assert all(torch.equal(a, b) for a, b in zip(there, here, strict=True))
    assert not torch.equal(here[0], here[2])


# ---- plain data ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        2**70,
        1.5,
        float("inf"),
        "ä\n",
        b"\x00\xff",
        ...,
        [1, [2.0, (3, "x")]],
        {"a": {1, 2}, (1, 2): None},
        frozenset({1}),
        torch.Size([2, 3]),
        torch.float32,
        torch.device("cpu"),
        slice(1, None, 2),
        range(3),
    ],
    ids=repr,
)
def test_plain_data_comes_back_as_it_went(answers: Answers, value: object) -> None:
    same = answers("def same(x): return x")["same"]
    back = same(value)
    assert back == value and type(back) is type(value)


def test_tensors_and_arrays_come_back_as_they_went(answers: Answers) -> None:
    same = answers("def same(*x): return [t * 1 for t in x]")["same"]
    given = [torch.randn(2, 0, 3), torch.tensor(True), torch.arange(3), torch.randn(4, 2).T]
    for a, b in zip(given, same(*given), strict=True):
        assert b.dtype == (a * 1).dtype and torch.equal(a * 1, b)
    array, number = same(np.arange(6).reshape(2, 3)[:, ::2], np.float32(0.5))
    assert array.tolist() == [[0, 2], [3, 5]] and number == np.float32(0.5)
    assert type(number) is np.float32


def test_what_is_no_data_stays_there_and_equals_no_value(answers: Answers) -> None:
    names = answers(
        "class Sly:\n    def __eq__(s, o): return True\n"
        "def f(): return Sly(), iter([1]), torch.nested.nested_tensor([torch.ones(1)])"
    )
    sly, iterator, nested = names["f"]()
    assert type(sly) is names["Sly"] and sly != 1 and next(iterator) == 1
    assert isinstance(nested, Inert)
    with pytest.raises(NoCheckCanLook, match="object of type nested Tensor"):
        nested.size(0)


def test_names_are_values_as_they_are_now(answers: Answers) -> None:
    names = answers("measured = {'a': (1, 2)}\nopen_question = ...\nF2 = F.relu")
    assert names["measured"] == {"a": (1, 2)} and names["open_question"] is ...
    assert names["F2"](torch.tensor(-1.0)) == 0
    student = answers.student  # type: ignore[attr-defined]
    assert student.fetch(["measured", "nowhere"])["nowhere"] is MISSING


def test_library_and_setup_functions_cross_and_lambdas_do_not(answers: Answers) -> None:
    names = answers("def use(f, *a): return f(*a)", double=double, Toy=Toy)
    assert names["use"](double, torch.ones(1)).item() == 2
    assert names["use"](nn.init.zeros_, torch.ones(1)).item() == 0
    assert isinstance(names["use"](nn.Flatten), nn.Flatten)
    assert isinstance(names["use"](Toy), Toy)
    with pytest.raises(CannotCross, match="setup cell"):
        names["use"](lambda: 1)


def test_is_a_module_of_an_own_class_no_sequence(answers: Answers) -> None:
    names = answers("class Own(nn.Linear): pass\ndef make(): return Own(2, 3)")
    with pytest.raises(TypeError, match="'Own' object is not subscriptable"):
        names["make"]()[0]
    with pytest.raises(CheckFailed, match="groups") as caught:
        expect_groups([names["make"]()], [[]], "the groups")
    assert "sequence" in str(caught.value)


def test_is_a_failure_told_though_what_came_cannot_be_shown(answers: Answers) -> None:
    names = answers("def make():\n    m = nn.Linear(2, 3)\n    del m.in_features\n    return m")
    failure = CheckFailed("a layer", got=[names["make"]()])
    assert "got       a list" in str(failure)


@pytest.mark.parametrize("answer", ["deep", "wide"])
def test_is_no_grader_to_blame_for_what_an_answer_gave_back(answers: Answers, answer: str) -> None:
    names = answers(
        """
def deep():
    found = []
    found.append(found)
    return found


def wide(): return [0] * 60_000


def use(*a): return len(a)
"""
    )
    given = names[answer]()
    with pytest.raises(CheckFailed, match="what the answer hands back"), checking("use"):
        names["use"](given, [given])
    assert names["use"](1) == 1


# ---- identity and copy-restore -------------------------------------------------------------------


def model() -> nn.Sequential:
    body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    return nn.Sequential(body, nn.Sequential(nn.Flatten(), nn.Linear(4, 2)))


def test_layers_that_come_back_are_the_checkers_own(answers: Answers) -> None:
    leaf_layers = answers(
        "def leaf_layers(m):\n"
        "    kids = list(m._modules.values())\n"
        "    return [m] if not kids else [x for k in kids for x in leaf_layers(k)]"
    )["leaf_layers"]
    relu = nn.ReLU()
    m = nn.Sequential(nn.Linear(2, 2), relu, nn.Sequential(relu, nn.Linear(2, 1)))
    found = leaf_layers(m)
    assert len(found) == 4
    assert all(a is b for a, b in zip(found, [m[0], relu, relu, m[2][1]], strict=True))


def test_parameters_that_come_back_are_the_very_same(answers: Answers) -> None:
    split = answers("def split(m): return [list(part.parameters()) for part in m]")["split"]
    m = model()
    groups = split(m)
    assert [[id(p) for p in g] for g in groups] == [
        [id(p) for p in part.parameters()] for part in m
    ]


def test_a_new_sequential_holds_the_same_children(answers: Answers) -> None:
    cut = answers("def cut(m): return nn.Sequential(*list(m.children())[:-1])")["cut"]
    m = model()
    body = cut(m)
    assert type(body) is nn.Sequential and body is not m and body[0] is m[0]


@pytest.mark.parametrize("ending", ["", "    raise ValueError"])
def test_what_a_call_did_to_a_module_is_done_to_ours(answers: Answers, ending: str) -> None:
    change = answers(
        "def change(m):\n"
        "    m[0][0].weight.requires_grad = False\n"
        "    m[1].eval()\n"
        "    m[0][0].bias.data.fill_(7)\n"
        "    m[0][1].running_mean += 1\n"
        "    m[0][2] = nn.GELU()\n"
        "    m[1].extra = nn.Linear(1, 1)\n"
        "    m.note = 'x'\n"
        "    m[1][1].register_forward_hook(lambda *a: None)\n" + ending
    )["change"]
    m = model()
    conv, linear = m[0][0], m[1][1]
    weight = conv.weight
    if ending:
        with pytest.raises(ValueError):
            change(m)
    else:
        change(m)
    assert m[0][0] is conv and conv.weight is weight and m[1][1] is linear
    assert not conv.weight.requires_grad and conv.bias.requires_grad
    assert m.training and not m[1].training and not linear.training
    assert torch.equal(conv.bias, torch.full((4,), 7.0))
    assert torch.equal(m[0][1].running_mean, torch.ones(4))
    assert type(m[0][2]) is nn.GELU and type(m[1].extra) is nn.Linear
    assert m.note == "x" and len(linear._forward_hooks) == 1 and not conv._forward_hooks


def test_a_hook_for_the_way_back_that_stays_is_seen(answers: Answers) -> None:
    look = answers("def look(m): m.register_full_backward_hook(lambda *a: None)")["look"]
    m, x = nn.Sequential(nn.Linear(2, 2)), torch.ones(1, 2)
    before, right = state_of(m), m(x)
    look(m)
    with pytest.raises(CheckFailed, match="hook"):
        expect_state_unchanged(before, m, checked="look only looks")
    assert torch.equal(m(x), right)
    m(x).sum().backward()


def test_a_change_of_ours_between_two_calls_reaches_the_student(answers: Answers) -> None:
    total = answers(
        "def total(m): return float(m.weight.sum()), m.training, m.weight.requires_grad"
    )
    m = nn.Linear(2, 2)
    total["total"](m)
    with torch.no_grad():
        m.weight.fill_(1)
    m.eval().weight.requires_grad_(False)
    assert total["total"](m) == (4.0, False, False)


def test_lists_and_dicts_of_the_caller_show_what_was_done_to_them(answers: Answers) -> None:
    names = answers(
        "def take(ps, d): ps.pop(); d['n'] = 1; return ps\ndef keep(ps): return ps + [1]"
    )
    ps, d = [1, [2], 3], {"a": 0}
    names["take"](ps, d)
    assert ps == [1, [2]] and d == {"a": 0, "n": 1}
    names["keep"](ps)
    assert ps == [1, [2]]


def test_a_tensor_of_the_caller_stays_what_it_was(answers: Answers) -> None:
    x = torch.zeros(2)
    names = answers("def add(x): return x.add_(1)\ndef same(x): return x")
    for _ in range(2):
        assert torch.equal(names["add"](x), torch.ones(2))
        assert torch.equal(x, torch.zeros(2))
    assert names["same"](x) is x


def test_a_tensor_that_is_emptied_is_still_there(answers: Answers) -> None:
    x = torch.zeros(2)
    empty = answers("def empty(x): x.data = x.data[:0]; return x")["empty"](x)
    assert empty.shape == (0,) and x.shape == (2,)


def test_an_attribute_that_forward_counts_in_comes_back(answers: Answers) -> None:
    run = answers("def run(m, x): return m(x)", Toy=Toy)["run"]
    toy = Toy()
    out = run(toy, torch.ones(1, 3, 5, 5))
    assert toy.calls == 1 and torch.allclose(out, toy(torch.ones(1, 3, 5, 5)))


# ---- modules that come back ----------------------------------------------------------------------


def test_library_modules_are_rebuilt_and_run_here(answers: Answers) -> None:
    from fastai.layers import AdaptiveConcatPool2d, SigmoidRange

    head = answers(
        "from fastai.layers import *\n"
        "def head(): return nn.Sequential(AdaptiveConcatPool2d(), nn.Flatten(), nn.BatchNorm1d(8),\n"
        "    nn.Dropout(.25), nn.Linear(8, 2, bias=False), SigmoidRange(-2, 3))"
    )["head"]()
    assert [type(m) for m in head] == [
        *(AdaptiveConcatPool2d, nn.Flatten, nn.BatchNorm1d, nn.Dropout, nn.Linear, SigmoidRange)
    ]
    assert head[3].p == 0.25 and head[4].bias is None and head[5].low == -2
    answers.student.sock.close()  # type: ignore[attr-defined]
    assert head(torch.randn(3, 4, 5, 5)).shape == (3, 2)


def test_shared_children_and_parameters_stay_shared(answers: Answers) -> None:
    make = answers(
        "def make():\n"
        "    r, a, b = nn.ReLU(), nn.Linear(2, 2), nn.Linear(2, 2)\n"
        "    b.weight = a.weight\n"
        "    return nn.Sequential(a, r, b, r)"
    )["make"]
    m = make()
    assert m[1] is m[3] and m[0].weight is m[2].weight and len(list(m.parameters())) == 3


OWN = """
class Head(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.bn, self.lin, self.n = nn.BatchNorm1d(4), nn.Linear(4, n), n
    def forward(self, x):
        return self.lin(self.bn(x.flatten(1)))
    def shrink(self, x):
        return x / 2
def make(n): return nn.Sequential(nn.Identity(), Head(n))
"""


def test_a_class_of_the_students_is_a_black_box_with_visible_parts(answers: Answers) -> None:
    names = answers(OWN)
    head = names["Head"](3)
    assert isinstance(head, BlackBox) and isinstance(head, names["Head"])
    assert not isinstance(nn.Linear(1, 1), names["Head"])
    assert type(head.lin) is nn.Linear and head.n == 3 and len(list(head.parameters())) == 4
    assert head.shrink(torch.ones(1)).item() == 0.5
    with pytest.raises(AttributeError):
        head.nothing  # noqa: B018
    both = names["make"](2)
    assert isinstance(both, nn.Sequential) and len(both) == 2 and isinstance(both[1], BlackBox)
    assert isinstance(both[:1], nn.Sequential)
    assert both(torch.randn(5, 4, 1, 1)).shape == (5, 2)


def test_a_black_box_runs_with_the_weights_and_modes_it_has_here(answers: Answers) -> None:
    names = answers(OWN)
    head = names["Head"](3)
    own = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(4), nn.Linear(4, 3))
    own.load_state_dict(dict(zip(own.state_dict(), head.state_dict().values(), strict=True)))
    x = torch.randn(6, 4, 1, 1)
    with torch.no_grad():
        head.lin.weight.mul_(3)
        own[2].weight.mul_(3)
    assert torch.allclose(head(x), own(x))
    assert torch.allclose(head.bn.running_mean, own[1].running_mean)
    head.eval()
    own.eval()
    assert torch.allclose(head(x), own(x))
    twin = copy.deepcopy(head)
    assert twin is not head and torch.allclose(twin(x), head(x))
    with torch.no_grad():
        twin.lin.weight.zero_()
    assert not torch.allclose(twin(x), head(x))


def test_gradients_flow_through_a_black_box(answers: Answers) -> None:
    head = answers(OWN)["Head"](2)
    own = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(4), nn.Linear(4, 2))
    own.load_state_dict(dict(zip(own.state_dict(), head.state_dict().values(), strict=True)))
    x = torch.randn(6, 4, 1, 1)
    before = nn.Conv2d(4, 4, 1)
    head(before(x)).square().sum().backward()
    gradients = [p.grad.clone() for p in (*before.parameters(), *head.parameters())]
    before.zero_grad()
    own(before(x)).square().sum().backward()
    for a, p in zip(gradients, (*before.parameters(), *own.parameters()), strict=True):
        assert torch.allclose(a, p.grad, atol=1e-5)


def test_a_computation_is_kept_there_while_something_leads_back_to_it(answers: Answers) -> None:
    head = answers(OWN)["Head"](2)
    x = torch.randn(6, 4, 1, 1)
    kept = head(x).square().sum()
    for _ in range(20):  # as in training
        loss = head(x).square().sum()
        loss.backward()
    head(x)  # nobody goes back through this one
    del loss
    head.eval()(x)
    assert len(answers.beside.calls) == 2  # type: ignore[attr-defined]  # the last, and:
    head.zero_grad()
    kept.backward()
    assert all(p.grad is not None and p.grad.any() for p in head.lin.parameters())
    assert len(answers.beside.calls) == 1  # type: ignore[attr-defined]


def test_a_loss_of_the_students_can_be_trained_on(answers: Answers) -> None:
    loss = answers("def loss(a, b, weight=.5): return weight * F.mse_loss(a, b)")["loss"]
    a = torch.ones(3, requires_grad=True)
    loss(a, torch.zeros(3)).backward()
    assert torch.allclose(a.grad, torch.full((3,), 1 / 3))


def test_a_black_box_is_measured_where_it_lives(answers: Answers) -> None:
    from headcheck.lesson.measure import Request, measure

    head = answers(OWN)["Head"](2)
    result = measure(head, Request(eval_inputs=[torch.ones(2, 4)], train_inputs=[torch.ones(3, 4)]))
    assert result.crash is None and result.eval_outputs[0].tensors[0].shape == (2, 2)
    assert "linear" in [op.name for op in result.eval_ops]
    assert result.gradients[0]["lin.weight"].shape == (2, 4)


def test_a_check_can_put_a_black_box_between_layers(answers: Answers) -> None:
    head = answers(OWN)["Head"](2)
    m = nn.Sequential(nn.Conv2d(3, 4, 1), nn.AdaptiveAvgPool2d(1), head)
    m(torch.randn(4, 3, 2, 2)).sum().backward()
    assert m[0].weight.grad is not None and head.lin.weight.grad is not None


@pytest.mark.parametrize(
    "name", ["resnet18", "squeezenet1_1", "densenet121", "alexnet", "xresnet18"]
)
def test_backbones_cross_both_ways(answers: Answers, name: str) -> None:
    import fastai.vision.all as fastai

    names = answers(
        "def same(m): return nn.Sequential(*m.children())\n"
        f"import fastai.vision.all as v\ndef build(): return v.{name}()"
    )
    with torch.device("meta"):
        m = getattr(fastai, name)()
    body = names["same"](m)
    assert all(a is b for a, b in zip(body, m.children(), strict=True))
    if name == "squeezenet1_1":
        there = names["build"]().eval()
        assert type(there) is type(m) and there(torch.randn(1, 3, 64, 64)).shape == (1, 1000)


# ---- modules that are not what their class makes -------------------------------------------------

DONE_TO_IT = {
    "a method of its own": "m.forward = F.relu",
    "the call itself": "m._call_impl = lambda x: x * 0",
    "a method of a part": "m[1]._check_input_dim = lambda x: None",
    "a hook": "m[2].register_forward_hook(lambda m, x, y: y * 2)",
    "a hook of keyword arguments": "m[2].register_forward_hook(lambda m, x, k, y: y, with_kwargs=True)",
    "a hook on a weight": "m[2].weight.register_hook(lambda g: g * 2)",
    "a hook on the way back": "m.register_full_backward_hook(lambda *a: None)",
    "a hook of load_state_dict": "m.register_load_state_dict_pre_hook(lambda *a: None)",
    "an attribute before a part": "vars(m)['0'] = nn.Identity()",
    "an empty parameter before a buffer": "m[1]._buffers.update(m[1]._parameters); m[1]._parameters['weight'] = None",
    "one number": "m[2].weight.data = torch.ones(1, 1).expand(4, 4)",
    "shared memory": "m[2].weight.data = m[3].weight.data",
    "memory shared with an attribute": "m.kept = m[2].weight.data",
    "weights from weights": "m[2]._parameters['weight'] = (m[3].weight * 2)",
    "an odd table": "m._modules = type('D', (dict,), {})(m._modules)",
    "a number that lies": "m[0].start_dim = type('I', (int,), {})(1)",
    "a subclass": "m[2].weight = type('P', (nn.Parameter,), {})(m[2].weight.data)",
    "spectral norm": "nn.utils.spectral_norm(m[2])",
    "weight norm": "nn.utils.parametrizations.weight_norm(m[2])",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", DONE_TO_IT)
def test_a_spoiled_module_runs_where_it_is(answers: Answers, what: str) -> None:
    names = answers(
        "def make():\n"
        "    m = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(4), nn.Linear(4, 4), nn.Linear(4, 4))\n"
        f"    {DONE_TO_IT[what]}\n"
        "    return m\n"
        "def spoil(m):\n"
        f"    {DONE_TO_IT[what]}"
    )
    assert isinstance(names["make"](), BlackBox)
    ours = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(4), nn.Linear(4, 4), nn.Linear(4, 4))
    names["spoil"](ours)  # the same, done to a module that the check had made
    assert isinstance(ours, BlackBox) and isinstance(ours, nn.Sequential)
    assert type(ours).__name__ == "Sequential"


def test_a_hook_for_all_modules_makes_all_of_them_foreign(answers: Answers) -> None:
    names = answers(
        "def make(): return nn.Linear(2, 2)\n"
        "def on(): hook.append(nn.modules.module.register_module_forward_hook(lambda m, x, y: y * 2))\n"
        "def off(): hook.pop().remove()\nhook = []"
    )
    assert type(names["make"]()) is nn.Linear
    names["on"]()
    try:
        assert isinstance(names["make"](), BlackBox)
    finally:
        names["off"]()


def test_a_module_of_ours_is_ours_again_when_the_hook_is_gone(answers: Answers) -> None:
    names = answers(
        "def on(m): m.hook = m.register_forward_hook(lambda m, x, y: y * 2)\n"
        "def off(m): m.hook.remove(); del m.hook"
    )
    m, x = nn.Linear(2, 2), torch.ones(1, 2)
    right = m(x)
    names["on"](m)
    assert isinstance(m, BlackBox) and torch.allclose(m(x), 2 * right)
    names["off"](m)
    assert type(m) is nn.Linear and torch.equal(m(x), right)


UNUSUAL = {
    "lazy": "nn.Sequential(nn.LazyLinear(3), nn.LazyBatchNorm1d())",
    "a sparse weight": "with_(nn.Linear(2, 2), weight=nn.Parameter(torch.eye(2).to_sparse()))",
    "a nested tensor": "attr(nn.ReLU(), torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]))",
    "a complex buffer": "buffer(nn.ReLU(), torch.zeros(3, dtype=torch.complex64))",
    "a quantized buffer": "buffer(nn.ReLU(), torch.quantize_per_tensor(torch.ones(2), 1., 0, torch.quint8))",
    "a meta tensor": "nn.Linear(2, 2, device='meta')",
    "a long list": "attr(nn.ReLU(), list(range(1_500_000)))",
    "a deep list": "attr(nn.ReLU(), deep(5000))",
    "long text": "attr(nn.ReLU(), 'x' * 10**7)",
    "a large number": "attr(nn.ReLU(), 10**5000)",
    "5000 layers": "nn.Sequential(*[nn.Identity() for _ in range(5000)])",
    "many weights": "nn.Sequential(*[nn.Linear(1, 1) for _ in range(3000)])",
    "a deep nest": "nest(300)",
    "itself": "circle()",
    "a name with a dot": "part(nn.Sequential(), 'a.b')",
    "no name": "part(nn.Sequential(), '')",
    "a taken name": "part(nn.Sequential(), 'forward')",
    "a name of ours": "part(Own(), '_black_box')",
    "an attribute of ours": "attr(Own(), 1, '_black_box')",
    "another name of ours": "part(Own(), '_method')",
    "made under inference_mode": "infer()",
    "a list": "list(range(1_500_000))",
    "a dict": "{i: [i] for i in range(300_000)}",
    "lists in lists": "deep(5000)",
    "tensors": "[torch.zeros(1) for _ in range(6000)]",
    "a nested tensor itself": "torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)])",
    "a dataclass": "Data()",
    "an odd array": "__import__('numpy').array([{}, []], dtype=object)",
}
MAKERS = """
import dataclasses
class Own(nn.Module):
    def forward(self, x): return x
@dataclasses.dataclass
class Data: a: int = 1
def attr(m, value, name='kept'): vars(m)[name] = value; return m
def part(m, name): m._modules[name] = nn.ReLU(); return m
def buffer(m, value): m.register_buffer('b', value); return m
def with_(m, **parts): m._parameters.update(parts); return m
def deep(n):
    value = []
    for _ in range(n): value = [value]
    return value
def nest(n):
    m = nn.ReLU()
    for _ in range(n): m = nn.Sequential(m)
    return m
def circle():
    m = nn.Sequential()
    m._modules['0'] = m
    return m
def infer():
    with torch.inference_mode(): return nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", UNUSUAL)
def test_unusual_results_end_no_process_and_are_nobodys_error(answers: Answers, what: str) -> None:
    from headcheck.lesson.measure import Request, measure

    names = answers(MAKERS + f"def make(): return {UNUSUAL[what]}\ndef still(): return 1")
    try:
        found = names["make"]()
        if isinstance(found, nn.Module):
            measure(found, Request([torch.ones(3, 2)], [torch.ones(3, 2)]))
            names["still"]()
            copy.deepcopy(found.state_dict())
    except CheckFailed as failure:
        assert "cannot be looked at" in str(failure)
    except RecursionError:
        assert what == "itself"
    assert names["still"]() == 1


def test_what_was_not_told_of_a_module_is_still_there_after_a_change_of_ours(
    answers: Answers,
) -> None:
    names = answers(
        MAKERS + "def many(): return nn.Sequential(*[nn.Linear(1, 1) for _ in range(3000)])\n"
        "def odd(): return buffer(nn.Linear(1, 1), torch.ones(1, dtype=torch.complex64))\n"
        "def parts(m): return len(m._modules), len(m._buffers), m.training"
    )
    for name, parts in {"many": (3000, 0, False), "odd": (0, 1, False)}.items():
        found = names[name]().eval()
        assert names["parts"](found) == parts


def test_layers_that_cannot_be_trained_are_named(answers: Answers) -> None:
    names = answers(
        MAKERS + "def lazy(): return nn.Sequential(nn.LazyLinear(3))\ndef one():\n"
        "    m = nn.Sequential(nn.Linear(2, 2))\n"
        "    m[0].weight.data = torch.ones(1, 1).expand(2, 2)\n    return m"
    )
    reference, x = nn.Sequential(nn.Linear(2, 3)), torch.ones(4, 2)
    for name, words in {
        "lazy": "LazyLinear",
        "infer": "inference_mode",
        "one": "one number in memory",
    }.items():
        with pytest.raises(CheckFailed, match=words):
            expect_same_function(names[name](), reference, x, checked="a layer")


# ---- errors and surroundings ---------------------------------------------------------------------


def test_an_exception_arrives_with_its_type_and_without_its_text(answers: Answers) -> None:
    names = answers(
        "class Own(Exception): pass\n"
        "def fail(e, x): raise {'v': ValueError, 'o': Own, 's': StopIteration, 'x': SystemExit,\n"
        "    'k': KeyboardInterrupt, 'u': UnicodeDecodeError('a', b'', 0, 0, '')}[e]\n"
        "def stub(): raise NotImplementedError('stub is not answered yet')"
    )
    for name, kind in {
        "v": ValueError,
        "o": YourOwnException,
        "s": StopIteration,
        "x": SystemExit,
    }.items():
        with pytest.raises(kind) as caught:
            names["fail"](name, 12345)
        assert "12345" not in str(caught.value)
    for name in ("k", "u"):
        with pytest.raises(YourOwnException):
            names["fail"](name, 1)
    with pytest.raises(CheckFailed, match="stub is not answered yet"), checking("stub"):
        names["stub"]()
    with pytest.raises(CheckFailed) as caught, checking("fail"), hidden("other values"):
        names["fail"]("v", 12345)
    assert "12345" not in str(caught.value)


def test_forbidden_functions_are_forbidden_there_too(answers: Answers) -> None:
    names = answers(
        "from fastai.vision.learner import create_head as ready\ndef head(): return ready(4, 2)"
    )
    with forbidding(["fastai.vision.learner.create_head"]), pytest.raises(WriteItYourself):
        names["head"]()
    assert len(names["head"]()) == 9


def test_random_numbers_follow_the_seed_of_the_check(answers: Answers) -> None:
    names = answers(
        "import random, numpy as np\ndef draw(): return torch.rand(1).item(), random.random(), np.random.rand()"
    )
    torch.manual_seed(5)
    a, b = names["draw"](), names["draw"]()
    torch.manual_seed(5)
    assert names["draw"]() == a and b[0] != a[0] and b[1] != a[1] and b[2] != a[2]


def test_many_calls_in_one_question(answers: Answers) -> None:
    names = answers(
        "def add(a, b=0):\n    a.append(b)\n    return sum(a)\ndef fails(a): return 1 // a\n"
        "def head(n): return nn.Linear(n, 2)"
    )
    given = [1, 2]
    assert call_each(names["add"], [{"a": given, "b": 3}, {"a": [5]}]) == [6, 5]
    assert given == [1, 2, 3]
    heads = call_each(names["head"], [{"n": 3}, {"n": 4}])
    assert [type(head) for head in heads] == [nn.Linear, nn.Linear]
    assert heads[1](torch.ones(2, 4)).shape == (2, 2)
    with pytest.raises(ZeroDivisionError):
        call_each(names["fails"], [{"a": 1}, {"a": 0}])
    assert call_each(lambda a: -a, [{"a": 1}, {"a": 2}]) == [-1, -2]  # beside the check


# A student's process: spoils what it can, and says whether its own settings survived the questions.
SPOILED = """
import os, random, select, socket, sys
import numpy as np, torch
from headcheck.inside.student.answering import answer
line, cells = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
def spoil():
    torch.set_default_dtype(torch.float64); torch.set_num_threads(2); os.chdir('/')
    torch.set_default_device('meta'); torch.set_grad_enabled(False)
def look():
    x = torch.ones(1)
    return x.dtype, x.device, torch.get_num_threads(), os.getcwd(), torch.is_grad_enabled()
def seed(): random.seed(1), np.random.seed(1), torch.manual_seed(1)
def state(): return look(), random.random(), np.random.rand(), torch.rand(1).item()
seed()
before = state()
seed()
while not select.select([cells], [], [], 0)[0]:
    answer(line, {"look": look, "spoil": spoil}, {}, cells, 1)
sys.exit(state() != before)
"""


def test_what_an_answer_leaves_behind_reaches_neither_the_next_call_nor_the_notebook() -> None:
    (ours, theirs), (control, cells) = socket.socketpair(), socket.socketpair()
    fds = [theirs.fileno(), cells.fileno()]
    command = [sys.executable, "-c", SPOILED, *map(str, fds)]
    with subprocess.Popen(command, pass_fds=fds) as process, ours, control, theirs, cells:
        names = Student(ours, {}).fetch(["look", "spoil"])
        before = names["look"]()
        names["spoil"]()
        assert names["look"]() == before
        with torch.no_grad():
            assert names["look"]()[-1] is False
        names["spoil"]()
        control.send(b"the next cell")
        assert process.wait(300) == 0


# ---- lies ----------------------------------------------------------------------------------------


@pytest.fixture
def liar() -> Iterator[Callable[[Any, bytes], Student]]:
    """A student's process that answers every request with the given bytes or frame."""
    ours, theirs = socket.socketpair()

    def start(frame: Any, blob: bytes = b"") -> Student:
        text = frame if isinstance(frame, bytes) else json.dumps(frame).encode()

        def serve() -> None:
            try:
                while True:
                    wire.receive_request(theirs)
                    for part in (text, blob):
                        theirs.sendall(struct.pack("<I", len(part)) + part)
            except (wire.Gone, OSError):
                pass

        threading.Thread(target=serve, daemon=True).start()
        return Student(ours, {})

    yield start
    ours.close()
    theirs.close()


def module(cls: str, **changes: Any) -> dict[str, Any]:
    entry = dict(key=1, cls=cls, base="torch.nn.modules.module:Module", black=False, training=True)
    entry |= dict(attributes={}, lost=[], methods=[], parameters={}, buffers={}, transient=[])
    entry |= dict(children={}, hooks={})
    return {"result": {"t": "module", "v": 1}, "modules": [entry | changes]}


@pytest.mark.parametrize(
    "cls",
    [
        "os:system",
        "builtins:eval",
        "torch.nn.modules.lazy:LazyLinear",
        "torch.nn.modules.container:Sequential.forward",
        "torch.nn.modules.container:OrderedDict",
        "torch.nn.modules.linear:torch",
        "__main__:Anything",
        "torch.fx.graph_module:GraphModule",
        "subprocess:Popen",
    ],
)
def test_a_class_that_is_no_library_layer_is_never_made(liar: Any, cls: str) -> None:
    made = liar(module(cls)).ask("call", 1)
    assert isinstance(made, BlackBox)


def test_what_hides_the_class_is_not_set_here_and_the_module_runs_where_it_is(liar: Any) -> None:
    attributes = {
        "forward": "x",
        "__class__": 1,
        "__len__": 9,
        "_modules": 3,
        "training": 5,
        "ok": 1,
    }
    made = liar(module("torch.nn.modules.container:Sequential", attributes=attributes)).ask(
        "call", 1
    )
    assert isinstance(made, BlackBox) and isinstance(made, nn.Sequential) and len(made) == 0
    assert made._modules == {} and made.training is True and made.ok == 1


@pytest.mark.parametrize(
    "frame",
    [
        b'{"result": {"t": "tensor", "v": 8}}',
        {"result": {"t": "module", "v": 0}},
        {"result": {"t": "record", "name": "subprocess:Popen", "v": {"args": "x"}}},
        {"result": {"t": "size", "v": ["a"]}},
        {"result": {"t": "dict", "v": [[{"t": "list", "v": []}, 1]]}},
        {"result": {"t": "dtype", "v": "Tensor"}},
        {"changed": [{"n": 3, "value": None}]},
        module("torch.nn.modules.container:Sequential", children={"a.b": None}),
        module("torch.nn.modules.container:Sequential", children={"0": 1}),
        module("torch.nn.modules.container:Sequential", children={"0": 99}),
        module("torch.nn.modules.linear:Linear", parameters={"weight": 1}),
        module("torch.nn.modules.container:Sequential", key=0),
        module("torch.nn.modules.container:Sequential", hooks={"_forward_hooks": 10**9}),
        {"tensors": [{"key": 1}], "result": {"t": "tensor", "v": 1}},
        {"tensors": [{"key": 1, "meta": ["complex64", [1]]}], "result": {"t": "tensor", "v": 1}},
        {"modules": module("x:y")["modules"] * 5000},
    ],
    ids=lambda frame: str(frame)[:60],
)
def test_a_frame_against_the_rules_is_refused(liar: Any, frame: Any) -> None:
    with pytest.raises(CheckFailed, match="cannot be looked at") as caught:
        liar(frame).ask("call", 1)
    assert isinstance(caught.value.__cause__, WireError)


def test_the_student_cannot_change_what_was_not_handed_to_it(liar: Any) -> None:
    kept, given = nn.Linear(1, 1), nn.Linear(1, 1)
    frame = {"tensors": [{"key": 2, "requires_grad": False, "parameter": True, "data": False}]}
    student = liar(frame)
    student.ask("call", 1, [kept])
    assert [p.requires_grad for p in kept.parameters()] == [False, True]
    kept.weight.requires_grad_(True)
    student.ask("call", 1, [given])
    assert all(p.requires_grad for p in kept.parameters())


def test_a_handed_back_function_is_harmless(liar: Any) -> None:
    student = liar({"result": {"t": "name", "v": "os:system"}})
    assert isinstance(student.ask("call", 1), Inert)
    for name in ("os:system", "torch:load", "torch:from_file", "torch.hub:load", "builtins:eval"):
        node = Named(t="name", v=name)
        assert isinstance(decode(student.mirror, node, {}), Inert)


def test_silence_ends_with_the_process() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(wire.Gone):
        Student(ours, {}).ask("call", 1)


# ---- described once ------------------------------------------------------------------------------


def test_is_a_module_told_back_only_where_it_was_changed(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    got = answers(
        """
def make():
    inner = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Dropout(0.5))
    inner[2].note = ("a", 1.5, {"b": [None, True]})
    return nn.Sequential(inner, nn.ReLU())
def rate(m): return m[0][2].p
"""
    )
    told: list[list[int]] = []
    send = wire.send

    def sending(sock: socket.socket, frame: dict[str, Any], data: Any) -> None:
        told.append([len(frame.get(table, ())) for table in ("modules", "tensors")])
        send(sock, frame, data)

    head = got["make"]()
    monkeypatch.setattr(wire, "send", sending)
    assert got["rate"](head) == 0.5
    assert told == [[0, 0], [0, 0]]  # neither the question nor the answer describes it again
    told.clear()
    head[0][2].p = 0.25
    assert got["rate"](head) == 0.25
    assert told == [[1, 0], [0, 0]]
    told.clear()
    ours = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.125))
    assert got["rate"](nn.Sequential(nn.Sequential(*ours, nn.Dropout(0.75)))) == 0.75
    assert told[1] == [0, 0]
