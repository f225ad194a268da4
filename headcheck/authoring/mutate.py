"""Wrong answers made from the right one: one change each, by the text alone.

Two sorts. What any program may have wrong: a number, a comparison, a branch, an argument, a
statement that is missing. And what students of torch get wrong: a tensor that is detached, a softmax
too many, a layer in eval mode, an option that is ignored. The second sort has to know what an
expression is (a tensor, a module, a number), which only a run can tell: see `kinds`.

Libraries were looked at: mutmut and cosmic-ray have the first sort only, and run a test suite per
mutant from files. Of 123 mutants of theirs our checks let 4 live, of 55 of the second sort 23.
"""

from __future__ import annotations

import ast
import copy
import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Kinds = Mapping[str, Collection[str]]  # where an expression stands -> what it was seen to be
Path = tuple[tuple[str, int | None], ...]  # fields (and places in lists) from the root to a node
_EDGE = re.compile(r"#+\s*(BEGIN|END) SOLUTION")


@dataclass(frozen=True)
class Mutant:
    """A changed answer cell. `line` is that of the original cell in which the change begins."""

    operator: str
    line: int
    code: str

    def diff(self, original: str) -> list[str]:
        """The lines that differ, marked - and +, without context."""
        before, after = normal(original).splitlines(), self.code.splitlines()
        return [
            line for line in difflib.ndiff(before, after) if line[:2] in ("- ", "+ ")
        ]  # (its ? lines and what is equal stay away)


def normal(source: str) -> str:
    """The cell as Python writes it: what mutants are compared with."""
    return ast.unparse(ast.parse(source))


def where(node: ast.expr) -> str:
    """The key of an expression in `Kinds`."""
    return f"{node.lineno}:{node.col_offset}-{node.end_lineno}:{node.end_col_offset}"


def mutants(source: str, kinds: Kinds | None = None) -> list[Mutant]:
    """All mutants of an answer cell, in the order of their lines; no two are the same program.

    Changed are the lines between BEGIN and END SOLUTION (all of them where there is no such line),
    and the defaults of the functions these belong to.
    """
    tree = ast.parse(source)
    lines = solution_lines(source)
    found: dict[str, Mutant] = {ast.unparse(tree): Mutant("", 0, "")}
    asked = _only_asked(tree)
    wraps = _gives_what_runs(tree, kinds or {})
    for path, node in _nodes(tree, (), lines):
        seen = kinds or {} if id(node) not in asked else {}
        for operator, new in _changes(node, seen, lines):
            if operator in _ADDED and not wraps:
                continue
            code = _with(tree, path, new)
            if code is not None and code not in found:
                found[code] = Mutant(operator, _begins(node, lines), code)
    return sorted(list(found.values())[1:], key=lambda mutant: mutant.line)


def _only_asked(tree: ast.Module) -> set[int]:
    """Values that nothing is done with but to ask them a little, or that have operators of their own."""
    found: list[ast.expr] = []
    asking = ("len", "isinstance", "callable", "type", "list", "tuple", "set", "sorted", "range")
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Expr(value=value):
                found.append(value)
            case ast.Compare(left=left):
                found.append(left)
            case ast.For(iter=things) | ast.comprehension(iter=things):
                found.append(things)
            case ast.Call(func=ast.Name(id=name), args=args) if name in asking:
                found += args
    return set(map(id, found))


# A layer more in a module: of no account where all that is given back is a number or a parameter.
_ADDED = {"dropout", "softmax", "log_softmax", "squashed"}


def _gives_what_runs(tree: ast.Module, kinds: Kinds) -> bool:
    given = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return) and n.value is not None]
    given += [part for each in given if isinstance(each, ast.Tuple) for part in each.elts]
    runs = {"module", "tensor", "scalar"}
    return any(runs & set(kinds.get(where(each), ())) for each in given)


def _begins(node: Place, lines: set[int]) -> int:
    """The line of a change; in a function as a whole, the first of the solution."""
    inside = isinstance(node, ast.FunctionDef) and [
        s.lineno for s in node.body if s.lineno in lines
    ]
    return inside[0] if inside else node.lineno


def solution_lines(source: str) -> set[int]:
    """The numbers of the lines that are the reference."""
    inside, kept, any_edge = False, set(), False
    for number, line in enumerate(source.splitlines(), 1):
        edge = _EDGE.search(line)
        if edge:
            inside, any_edge = edge[1] == "BEGIN", True
        elif inside:
            kept.add(number)
    return kept if any_edge else set(range(1, len(source.splitlines()) + 1))


# ---- where ---------------------------------------------------------------------------------------

