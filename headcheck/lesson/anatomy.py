"""Look at a model: `anatomy(model, x)` shows body, cut and head, with shapes and parameters.

    anatomy(model)                      # guesses an input; draws without shapes when it cannot
    anatomy(model, (1, 3, 64, 64))      # with the shapes for an input of this size
    anatomy(resnet18(), cut=-2)         # what stays and what is cut off

In a notebook the result draws itself, elsewhere it prints itself. `anatomy(...).rows` holds the
leaf layers as plain data, in the order they run. Looking changes nothing: weights, statistics,
modes, hooks and random numbers are afterwards what they were.
"""

from __future__ import annotations

import copy
import random
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from headcheck.lesson.anatomy_picture import html
from headcheck.lesson.anatomy_words import Anatomy, Block, Part, Row, Shape, show_shape, state_of

Cut = int | Callable[[nn.Module], Any]

# A picture with more boxes than this in one row is no longer read at a glance.
MOST_BLOCKS = 7
MOST_HEAD_LAYERS = 16


def anatomy(
    model: nn.Module,
    x: Tensor | Sequence[Any] | None = None,
    *,
    cut: Cut | None = None,
    title: str | None = None,
    depth: int = 1,
) -> Anatomy:
    """Look at `model`: blocks, shapes, parameters, what is body and what is head.

    x      a sample input with its batch dimension, a shape, or a tuple of inputs; without it the
           input is guessed from the first layer, and if that fails the shapes are left out.
    cut    what fastai's `cut` means: the number of children to keep (may be negative), or a
           function that gets the model and returns the body. The rest is shown as cut off.
    title  stands above the picture; otherwise the class of the model.
    depth  how many levels of the body become boxes of their own.

    Raises TypeError when `model` is no module. A forward that fails is part of the answer:
    the picture shows how far it came and `failure` says which layer failed.
    """
    if not isinstance(model, nn.Module):
        hint = "; of a Learner it is learn.model" if hasattr(model, "model") else ""
        raise TypeError(f"anatomy looks at a model (nn.Module), not a {type(model).__name__}{hint}")
    seen = _look(model, x)
    plan = _plan(model, seen.root, cut)
    leaves = list(_leaf_calls(seen.root))
    used = {call.path for call in leaves if not call.function}
    unused = [
        path
        for path, m in model.named_modules()
        if path and _is_leaf(m) and path not in used and not isinstance(m, nn.Sequential)
    ]  # (a Sequential without children is empty, no layer)
    params, trainable = _Sizes().add([seen.model])
    return Anatomy(
        title=title or type(model).__name__,
        inputs=seen.inputs,
        rows=tuple(_row(call, plan) for call in leaves),
        parts=tuple(_parts(seen, plan, depth)),
        params=params,
        trainable=trainable,
        cut=f"cut={cut}" if isinstance(cut, int) else "cut",
        never_called=tuple(unused),
        failure=seen.failure,
        notes=tuple(seen.notes),
        draw=html,
    )


# ---- running the model and writing down what runs ------------------------------------------------


@dataclass
class _Call:
    """One run of a module or function, with the runs inside it."""

    path: str
    kind: str
    text: str
    inputs: tuple[Shape, ...] = ()
    shapes: tuple[Shape, ...] = ()
    params: int = 0  # its own, not those of the calls inside
    trainable: int = 0
    leaf: bool = False
    chain: bool = False  # a Sequential: nothing happens there but its children
    function: bool = False
    ran: bool = True
    failed: bool = False
    again: bool = False
    fork: str | None = None  # the earlier sibling that got the very same tensor
    calls: list[_Call] = field(default_factory=list)


@dataclass
class _Seen:
    """What one look found: the calls, and the modules they belong to (of a copy when lazy)."""

    root: _Call
    model: nn.Module
    inputs: tuple[Shape, ...] = ()
    failure: str | None = None
    notes: list[str] = field(default_factory=list)

    def module(self, path: str) -> nn.Module:
        return self.model.get_submodule(path)


