"""Measure a module: run it on given weights and inputs, and say what happened as plain data.

`measure` runs where the module lives: beside the check, or in the process of the student. It only
reports; what is right is decided elsewhere (`same_function`), from a `Measurement` alone.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from headcheck.lesson.blame import error_text, where_in_student_code
from headcheck.lesson.canonical import weights_without_use
from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.torch_here import Tensor, TorchFunctionMode, is_lazy, nn, torch

Plain = None | bool | int | float | str | tuple


@dataclass(frozen=True)
class Request:
    """What to run. Weights are loaded by name, in place, and taken out again afterwards."""

    eval_inputs: list[Tensor] = field(default_factory=list)
    train_inputs: list[Tensor] = field(default_factory=list)
    weights: dict[str, Tensor] = field(default_factory=dict)
    seed: int = 0
    output: int | None = None  # which of several outputs the gradient starts from; None: all
    trace: bool = True  # write down the operations (it doubles the time of a forward)
    learn: bool = True  # measure gradients, too


@dataclass(frozen=True)
class Op:
    """One torch function that ran: its plain arguments, the module's tensors it used, by name."""

    name: str
    arguments: dict[str, Plain]
    # role -> name of the parameter or buffer, "" for a tensor the module does not know about
    tensors: dict[str, str]
    shapes: dict[str, tuple[int, ...]]  # role -> shape, of every tensor handed in
    detached: list[str]  # names of parameters used in a form no gradient can reach
    sources: list[int]  # the operations the inputs came from; -1 is the module's input
    output: tuple[int, ...] | None  # shape of the (first) result; None when the operation raised


@dataclass(frozen=True)
class Output:
    """What a forward returned: "tensor", "tuple of 2", ... and the tensors in it."""

    structure: str
    tensors: list[Tensor]


