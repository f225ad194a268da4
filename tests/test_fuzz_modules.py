"""Is a module ever called right that is not? Real heads, spoiled at random, on every way in.

1. Real modules with something done to them (a method on the instance, hidden parts, hooks, borrowed
   memory, odd settings): what the original computes is compared with the verdict on the original and
   on what comes over the line, each with the shortcut that skips the numbers.
2. Real descriptions with something changed in them: where the shortcut says yes, the numbers of what
   was made from the description must say yes, too.

bench/fuzz_modules.py does the same for as long as one likes.
"""

from __future__ import annotations

import copy
import json
import random
import socket
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, spectral_norm

from headcheck.heads.expect_head import expect_head
from headcheck.heads.head_spec import build_head
from headcheck.inside.checker.mirror import CheckersMirror
from headcheck.inside.checker.remote import Boxes, Student
from headcheck.inside.line import wire
from headcheck.inside.line.limits import WireError
from headcheck.inside.line.modules import read_tables
from headcheck.inside.line.shared import Outgoing
from headcheck.inside.line.values import decode, encode
from headcheck.inside.student.answering import Beside
from headcheck.inside.student.mirror import StudentsMirror
from headcheck.lesson import same_build, same_function
from headcheck.lesson.failures import CheckFailed

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import fastai.layers as fl

pytestmark = pytest.mark.filterwarnings("ignore")

NF, N_OUT = 4, 3
OPTIONS: list[dict[str, Any]] = [
    {"lin_ftrs": [6]},
    {"lin_ftrs": [4, 4], "ps": 0.2},
    {"lin_ftrs": [], "ps": 0},
    {"lin_ftrs": [3], "concat_pool": False},
    {"lin_ftrs": [4], "lin_first": True, "first_bn": False},
    {"lin_ftrs": [5], "y_range": (0, 5), "bn_final": True},
    {"lin_ftrs": [4, 4, 4], "ps": 0, "pool": False},
]


def real_head(source: random.Random, **options: Any) -> nn.Sequential:
    """A right head as students write them: fastai's layers or torch's, nested or not."""
    head = build_head(NF, N_OUT, **options)
    layers: list[nn.Module] = []
    for layer in head:
        if type(layer).__name__ == "ConcatPool":
            layer = fl.AdaptiveConcatPool2d(1)
        elif type(layer).__name__ == "SigmoidRange":
            layer = fl.SigmoidRange(*options["y_range"])
        elif isinstance(layer, nn.Flatten) and source.random() < 0.5:
            layer = fl.Flatten()
        elif isinstance(layer, nn.ReLU):
            layer = nn.ReLU(inplace=source.random() < 0.5)
        layers.append(layer)
        if source.random() < 0.1:
            layers.append(source.choice([nn.Identity(), nn.Dropout(0.0)]))
    if source.random() < 0.4:
        cut = source.randrange(len(layers))
        return nn.Sequential(nn.Sequential(*layers[:cut]), nn.Sequential(*layers[cut:]))
    return nn.Sequential(*layers)


# ---- 1. things done to a module ------------------------------------------------------------------

Trick = Callable[[nn.Module, random.Random], nn.Module | None]


def _one(head: nn.Module, source: random.Random, *kinds: type) -> nn.Module:
    found = [m for m in head.modules() if not kinds or isinstance(m, kinds)]
    return source.choice(found or [head])


def _tensor_of(head: nn.Module, source: random.Random) -> nn.Parameter:
    return source.choice(list(head.parameters()))


def method_on_the_instance(head: nn.Module, source: random.Random) -> None:
    name = source.choice(
        [
            "forward",
            "_call_impl",
            "_conv_forward",
            "_check_input_dim",
            "train",
            "extra_repr",
            "eval",
        ]
    )
    function = source.choice([F.relu, torch.sigmoid, lambda x: x * 0, nn.Identity()])
    vars(_one(head, source))[name] = function


def attribute_before_a_part(head: nn.Module, source: random.Random) -> None:
    module = _one(head, source)
    names = [*module._parameters, *module._buffers, *module._modules]
    if names:
        value = source.choice([nn.Identity(), torch.ones(1), None, 1.0])
        vars(module)[source.choice(names)] = value


def parts_swapped(head: nn.Module, source: random.Random) -> None:
    module = _one(head, source, fl.AdaptiveConcatPool2d)
    if "mp" in module._modules:
        state = vars(module)
        state["mp"], state["ap"] = module._modules["ap"], module._modules["mp"]


def empty_parameter_over_a_buffer(head: nn.Module, source: random.Random) -> None:
    module = _one(head, source, nn.BatchNorm1d, nn.Linear)
    held = dict(module._parameters)
    module._parameters.update(dict.fromkeys(held))
    module._buffers.update(held)