_SKIPPED = {"annotation", "returns", "decorator_list", "type_params", "exc", "cause", "msg"}
Place = ast.stmt | ast.expr | ast.ExceptHandler


def _nodes(node: ast.AST, path: Path, lines: set[int]) -> Iterator[tuple[Path, Place]]:
    """Statements and expressions of the solution; nothing of annotations, messages, f-strings."""
    holds = isinstance(node, ast.FunctionDef | ast.ClassDef) and _has_lines(node, lines)
    if isinstance(node, ast.stmt | ast.expr | ast.ExceptHandler) and (
        node.lineno in lines or holds
    ):
        yield path, node
    if isinstance(node, ast.JoinedStr):
        return
    for field, value in ast.iter_fields(node):
        if field in _SKIPPED:
            continue
        within = lines
        if holds and isinstance(node, ast.FunctionDef) and field == "args":
            # The signature stands above the solution, and its defaults belong to it.
            within = lines | set(range(node.lineno, node.body[0].lineno))
        if isinstance(value, list):
            for number, child in enumerate(value):
                if isinstance(child, ast.AST) and not _is_docstring(child, node, number):
                    yield from _nodes(child, (*path, (field, number)), within)
        elif isinstance(value, ast.AST):
            yield from _nodes(value, (*path, (field, None)), within)


def _has_lines(node: ast.FunctionDef | ast.ClassDef, lines: set[int]) -> bool:
    return any(statement.lineno in lines for statement in node.body)


def _is_docstring(child: ast.AST, parent: ast.AST, number: int) -> bool:
    return (
        number == 0
        and isinstance(parent, ast.FunctionDef | ast.ClassDef | ast.Module)
        and isinstance(child, ast.Expr)
        and isinstance(child.value, ast.Constant)
        and isinstance(child.value.value, str)
    )


def _with(tree: ast.Module, path: Path, new: ast.AST | list[ast.stmt]) -> str | None:
    """The program with another node (or statements) at that place; None when it is no program."""
    changed = copy.deepcopy(tree)
    parent: Any = changed
    for field, number in path[:-1]:
        parent = getattr(parent, field)
        parent = parent if number is None else parent[number]
    field, number = path[-1]
    if number is None:
        setattr(parent, field, new)
    elif isinstance(new, list):
        body = getattr(parent, field)
        body[number : number + 1] = new
        if not body and field == "body":
            body.append(ast.Pass())
        elif not body and field == "handlers" and not parent.finalbody:
            return None
    else:
        getattr(parent, field)[number] = new
    try:
        code = ast.unparse(ast.fix_missing_locations(changed))
        compile(code, "<mutant>", "exec")
    except (SyntaxError, ValueError, TypeError):
        return None
    return code


# ---- what ----------------------------------------------------------------------------------------

Change = tuple[str, ast.AST | list[ast.stmt]]


def _changes(node: Place, kinds: Kinds, lines: set[int]) -> Iterator[Change]:
    if isinstance(node, ast.ExceptHandler):
        yield "handler dropped", []
    elif isinstance(node, ast.FunctionDef):
        yield from _of_function(node, kinds, lines)
        yield from _in_place(node, kinds, lines)
    elif isinstance(node, ast.stmt):
        yield from _of_statement(node)
    else:
        yield from _of_expression(node)
        yield from _of_kind(node, kinds)


def _expr(template: str, **parts: ast.expr) -> ast.expr:
    """An expression from its text, with these nodes for the names in it."""
    made = ast.parse(template, mode="eval").body
    return _Filled(parts).visit(made)  # type: ignore[no-any-return]