@dataclass(frozen=True)
class NamedTensor:
    """A parameter or buffer as the module lists it."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    is_parameter: bool
    requires_grad: bool
    same_as: str | None  # an earlier name of the very same tensor


@dataclass(frozen=True)
class Crash:
    """An exception out of the module, and the operation it came from (if it was one)."""

    phase: str  # "eval", "train" or "backward"; "weights": it never ran, no number fits into them
    input_index: int
    input_shape: tuple[int, ...]
    kind: str
    text: str
    op: Op | None
    place: str | None = None  # the line of a notebook cell


@dataclass(frozen=True)
class Measurement:
    """What happened, in the order of the request. After a crash the rest is empty."""

    tensors: list[NamedTensor] = field(default_factory=list)
    eval_ops: list[Op] = field(default_factory=list)  # of the first input in each mode
    train_ops: list[Op] = field(default_factory=list)
    eval_outputs: list[Output] = field(default_factory=list)
    train_outputs: list[Output] = field(default_factory=list)
    # per train input: name -> gradient of a fixed random sum of the outputs; "" is the input.
    gradients: list[dict[str, Tensor]] = field(default_factory=list)
    statistics: dict[str, Tensor] = field(default_factory=dict)  # float buffers after training
    crash: Crash | None = None


def measure(module: nn.Module, request: Request) -> Measurement:
    """Run `module` as asked and leave it as it was found. Without inputs: look at its weights.

    A class may define `__measure__(self, request)`: it stands for a module that lives elsewhere.
    Eval inputs run first, then train inputs, each with the same seed. Exceptions of the module
    become `Measurement.crash`; an unknown name in `request.weights` is a KeyError.
    """
    elsewhere = getattr(type(module), "__measure__", None)
    if elsewhere is not None:
        return elsewhere(module, request)
    listed = _listed(module)
    fault = weights_without_use(listed)
    # All that a weight made under inference_mode can do is a forward in eval mode.
    more = request.weights or request.train_inputs or not request.eval_inputs
    if fault is not None and (more or _lazy(listed)):
        name, reason = fault
        return Measurement(
            crash=Crash("weights", 0, (), "", f"{_whose(module, name)} {reason}", None)
        )
    result = Measurement(tensors=_named_tensors(listed))
    first = {id(t): name for name, t in reversed(listed)}
    registered = {name: t for name, t in listed if first[id(t)] == name}
    with _left_as_found(module, registered), warnings.catch_warnings(), _uncompiled():
        warnings.simplefilter("ignore")
        with torch.no_grad():
            for name, value in request.weights.items():
                registered[name].copy_(value)
        run = _Run(module, registered, request, result)
        crash = run.eval() or run.train()
        buffers = dict(module.named_buffers()).items()
        result.statistics.update(
            {n: b.detach().clone() for n, b in buffers if b.is_floating_point()}
        )
    return result if crash is None else _with_crash(result, crash)


def _lazy(listed: list[tuple[str, Tensor]]) -> bool:
    return any(is_lazy(t) for _, t in listed)


def _whose(module: nn.Module, name: str) -> str:
    """'weight of the LazyLinear 0.3'."""
    where, _, tensor = name.rpartition(".")
    try:
        owner = type(module.get_submodule(where)).__name__
    except (AttributeError, TypeError):
        return name
    return f"{tensor} of the {owner} {where}".rstrip()


@contextmanager
def _uncompiled() -> Iterator[None]:
    """What torch.compile has wrapped runs as it was written: its operations can be seen then."""
    if "torch._dynamo.eval_frame" not in sys.modules:
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


def _with_crash(result: Measurement, crash: Crash) -> Measurement:
    return Measurement(**{**vars(result), "crash": crash})


class _Run:
    def __init__(
        self,
        module: nn.Module,
        registered: dict[str, Tensor],
        request: Request,
        result: Measurement,
    ) -> None:
        self.module, self.registered = module, registered
        self.request, self.result = request, result

    def eval(self) -> Crash | None:
        if self.request.eval_inputs:
            self.module.eval()
        for index, given in enumerate(self.request.eval_inputs):
            torch.default_generator.manual_seed(self.request.seed)
            ops = self.result.eval_ops if self.request.trace and index == 0 else None
            with torch.no_grad():
                output, crash = self._forward("eval", index, given.clone(), ops)
            if crash:
                return crash
            self.result.eval_outputs.append(_copied(output))
        return None

    def train(self) -> Crash | None:
        if self.request.train_inputs:
            self.module.train()
        for index, given in enumerate(self.request.train_inputs):
            torch.default_generator.manual_seed(self.request.seed)
            leaf = given.clone()
            if leaf.is_floating_point():
                leaf.requires_grad_()
            ops = self.result.train_ops if self.request.trace and index == 0 else None
            with torch.enable_grad():
                # A copy, so that a module may work in place on what it is given.
                output, crash = self._forward("train", index, leaf.clone(), ops)
                if crash:
                    return crash
                self.result.train_outputs.append(_copied(output))
                if not self.request.learn:
                    continue
                try:
                    self.result.gradients.append(self._gradients(output, leaf))
                except RuntimeError as error:
                    return _crash("backward", index, given, error, None)
        return None

    def _forward(
        self, phase: str, index: int, given: Tensor, ops: list[Op] | None
    ) -> tuple[Any, Crash | None]:
        """The result, or what happened instead; operations are recorded into `ops` if given."""
        recorder = _Recorder(self.registered, given, [] if ops is None else ops)
        before = given.detach().clone()
        try:
            with nullcontext() if ops is None else recorder:
                return self.module(given), None
        except CheckFailed:
            raise
        except (Exception, SystemExit) as error:
            if ops is None:  # once more, to see where
                again, crash = self._forward(phase, index, before, [])
                if crash:
                    return again, crash
            return None, _crash(phase, index, before, error, recorder.failed)

    def _gradients(self, output: Any, leaf: Tensor) -> dict[str, Tensor]:
        tensors = _tensors_in(output)
        if self.request.output is not None:
            tensors = tensors[self.request.output : self.request.output + 1]
        source = torch.Generator().manual_seed(self.request.seed)
        parts = [
            (t * torch.randn(t.shape, generator=source).to(t.dtype)).sum()
            for t in tensors
            if t.requires_grad
        ]
        wanted = {"": leaf} if leaf.requires_grad else {}
        wanted |= {n: t for n, t in self.registered.items() if t.requires_grad}
        if not parts or not wanted:
            return {}
        total = torch.stack([part.reshape(()) for part in parts]).sum()
        found = torch.autograd.grad(total, list(wanted.values()), allow_unused=True)
        return {n: g for n, g in zip(wanted, found, strict=True) if g is not None}


def _crash(phase: str, index: int, given: Tensor, error: BaseException, op: Op | None) -> Crash:
    shape, kind, text = tuple(given.shape), type(error).__name__, error_text(error)
    place = where_in_student_code(error.__traceback__, from_check=False)
    return Crash(phase, index, shape, kind, text, op, place)


@contextmanager
def _left_as_found(module: nn.Module, registered: dict[str, Tensor]) -> Iterator[None]:
    """Puts the values of the registered tensors, modes and the random state back."""
    # (Those made under inference_mode, or in one place, cannot be written into.)
    usable = {name: t for name, t in registered.items() if not weights_without_use([(name, t)])}
    values = {name: t.detach().clone() for name, t in usable.items()}
    modes = [(m, m.training) for m in module.modules()]
    gradients = [(p, p.grad) for p in registered.values() if isinstance(p, nn.Parameter)]
    with torch.random.fork_rng(devices=[]):
        try:
            yield
        finally:
            with torch.no_grad():
                for name, t in usable.items():
                    t.copy_(values[name])
            for part, mode in modes:
                if part.training != mode:  # (setting it is slow)
                    part.training = mode
            for parameter, gradient in gradients:
                parameter.grad = gradient


def _listed(module: nn.Module) -> list[tuple[str, Tensor]]:
    """Every parameter and buffer under every name it has."""
    return [
        *module.named_parameters(remove_duplicate=False),
        *module.named_buffers(remove_duplicate=False),
    ]


def _named_tensors(listed: list[tuple[str, Tensor]]) -> list[NamedTensor]:
    first: dict[int, str] = {}
    result = []
    for name, t in listed:
        same_as = first.setdefault(id(t), name)
        result.append(
            NamedTensor(
                name,
                tuple(t.shape),
                str(t.dtype),
                isinstance(t, nn.Parameter),
                t.requires_grad,
                same_as if same_as != name else None,
            )
        )
    return result


def _tensors_in(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, list | tuple):
        return [t for item in value for t in _tensors_in(item)]
    if isinstance(value, dict):
        return [t for item in value.values() for t in _tensors_in(item)]
    return []


def _copied(value: Any) -> Output:
    tensors = [t.detach().clone().as_subclass(Tensor) for t in _tensors_in(value)]
    if isinstance(value, Tensor):
        return Output("tensor", tensors)
    for kind in (list, tuple, dict):  # a named tuple is a tuple
        if isinstance(value, kind):
            return Output(f"{kind.__name__} of {len(value)}", tensors)
    return Output(type(value).__name__, tensors)


# ---- which operations ran ------------------------------------------------------------------------

# Argument names of the built-in functions that have no Python signature to ask.
_ROLES: dict[Callable, tuple[str, ...]] = {
    torch._C._nn.linear: ("input", "weight", "bias"),
    torch.conv1d: ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    torch.conv2d: ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    torch.conv3d: ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    torch.batch_norm: (
        *("input", "weight", "bias", "running_mean", "running_var"),
        *("training", "momentum", "eps", "cudnn_enabled"),
    ),
    torch.dropout: ("input", "p", "training"),
    torch.feature_dropout: ("input", "p", "training"),
    torch.alpha_dropout: ("input", "p", "training"),
}


@lru_cache(maxsize=512)
def _roles(function: Callable) -> tuple[str, ...]:
    if function in _ROLES:
        return _ROLES[function]
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return ()
    named = [n for n, p in parameters.items() if p.kind is not p.VAR_POSITIONAL]
    return tuple(named) if len(named) == len(parameters) else ()


class _Recorder(TorchFunctionMode):
    """Writes down every torch function that yields a tensor while the module runs."""

    def __init__(self, registered: dict[str, Tensor], given: Tensor, ops: list[Op]) -> None:
        super().__init__()
        self.ops, self.failed = ops, None
        self.registered = registered
        self.names = {id(t): name for name, t in registered.items()}
        self.addresses = {t.data_ptr(): name for name, t in registered.items() if t.numel()}
        self.made_by: dict[int, int] = {id(given): -1}
        self.alive: list[Tensor] = [given]  # an id must not be used again while we look at it

    failed: Op | None

    def __torch_function__(
        self,
        func: Callable,
        types: Any,
        args: tuple = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        op = self._describe(func, args, kwargs)
        try:
            result = func(*args, **kwargs)
        except BaseException:
            self.failed = op
            raise
        made = _tensors_in(result)
        if not made:
            return result
        if func.__name__ == "__get__":  # x.T, x.data: another view of the same thing
            for t in made:
                self._remember(t, op.sources[0] if op.sources else None)
            return result
        self.ops.append(Op(**{**vars(op), "output": tuple(made[0].shape)}))
        for t in made:
            self._remember(t, len(self.ops) - 1)
        return result

    def _remember(self, t: Tensor, made_by: int | None) -> None:
        if made_by is not None and id(t) not in self.names:
            self.made_by[id(t)] = made_by
            self.alive.append(t)

    def _describe(self, func: Callable, args: tuple, kwargs: dict[str, Any]) -> Op:
        roles = _roles(func)
        given = {roles[i] if i < len(roles) else str(i): value for i, value in enumerate(args)}
        given |= kwargs
        name = getattr(func, "__name__", str(func)).strip("_")
        op = Op(name, {}, {}, {}, [], [], None)
        for role, value in given.items():
            parts = _tensors_in(value)
            for i, t in enumerate(parts):
                self._tensor(op, role if isinstance(value, Tensor) else f"{role}.{i}", t)
            if not parts and _is_plain(value):
                op.arguments[role] = tuple(value) if isinstance(value, list) else value
        return op

    def _tensor(self, op: Op, role: str, t: Tensor) -> None:
        op.shapes[role] = tuple(t.shape)
        name = self.names.get(id(t))
        if name is None:
            name = self.addresses.get(t.data_ptr()) if t.numel() else None
            cut_off = torch.is_grad_enabled() and not t.requires_grad
            if name is not None and cut_off and self.registered[name].requires_grad:
                op.detached.append(name)
        if name is not None:
            op.tensors[role] = name
        elif id(t) in self.made_by:
            op.sources.append(self.made_by[id(t)])
        else:
            op.tensors[role] = ""


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return value is None or type(value) in (bool, int, float, str)