def _look(model: nn.Module, x: Any) -> _Seen:
    """Run the model on x if there is one; else read off what is registered."""
    notes: list[str] = []
    lazy = any(is_lazy(t) for t in (*model.parameters(), *model.buffers()))
    inputs = _guess_input(model) if x is None else _as_inputs(model, x)
    if lazy and inputs is not None:
        # A first run fixes the sizes of lazy layers for good; so that run happens to a copy.
        try:
            model = copy.deepcopy(model)
            notes.append("lazy layers: sizes measured on a copy, the model itself is still open")
        except Exception:
            inputs = None
    if lazy and inputs is None:
        notes.append("lazy layers: their sizes are open until the first run")
    if inputs is not None:
        root, failure = _trace(model, inputs, keep_pre_hooks=lazy)
        if failure is None or x is not None:
            return _Seen(root, model, _shapes(inputs), failure, notes)
        notes.append("no input was given and a guessed one did not fit: shapes are left out")
    elif not lazy:
        notes.append("no input was given and none could be guessed: shapes are left out")
    return _Seen(_registered(model, "", _Sizes()), model, notes=notes)


def _as_inputs(model: nn.Module, x: Any) -> tuple[Any, ...]:
    if isinstance(x, Tensor):
        return (x,)
    if not isinstance(x, Sequence):
        kind = type(x).__name__
        raise TypeError(f"x is a sample input, its shape, or a tuple of inputs, not a {kind}")
    x = tuple(x)
    if all(isinstance(n, int) for n in x):
        return (_blank(model, x),)
    return x


def _blank(model: nn.Module, shape: Shape) -> Tensor:
    like = next((p for p in model.parameters() if p.is_floating_point()), torch.empty(0))
    return torch.zeros(shape, dtype=like.dtype, device=like.device)


def _guess_input(model: nn.Module) -> tuple[Tensor, ...] | None:
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and not is_lazy(module.weight):
            return (_blank(model, (1, module.in_channels, 224, 224)),)
        if isinstance(module, nn.Linear) and not is_lazy(module.weight):
            return (_blank(model, (1, module.in_features)),)
        if _is_leaf(module) and any(True for _ in module.parameters()):
            return None
    return None


def _trace(
    model: nn.Module, inputs: tuple[Any, ...], *, keep_pre_hooks: bool
) -> tuple[_Call, str | None]:
    paths = {id(m): path for path, m in model.named_modules()}
    recorder = _Recorder(paths)
    with _left_as_found(model, inputs, keep_pre_hooks) as given, torch.no_grad():
        model.eval()
        for module in model.modules():
            module.register_forward_pre_hook(recorder.enter, with_kwargs=True)
            module.register_forward_hook(recorder.leave)
        try:
            with recorder:
                model(*given)
        except Exception as error:
            recorder.error = error
    root = recorder.root
    if root is None:  # the call itself did not fit: too many or too few inputs
        root = _registered(model, "", _Sizes())
        root.ran, root.failed = False, True
    failure = _explain(root, recorder.error) if recorder.error else None
    if failure:
        _add_what_did_not_run(root, model, recorder.sizes)
    return root, failure


@contextmanager
def _left_as_found(
    model: nn.Module, inputs: tuple[Any, ...], keep_pre_hooks: bool
) -> Iterator[tuple[Any, ...]]:
    """Yield inputs to play with; afterwards the model and all random numbers are as before.

    Hooks of others are silent meanwhile: a student's hook that collects shapes is to collect
    those of the student's run, not of ours.
    """
    modules = list(model.modules())
    # A hook's handle knows its dict: the very same dict objects have to come back.
    before = [
        {k: (v, v.copy() if isinstance(v, dict) else None) for k, v in vars(m).items()}
        for m in modules
    ]
    buffers = [(b, b.detach().clone()) for b in model.buffers() if not is_lazy(b)]
    devices = {t.device for t in (*model.parameters(), *model.buffers()) if t.is_cuda}
    numpy_random = getattr(sys.modules.get("numpy"), "random", None)
    numpy_state = numpy_random.get_state() if numpy_random else None
    python_state = random.getstate()
    own = tuple(v.detach().clone() if isinstance(v, Tensor) else v for v in inputs)
    try:
        for module in modules:
            silenced = ["_forward_hooks"] + ([] if keep_pre_hooks else ["_forward_pre_hooks"])
            for name in silenced:
                vars(module)[name] = type(vars(module)[name])()
        with torch.random.fork_rng(devices=list(devices)):
            yield own
    finally:
        for module, attributes in zip(modules, before, strict=True):
            vars(module).clear()
            for name, (value, content) in attributes.items():
                if content is not None:
                    value.clear()
                    value.update(content)
                vars(module)[name] = value
        with torch.no_grad():
            for buffer, value in buffers:
                if not buffer.is_meta and not torch.equal(buffer, value):
                    buffer.copy_(value)
        random.setstate(python_state)
        if numpy_random:
            numpy_random.set_state(numpy_state)