def a_hook(head: nn.Module, source: random.Random) -> None:
    module = _one(head, source)
    kind = source.randrange(6)
    if kind == 0:
        module.register_forward_hook(lambda m, x, y: y * 2)
    elif kind == 1:
        module.register_forward_pre_hook(lambda m, x: (x[0] * 2,))
    elif kind == 2:
        module.register_full_backward_hook(lambda m, x, y: tuple(g * 2 for g in x if g is not None))
    elif kind == 3:
        module.register_forward_hook(lambda m, x, k, y: y + 1, with_kwargs=True)
    elif kind == 4:
        _tensor_of(head, source).register_hook(lambda g: g * 2)
    else:
        module.register_state_dict_post_hook(lambda *a: None)


def a_hook_in_an_odd_table(head: nn.Module, source: random.Random) -> None:
    class Quiet(OrderedDict):
        def __bool__(self) -> bool:
            return False

    hooks = Quiet({0: lambda m, x, y: y * 0})
    vars(_one(head, source))["_forward_hooks"] = hooks


def odd_children(head: nn.Module, source: random.Random) -> None:
    class Backwards(dict):
        def values(self) -> Any:
            return list(super().values())[::-1]

    module = _one(head, source, nn.Sequential)
    vars(module)["_modules"] = Backwards(module._modules)


def order_of_names(head: nn.Module, source: random.Random) -> None:
    module = _one(head, source, nn.Sequential)
    items = list(module._modules.items())
    source.shuffle(items)
    module._modules.clear()
    module._modules.update(items)


def one_number(head: nn.Module, source: random.Random) -> None:
    tensor = _tensor_of(head, source)
    tensor.data = torch.full((1,) * tensor.ndim, 0.5).expand(tensor.shape)


def shared_memory(head: nn.Module, source: random.Random) -> None:
    kept: dict[torch.Size, torch.Tensor] = {}
    for tensor in head.parameters():
        tensor.data = kept.setdefault(tensor.shape, tensor.data)


def views_of_one_memory(head: nn.Module, source: random.Random) -> None:
    tensors = list(head.parameters())
    memory = torch.rand(max(t.numel() for t in tensors) + 8)
    for tensor in tensors:
        start = source.randrange(8)
        tensor.data = memory[start : start + tensor.numel()].view(tensor.shape)


def tied_objects(head: nn.Module, source: random.Random) -> None:
    kept: dict[torch.Size, nn.Parameter] = {}
    for module in head.modules():
        for name, tensor in module._parameters.items():
            if tensor is not None:
                module._parameters[name] = kept.setdefault(tensor.shape, tensor)


def odd_setting(head: nn.Module, source: random.Random) -> None:
    module = _one(head, source)
    names = [n for n in vars(module) if n not in same_build.MODULE_STATE]
    if names:
        values = ["", None, 0, 0.0, 1, -1, True, False, (), "x", float("nan"), 0.3]
        vars(module)[source.choice(names)] = source.choice(values)


def missing_setting(head: nn.Module, source: random.Random) -> None:
    module = _one(head, source)
    names = [n for n in vars(module) if n not in same_build.MODULE_STATE]
    if names:
        del vars(module)[source.choice(names)]


def settings_of_another_make(head: nn.Module, source: random.Random) -> None:
    for layer in head.modules():
        if isinstance(layer, fl.Flatten):
            del layer.full
            layer.start_dim, layer.end_dim = 1, -1
        elif isinstance(layer, nn.Flatten):
            del layer.start_dim, layer.end_dim
            layer.full = False


def a_setting_that_lies(head: nn.Module, source: random.Random) -> None:
    class Half(float):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = float.__hash__

    for layer in head.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = Half(0.9)


def not_trained(head: nn.Module, source: random.Random) -> None:
    _tensor_of(head, source).requires_grad_(False)


def parametrized(head: nn.Module, source: random.Random) -> None:
    linear = _one(head, source, nn.Linear)
    if isinstance(linear, nn.Linear):
        source.choice([parametrizations.weight_norm, parametrizations.orthogonal, spectral_norm])(
            linear
        )


def under_inference(head: nn.Module, source: random.Random) -> None:
    with torch.inference_mode():
        for module in head.modules():
            for name, tensor in list(module._parameters.items()):
                if tensor is not None:
                    module._parameters[name] = nn.Parameter(torch.rand(tensor.shape))


def of_a_subclass(head: nn.Module, source: random.Random) -> None:
    class Twice(nn.Parameter):
        @classmethod
        def __torch_function__(cls, function: Any, kinds: Any, args: Any = (), kwargs: Any = None):
            result = super().__torch_function__(function, kinds, args, kwargs or {})
            return result * 2 if function is F.linear else result

    for module in head.modules():
        if isinstance(module, nn.Linear):
            module._parameters["weight"] = Twice(module.weight.data)


