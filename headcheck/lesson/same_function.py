"""Is a module the same function as a reference? Compared on the reference's terms, never by name.

1. Both run once; the operations that ran become two lists of layers.
2. Weights are matched in the order in which they are used, and checked for being registered,
   trainable and separate.
3. Random weights go into both, the same inputs too, and the numbers must agree: in eval mode, in
   train mode with the same seed, gradients, running statistics.

The numbers make the verdict. The first difference of the two lists makes the message. Modules of the
same library layers, built alike (`same_build`), would give the same numbers and are not run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import torch
from torch import Tensor, nn

from headcheck.lesson.canonical import CAUSES, not_finite
from headcheck.lesson.causes import WIDTHS, cause_of, sentence_of
from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.layers import Layer, layers_of, one_column, side_by_side, without_form
from headcheck.lesson.measure import Crash, Measurement, NamedTensor, Op, Output, Request, measure
from headcheck.lesson.same_build import built_the_same
from headcheck.lesson.stub import unanswered_by
from headcheck.seed import draw

TOLERANCE = 1e-4
# A gradient is there to show what is cut off or counted twice; beside a kink of ReLU it may move.
GRADIENT_TOLERANCE = 1e-2
RUN_ALL_THE_SAME = 0.1  # of the modules that are built the same
ORDER = "the order of the layers in the exercise text"
DOUBLING = (
    "concat pooling hands on two numbers per feature, the maximum and the average: it doubles "
    "the number of features, and only it does"
)
TWICE_TOO_WIDE = (
    "made for twice the features that come: concat pooling has doubled them already, so nf was doubled "
    "twice, or is not what this body delivers"
)
NEIGHBOURS = (
    "two neighbours do not fit: a Linear turns n_in numbers into n_out, and a BatchNorm is as wide "
    "as what comes to it"
)


# Layers that ran, and the operation that raised -> a sentence, or None.
Explain = Callable[[Sequence[Layer], Op | None], str | None]


@dataclass(frozen=True)
class Trial:
    """What both modules are run on. `train_inputs` empty: eval mode only."""

    eval_inputs: list[Tensor]
    train_inputs: list[Tensor]


def compare(
    module: nn.Module,
    reference: nn.Module,
    make_trial: Callable[[torch.Generator], Trial],
    checked: str,
    weights: bool = True,
    explain: Explain | None = None,
    usual: str | None = None,
) -> None:
    """Raise `CheckFailed` unless both are the same function on fresh random weights and inputs.

    `make_trial` draws inputs; the first input of each mode is also the one operations are traced
    on. `explain` may know a better cause, from the layers that ran and the operation that raised; `usual`
    is the cause where none is known. With
    `weights=False` both keep their own weights and only outputs are compared. Modules that are built
    the same need not run: see `same_build`; one in ten runs all the same.
    """
    random = draw(f"same function: {checked}")
    if weights:
        _can_be_trained(module, checked)
        if built_the_same(module, reference) and random.random() >= RUN_ALL_THE_SAME:
            return
    trial = make_trial(_generator(random.getrandbits(60)))
    pair = _Pair(checked, module, reference, random.getrandbits(60), explain)
    if weights:
        pair.look(trial)
        pair.match()
    problem = pair.run(trial, weights)
    if problem is not None:
        # Two right modules may round differently, and a rounding error beside a kink of ReLU
        # moves a gradient. No verdict hangs on one such draw.
        pair.seed += 1
        problem = pair.run(make_trial(_generator(random.getrandbits(60))), weights)
    if problem is not None:
        pair.fail(problem if problem.cause else replace(problem, cause=usual))


def _can_be_trained(module: nn.Module, checked: str) -> None:
    name = not_finite((*module.named_parameters(), *module.named_buffers()))
    if name is not None:
        raise CheckFailed(
            f"{checked}: weights that can be trained",
            got=f"{name} holds nan or infinity",
            cause="weights that were never set (torch.empty), or a division by zero",
        )


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class _Pair:
    """Two modules on their way through the comparison."""

    def __init__(
        self,
        checked: str,
        module: nn.Module,
        reference: nn.Module,
        seed: int,
        explain: Explain | None = None,
    ) -> None:
        self.explain = explain or (lambda ran, failed: None)
        self.checked, self.module, self.reference, self.seed = checked, module, reference, seed
        self.found = self.expected = Measurement()  # what `look` saw
        self.yours: list[Layer] = []
        self.ours: list[Layer] = []
        self.names: dict[str, str] = {}  # the reference's name of a tensor -> the module's

    # ---- 1. what runs ----

    def look(self, trial: Trial) -> None:
        train = bool(trial.train_inputs)
        request = Request(train_inputs=trial.train_inputs[:1], seed=self.seed, learn=False)
        found = measure(self.module, request) if train else None
        ran_in_train = found.train_ops if found else []
        if found is None or found.crash:
            # In train mode everything shows, dropout too. Eval mode says more of a crash.
            request = replace(request, eval_inputs=trial.eval_inputs[:1])
            found = measure(self.module, request)
        expected = measure(self.reference, request)
        if expected.crash:
            raise RuntimeError(f"the reference itself fails: {expected.crash.text}")
        self.found, self.expected = found, expected
        self.ours = layers_of(
            expected.train_ops if train else expected.eval_ops, _buffers(expected)
        )
        self.yours = layers_of(ran_in_train if train else found.eval_ops, _buffers(found))
        if found.crash and found.crash.phase == "weights":
            raise untrainable(found.crash, self.checked)
        if found.crash:
            ran, same_steps = without_form(self.yours), without_form(self.ours)
            if _first(ran, same_steps[: len(ran)]) is not None:
                self.fail(explain_crash(found.crash, ran))  # it went wrong before it crashed
            self.crashed(found.crash, request)
        outputs = (found.eval_outputs + found.train_outputs)[-1:]
        wanted = (expected.eval_outputs + expected.train_outputs)[-1:]
        for a, b in zip(outputs, wanted, strict=True):
            if _form(a) != _form(b):
                self.wrong_form(a, b)

    def wrong_form(self, a: Output, b: Output) -> NoReturn:
        if a.structure == b.structure == "tensor":
            if len(a.tensors[0].shape) == 4 and len(b.tensors[0].shape) == 2:
                self.fail(_Problem("the output has four dimensions: a Flatten is missing"))
            self.fail(
                _Problem(
                    "the last layer decides the number of outputs, and Flatten the dimensions",
                    str(tuple(a.tensors[0].shape)),
                    str(tuple(b.tensors[0].shape)),
                    "the shape of the output",
                )
            )
        raise CheckFailed(
            f"{self.checked}: what forward returns",
            got=_form_text(a),
            expected=_form_text(b),
            cause="is a return missing in forward?"
            if a.structure == "NoneType"
            else "forward returns something of another form",
        )

    # ---- 2. which weight is which ----

    def match(self) -> None:
        yours = [layer for layer in self.yours if layer.weights]
        ours = [layer for layer in self.ours if layer.weights]
        if [_needs(layer) for layer in yours] != [_needs(layer) for layer in ours]:
            self.fail(_Problem("the layers with weights are not the same"))
        listed = {t.name: t for t in self.found.tensors}
        required = {t.name: t for t in self.expected.tensors}
        owner: dict[str, str] = {}
        for a, b in zip(yours, ours, strict=True):
            for role, name in b.weights.items():
                self.registered(a, role)
                mine = a.weights[role]
                if (
                    self.names.setdefault(name, mine) != mine
                    or owner.setdefault(mine, name) != name
                ):
                    self.shared(a)
                if name in required and required[name].requires_grad:
                    self.trainable(a, role, listed[mine])
        self.nothing_left_over(listed, required)

    def registered(self, layer: Layer, role: str) -> None:
        if layer.weights[role] == "":
            raise CheckFailed(
                f"{self.checked}: the module knows all of its weights",
                got=f"the {role} of {layer.text} is not among its parameters and buffers",
                cause="layers in a plain Python list, made inside forward, or weights computed "
                "there: the optimiser never sees them",
                look="nn.Sequential or nn.ModuleList, filled in __init__",
            )

    def shared(self, layer: Layer) -> NoReturn:
        raise CheckFailed(
            f"{self.checked}: every layer has its own weights",
            got=f"{layer.text} uses the same tensors as another layer",
            cause="one BatchNorm or Linear object stands in two places (a ReLU may be shared)",
            look="the loop: make a new layer each time round",
        )

    def trainable(self, layer: Layer, role: str, tensor: NamedTensor) -> None:
        if not tensor.is_parameter or not tensor.requires_grad:
            raise CheckFailed(
                f"{self.checked}: every weight can be trained",
                got=f"the {role} of {layer.text} is frozen",
                cause="requires_grad was switched off, or a weight was registered as a buffer",
            )
        if tensor.name in layer.detached:
            raise CheckFailed(
                f"{self.checked}: every weight can be trained",
                got=f"the {role} of {layer.text} is used detached",
                cause="detach() or .data cuts a weight off from its gradient",
            )

    def nothing_left_over(
        self, listed: dict[str, NamedTensor], required: dict[str, NamedTensor]
    ) -> None:
        used = set(self.names.values())
        extra = [t for t in listed.values() if _own(t) and t.name not in used]
        spare = [t for t in required.values() if _own(t) and t.name not in self.names]
        if sum(_count(t) for t in extra) != sum(_count(t) for t in spare):
            names = ", ".join(t.name for t in extra)
            self.fail(
                _Problem(
                    "a layer was made but is never used in forward",
                    f"parameters that never take part: {names or 'none'}",
                    None,
                    "the number of parameters",
                )
            )

    # ---- 3. numbers ----

    def run(self, trial: Trial, weights: bool) -> _Problem | None:
        values = _values(self.ours, self.expected.tensors, self.seed) if weights else {}
        values = {name: value for name, value in values.items() if name in self.names}
        inputs = trial.eval_inputs, trial.train_inputs
        # What runs is known from `look`.
        request = Request(*inputs, values, self.seed, trace=False, learn=weights)
        expected = measure(self.reference, request)
        given = {self.names[name]: value for name, value in values.items()}
        asked = replace(request, weights=given)
        found = measure(self.module, asked)
        if found.crash and found.crash.phase == "weights":
            raise untrainable(found.crash, self.checked)
        if found.crash:
            self.crashed(found.crash, asked)
        return (
            self.eval_numbers(found, expected, trial.eval_inputs)
            or self.train_numbers(found, expected)
            or self.kind_of_numbers(found, expected)
            or (self.learning(found, expected) if weights else None)
        )

    def eval_numbers(
        self, found: Measurement, expected: Measurement, inputs: list[Tensor]
    ) -> _Problem | None:
        pairs = zip(found.eval_outputs, expected.eval_outputs, strict=True)
        bad = [i for i, (a, b) in enumerate(pairs) if not _agree(a, b)]
        if not bad:
            return None
        shapes = [tuple(x.shape) for x in inputs]
        form = _form(found.eval_outputs[bad[0]]) != _form(expected.eval_outputs[bad[0]])
        cause = None
        ran = measure(self.module, Request(inputs[:1], seed=self.seed, learn=False)).eval_ops
        if any(layer.kind == "Dropout" for layer in layers_of(ran)):
            cause = (
                "dropout stays active in eval mode: use nn.Dropout, or pass training=self.training"
            )
        elif all(shapes[i][0] == 1 for i in bad):
            cause = "a batch of one: squeeze also removes the batch dimension, Flatten does not"
        elif 0 not in bad and form:
            cause = "images of another size: the pool has to deliver one value per feature for any"
        elif 0 not in bad:
            cause = (
                "another input, other numbers: a size that is fixed in the code, a result kept "
                "from an earlier call, or another eps in BatchNorm"
            )
        elif self.ours and self.ours[-1].kind == "Sigmoid":
            cause = "the way from sigmoid's (0, 1) to the range: times (high - low), plus low"
        elif self.ours:
            cause = "something between the layers changes the numbers"
        return _Problem(
            cause,
            f"other numbers for an input of shape {shapes[bad[0]]}"
            if not form
            else f"{_form_text(found.eval_outputs[bad[0]])} for an input of shape {shapes[bad[0]]}",
            _form_text(expected.eval_outputs[bad[0]]) if form else "the numbers of the reference",
            "the outputs in eval mode, with the same weights",
        )

    def train_numbers(self, found: Measurement, expected: Measurement) -> _Problem | None:
        for a, b in zip(found.train_outputs, expected.train_outputs, strict=True):
            if not _agree(a, b):
                return _Problem(
                    "right in eval mode, different in train mode: dropout or BatchNorm",
                    "other numbers",
                    "the numbers of the reference",
                    "the outputs in train mode, with the same weights and seed",
                )
        return None

    def kind_of_numbers(self, found: Measurement, expected: Measurement) -> _Problem | None:
        kinds = [
            [t.dtype for output in (*m.eval_outputs, *m.train_outputs) for t in output.tensors]
            for m in (found, expected)
        ]
        for mine, wanted in zip(*kinds, strict=True):
            if mine != wanted:
                cause = "double(), half(), or a constant out of numpy, which counts in float64"
                return _Problem(cause, str(mine), str(wanted), "the dtype of the output")
        return None

    def learning(self, found: Measurement, expected: Measurement) -> _Problem | None:
        checked = "the gradients, with the same weights"
        for a, b in zip(found.gradients, expected.gradients, strict=True):
            largest = max((float(g.abs().max()) for g in b.values() if g.numel()), default=0.0)
            for name, gradient in b.items():
                mine = self.names.get(name) if name else ""
                if mine is None:
                    continue
                what = "the input" if not name else mine
                if mine not in a:
                    cause = "detach(), .data or torch.no_grad() cuts the way back"
                    return _Problem(cause, f"no gradient reaches {what}", None, checked)
                if not _near(a[mine], gradient, largest, GRADIENT_TOLERANCE):
                    cause = "a part of the forward is hidden from the gradient, or done twice"
                    return _Problem(cause, f"another gradient for {what}", None, checked)
        for name, value in expected.statistics.items():
            mine = self.names.get(name)
            if mine is not None and not _near(found.statistics[mine], value, 1.0):
                return _Problem(
                    "the momentum of BatchNorm, or statistics that are updated more than once",
                    f"{mine} differs after training steps",
                    None,
                    "BatchNorm's running statistics",
                )
        return None

    # ---- messages ----

    def crashed(self, crash: Crash, request: Request) -> NoReturn:
        if unanswered_by(crash.kind, crash.text):
            raise NotImplementedError(crash.text)
        inputs = request.train_inputs if crash.phase == "train" else request.eval_inputs
        where = f"{self.checked}: forward on an input of shape {crash.input_shape}"
        if crash.phase == "backward":
            where = f"{self.checked}: the way back, from the loss to the weights"
        problem = explain_crash(crash, self.yours)
        better = self.explain(self.yours, crash.op) if crash.op else None
        if better is not None:
            problem = replace(problem, cause=better, known=True)
        if crash.phase == "eval" and crash.input_index > 0:
            squeezed = problem.cause == sentence_of("batch flattened")
            alone = crash.input_shape[0] == 1 and inputs[0].shape[0] != 1
            if alone and (squeezed or not problem.known):
                cause = "a batch of one fails, where a larger one works: squeeze, or a batch size"
                problem = replace(problem, cause=cause)
            elif not problem.known:
                problem = replace(problem, cause="it works for one size of input only")
        raise CheckFailed(
            where,
            got=problem.got,
            expected=problem.expected,
            cause=problem.cause,
            look="the shapes on the way: anatomy(model, x) draws them up to the layer that fails",
        )

    def fail(self, problem: _Problem) -> NoReturn:
        yours, ours = without_form(self.yours), without_form(self.ours)
        at = _first(yours, ours)
        if at is None and _has_flatten(self.ours) and not _has_flatten(self.yours):
            yours, ours = self.yours, self.ours
            at = _first(yours, ours)
        if at is None:
            raise CheckFailed(
                f"{self.checked}: {problem.checked}" if problem.checked else self.checked,
                got=problem.got,
                expected=problem.expected,
                cause=problem.cause,
            )
        # Show Flatten only where it does not blur the first difference.
        full_a, full_b = self.yours, self.ours
        shown = _first(full_a, full_b)
        same_step = (_text_at(yours, at), _text_at(ours, at))
        if shown is not None and (_text_at(full_a, shown), _text_at(full_b, shown)) == same_step:
            yours, ours, at = full_a, full_b, shown
        column = [x.text for x in yours]
        _, table = side_by_side(column, [x.text for x in ours])
        raise CheckFailed(
            f"{self.checked}: the layers that ran, in order",
            got=f"step {at + 1}: {_text_at(yours, at)}",
            expected=f"step {at + 1}: {_text_at(ours, at)}",
            cause=self.explain(self.yours, None) or likely(yours, ours, at) or problem.cause,
            look=ORDER,
            table=table,
            first_table=one_column(column, at),
        )


@dataclass(frozen=True)
class _Problem:
    cause: str | None
    got: str | None = None
    expected: str | None = None
    checked: str | None = None
    known: bool = False  # the cause is certain


def _buffers(found: Measurement) -> set[str]:
    return {t.name for t in found.tensors if not t.is_parameter}


def _needs(layer: Layer) -> tuple:
    return layer.kind, sorted(layer.shapes.items())


def _own(tensor: NamedTensor) -> bool:
    return tensor.is_parameter and tensor.same_as is None


def _count(tensor: NamedTensor) -> int:
    return int(torch.Size(tensor.shape).numel())


def _has_flatten(layers: Sequence[Layer]) -> bool:
    return any(layer.kind == "Flatten" for layer in layers)


def _first(a: Sequence[Layer], b: Sequence[Layer]) -> int | None:
    for i in range(max(len(a), len(b))):
        if _text_at(a, i) != _text_at(b, i):
            return i
    return None


def _text_at(layers: Sequence[Layer], i: int) -> str:
    return layers[i].text if i < len(layers) else "nothing more"


def _form(output: Output) -> tuple:
    """tensor, or (tensor, tensor), with shapes; a list is as good as a tuple."""
    structure = output.structure.replace("list of", "tuple of")
    return structure, [tuple(t.shape) for t in output.tensors]


def _form_text(output: Output) -> str:
    shapes = ", ".join(str(tuple(t.shape)) for t in output.tensors)
    if output.structure == "tensor":
        return f"a tensor of shape {shapes}"
    return f"{output.structure}" + (f": {shapes}" if shapes else "")


def _agree(a: Output, b: Output) -> bool:
    return _form(a) == _form(b) and all(map(_near, a.tensors, b.tensors))


def _near(a: Tensor, b: Tensor, scale: float = 0.0, tolerance: float = TOLERANCE) -> bool:
    """Equal but for rounding, measured against the largest number (or 1 % of `scale`)."""
    if a.shape != b.shape:
        return False
    if not b.numel():
        return True
    a, b = a.double(), b.double()
    allowed = tolerance * max(float(b.abs().max()), 0.01 * scale) + 1e-12
    return bool(torch.isfinite(a).all()) and float((a - b).abs().max()) <= allowed


def _values(
    layers: Sequence[Layer], tensors: Sequence[NamedTensor], seed: int
) -> dict[str, Tensor]:
    """Random values for every tensor the layers use: no zero, no one, no two channels alike."""
    source = _generator(seed)
    kinds = {t.name: t.dtype for t in tensors}
    values: dict[str, Tensor] = {}
    for layer in layers:
        for role, name in layer.weights.items():
            if name in values or "float" not in kinds.get(name, ""):
                continue
            shape = layer.shapes[role]
            noise = torch.randn(shape, generator=source)
            if role == "running_var" or (role == "weight" and len(shape) == 1):
                noise = 0.5 + torch.rand(shape, generator=source)
            elif len(shape) > 1:
                noise = noise * (2 / max(1, torch.Size(shape[1:]).numel())) ** 0.5
            else:
                noise = 0.3 * noise
            values[name] = noise
    return values


# ---- causes --------------------------------------------------------------------------------------


def untrainable(crash: Crash, checked: str) -> CheckFailed:
    """Weights that no number can be given to: the module never ran."""
    causes = [cause for reason, cause in CAUSES.items() if reason in crash.text]
    return CheckFailed(
        f"{checked}: weights that can be trained",
        got=crash.text,
        cause=causes[0] if causes else None,
    )


def explain_crash(crash: Crash, ran: Sequence[Layer]) -> _Problem:
    """What went wrong in a forward, from the operation that raised, its shapes, and what ran."""
    place = f"\n{crash.place}" if crash.place else ""
    plain = _Problem(None, f"{crash.kind}: {crash.text}{place}")
    if crash.op and "pool" in crash.op.name and crash.input_shape[2:] == ():
        cause = "the features come flat, without height and width: there is nothing to pool"
        return _Problem(cause, plain.got, known=True)
    if any("Pool" in layer.kind and len(layer.input_shape) == 2 for layer in ran):
        return _Problem(sentence_of("flat before the pool"), plain.got, known=True)
    known = cause_of(crash.kind, crash.text)
    if known is not None and known.name != WIDTHS:  # which numbers, and why, is found out below
        return _Problem(known.sentence, plain.got, known=True)
    if crash.phase == "backward":
        cause = "a value that the gradient needs was kept from an earlier call, or overwritten"
        return _Problem(cause, plain.got, known=True)
    if crash.op is None:
        return plain
    shapes = crash.op.shapes
    before = shapes.get("input", ())
    pool_missing = "a pool and a Flatten are missing before the first Linear"
    flat_missing = "between the pool and the first Linear a Flatten is missing"
    if crash.op.name == "batch_norm" and len(before) > 1:
        takes = (shapes.get("running_mean") or shapes.get("weight") or (0,))[0]
        return _widths("BatchNorm", takes, before[1], plain, ran)
    if crash.op.name == "linear" and before and len(shapes.get("weight", ())) == 2:
        if len(before) == 1:
            return _Problem(sentence_of("batch flattened"), plain.got, known=True)
        if len(before) == 4:
            pooled = any("Pool" in layer.kind for layer in ran)
            return _Problem(flat_missing if pooled else pool_missing, plain.got, known=True)
        return _widths("Linear", shapes["weight"][1], before[-1], plain, ran)
    return plain


def _widths(kind: str, takes: int, comes: int, plain: _Problem, ran: Sequence[Layer]) -> _Problem:
    if takes == comes:
        return plain
    cause = DOUBLING if _doubled(takes, comes, ran) else NEIGHBOURS
    if takes == 2 * comes and [layer for layer in ran if layer.kind == "ConcatPool"]:
        cause = TWICE_TOO_WIDE if cause == DOUBLING else cause
    return _Problem(
        cause,
        f"{kind} expects {takes} features, the layer before it delivers {comes}",
        known=True,
    )


def _doubled(width: int, right: int, before: Sequence[Layer]) -> bool:
    """Whether two widths differ by what a concat pool does to the features: twice, or half."""
    kinds = [layer.kind for layer in before]
    pooled = any("Pool" in kind for kind in kinds)
    return "Linear" not in kinds and (width == 2 * right or (pooled and right == 2 * width))


def likely(yours: Sequence[Layer], ours: Sequence[Layer], at: int) -> str | None:
    """The usual reason for a first difference at this step. No numbers: it may be shown anywhere."""
    a = yours[at] if at < len(yours) else None
    b = ours[at] if at < len(ours) else None
    if b is None:
        return _too_many(a, ours)
    if a is None:
        return _too_few(b, ours[at:])
    if a.kind == "Sigmoid" and any(layer.kind == "Sigmoid" for layer in ours):
        return "y_range comes last of all, after bn_final"
    if a.kind.startswith("Conv") and not any(layer.kind.startswith("Conv") for layer in ours):
        return (
            "a convolution, where the features are flat already: a 1x1 convolution computes what a "
            "Linear does, but here Flatten comes first and then nn.Linear"
        )
    if b.kind.startswith("Conv") and not a.kind.startswith("Conv"):
        return "the body ends too early, or a layer of it is left out"
    if a.kind.startswith("Conv") and not b.kind.startswith("Conv"):
        return "the body goes on too long, or has a layer too many"
    if b.kind == "ConcatPool" and at and _weighty(yours[at:]) > _weighty(ours[at:]):
        return "the body goes on too long: the old head is still in it"
    linears = [sum(layer.kind == "Linear" for layer in side) for side in (yours, ours)]
    if linears[0] and linears[0] != linears[1] and a.kind not in ("ConcatPool", "AvgPool"):
        return "another number of Linear layers: lin_ftrs has one entry for each hidden layer"
    if a.kind == "Dropout" == b.kind and sum(layer.kind == "Dropout" for layer in ours) == 1:
        return "another p: where there is one Dropout only, it gets p as it was given"
    if a.kind == b.kind:
        return _same_kind(a, b, ours[:at])
    rest = [layer.kind for layer in yours[at:]]
    if b.kind == "Dropout" and not any(k == "Dropout" for k in rest):
        return "a Dropout is missing, or written by hand: use nn.Dropout"
    if a.kind == "Dropout" and a.kind not in [layer.kind for layer in ours[at:]]:
        return "a Dropout with nothing to drop is left out"
    if b.kind == "BatchNorm" and a.kind == "Dropout" and "BatchNorm" in rest:
        return "BatchNorm comes before Dropout in a block"
    if b.kind == "Linear" and "Linear" not in rest:
        return "a Linear is missing, or its product is written by hand: use nn.Linear"
    if {a.kind, b.kind} <= {"BatchNorm", "Dropout", "Linear", "ReLU"}:
        if [k.kind for k in yours[at:]].count(b.kind) < [k.kind for k in ours[at:]].count(b.kind):
            return f"a {b.kind} is missing here"
        if rest.count(a.kind) > [k.kind for k in ours[at:]].count(a.kind):
            return f"a {a.kind} too many here"
        return "the layers of a block are there, in another order"
    if b.kind == "ConcatPool" and a.kind in ("AvgPool", "MaxPool"):
        return "concat_pool asks for both pools, joined"
    if a.kind == "ConcatPool":
        return "without concat_pool there is one pool, the average"
    if a.kind in ("Softmax", "LogSoftmax", "Sigmoid"):
        return _too_many(a, ours)
    return "another layer stands in its place"


def _weighty(layers: Sequence[Layer]) -> int:
    return sum(layer.kind == "Linear" or layer.kind.startswith("Conv") for layer in layers)


def _too_many(a: Layer | None, ours: Sequence[Layer]) -> str | None:
    if a is None:
        return None
    if a.kind == "Sigmoid" and ours and ours[-1].kind == "Sigmoid":
        return "the sigmoid of y_range stands there twice"
    if a.kind in ("Softmax", "LogSoftmax", "Sigmoid"):
        return "a head hands on raw numbers: the loss applies softmax or sigmoid by itself"
    if a.kind == "ReLU":
        return "ReLU after the last Linear: no output could ever be negative"
    return "the model goes on after its last layer"


def _too_few(b: Layer, missing: Sequence[Layer]) -> str:
    if any(layer.kind == "Linear" for layer in missing[1:]):
        return "the model ends too early: does return stand inside a loop? It ends it in the first round"
    if b.kind == "Sigmoid":
        return "y_range ends the head: sigmoid, stretched to the range, after everything else"
    if b.kind == "BatchNorm":
        return "bn_final adds a BatchNorm after the last Linear"
    return "the model ends too early"


def _same_kind(a: Layer, b: Layer, before: Sequence[Layer]) -> str | None:
    if a.kind == "ConcatPool":
        if set(a.arguments) != set(b.arguments):
            return "one pool is joined to itself: concat pooling joins the maximum and the average"
        if a.arguments != b.arguments:
            return "the average comes before the maximum: fastai's layout is maximum first"
        if a.options.get("of") != b.options.get("of"):
            return "both pools leave one number of each map, whatever its size: adaptive, to 1"
        return "the two pools are joined along the dimension of the features"
    if a.kind == "Dropout":
        return (
            "a single p is meant for the last Dropout, those before get half of it; "
            "a list has one p for each"
        )
    if a.kind in ("Linear", "BatchNorm") and a.arguments != b.arguments:
        width, right = a.arguments[0], b.arguments[0]
        if width != right and _doubled(width, right, before):
            return DOUBLING
        return "the widths go from the features through the hidden layers to the outputs"
    if a.kind == "Linear":
        if a.options.get("bias"):
            return "a Linear beside a BatchNorm needs no bias: BatchNorm has one"
        return "a Linear without a BatchNorm of its own needs its bias"
    if a.kind == "BatchNorm":
        return _other_argument(a, b)
    return None


def _other_argument(a: Layer, b: Layer) -> str:
    """Which argument of a BatchNorm differs, by its name."""
    names = [name for name in a.options if a.options[name] != b.options.get(name)]
    told = ", ".join(names)
    alone = " (bn_final alone has another momentum)" if "momentum" in names else ""
    return f"an argument of BatchNorm differs{': ' if told else ''}{told}{alone}"
