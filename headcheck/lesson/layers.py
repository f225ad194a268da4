"""From operations to layers: the same list for a nested Sequential, a flat one, and an own forward.

`layers_of` turns what `measure` recorded into a canonical list: pooling by `mean` is a pool, an
average and a maximum joined by `cat` are one ConcatPool, `view` is a Flatten, `Dropout(0)` and
Identity are nothing.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from headcheck.lesson.measure import Op

ACTIVATIONS = {
    "relu": "ReLU",
    "sigmoid": "Sigmoid",
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "logsigmoid": "LogSigmoid",
    "tanh": "Tanh",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "elu": "ELU",
    "selu": "SELU",
    "celu": "CELU",
    "leaky_relu": "LeakyReLU",
    "relu6": "ReLU6",
    "hardtanh": "Hardtanh",
    "hardswish": "Hardswish",
    "hardsigmoid": "Hardsigmoid",
    "softplus": "Softplus",
}
NORMS = {
    "layer_norm": "LayerNorm",
    "group_norm": "GroupNorm",
    "instance_norm": "InstanceNorm",
    "rms_norm": "RMSNorm",
}
DROPOUTS = {
    "dropout": "Dropout",
    "dropout1d": "Dropout",
    "dropout2d": "Dropout",
    "dropout3d": "Dropout",
    "feature_dropout": "Dropout",
    "alpha_dropout": "AlphaDropout",
    "feature_alpha_dropout": "AlphaDropout",
}
# Steps that only change the form of a tensor, never what layer it is.
FORM = {
    *("flatten", "view", "reshape", "squeeze", "unsqueeze", "getitem", "contiguous", "unflatten"),
    *("view_as", "reshape_as", "t", "transpose", "permute", "clone", "detach", "ravel", "to"),
    *("float", "type_as", "expand", "chunk", "split", "unbind", "select", "requires_grad", "alias"),
}
# Worth naming even when they use no weight of the module: something was computed by hand.
BY_HAND = {"matmul", "mm", "bmm", "addmm", "einsum", "bernoulli", "rand", "rand_like", "normalize"}
# Roles that have to be filled by tensors of the module.
WEIGHTS = {"weight", "bias", "running_mean", "running_var"}
# What a lesson may call a layer, and the canonical kinds that it means.
FAMILIES = {
    "Pool": {"AvgPool", "MaxPool", "ConcatPool", "Pool"},
    "AdaptiveConcatPool2d": {"ConcatPool"},
    "AdaptiveAvgPool2d": {"AvgPool"},
    "AdaptiveMaxPool2d": {"MaxPool"},
    "MaxPool2d": {"MaxPool"},
    "AvgPool2d": {"AvgPool"},
    "BatchNorm1d": {"BatchNorm"},
    "BatchNorm2d": {"BatchNorm"},
    "Conv": {"Conv1d", "Conv2d", "Conv3d"},
    "SigmoidRange": {"Sigmoid"},
}


@dataclass(frozen=True)
class Layer:
    """One step of a model: `Linear(16, 10, bias=False)`; `weights` maps roles to tensor names."""

    kind: str
    arguments: tuple = ()
    options: dict[str, Any] = field(default_factory=dict)
    # Values that are normal and only worth showing when they are not.
    quiet: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    detached: tuple[str, ...] = ()
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] | None = ()

    @cached_property
    def text(self) -> str:
        """As a student would write it."""
        unusual = {k: v for k, v in self.options.items() if self.quiet.get(k, ...) != v}
        parts = [*map(_short, self.arguments), *(f"{k}={_short(v)}" for k, v in unusual.items())]
        return f"{self.kind}({', '.join(parts)})" if parts else self.kind


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def layers_of(ops: Sequence[Op], constants: Collection[str] = ()) -> list[Layer]:
    """The layers that ran, in order. `constants`: names of buffers; arithmetic with them is no layer."""
    found = [_layer(op, constants) for op in ops]
    _merge_repeated_pools(ops, found)
    _merge_concat_pools(ops, found)
    result: list[Layer] = []
    for layer in found:
        if layer is None or (layer.kind == "Flatten" and _follows_flatten(result)):
            continue
        result.append(layer)
        if "Pool" in layer.kind and layer.output_shape and len(layer.output_shape) == 2:
            result.append(Layer("Flatten"))  # `x.mean((2, 3))` does both
    return result


def _follows_flatten(layers: list[Layer]) -> bool:
    return bool(layers) and layers[-1].kind == "Flatten"


def without_form(layers: Sequence[Layer]) -> list[Layer]:
    """Without Flatten and Concat, whose place is a matter of style."""
    return [layer for layer in layers if layer.kind not in ("Flatten", "Concat")]


def _layer(op: Op, constants: Collection[str] = ()) -> Layer | None:
    """The layer one operation stands for; None for arithmetic, copies, and other small steps."""
    made = _known_layer(op, constants)
    if made is None:
        return None
    first = next(iter(op.shapes.values()), ())
    weights = {role: name for role, name in op.tensors.items() if name or role in WEIGHTS}
    if made.kind in ("Concat", "Flatten") or made.kind in ACTIVATIONS.values():
        weights = {}
    return replace(
        made,
        weights=weights,
        shapes={role: op.shapes[role] for role in weights},
        detached=tuple(op.detached),
        input_shape=first,
        output_shape=op.output,
    )


def _known_layer(op: Op, constants: Collection[str] = ()) -> Layer | None:
    shapes = op.shapes
    name = op.name
    if name == "linear" and "weight" in shapes:
        out, into = shapes["weight"]
        return Layer("Linear", (into, out), {"bias": "bias" in shapes})
    if name in ("conv1d", "conv2d", "conv3d") and "weight" in shapes:
        return _convolution(op)
    if name == "batch_norm":
        return _batch_norm(op)
    if name in DROPOUTS:
        return _dropout(op)
    if name in NORMS:
        return Layer(NORMS[name])
    if (name == "clamp" and _argument(op, "min", 1) == 0) or (
        name == "clamp_min" and _argument(op, "min", 1) == 0
    ):
        unlimited = _argument(op, "max", 2) is None
        return Layer("ReLU") if unlimited else Layer("Clamp")
    if name in ACTIVATIONS:
        return Layer(ACTIVATIONS[name])
    if pool := _pool(op):
        return pool
    if name in ("cat", "concat", "concatenate", "hstack"):
        return _concat(op)
    if name in FORM:
        first = next(iter(shapes.values()), ())
        flat = op.output is not None and len(op.output) <= 2 < len(first)
        return Layer("Flatten") if flat and not any(op.tensors.values()) else None
    touches = [
        n for n in op.tensors.values() if n and "num_batches" not in n and n not in constants
    ]
    if touches or name in BY_HAND:
        return Layer(name)
    return None


def _convolution(op: Op) -> Layer:
    out, into, *kernel = op.shapes["weight"]
    dims = len(kernel)
    groups = op.arguments.get("groups", 1)
    options = {
        "stride": _single(op.arguments.get("stride", 1)),
        "padding": _single(op.arguments.get("padding", 0)),
        "dilation": _single(op.arguments.get("dilation", 1)),
        "groups": groups,
        "bias": "bias" in op.shapes,
    }
    quiet = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    arguments = (into * (groups if isinstance(groups, int) else 1), out, _single(tuple(kernel)))
    return Layer(f"Conv{dims}d", arguments, options, quiet)


def _single(value: Any) -> Any:
    """(3, 3) -> 3."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _batch_norm(op: Op) -> Layer:
    input_shape = op.shapes.get("input", ())
    known = op.shapes.get("running_mean") or op.shapes.get("weight")
    features = known[0] if known else input_shape[1] if len(input_shape) > 1 else None
    args = op.arguments
    options = {
        "eps": args.get("eps", 1e-5),
        "momentum": args.get("momentum", 0.1),
        "affine": "weight" in op.shapes,
        "track_running_stats": "running_mean" in op.shapes,
    }
    quiet = {"eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True}
    return Layer("BatchNorm", (features,), options, quiet)


def _dropout(op: Op) -> Layer | None:
    p = _argument(op, "p", 1, 0.5)
    training = _argument(op, "training", 2, _argument(op, "train", 2, True))
    return Layer(DROPOUTS[op.name], (p,)) if p and training else None


def _argument(op: Op, role: str, position: int, default: Any = None) -> Any:
    return op.arguments.get(role, op.arguments.get(str(position), default))


def _concat(op: Op) -> Layer:
    dim = _argument(op, "dim", 1, 1 if op.name == "hstack" else 0)
    dims = len(next(iter(op.shapes.values()), ()))
    return Layer("Concat", (), {"dim": dim % dims if dims else dim}, {"dim": 1})


def _pool(op: Op) -> Layer | None:
    shapes = list(op.shapes.values())
    before = shapes[0] if shapes else ()
    name = op.name.replace("_with_indices", "")
    kind = "MaxPool" if "max" in name else "AvgPool"
    if name.startswith(("adaptive_avg_pool", "adaptive_max_pool")):
        return Layer(kind, (_single(_argument(op, "output_size", 1)),))
    if name.startswith(("avg_pool", "max_pool")):
        return Layer(kind, (), {"kernel_size": _single(_argument(op, "kernel_size", 1))})
    if name.startswith("lp_pool") or "fractional_max_pool" in name:
        return Layer("Pool", (name,))
    if name in ("mean", "amax", "max") and len(before) in (3, 4) and len(shapes) == 1:
        dims = _argument(op, "dim", 1)
        dims = dims if isinstance(dims, tuple) else (dims,)
        if None not in dims and dims and min(d % len(before) for d in dims) >= 2:
            return Layer(kind, (1,))
    return None


def _through_form(ops: Sequence[Op], found: Sequence[Layer | None], index: int) -> int:
    """The operation a result came from, looking through steps that only change its form."""
    while index >= 0 and (found[index] is None or _is(found[index], "Flatten")):
        if len(ops[index].sources) != 1:
            break
        index = ops[index].sources[0]
    return index


def _is(layer: Layer | None, *kinds: str) -> bool:
    return layer is not None and layer.kind in kinds


def _merge_repeated_pools(ops: Sequence[Op], found: list[Layer | None]) -> None:
    """`x.amax(3).amax(2)` is one maximum."""
    for i, layer in enumerate(found):
        if not _is(layer, "MaxPool", "AvgPool") or not ops[i].sources:
            continue
        before = _through_form(ops, found, ops[i].sources[0])
        reduced = ops[before].output if before >= 0 else None
        if before >= 0 and _is(found[before], layer.kind) and reduced and len(reduced) == 3:  # type: ignore[union-attr]
            found[i] = replace(layer, input_shape=found[before].input_shape)  # type: ignore
            found[before] = None


def _merge_concat_pools(ops: Sequence[Op], found: list[Layer | None]) -> None:
    """A maximum and an average of the same maps joined by `cat`: one ConcatPool, in its order."""
    for i, layer in enumerate(found):
        if not _is(layer, "Concat"):
            continue
        parts = [_through_form(ops, found, source) for source in ops[i].sources]
        pools = [found[p] for p in parts if p >= 0]
        if len(pools) != len(parts) or not all(_is(p, "MaxPool", "AvgPool") for p in pools):
            continue
        words = [{"MaxPool": "maximum", "AvgPool": "average"}[p.kind] for p in pools]  # type: ignore
        sizes = {p.text.removeprefix(p.kind) for p in pools}  # type: ignore[union-attr]
        options = dict(layer.options)  # type: ignore[union-attr]
        if sizes != {"(1)"}:
            options["of"] = " and ".join(sorted(sizes))
        for p in parts:
            found[p] = None
        for j in range(min(parts), i):  # a Flatten before the cat belongs to the pool
            if _is(found[j], "Flatten"):
                found[j] = None
        found[i] = Layer(
            "ConcatPool",
            tuple(words),
            options,
            {"dim": 1},
            input_shape=pools[0].input_shape,  # type: ignore[union-attr]
            output_shape=ops[i].output,
        )


# ---- a lesson's names of layers ------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """A layer as a lesson writes it: "Linear(16, 10)", "Dropout(0.25)", "Pool"."""

    text: str
    kind: str
    arguments: tuple
    options: dict[str, Any]

    def fits(self, layer: Layer) -> bool:
        """Kind (or family), then as many arguments as are written, then the named options."""
        if layer.kind not in FAMILIES.get(self.kind, {self.kind}):
            return False
        given = layer.arguments[: len(self.arguments)]
        if len(given) < len(self.arguments) or not all(map(_close, given, self.arguments)):
            return False
        return all(_close(layer.options.get(k), v) for k, v in self.options.items())


def wanted(text: str) -> Wanted:
    """Read a lesson's name of a layer; ValueError when it is not written like a call."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
        call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
        if not isinstance(call.func, ast.Name):
            raise ValueError
        arguments = tuple(ast.literal_eval(a) for a in call.args)
        options = {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"a layer is written like Linear(16, 10) or ReLU, not {text!r}") from error
    return Wanted(text.strip(), call.func.id, arguments, options)


def _close(a: object, b: object) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=1e-6)
    return a == b


# ---- side by side --------------------------------------------------------------------------------


LONG = 30  # rows; of longer tables only the part around the first difference is shown


def side_by_side(yours: Sequence[str], expected: Sequence[str]) -> tuple[int | None, list[str]]:
    """Index of the first difference (None: no difference) and both columns with an arrow there."""
    rows = list(_rows(yours, expected))
    first = next((i for i, (a, b) in enumerate(rows) if a != b), None)
    width = max([len(a) for a, _ in rows] + [len("yours")])
    lines = [f"       {'yours':<{width}}  expected"]
    start, end = 0, len(rows)
    if len(rows) > LONG:
        start, end = max(0, (first or 0) - LONG // 4), (first or 0) + LONG // 4
        lines.append("       ...")
    for i, (a, b) in list(enumerate(rows))[start:end]:
        arrow = "→" if i == first else " "
        lines.append(f"  {arrow} {i + 1:>2}  {a:<{width}}  {b}")
    return first, lines


def one_column(yours: Sequence[str], at: int) -> list[str]:
    """One column with an arrow at a step; the steps around it, where there are many."""
    start, end = (0, len(yours)) if len(yours) <= LONG else (max(0, at - LONG // 4), at + LONG // 4)
    rows = list(enumerate([*yours, "—"] if at == len(yours) else yours))[start : end + 1]
    lines = [f"  {'→' if i == at else ' '} {i + 1:>2}  {text}" for i, text in rows]
    return ["       yours", *lines]


def _rows(yours: Sequence[str], expected: Sequence[str]) -> Iterator[tuple[str, str]]:
    for i in range(max(len(yours), len(expected))):
        yield (
            yours[i] if i < len(yours) else "—",
            expected[i] if i < len(expected) else "—",
        )