def no_statistics(head: nn.Module, source: random.Random) -> None:
    module = _one(head, source, nn.BatchNorm1d)
    vars(module)["track_running_stats"] = False
    if source.random() < 0.5:
        vars(module)["num_batches_tracked"] = None


def another_class(head: nn.Module, source: random.Random) -> None:
    class Sequential(nn.Sequential):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) * 2

    Sequential.__module__, Sequential.__qualname__ = "torch.nn.modules.container", "Sequential"
    head.__class__ = Sequential


def nan_weights(head: nn.Module, source: random.Random) -> None:
    with torch.no_grad():
        _tensor_of(head, source).fill_(float("nan"))


def harmless(head: nn.Module, source: random.Random) -> None:
    vars(_one(head, source))["note"] = source.choice([1, "x", [1, {"a": (2.0, None)}]])


TRICKS: list[Trick] = [
    *(method_on_the_instance, attribute_before_a_part, parts_swapped, a_hook, order_of_names),
    *(empty_parameter_over_a_buffer, a_hook_in_an_odd_table, odd_children, one_number),
    *(shared_memory, views_of_one_memory, tied_objects, odd_setting, missing_setting),
    *(settings_of_another_make, a_setting_that_lies, not_trained, parametrized, under_inference),
    *(of_a_subclass, no_statistics, another_class, nan_weights, harmless),
]


@contextmanager
def shortcut(share_run_all_the_same: float) -> Iterator[None]:
    """0: whatever is built the same is believed. 1: all of it runs."""
    before = same_function.RUN_ALL_THE_SAME
    same_function.RUN_ALL_THE_SAME = share_run_all_the_same
    try:
        yield
    finally:
        same_function.RUN_ALL_THE_SAME = before


def passes(head: Any, options: dict[str, Any], numbers: bool) -> bool:
    try:
        with shortcut(1.0 if numbers else 0.0):
            expect_head(head, nf=NF, n_out=N_OUT, **copy.deepcopy(options))
    except Exception:
        return False
    return True


@contextmanager
def over_the_line(head: nn.Module) -> Iterator[Callable[[], nn.Module]]:
    """Gives what the checker's process gets when an answer returns this very module."""
    ours, theirs = socket.socketpair()
    beside = Beside(theirs, {"answer": lambda: head}, {})

    def serve() -> None:
        try:
            while True:
                beside.answer()
        except EOFError:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with ours:
        yield lambda: Student(ours, {}).fetch(["answer"])["answer"]()
    thread.join(10)
    theirs.close()


def spoiled_heads(seed: int, count: int) -> Iterator[tuple[str, nn.Module, dict[str, Any]]]:
    source = random.Random(seed)
    for number in range(count):
        options = source.choice(OPTIONS)
        torch.manual_seed(source.randrange(1 << 30))
        head: nn.Module = real_head(source, **options)
        tricks = [TRICKS[number % len(TRICKS)]]
        tricks += [source.choice(TRICKS)] * (source.random() < 0.3)
        done = []
        for trick in tricks:
            try:
                trick(head, source)
                done.append(trick.__name__)
            except Exception:  # two tricks that do not go together
                continue
        yield f"{number}: {' + '.join(done)} on {options}", head, options


def wrong_verdicts(seed: int, count: int) -> list[str]:
    """Spoiled heads whose verdict is not what their own numbers say."""
    wrong = []
    for name, head, options in spoiled_heads(seed, count):
        right = passes(head, options, numbers=True)
        if passes(head, options, numbers=False) != right:
            wrong.append(f"{name}: beside the check, {right} by its numbers")
        with over_the_line(head) as fetch:
            try:
                there = passes(fetch(), options, numbers=False)
            except CheckFailed:
                there = False
        if there != right:
            wrong.append(f"{name}: over the line, {right} by its numbers")
    return wrong


@pytest.mark.parametrize("seed", range(2))
def test_a_spoiled_head_gets_the_verdict_of_its_own_numbers(seed: int) -> None:
    assert wrong_verdicts(seed, len(TRICKS)) == []


# ---- 2. things changed in a description ----------------------------------------------------------