class _Recorder(TorchFunctionMode):
    """Hooks write down the modules; the function mode writes down what forward does beside them."""

    def __init__(self, paths: dict[int, str]) -> None:
        super().__init__()
        self.paths = paths
        self.root: _Call | None = None
        # With each open call: who of its children got which tensor (weakly: memory is freed).
        self.stack: list[tuple[_Call, list[tuple[str, weakref.ref[Tensor]]]]] = []
        self.seen: set[str] = set()
        self.sizes = _Sizes()
        self.error: Exception | None = None

    def enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        path = self.paths[id(module)]
        call = _call_of(module, path, self.sizes)
        call.inputs = _shapes((args, kwargs))
        call.again = path in self.seen
        self.seen.add(path)
        if self.stack:
            parent, siblings = self.stack[-1]
            first = next((t for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)), None)
            if first is not None:
                call.fork = next((who for who, other in siblings if other() is first), None)
                siblings.append((path, weakref.ref(first)))
            parent.calls.append(call)
        else:
            self.root = call
        self.stack.append((call, []))

    def leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        call, _ = self.stack.pop()
        if self.stack and any(output is value for value in args):
            # Dropout in eval mode, ReLU in place: the next one gets the same tensor, no fork.
            siblings = self.stack[-1][1]
            siblings[:] = [(who, ref) for who, ref in siblings if ref() is not output]
        call.shapes = _shapes(output)
        call.leaf = _is_leaf(module)
        # Lazy layers have their sizes only now.
        more, trainable = self.sizes.add_own(module)
        call.params, call.trainable = call.params + more, call.trainable + trainable

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        output = func(*args, **(kwargs or {}))
        if self.stack and not self.stack[-1][0].leaf:
            name = _step_name(func)
            if name and isinstance(output, Tensor) and _shapes((args, kwargs)):
                parent = self.stack[-1][0]
                parent.calls.append(
                    _Call(
                        parent.path,
                        name,
                        f"{name}()",
                        inputs=_shapes((args, kwargs)),
                        shapes=_shapes(output),
                        leaf=True,
                        function=True,
                    )
                )
        return output


_SAME_TENSOR = {
    *("contiguous", "detach", "to", "type", "float", "double", "half", "clone", "cpu"),
    *("requires_grad_", "as_subclass", "type_as", "size", "dim", "expand_as"),
}


def _step_name(func: Any) -> str | None:
    name = getattr(func, "__name__", "")
    if name in ("__get__", "__set__") or name in _SAME_TENSOR:
        return None
    if getattr(func, "__module__", "") == "torch.nn.init":  # a lazy layer making its weights
        return None
    if name.startswith("__") and name.endswith("__"):
        name = name.strip("_")
        name = name[1:] if name in ("iadd", "radd", "imul", "rmul", "isub", "rsub") else name
    return "index" if name == "getitem" else name.strip("_") or None


def _call_of(module: nn.Module, path: str, sizes: _Sizes) -> _Call:
    params, trainable = sizes.add_own(module)
    return _Call(
        path,
        type(module).__name__,
        describe(module),
        params=params,
        trainable=trainable,
        leaf=_is_leaf(module),
        chain=isinstance(module, nn.Sequential),
    )


def _registered(module: nn.Module, path: str, sizes: _Sizes) -> _Call:
    """The tree as it is registered: what there is to say when nothing was run."""
    call = _call_of(module, path, sizes)
    call.ran = False
    # Not named_children(): that leaves out a layer registered twice.
    for name, child in module._modules.items():
        if child is not None:
            call.calls.append(_registered(child, f"{path}.{name}" if path else name, sizes))
    return call


def _add_what_did_not_run(call: _Call, module: nn.Module, sizes: _Sizes) -> None:
    """Below an interrupted call: append the children that were still to come."""
    if call.shapes or call.leaf:
        return
    came = {c.path for c in call.calls}
    for name, child in module.named_children():
        path = f"{call.path}.{name}" if call.path else name
        if path not in came:
            call.calls.append(_registered(child, path, sizes))
    for inner in call.calls:
        if inner.failed and not inner.function and inner.path != call.path:
            _add_what_did_not_run(
                inner, module.get_submodule(inner.path[len(call.path) :].lstrip(".")), sizes
            )


