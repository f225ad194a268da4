"""Correct answers to `create_head` in many styles, and wrong ones with one fault each.

`VARIANTS` and `MUTANTS` map a name to a function with fastai's signature. A mutant names the
options under which its fault shows, and a word its message has to contain.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from headcheck.heads.head_spec import ConcatPool, SigmoidRange

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import fastai.layers as fl
    from fastai.vision.learner import create_head as fastai_create_head

Head = Callable[..., Any]
VARIANTS: dict[str, Head] = {}


@dataclass(frozen=True)
class Mutant:
    head: Head
    shows: dict[str, Any]
    says: str


MUTANTS: dict[str, Mutant] = {}


def variant(head: Head) -> Head:
    VARIANTS[head.__name__] = head
    return head


def mutant(says: str = "", **shows: Any) -> Callable[[Head], Head]:
    def add(head: Head) -> Head:
        MUTANTS[head.__name__] = Mutant(head, shows, says)
        return head

    return add


def plan(
    nf,
    n_out,
    lin_ftrs=None,
    ps=0.5,
    pool=True,
    concat_pool=True,
    first_bn=True,
    bn_final=False,
    lin_first=False,
    y_range=None,
) -> list[tuple]:
    """The layers of a head as a list of (kind, *arguments): what most variants are built from."""
    hidden = [512] if lin_ftrs is None else lin_ftrs
    k = len(hidden)
    drops = [ps] if isinstance(ps, int | float) else list(ps)
    drops = [drops[0] / 2] * k + drops if len(drops) == 1 else drops
    sizes = [nf * (2 if pool and concat_pool else 1), *hidden, n_out]
    steps: list[tuple] = [("pool", concat_pool), ("flat",)] if pool else []
    if lin_first:
        steps.append(("drop", drops[0]))
    for i in range(k + (not lin_first)):
        norm = first_bn or i > 0
        before = [("bn", sizes[i + lin_first], 0.1)] * norm + [("drop", drops[i + lin_first])]
        lin = [("lin", sizes[i], sizes[i + 1], not norm)] + [("relu",)] * (i < k)
        steps += lin + before if lin_first else before + lin
    if lin_first:
        steps.append(("lin", sizes[-2], n_out, True))
    steps += [("bn", n_out, 0.01)] * bn_final
    return steps + ([("range", *y_range)] if y_range is not None else [])


def make(
    step: tuple,
    *,
    pool: Callable[[bool], nn.Module] | None = None,
    flat: Callable[[], nn.Module] = nn.Flatten,
    drop: Callable[[float], nn.Module] = nn.Dropout,
    lin: Callable[..., nn.Module] = nn.Linear,
    relu: Callable[[], nn.Module] = nn.ReLU,
    bn: Callable[..., nn.Module] = nn.BatchNorm1d,
    range_: Callable[..., nn.Module] = SigmoidRange,
) -> nn.Module:
    kind, *args = step
    if kind == "pool":
        if pool:
            return pool(args[0])
        return ConcatPool() if args[0] else nn.AdaptiveAvgPool2d(1)
    if kind == "flat":
        return flat()
    if kind == "drop":
        return drop(args[0]) if args[0] else nn.Identity()
    if kind == "lin":
        return lin(args[0], args[1], bias=args[2])
    if kind == "relu":
        return relu()
    if kind == "bn":
        return bn(args[0], momentum=args[1])
    return range_(*args)


def build(*args, parts=None, **options) -> nn.Sequential:
    return nn.Sequential(*[make(step, **(parts or {})) for step in plan(*args, **options)])


# ---- right ---------------------------------------------------------------------------------------


@variant
def fastai_own(nf, n_out, **options):
    if isinstance(options.get("ps"), list):
        options["ps"] = list(options["ps"])
    return fastai_create_head(nf, n_out, **options)


@variant
def loose_layers(*args, **options):
    return build(*args, **options)


@variant
def shared_relu_in_place(*args, **options):
    relu = nn.ReLU(inplace=True)
    return build(*args, parts={"relu": lambda: relu}, **options)


@variant
def nested(*args, **options):
    layers = list(build(*args, **options))
    return nn.Sequential(nn.Sequential(*layers[:3]), nn.Sequential(nn.Sequential(*layers[3:])))


@variant
def named(*args, **options):
    head = nn.Sequential()
    for i, layer in enumerate(build(*args, **options)):
        head.add_module(f"step_{i}", layer)
    return head


@variant
def fastai_parts(*args, **options):
    parts = {
        "flat": fl.Flatten,
        "pool": lambda c: fl.AdaptiveConcatPool2d() if c else nn.AdaptiveAvgPool2d(1),
        "range_": fl.SigmoidRange,
        "bn": lambda n, momentum: fl.BatchNorm(n, ndim=1, momentum=momentum),
    }
    return build(*args, parts=parts, **options)


class Lambda(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, x):
        return self.f(x)


@variant
def functional_relu(*args, **options):
    return build(*args, parts={"relu": lambda: Lambda(F.relu)}, **options)


@variant
def torch_relu_and_view(*args, **options):
    parts = {
        "relu": lambda: Lambda(torch.relu),
        "flat": lambda: Lambda(lambda x: x.view(x.size(0), -1)),
    }
    return build(*args, parts=parts, **options)


@variant
def clamp_for_relu(*args, **options):
    return build(*args, parts={"relu": lambda: Lambda(lambda x: x.clamp(min=0))}, **options)


@variant
def method_relu_and_reshape(*args, **options):
    parts = {
        "relu": lambda: Lambda(lambda x: x.relu_()),
        "flat": lambda: Lambda(lambda x: x.reshape(x.shape[0], -1)),
    }
    return build(*args, parts=parts, **options)


def _amax_mean(x):
    return torch.cat([x.amax((2, 3), keepdim=True), x.mean((2, 3), keepdim=True)], dim=1)


@variant
def pool_by_reduction(*args, **options):
    def pool(c):
        return Lambda(_amax_mean) if c else Lambda(lambda x: x.mean((2, 3), keepdim=True))

    return build(*args, parts={"pool": pool}, **options)


@variant
def pool_by_maxima_twice(*args, **options):
    def concat(x):
        return torch.cat((x.max(3)[0].max(2)[0], x.flatten(2).mean(-1)), -1)

    def pool(c):
        return Lambda(concat) if c else Lambda(lambda x: x.mean(-1).mean(-1))

    return build(*args, parts={"pool": pool}, **options)


class FlattenThenCat(nn.Module):
    def __init__(self):
        super().__init__()
        self.average, self.biggest = nn.AdaptiveAvgPool2d((1, 1)), nn.AdaptiveMaxPool2d((1, 1))

    def forward(self, x):
        average = self.average(x).flatten(1)
        return torch.cat([self.biggest(x).flatten(1), average], 1)


@variant
def flatten_then_cat(*args, **options):
    def pool(c):
        return FlattenThenCat() if c else nn.AdaptiveAvgPool2d(1)

    return (
        build(*args, parts={"pool": pool, "flat": nn.Identity}, **options)
        if _maps(args, options)
        else build(*args, **options)
    )


def _maps(args, options):
    return options.get("pool", True) and options.get("concat_pool", True)


@variant
def functional_pools(*args, **options):
    def concat(x):
        return torch.cat([F.adaptive_max_pool2d(x, 1), F.adaptive_avg_pool2d(x, 1)], 1)

    def pool(c):
        return Lambda(concat if c else partial(F.adaptive_avg_pool2d, output_size=1))

    return build(*args, parts={"pool": pool}, **options)


@variant
def dropout_zero_kept(*args, **options):
    class Zero(nn.Sequential):
        pass

    head = Zero()
    for i, step in enumerate(plan(*args, **options)):
        head.append(nn.Dropout(step[1]) if step[0] == "drop" else make(step))
        if i % 2:
            head.append(nn.Identity())
    return head


@variant
def fastai_bn_bias(*args, **options):
    def bn(n, momentum):
        layer = nn.BatchNorm1d(n, momentum=momentum)
        nn.init.constant_(layer.bias, 1e-3)
        return layer

    return build(*args, parts={"bn": bn}, **options)


@variant
def module_list(*args, **options):
    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.steps = nn.ModuleList(build(*args, **options))

        def forward(self, x):
            for step in self.steps:
                x = step(x)
            return x

    return Head()


@variant
def own_forward_registered_backwards(*args, **options):
    steps = plan(*args, **options)

    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            for i in reversed(range(len(steps))):
                if steps[i][0] in ("bn", "lin", "pool"):
                    setattr(self, f"part{i}", make(steps[i]))

        def forward(self, x):
            for i, (kind, *rest) in enumerate(steps):
                if hasattr(self, f"part{i}"):
                    x = getattr(self, f"part{i}")(x)
                elif kind == "flat":
                    x = torch.flatten(x, 1)
                elif kind == "drop":
                    x = F.dropout(x, rest[0], self.training)
                elif kind == "relu":
                    x = F.relu(x)
                else:
                    x = rest[0] + (rest[1] - rest[0]) * x.sigmoid()
            return x

    return Head()


@variant
def batchnorm2d_before_flatten(*args, **options):
    if not options.get("pool", True) or options.get("lin_first"):
        return build(*args, **options)
    layers = list(build(*args, **options))
    if isinstance(layers[2], nn.BatchNorm1d):
        layers[1:3] = [nn.BatchNorm2d(layers[2].num_features), nn.Flatten()]
    return nn.Sequential(*layers)


@variant
def lin_bn_drop_blocks(nf, n_out, **options):
    layers: list[nn.Module] = []
    block: list[nn.Module] = []
    for step in plan(nf, n_out, **options):
        block.append(make(step))
        if step[0] == "lin":
            layers.append(nn.Sequential(*block))
            block = []
    return nn.Sequential(*layers, *block)


@variant
def fastai_lin_bn_drop(
    nf,
    n_out,
    lin_ftrs=None,
    ps=0.5,
    pool=True,
    concat_pool=True,
    first_bn=True,
    bn_final=False,
    lin_first=False,
    y_range=None,
):
    hidden = [512] if lin_ftrs is None else lin_ftrs
    drops = list(ps) if isinstance(ps, list) else [ps]
    if len(drops) == 1:
        drops = [drops[0] / 2] * len(hidden) + drops
    sizes = [nf * (1 + (pool and concat_pool)), *hidden, n_out]
    layers = []
    if pool:
        layers = [fl.AdaptiveConcatPool2d(1) if concat_pool else nn.AdaptiveAvgPool2d(1)]
        layers.append(fl.Flatten())
    if lin_first:
        layers.append(nn.Dropout(drops[0]))
        drops = drops[1:]
    for i, p in enumerate(drops):
        act = nn.ReLU() if i < len(hidden) else None
        layers.append(
            fl.LinBnDrop(sizes[i], sizes[i + 1], first_bn or i > 0, p, act, lin_first=lin_first)
        )
    if lin_first:
        layers.append(nn.Linear(sizes[-2], n_out))
    if bn_final:
        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))
    if y_range:
        layers.append(fl.SigmoidRange(*y_range))
    return nn.Sequential(*layers)


@variant
def left_in_eval_mode(*args, **options):
    print("a head")
    warnings.warn("nobody minds", stacklevel=1)
    return build(*args, **options).eval()


@variant
def squeeze_with_care(*args, **options):
    flat = lambda: Lambda(lambda x: x.squeeze(-1).squeeze(-1))  # noqa: E731
    return build(*args, parts={"flat": flat}, **options)


# ---- wrong ---------------------------------------------------------------------------------------


def changed(change: Callable[[list[tuple]], list[tuple]], **parts: Any) -> Head:
    """A head whose plan was changed."""

    def head(*args, **options):
        return nn.Sequential(*[make(s, **parts) for s in change(plan(*args, **options))])

    return head


def add_mutant(name: str, head: Head, says: str = "", **shows: Any) -> None:
    MUTANTS[name] = Mutant(head, shows, says)


def swap(steps, kind_a, kind_b):
    """Exchanges the first neighbours of these kinds."""
    for i in range(len(steps) - 1):
        if (steps[i][0], steps[i + 1][0]) == (kind_a, kind_b):
            return [*steps[:i], steps[i + 1], steps[i], *steps[i + 2 :]]
    return steps


def drop_last(steps, kind):
    at = max(i for i, step in enumerate(steps) if step[0] == kind)
    return steps[:at] + steps[at + 1 :]


def map_kind(steps, kind, f):
    return [f(s) if s[0] == kind else s for s in steps]


def undoubled(steps):
    n = steps[2][1]
    return [(s[0], n // 2, *s[2:]) if s[0] in ("bn", "lin") and s[1] == n else s for s in steps]


def always_doubled(nf, n_out, **options):
    steps = plan(nf, n_out, **options)
    if options.get("concat_pool", True):
        return build(nf, n_out, **options)
    return nn.Sequential(
        *[
            make((s[0], 2 * nf, *s[2:]) if s[0] in ("bn", "lin") and s[1] == nf else s)
            for s in steps
        ]
    )


def joined(f):
    return lambda c: Lambda(f) if c else nn.AdaptiveAvgPool2d(1)


def _parts(x):
    return x.amax((2, 3), keepdim=True), x.mean((2, 3), keepdim=True)


def same_object(kind):
    """Equal layers are one object."""

    def head(*args, **options):
        made: dict[tuple, nn.Module] = {}
        layers = []
        for step in plan(*args, **options):
            layers.append(made.setdefault(step, make(step)) if step[0] == kind else make(step))
        return nn.Sequential(*layers)

    return head


def after(f):
    """Something done to a finished right head."""

    def head(*args, **options):
        right = build(*args, **options)
        return f(right) or right

    return head


def each(kind, f):
    def change(head):
        for layer in head.modules():
            if isinstance(layer, kind):
                f(layer)

    return after(change)


class Wrapped(nn.Module):
    def __init__(self, inner, forward):
        super().__init__()
        self.inner, self._forward = inner, forward

    def forward(self, x):
        return self._forward(self, self.inner, x)


def wrapped(forward):
    return after(lambda head: Wrapped(head, forward))


def cached(self, inner, x):
    if not hasattr(self, "kept"):
        self.kept = {}
    key = (tuple(x.shape), self.training)
    if key not in self.kept:
        self.kept[key] = inner(x)
    return self.kept[key]


class Unregistered(nn.Module):
    def __init__(self, head):
        super().__init__()
        self.steps = list(head)

    def forward(self, x):
        for step in self.steps:
            step.train(self.training)
            x = step(x)
        return x


class MadeInForward(nn.Module):
    def forward(self, x):
        x = _amax_mean(x).flatten(1)
        return nn.Linear(x.shape[1], 3, bias=False)(x)


class Detached(nn.Linear):
    def forward(self, x):
        return F.linear(x, self.weight.detach(), self.bias)


class ByHand(nn.Linear):
    def forward(self, x):
        y = x @ self.weight.t()
        return y if self.bias is None else y + self.bias


class HandDropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        return x * (torch.rand_like(x) > self.p) / (1 - self.p)


def ps_everywhere(nf, n_out, **options):
    k = len(options.get("lin_ftrs") or [512])
    p = options.get("ps", 0.5)
    return build(nf, n_out, **{**options, "ps": [p] * (k + 1) if isinstance(p, float) else p})


def full_first(nf, n_out, **options):
    k = len(options.get("lin_ftrs") or [512])
    p = options.get("ps", 0.5)
    ps = [p] + [p / 2] * k if isinstance(p, float) else p
    return build(nf, n_out, **{**options, "ps": ps})


def one_element_not_halved(nf, n_out, **options):
    ps = options.get("ps", 0.5)
    if isinstance(ps, list) and len(ps) == 1:
        options["ps"] = ps * (len(options.get("lin_ftrs") or [512]) + 1)
    return build(nf, n_out, **options)


def or_default(nf, n_out, **options):
    return build(nf, n_out, **{**options, "lin_ftrs": options.get("lin_ftrs") or None})


def without(**fixed):
    return lambda nf, n_out, **options: build(nf, n_out, **{**options, **fixed})


def no_bias_at_start(steps):
    first = next(i for i, s in enumerate(steps) if s[0] == "lin")
    return [(*s[:3], False) if i == first else s for i, s in enumerate(steps)]


def no_bias_at_end(steps):
    last = max(i for i, s in enumerate(steps) if s[0] == "lin")
    return [(*s[:3], False) if i == last else s for i, s in enumerate(steps)]


def range_before_bn(steps):
    return swap(steps, "bn", "range")


H = {"lin_ftrs": [6, 5]}
SIGMOID_END = {"y_range": (-2, 3)}
add_mutant("forgets_doubling", changed(undoubled), "doubles", **H)
add_mutant("doubles_always", always_doubled, "doubles", concat_pool=False, **H)
add_mutant(
    "average_first",
    changed(list, pool=joined(lambda x: torch.cat(_parts(x)[::-1], 1))),
    "average comes before the maximum",
    **H,
)
add_mutant(
    "maximum_twice", changed(list, pool=joined(lambda x: torch.cat([_parts(x)[0]] * 2, 1))), **H
)
add_mutant("joined_on_batch", changed(list, pool=joined(lambda x: torch.cat(_parts(x), 0))), **H)
add_mutant("joined_on_height", changed(list, pool=joined(lambda x: torch.cat(_parts(x), 2))), **H)
add_mutant("sum_of_pools", changed(list, pool=joined(lambda x: sum(_parts(x)))), "both pools", **H)
add_mutant("no_flatten", changed(lambda s: [x for x in s if x[0] != "flat"]), "Flatten", **H)
add_mutant(
    "no_flatten_no_bn",
    changed(lambda s: [x for x in s if x[0] != "flat"]),
    "Flatten",
    first_bn=False,
    **H,
)
add_mutant("squeezes", changed(list, flat=lambda: Lambda(torch.squeeze)), "batch of one", **H)
add_mutant(
    "pool_of_seven",
    changed(
        list,
        pool=lambda c: Lambda(lambda x: torch.cat([F.max_pool2d(x, 7), F.avg_pool2d(x, 7)], 1)),
    ),
    "fixed size",
    **H,
)
add_mutant(
    "pool_of_two_by_two",
    changed(
        list,
        pool=joined(
            lambda x: torch.cat([F.adaptive_max_pool2d(x, 2), F.adaptive_avg_pool2d(x, 2)], 1)
        ),
    ),
    "whatever its size",
    **H,
)
add_mutant("p_everywhere", ps_everywhere, "half", ps=0.3, **H)
add_mutant("full_p_first", full_first, "half", ps=0.3, **H)
add_mutant("one_element_not_halved", one_element_not_halved, "half", ps=[0.4], **H)
add_mutant("or_default", or_default, lin_ftrs=[])
add_mutant("ignores_ps", without(ps=0.5), "half", ps=0.2, **H)
add_mutant("ignores_first_bn", without(first_bn=True), "BatchNorm", first_bn=False, **H)
add_mutant("ignores_bn_final", without(bn_final=False), "bn_final", bn_final=True, **H)
add_mutant("ignores_lin_first", without(lin_first=False), lin_first=True, **H)
add_mutant("ignores_y_range", without(y_range=None), "y_range", y_range=(0, 5), **H)
add_mutant("ignores_pool", without(pool=True), pool=False, **H)
add_mutant(
    "ignores_concat_pool", without(concat_pool=True), "without concat_pool", concat_pool=False, **H
)
add_mutant(
    "bias_beside_bn",
    changed(lambda s: map_kind(s, "lin", lambda x: (*x[:3], True))),
    "needs no bias",
    **H,
)
add_mutant("no_bias_without_bn", changed(no_bias_at_start), "needs its bias", first_bn=False, **H)
add_mutant("no_last_bias", changed(no_bias_at_end), "needs its bias", lin_first=True, **H)
add_mutant("drop_before_bn", changed(lambda s: swap(s, "bn", "drop")), "before Dropout", **H)
add_mutant("relu_before_linear", changed(lambda s: swap(s, "lin", "relu")), "another order", **H)
add_mutant("linear_before_drop", changed(lambda s: swap(s, "drop", "lin")), "another order", **H)
add_mutant("relu_at_end", changed(lambda s: [*s, ("relu",)]), "negative", **H)
add_mutant("softmax_at_end", after(lambda h: nn.Sequential(*h, nn.Softmax(1))), "raw numbers", **H)
add_mutant("log_softmax", after(lambda h: nn.Sequential(*h, nn.LogSoftmax(1))), "raw numbers", **H)
add_mutant("sigmoid_at_end", after(lambda h: nn.Sequential(*h, nn.Sigmoid())), "raw numbers", **H)
add_mutant("no_relu", changed(lambda s: [x for x in s if x[0] != "relu"]), "ReLU", **H)
add_mutant("one_relu_missing", changed(lambda s: drop_last(s, "relu")), "ReLU", **H)
add_mutant("no_dropout", changed(lambda s: [x for x in s if x[0] != "drop"]), "Dropout", **H)
add_mutant("last_dropout_missing", changed(lambda s: drop_last(s, "drop")), "Dropout", **H)
add_mutant("last_bn_missing", changed(lambda s: drop_last(s, "bn")), "BatchNorm", **H)
add_mutant("leaky_relu", changed(list, relu=nn.LeakyReLU), **H)
add_mutant("gelu", changed(list, relu=nn.GELU), **H)
add_mutant("alpha_dropout", changed(list, drop=nn.AlphaDropout), **H)
add_mutant("layer_norm", changed(list, bn=lambda n, momentum: nn.LayerNorm(n)), **H)
add_mutant(
    "bn_other_eps",
    changed(list, bn=lambda n, momentum: nn.BatchNorm1d(n, 1e-3, momentum)),
    "argument of BatchNorm",
    **H,
)
add_mutant(
    "bn_other_momentum",
    changed(list, bn=lambda n, momentum: nn.BatchNorm1d(n, momentum=0.05)),
    "argument of BatchNorm",
    **H,
)
add_mutant(
    "bn_final_usual_momentum",
    changed(list, bn=lambda n, momentum: nn.BatchNorm1d(n)),
    "momentum",
    bn_final=True,
    **H,
)
add_mutant(
    "bn_not_affine",
    changed(list, bn=lambda n, momentum: nn.BatchNorm1d(n, momentum=momentum, affine=False)),
    **H,
)
add_mutant(
    "bn_no_statistics",
    changed(
        list, bn=lambda n, momentum: nn.BatchNorm1d(n, momentum=momentum, track_running_stats=False)
    ),
    **H,
)
add_mutant("bn_shared", same_object("bn"), "one BatchNorm or Linear object", lin_ftrs=[6, 6])
add_mutant(
    "linear_shared", same_object("lin"), "one BatchNorm or Linear object", lin_ftrs=[6, 6, 6]
)
add_mutant(
    "frozen", each(nn.Linear, lambda m: m.weight.requires_grad_(False)), "requires_grad", **H
)
add_mutant(
    "bn_frozen", each(nn.BatchNorm1d, lambda m: m.requires_grad_(False)), "requires_grad", **H
)
add_mutant("detached", changed(list, lin=Detached), "gradient", **H)
add_mutant("linear_by_hand", changed(list, lin=ByHand), "nn.Linear", **H)
add_mutant("dropout_by_hand", changed(list, drop=HandDropout), "nn.Dropout", **H)
add_mutant("unregistered", after(Unregistered), "plain Python list", **H)
add_mutant("made_in_forward", lambda nf, n_out, **o: MadeInForward(), **H)
add_mutant("cached", wrapped(cached), **H)
add_mutant("no_grad", wrapped(lambda s, f, x: torch.no_grad()(f)(x)), **H)
add_mutant("detaches_input", wrapped(lambda s, f, x: f(x.detach())), "cuts the way back", **H)
add_mutant("detaches_output", wrapped(lambda s, f, x: f(x).detach()), **H)
add_mutant(
    "dropout_in_eval",
    changed(list, drop=lambda p: Lambda(lambda x: F.dropout(x, p))),
    "eval mode",
    **H,
)
add_mutant(
    "always_eval",
    wrapped(lambda s, f, x: f.eval()(x)),
    **H,
)
add_mutant("normalises_input", wrapped(lambda s, f, x: f(F.normalize(x))), **H)
add_mutant("adds_one", wrapped(lambda s, f, x: f(x) + 1), **H)
add_mutant("returns_tuple", wrapped(lambda s, f, x: (f(x), x)), **H)
add_mutant("returns_none", wrapped(lambda s, f, x: f(x) and None if False else None), "return", **H)
add_mutant("no_module", lambda nf, n_out, **o: None, "return", **H)
add_mutant("a_list", lambda nf, n_out, **o: list(build(nf, n_out, **o)), **H)
add_mutant("a_class", lambda nf, n_out, **o: nn.Sequential, "class", **H)
add_mutant(
    "module_list_itself",
    lambda nf, n_out, **o: nn.ModuleList(build(nf, n_out, **o)),
    "forward",
    **H,
)
add_mutant(
    "spare_layer",
    after(
        lambda h: (
            h.register_module("spare", nn.Linear(2, 2))
            or Wrapped(h, lambda s, f, x: nn.Sequential(*list(f)[:-1])(x))
        )
    ),
    "never used",
    **H,
)
add_mutant(
    "sigmoid_high_only",
    changed(list, range_=lambda low, high: Lambda(lambda x: torch.sigmoid(x) * high)),
    **SIGMOID_END,
    **H,
)
add_mutant(
    "tanh_range",
    changed(
        list, range_=lambda low, high: Lambda(lambda x: (x.tanh() + 1) / 2 * (high - low) + low)
    ),
    **SIGMOID_END,
    **H,
)
add_mutant("range_before_bn", changed(range_before_bn), bn_final=True, **SIGMOID_END, **H)
add_mutant(
    "clamps_range",
    changed(list, range_=lambda low, high: Lambda(lambda x: x.clamp(low, high))),
    **SIGMOID_END,
    **H,
)
add_mutant("one_output_more", lambda nf, n_out, **o: build(nf, n_out + 1, **o), "widths", **H)
add_mutant(
    "hidden_reversed",
    lambda nf, n_out, **o: build(nf, n_out, **{**o, "lin_ftrs": o["lin_ftrs"][::-1]}),
    "widths",
    **H,
)
add_mutant(
    "zero_ps_kept_at_half",
    lambda nf, n_out, **o: build(nf, n_out, **{**o, "ps": o["ps"] or 0.5}),
    ps=0.0,
    **H,
)