CLASSES = [
    *(f"torch.nn.modules.{place}" for place in ("container:Sequential", "container:ModuleList")),
    *("torch.nn.modules.linear:Linear", "torch.nn.modules.linear:Identity"),
    *("torch.nn.modules.dropout:Dropout", "torch.nn.modules.flatten:Flatten"),
    *("torch.nn.modules.batchnorm:BatchNorm1d", "torch.nn.modules.activation:ReLU"),
    *("fastai.layers:Flatten", "fastai.layers:SigmoidRange", "fastai.layers:AdaptiveConcatPool2d"),
    *("fastai.layers:LinBnDrop", "os:system"),
]
VALUES: list[Any] = [
    *(0, 1, -1, 2, True, False, None, "", "x", 0.0, 0.5, 1.0, 1e-5, 10**30),
    *({"t": "odd", "v": v} for v in ("nan", "inf", "ellipsis")),
    *({"t": kind, "v": []} for kind in ("list", "tuple", "dict", "set")),
    {"t": "tuple", "v": [1, 1]},
    {"t": "name", "v": "torch.nn.functional:relu"},
    {"t": "name", "v": "torch.nn.modules.activation:ReLU"},
    {"t": "inert", "v": "thing"},
    {"t": "function", "v": 77, "name": "f"},
]
NAMES = [
    *("forward", "_call_impl", "weight", "bias", "mp", "ap", "0", "1", "p", "inplace", "full"),
    *(
        "start_dim",
        "end_dim",
        "low",
        "high",
        "eps",
        "momentum",
        "affine",
        "training",
        "running_var",
    ),
    *("track_running_stats", "note", "_parameters", "_forward_hooks", "__class__", "in_features"),
]


def change(frame: dict[str, Any], source: random.Random) -> None:
    """One change somewhere in a description."""
    for each in frame["modules"]:
        for what in ("attributes", "parameters", "buffers", "children"):
            each.setdefault(what, {})
    entry = source.choice(frame["modules"])
    attributes = entry["attributes"]
    table = entry[source.choice(["parameters", "buffers", "children"])]
    match source.randrange(12):
        case 0 | 1 if attributes:
            attributes[source.choice(list(attributes))] = source.choice(VALUES)
        case 2 if attributes:
            del attributes[source.choice(list(attributes))]
        case 3:
            attributes[source.choice(NAMES)] = source.choice(VALUES)
        case 4:
            held = entry["parameters"]
            for name in list(held):
                entry["buffers"][name] = held[name]
                held[name] = None
        case 5 if table:
            items = list(table.items())
            source.shuffle(items)
            table.clear()
            table.update(items)
        case 6 if table:
            others = [e[k] for e in frame["modules"] for k in ("parameters", "buffers", "children")]
            keys = [key for other in others for key in other.values()]
            table[source.choice(list(table))] = source.choice(keys)
        case 7:
            entry["cls"] = source.choice(CLASSES)
        case 8 if table:
            table[source.choice([*NAMES, *table])] = table.pop(source.choice(list(table)))
        case 9:
            entry["hooks"] = {source.choice(["_forward_hooks", "_forward_pre_hooks"]): 1}
        case 10 if frame["tensors"]:
            tensor = source.choice(frame["tensors"])
            which = source.choice(["requires_grad", "parameter", "graph", "shared"])
            tensor[which] = not tensor.get(which, True)
        case _ if entry["children"]:
            a, b = (source.choice(frame["modules"]) for _ in range(2))
            a["children"], b["children"] = b["children"], a["children"]


class NobodyThere:
    """A student's process that says nothing more."""

    def __init__(self) -> None:
        self.setup_names: dict[str, Any] = {}

    def ask(self, *args: Any, **kwargs: Any) -> Any:
        raise CheckFailed("nobody there")


def made_from(frame: dict[str, Any], data: dict[int, torch.Tensor]) -> Any:
    """What the checker's process makes of a reply; None for one that is refused."""
    try:
        reply = wire._reply.validate_json(json.dumps(frame))
        mirror = CheckersMirror()
        tables = read_tables(mirror, reply, data, box=Boxes(NobodyThere()))  # type: ignore[arg-type]
        return decode(mirror, reply.result, tables.tensors)
    except (WireError, ValueError):
        return None


def wrong_yes_of_changed_descriptions(seed: int, count: int) -> list[str]:
    """Descriptions that are believed without running, and whose numbers are wrong."""
    source, wrong = random.Random(seed), []
    for number in range(count):
        options = source.choice(OPTIONS)
        out = Outgoing()
        result = encode(StudentsMirror(), real_head(source, **options), out)
        frame = {"result": result, **copy.deepcopy(out.tables())}
        for _ in range(source.choice([1, 1, 2, 3])):
            change(frame, source)
        made = made_from(frame, out.data)
        if not isinstance(made, nn.Module):
            continue
        if not same_build.built_the_same(made, build_head(NF, N_OUT, **copy.deepcopy(options))):
            continue
        if not passes(made, options, numbers=True):
            wrong.append(f"seed {seed}, {number}: {frame['modules']}"[:2000])
    return wrong


@pytest.mark.parametrize("seed", range(2))
def test_a_changed_description_is_never_believed_against_its_numbers(seed: int) -> None:
    assert wrong_yes_of_changed_descriptions(seed, 100) == []


# ---- can it fail? --------------------------------------------------------------------------------


def test_without_the_look_at_the_instance_wrong_heads_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(same_build, "oddity", lambda module: None)
    assert wrong_verdicts(0, len(TRICKS))