def _explain(root: _Call, error: Exception) -> str:
    """Which layer failed, on what; marks the calls that did not come to an end."""
    call = root
    while True:
        call.failed = True
        if not call.calls or call.calls[-1].shapes or call.calls[-1].function:
            break
        call = call.calls[-1]
    where = f"layer {call.path} ({call.text})" if call.path else call.kind
    if not call.leaf:
        last = next((c for c in reversed(call.calls)), None)
        after = f", after {last.text}" if last else ""
        where = f"the forward of {call.path or 'the model'} ({call.kind}){after},"
    shapes = " and ".join(show_shape(s, batch=True) for s in call.inputs)
    with_input = f" with an input of shape {shapes}" if shapes else ""
    said = " ".join(str(error).split())[:240]
    return f"{where} failed{with_input}: {type(error).__name__}{': ' + said if said else ''}"


class _Sizes:
    """Counts every parameter once, however often it is met."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def add_own(self, module: nn.Module) -> tuple[int, int]:
        return self._count(module.parameters(recurse=False))

    def add(self, modules: Any) -> tuple[int, int]:
        return self._count(p for m in modules for p in m.parameters())

    def _count(self, params: Any) -> tuple[int, int]:
        total = trainable = 0
        for p in params:
            if id(p) not in self.seen and not is_lazy(p):
                self.seen.add(id(p))
                total += p.numel()
                trainable += p.numel() if p.requires_grad else 0
        return total, trainable


def _shapes(value: Any) -> tuple[Shape, ...]:
    if value is None:
        return ()
    return tuple(tuple(t.shape) for t in tree_leaves(value) if isinstance(t, Tensor))


def _leaf_calls(call: _Call) -> Iterator[_Call]:
    if call.leaf or not call.calls:
        yield call
    for inner in call.calls:
        yield from _leaf_calls(inner)


def _is_leaf(module: nn.Module) -> bool:
    return not any(True for _ in module.children())


def _row(call: _Call, plan: _Plan) -> Row:
    return Row(
        path=call.path,
        kind=call.kind,
        shape=call.shapes[0] if call.shapes else None,
        params=call.params,
        state=state_of(call.params, call.trainable),
        part=_owner(call, plan),
        again=call.again,
        function=call.function,
    )


# ---- what is body and what is head ---------------------------------------------------------------


@dataclass(frozen=True)
class _Piece:
    """A part before it is measured: which modules it is made of."""

    name: str
    role: str
    paths: list[str]
    shell: str | None = None  # the one of them whose children are the blocks


_Plan = list[_Piece]


_TRUNKS = ("body", "backbone", "trunk", "encoder")


def _plan(model: nn.Module, root: _Call, cut: Cut | None) -> _Plan:
    children = {name: child for name, child in model.named_children()}
    names = list(children)
    if cut is not None:
        kept, gone = _divide(model, cut)
        return [_Piece("body", "body", kept), _Piece("removed", "removed", gone)]
    with_params = [n for n in names if any(True for _ in children[n].parameters())]
    if isinstance(model, nn.Sequential):
        if len(names) == 2 and names[1] in with_params and not _is_leaf(children[names[0]]):
            return _with_heads(model, root, names[:1], names[1:])
        return [_Piece("", "whole", [""])]
    trunk = [n for n in names if n in _TRUNKS][:1]
    rest = [n for n in with_params if n not in trunk]
    heads = [n for n in rest if "head" in n.lower()] or rest if trunk else _forked(root)
    if heads and len(heads) < len(names):
        return _with_heads(model, root, [n for n in names if n not in heads], heads)
    return [_Piece("", "whole", [""])]


def _with_heads(model: nn.Module, root: _Call, body: list[str], heads: list[str]) -> _Plan:
    """Body and heads; a single head that forks inside is several."""
    body = list(body)
    shell = next((n for n in body if n in _TRUNKS), body[0] if len(body) == 1 else None)
    if len(heads) > 1:
        return [_Piece("body", "body", body, shell), *(_Piece(n, "head", [n], n) for n in heads)]
    path = heads[0]
    call = next((c for c in root.calls if c.path == path and not c.function), None)
    while call and not call.leaf:
        forked = _forked(call)
        if forked:
            module = model.get_submodule(call.path)
            inside = [f"{call.path}.{n}" for n, _ in module.named_children()]
            body += [p for p in inside if p not in forked]
            names = [(p.removeprefix(path + "."), p) for p in forked]
            return [
                _Piece("body", "body", body, shell),
                *(_Piece(name, "head", [p], p) for name, p in names),
            ]
        inner = [c for c in call.calls if not c.function]
        call = inner[0] if len(inner) == 1 else None
    return [_Piece("body", "body", body, shell), _Piece("head", "head", [path], path)]


def _forked(call: _Call) -> list[str]:
    """The children that get one and the same tensor, where several results come out."""
    if len(call.shapes) < 2:
        return []
    first = next((c.fork for c in call.calls if c.fork), None)
    paths = [c.path for c in call.calls if first and (c.path == first or c.fork == first)]
    return list(dict.fromkeys(paths))


def _divide(model: nn.Module, cut: Cut) -> tuple[list[str], list[str]]:
    names = [name for name, _ in model.named_children()]
    found = cut(model) if callable(cut) else cut
    if isinstance(found, int):
        return names[:found], names[found:]
    if not isinstance(found, nn.Module):
        raise TypeError(f"cut is a number or a function that returns the body, not {found!r}")
    keep = {id(m) for m in found.modules()}
    kept: list[str] = []
    gone: list[str] = []

    def walk(module: nn.Module, path: str) -> None:
        leaves = [m for m in module.modules() if _is_leaf(m)]
        inside = [id(m) in keep for m in leaves]
        if all(inside) or not any(inside):
            (kept if all(inside) else gone).append(path)
            return
        for name, child in module.named_children():
            walk(child, f"{path}.{name}" if path else name)

    for name, child in model.named_children():
        walk(child, name)
    return kept, gone


def _under(path: str, prefix: str) -> bool:
    return not prefix or path == prefix or path.startswith(prefix + ".")


def _owner(call: _Call, plan: _Plan) -> str:
    """The part a call belongs to, by its path; "" for what happens between the parts."""
    mine = (p.name for p in plan if any(_under(call.path, path) for path in p.paths))
    return next(mine, "")


def _parts(seen: _Seen, plan: _Plan, depth: int) -> Iterator[Part]:
    sizes = _Sizes()
    gathered = _gather(seen.root, plan)
    for piece in plan:
        calls = gathered[piece.name]
        params, trainable = sizes.add(seen.module(path) for path in piece.paths)
        layers = sum(leaf.ran and not leaf.function for call in calls for leaf in _leaf_calls(call))
        blocks = _blocks(calls, piece, depth)
        yield Part(piece.name, piece.role, blocks, layers, params, trainable)


def _gather(root: _Call, plan: _Plan) -> dict[str, list[_Call]]:
    """The calls of each part, as whole as possible."""
    whole = {path for piece in plan for path in piece.paths}
    if whole == {""}:
        return {plan[0].name: _unfold(root)}
    flat: list[_Call] = []

    def walk(call: _Call) -> None:
        for inner in call.calls:
            mixed = not inner.leaf and not any(_under(inner.path, p) for p in whole)
            if mixed and any(_under(p, inner.path) for p in whole):
                walk(inner)
            else:
                flat.append(inner)

    walk(root)
    roles = {piece.name: piece.role for piece in plan}
    several = sum(role == "head" for role in roles.values()) > 1
    gathered: dict[str, list[_Call]] = {name: [] for name in roles}
    before = next(iter(roles))
    for i, call in enumerate(flat):
        part = _owner(call, plan) if not call.function else ""
        if not part:
            later = next((_owner(c, plan) for c in flat[i:] if not c.function), "")
            shared = several and roles[before] == "body"
            part = before if shared or not later or roles[before] == "head" else later
        gathered[part].append(call)
        before = part
    return gathered


# ---- from calls to boxes -------------------------------------------------------------------------


def _blocks(calls: list[_Call], piece: _Piece, depth: int) -> tuple[Block, ...]:
    base = f"{piece.shell}." if piece.shell else ""
    calls = [c for call in calls for c in (_unfold(call) if call.path == piece.shell else [call])]
    if piece.role in ("head", "removed"):
        calls = [c for call in calls for c in _unchained(call)]
        groups = _middle_left_out([[c] for c in calls], MOST_HEAD_LAYERS)
    else:
        most = MOST_BLOCKS + (4 if piece.role == "whole" else 0)
        calls = _open_the_giant(calls)
        for _ in range(depth - 1):
            calls = [c for call in calls for c in _unfold(call)]
        groups = _groups(calls, _alike)
        if len(groups) > most:
            groups = _groups(calls, lambda c: tuple(s[2:] for s in c.shapes))
        groups = _middle_left_out(groups, most)
    return tuple(_block(group, base) for group in groups)


def _unfold(call: _Call) -> list[_Call]:
    if not call.leaf and call.calls:
        return call.calls
    return [call]


def _unchained(call: _Call) -> list[_Call]:
    if call.chain and call.calls:
        return [c for inner in call.calls for c in _unchained(inner)]
    return [call]


def _open_the_giant(calls: list[_Call]) -> list[_Call]:
    """A block that holds most of the layers (`features`) is opened: its insides are the story."""
    while True:
        sizes = [sum(1 for _ in _leaf_calls(c)) for c in calls]
        giant = next((c for c, n in zip(calls, sizes, strict=True) if 2 * n > sum(sizes)), None)
        if giant is None or not giant.chain or len(giant.calls) < 2:
            return calls
        at = calls.index(giant)
        calls = [*calls[:at], *giant.calls, *calls[at + 1 :]]


def _alike(call: _Call) -> Any:
    """Neighbours with the same answer share a box."""
    if call.shapes and not any(len(shape) > 2 for shape in call.shapes):
        return id(call)  # after Flatten every layer counts
    return (call.leaf, call.shapes, None if call.leaf else id(call) if call.chain else call.kind)


def _groups(calls: list[_Call], key: Callable[[_Call], Any]) -> list[list[_Call]]:
    groups: list[list[_Call]] = []
    for call in calls:
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and key(call) == key(last)
            and not (call.function or last.function or call.failed or last.failed)
            and (call.shapes or "Pool" not in call.kind + last.kind)
        ):
            groups[-1].append(call)
        else:
            groups.append([call])
    return groups


def _middle_left_out(groups: list[list[_Call]], most: int) -> list[list[_Call]]:
    if len(groups) <= most:
        return groups
    first = (most - 1) // 2
    last = most - 1 - first
    middle = [call for group in groups[first:-last] for call in group]
    return [*groups[:first], middle, *groups[-last:]]


def _block(group: list[_Call], base: str) -> Block:
    leaves = [leaf for call in group for leaf in _leaf_calls(call)]
    every = [c for call in group for c in _all_calls(call)]
    return Block(
        name="" if group[0].function else _span(group[0].path, group[-1].path, base),
        text=_contents(group),
        shapes=group[-1].shapes,
        layers=sum(not leaf.function for leaf in leaves),
        params=sum(c.params for c in every),
        trainable=sum(c.trainable for c in every),
        function=group[0].function and len(group) == 1,
        failed=any(c.failed for c in group),
    )


def _all_calls(call: _Call) -> Iterator[_Call]:
    yield call
    for inner in call.calls:
        yield from _all_calls(inner)


def _span(first: str, last: str, base: str) -> str:
    first, last = first.removeprefix(base), last.removeprefix(base)
    if first == last:
        return first
    stem, dot, tail = first.rpartition(".")
    if stem == last.rpartition(".")[0] and tail.isdigit():
        return f"{stem}{dot}{tail}–{last.rpartition('.')[2]}"
    return f"{first} … {last.rpartition('.')[2] if last.rpartition('.')[0] == stem else last}"


def _contents(group: list[_Call]) -> str:
    if len(group) == 1:
        call = group[0]
        if call.chain and call.calls:
            return _contents(call.calls) if len(call.calls) > 1 else call.calls[0].text
        return call.text
    kinds = [_contents([c]) if c.kind == "Sequential" else _short(c) for c in group]
    for period in range(1, len(kinds)):
        times, rest = divmod(len(kinds), period)
        if not rest and kinds == kinds[:period] * times:
            inner = ", ".join(kinds[:period])
            if period <= 3:
                return f"{times} × {inner}" if period == 1 else f"{times} × ({inner})"
    if len(kinds) > 4:
        return f"{kinds[0]} … {kinds[-1]} ({len(kinds)} layers)"
    return ", ".join(kinds)


def _short(call: _Call) -> str:
    return f"{call.kind}()" if call.function else call.kind.strip("_")


def describe(module: nn.Module) -> str:
    """A layer in a few words: 'Linear 512 → 10'."""
    kind = type(module).__name__
    if isinstance(module, nn.Linear) and not is_lazy(module.weight):
        return f"{kind} {module.in_features} → {module.out_features}"
    if isinstance(module, nn.modules.conv._ConvNd) and not is_lazy(module.weight):
        size = "×".join(map(str, module.kernel_size))
        return f"{kind} {module.in_channels} → {module.out_channels}, {size}"
    if isinstance(module, nn.modules.dropout._DropoutNd):
        return f"{kind} {module.p:g}"
    return kind.strip("_")