class _Filled(ast.NodeTransformer):
    def __init__(self, parts: Mapping[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.parts[node.id]) if node.id in self.parts else node


def _copy(node: ast.AST, **fields: object) -> Any:
    made = copy.deepcopy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _without(items: Sequence[Any], number: int) -> list[Any]:
    return [*items[:number], *items[number + 1 :]]


# ---- functions -----------------------------------------------------------------------------------


def _of_function(node: ast.FunctionDef, kinds: Kinds, lines: set[int]) -> Iterator[Change]:
    first = next((n for n, s in enumerate(node.body) if s.lineno in lines), None)
    if first is None:
        return
    for number in range(len(node.decorator_list)):
        yield (
            "decorator dropped",
            _copy(node, decorator_list=_without(node.decorator_list, number)),
        )

    def begins(text: str) -> ast.FunctionDef:
        body = [*node.body[:first], *ast.parse(text).body, *node.body[first:]]
        return _copy(node, body=copy.deepcopy(body))  # type: ignore[no-any-return]

    if any("tracked" in kinds.get(where(n), ()) for n in ast.walk(node) if isinstance(n, ast.expr)):
        without_grad: Any = ast.parse("with torch.no_grad():\n    pass").body[0]
        without_grad.body = node.body[first:]
        yield "no_grad", _copy(node, body=[*copy.deepcopy(node.body[:first]), without_grad])
    options = _options(node.args)
    text = ast.unparse(node)
    for name, default in options.items():
        yield "option ignored", begins(f"{name} = {default}")
    for one, usual in options.items():
        is_same = "is" if _is_single(usual) else "=="
        beside = {
            f"not ({one} {is_same} {usual})": "option ignored beside another",
            f"{one} {is_same} {usual}": "option counts only beside another",
        }
        for found in re.findall(rf"callable\({one}\)|isinstance\({one}, [^()]+\)", text):
            beside[found] = "option ignored for a kind of another"
        for condition, operator in beside.items():
            for other, default in options.items():
                if other != one:
                    yield operator, begins(f"if {condition}:\n    {other} = {default}")


_IN_PLACE = ("p.eval()", "p.train()", "p.requires_grad_(False)", "p.requires_grad_(True)")


def _in_place(node: ast.FunctionDef, kinds: Kinds, lines: set[int]) -> Iterator[Change]:
    """A module that was handed in, changed before anything else happens."""
    first = next((n for n, s in enumerate(node.body) if s.lineno in lines), None)
    given = {a.arg for a in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]}
    modules = {
        n.id: None
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and n.id in given and "module" in kinds.get(where(n), ())
    }
    for name in modules if first is not None else ():
        for text in _IN_PLACE:
            change = ast.Expr(_expr(text, p=ast.Name(name, ast.Load())))
            body = [*copy.deepcopy(node.body[:first]), change, *copy.deepcopy(node.body[first:])]
            yield "changed what was handed in", _copy(node, body=body)


def _options(arguments: ast.arguments) -> dict[str, str]:
    """The arguments that have a default, with its text."""
    named = [*arguments.posonlyargs, *arguments.args]
    usual = dict(
        zip(
            [a.arg for a in named[len(named) - len(arguments.defaults) :]],
            arguments.defaults,
            strict=True,
        )
    )
    usual |= {
        a.arg: default
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    }
    return {name: ast.unparse(default) for name, default in usual.items()}


def _is_single(text: str) -> bool:
    return text in ("None", "True", "False") or not re.fullmatch(r"[-\d.'\"].*|\[.*|\(.*", text)


# ---- statements ----------------------------------------------------------------------------------


def _of_statement(node: ast.stmt) -> Iterator[Change]:
    match node:
        case ast.If(orelse=orelse, body=body):
            yield "branch always taken", copy.deepcopy(body)
            yield "branch never taken", copy.deepcopy(orelse) or [ast.Pass()]
        case ast.For(body=body):
            yield "statement dropped", [ast.Pass()]
            for template in ("list(E)[1:]", "list(E)[:-1]"):
                yield "loop over other things", _copy(node, iter=_expr(template, E=node.iter))
            yield "loop ends after one", _copy(node, body=[*copy.deepcopy(body), ast.Break()])
        case ast.While():
            yield "statement dropped", [ast.Pass()]
        case ast.With(body=body):
            yield "with dropped", copy.deepcopy(body)
        case ast.Try(body=body, finalbody=final, handlers=handlers):
            if final:
                yield (
                    "finally dropped",
                    (_copy(node, finalbody=[]) if handlers else copy.deepcopy(body)),
                )
            yield "try dropped", copy.deepcopy([*body, *final])
        case ast.Return(value=value):
            if value is not None:
                yield "return dropped", [ast.Expr(copy.deepcopy(value))]
        case ast.Break():
            yield "break becomes continue", ast.Continue()
        case ast.Continue():
            yield "continue becomes break", ast.Break()
        case ast.AugAssign(target=target, value=value):
            yield "statement dropped", [ast.Pass()]
            yield "assigned instead of added", ast.Assign([target], value)
            if (other := _ARITHMETIC.get(type(node.op))) is not None:
                yield "other operator", _copy(node, op=other())
        case (
            ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.Delete() | ast.Assert() | ast.Raise()
        ):
            yield "statement dropped", [ast.Pass()]


# ---- expressions ---------------------------------------------------------------------------------

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE),
    ast.NotEq: (ast.Eq, ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


def _of_expression(node: ast.expr) -> Iterator[Change]:
    match node:
        case ast.Constant(value=value):
            yield from (("constant", ast.Constant(new)) for new in _other_constants(value))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            for other in _COMPARISONS.get(type(op), ()):
                yield "comparison", _copy(node, ops=[other()])
            if isinstance(right, ast.Constant) and right.value is None:
                yes = isinstance(op, ast.Is | ast.Eq)
                yield (
                    "truth instead of None",
                    _expr("not E" if yes else "bool(E)", E=left),
                )
            yield from _fixed()
        case ast.BoolOp(op=op, values=values):
            yield "and, or", _copy(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
            for number in range(len(values)):
                rest = _without(values, number)
                yield (
                    "condition dropped",
                    copy.deepcopy(rest[0]) if len(rest) == 1 else _copy(node, values=rest),
                )
            yield from _fixed()
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield "sign dropped", copy.deepcopy(operand)
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in _ARITHMETIC:
                yield "other operator", _copy(node, op=_ARITHMETIC[type(op)]())
            yield "operand dropped", copy.deepcopy(left)
            yield "operand dropped", copy.deepcopy(right)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield "branch always taken", copy.deepcopy(body)
            yield "branch never taken", copy.deepcopy(orelse)
            yield "condition turned", _copy(node, test=_expr("not E", E=test))
        case ast.Call():
            yield from _of_call(node)
        case ast.Tuple(elts=elts, ctx=ast.Load()) | ast.List(elts=elts, ctx=ast.Load()):
            for number in range(len(elts)):
                yield "element dropped", _copy(node, elts=_without(elts, number))
            if len(elts) > 1 and not all(isinstance(each, ast.Attribute) for each in elts):
                yield "elements turned round", _copy(node, elts=elts[::-1])
        case ast.Set(elts=elts) if len(elts) > 1:
            for number in range(len(elts)):
                yield "element dropped", _copy(node, elts=_without(elts, number))
        case ast.Dict(keys=keys, values=values):
            for number in range(len(keys)):
                new = _copy(node, keys=_without(keys, number), values=_without(values, number))
                yield "element dropped", new
        case ast.Subscript(value=value, slice=ast.Slice() as part, ctx=ast.Load()):
            yield "slice dropped", copy.deepcopy(value)
            for field in ("lower", "upper", "step"):
                if getattr(part, field) is not None and (
                    part.lower is not None and part.upper is not None
                ):
                    yield "slice shortened", _copy(node, slice=_copy(part, **{field: None}))
            if part.lower is None or part.upper is None:
                turned = _copy(part, lower=part.upper, upper=part.lower)
                yield "other side of the slice", _copy(node, slice=turned)
        case (
            ast.ListComp(generators=generators)
            | ast.GeneratorExp(generators=generators)
            | ast.SetComp(generators=generators)
            | ast.DictComp(generators=generators)
        ):
            for number, each in enumerate(generators):
                for condition in range(len(each.ifs)):
                    new = list(generators)
                    new[number] = _copy(each, ifs=_without(each.ifs, condition))
                    yield "condition dropped", _copy(node, generators=new)
                for template in ("list(E)[1:]", "list(E)[:-1]", "list(E)[::-1]"):
                    new = list(generators)
                    new[number] = _copy(each, iter=_expr(template, E=each.iter))
                    yield "loop over other things", _copy(node, generators=new)
        case ast.Attribute(attr=attribute, value=value):
            if attribute in _OTHER_NAMES:
                yield (
                    "other function",
                    _copy(node, attr=_OTHER_NAMES[attribute]),
                )


def _fixed() -> Iterator[Change]:
    yield "condition fixed", ast.Constant(True)
    yield "condition fixed", ast.Constant(False)


def _other_constants(value: object) -> Iterator[Any]:
    match value:
        case bool():
            yield not value
        case int():
            yield from {value + 1, value - 1, -value, 0} - {value}
        case float():
            yield from {value * 1.1, value / 2, 0.0, 1.0} - {value}
        case str():
            yield from {value[1:], value[:-1], value.upper(), ""} - {value}


# One name taken for a near one. Both ways, so that none has to be looked for.
_TWINS = (
    ("children", "modules"),
    ("named_children", "named_modules"),
    ("parameters", "buffers"),
    ("append", "extend"),
    ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d"),
    ("BatchNorm1d", "LayerNorm"),
    ("cross_entropy", "nll_loss"),
    ("mse_loss", "l1_loss"),
    ("sum", "mean"),
    ("copy_", "add_"),
    ("zeros", "ones"),
    ("zeros_", "ones_"),
    ("train", "eval"),
    ("reshape", "expand"),
    ("ReLU", "Sigmoid"),
    ("cat", "stack"),
    ("min", "max"),
    ("out_channels", "in_channels"),
    ("register_forward_hook", "register_forward_pre_hook"),
)
_OTHER_NAMES = {a: b for a, b in _TWINS} | {b: a for a, b in _TWINS}


def _of_call(node: ast.Call) -> Iterator[Change]:
    for number, argument in enumerate(node.args):
        if ast.unparse(node).endswith(".requires_grad_(True)"):
            break  # which is its default
        yield "argument dropped", _copy(node, args=_without(node.args, number))
        if isinstance(argument, ast.Starred):
            yield (
                "star forgotten",
                _copy(node, args=[*node.args[:number], argument.value, *node.args[number + 1 :]]),
            )
    for number in range(len(node.keywords)):
        yield "argument dropped", _copy(node, keywords=_without(node.keywords, number))
    for number in range(len(node.args) - 1):
        one, two = node.args[number : number + 2]
        swapped = [*node.args[:number], two, one, *node.args[number + 2 :]]
        yield "arguments swapped", _copy(node, args=swapped)
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield "call dropped", copy.deepcopy(node.args[0])
    if isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Call):
        yield "call dropped", copy.deepcopy(node.func.value)


# ---- by what an expression is --------------------------------------------------------------------

_WRONG: dict[str, dict[str, tuple[str, ...]]] = {
    "tracked": {"detached": ("E.detach()",), "made anew": ("torch.tensor(E.tolist())",)},
    "scalar": {"scaled": ("E * 1.1", "E / 2"), "shifted": ("E + 0.01",)},
    "tensor": {
        "scaled": ("E * 1.1", "E / 2"),
        "shifted": ("E + 0.01",),
        "softmax": ("E.softmax(-1)",),
        "log_softmax": ("E.log_softmax(-1)",),
        "squashed": ("E.relu()", "E.sigmoid()"),
        "normed": ("torch.nn.functional.normalize(E, dim=-1)",),
        "dropout": ("torch.nn.functional.dropout(E)",),
        "pictures mixed up": ("E.flip(0)", "E.mean(0, keepdim=True).expand_as(E)"),
        "other axis": ("E.flip(-1)",),
        "other type": ("E.double()",),
    },
    "maps": {
        "averaged over places": ("E.mean((2, 3), keepdim=True).expand_as(E)",),
        "axes swapped": ("E.transpose(2, 3)",),
    },
    "module": {
        "eval": ("E.eval()",),
        "dropout": ("torch.nn.Sequential(E, torch.nn.Dropout(0.1))",),
        "softmax": ("torch.nn.Sequential(E, torch.nn.Softmax(1))",),
        "log_softmax": ("torch.nn.Sequential(E, torch.nn.LogSoftmax(1))",),
    },
    "learns": {"frozen": ("E.requires_grad_(False)",), "other type": ("E.double()",)},
    "scores": {"squashed": ("torch.nn.Sequential(E, torch.nn.ReLU())",)},
    # One that was handed in or made before: of a new one these would change nothing.
    "old": {
        "train": ("E.train()",),
        "copied": ("copy.deepcopy(E)",),
        "made anew": ("E.apply(lambda m: getattr(m, 'reset_parameters', int)())",),
    },
    "list": {
        "shortened": ("E[1:]", "E[:-1]"),
        "turned round": ("E[::-1]",),
        "twice": ("E * 2",),
    },
    "int": {"one more, one less": ("E + 1", "E - 1")},
    "float": {"scaled": ("E * 1.1",)},
    "bool": {"turned": ("not E",)},
}


def _is_class(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr[:1].isupper()


def _of_no_account(node: ast.expr) -> set[str]:
    """Kinds by which to change this expression would change nothing."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="zeros" | "ones")):
            return {"tensor", "maps"}  # the same number everywhere, whichever way it is turned
        case ast.Tuple(elts=elements) if all(map(_is_class, elements)):
            return {"list"}  # for isinstance, in any order and as often as one likes
    return set()


def _of_kind(node: ast.expr, kinds: Kinds) -> Iterator[Change]:
    if isinstance(node, ast.Constant | ast.Starred) or not isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        return
    seen = set(kinds.get(where(node), ())) - _of_no_account(node)
    if "learns" in seen and isinstance(node, ast.Name | ast.Attribute):
        seen.add("old")
    for kind in sorted(seen):
        for operator, templates in _WRONG.get(kind, {}).items():
            for template in templates:
                yield operator, _expr(template, E=node)
        if kind == "method":
            yield (
                "dropout in training",
                _expr("torch.nn.functional.dropout(E, 0.5, self.training)", E=node),
            )
