"""Which names a cell may read as it finds them: before it has bound them itself.

`for arch in archs: print(arch)` reads `arch`, but never the one that another cell has left. What a
function reads counts always: it may be called later, when some other cell has bound the name again.

By its text alone, and where that does not tell, a name counts: bound in one branch, in a loop that
may have no turn, in a `with` that may swallow an error, is not bound for certain.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

_LATER = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.GeneratorExp
_AT_ONCE = ast.ListComp | ast.SetComp | ast.DictComp
# Contexts, by the last word of their name, that let every error through.
_LET_THROUGH = {"no_grad", "inference_mode", "enable_grad", "set_grad_enabled", "device"}
_LET_THROUGH |= {"open", "catch_warnings"}


def found_by(tree: ast.Module) -> set[str]:
    """The names of the notebook that the cell may read as it finds them.

    Raises RecursionError for a tree that is very deep.
    """
    found: set[str] = set()
    _block(tree.body, set(), found)
    return found


def _block(body: Sequence[ast.stmt], bound: set[str], found: set[str]) -> set[str]:
    """What is bound for certain after these statements, if they all end; `found` grows."""
    for statement in body:
        bound = _statement(statement, bound, found)
    return bound


def _statement(node: ast.stmt, bound: set[str], found: set[str]) -> set[str]:
    match node:
        case ast.If():
            _reads([node.test], bound, found)
            return _block(node.body, bound, found) & _block(node.orelse, bound, found)
        case ast.For() | ast.AsyncFor():
            _reads([node.iter], bound, found)
            _block(node.body, _targets([node.target], bound, found), found)
            _block(node.orelse, bound, found)
            return bound
        case ast.While():
            _reads([node.test], bound, found)
            _block(node.body, bound, found)
            _block(node.orelse, bound, found)
            return bound
        case ast.With() | ast.AsyncWith():
            inside = bound
            for item in node.items:
                _reads([item.context_expr], inside, found)
                inside = _targets([item.optional_vars] if item.optional_vars else [], inside, found)
            inside = _block(node.body, inside, found)
            return inside if all(map(_lets_through, node.items)) else bound
        case ast.Try() | ast.TryStar():
            return _try(node, bound, found)
        case ast.Match():
            _reads([node.subject], bound, found)
            for case in node.cases:
                # (Names in patterns are bound, those with dots are read.)
                _reads([case.pattern, *([case.guard] if case.guard else [])], bound, found)
                _block(case.body, bound, found)
            return bound
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            _reads([node], bound, found)
            return bound | {node.name}
        case ast.Import() | ast.ImportFrom():
            return bound | {(a.asname or a.name).partition(".")[0] for a in node.names}
        case ast.Assign():
            _reads([node.value], bound, found)
            return _targets(node.targets, bound, found)
        case ast.AnnAssign():
            _reads([node.annotation, *([node.value] if node.value else [])], bound, found)
            if node.value:
                return _targets([node.target], bound, found)
            if not isinstance(node.target, ast.Name):
                _reads([node], bound, found)
            return bound
        case ast.AugAssign():
            if isinstance(node.target, ast.Name):
                found |= {node.target.id} - bound
            _reads([node.value], bound, found)
            return _targets([node.target], bound, found)
        case ast.Delete():
            gone = _names(node.targets, ast.Del)
            found |= gone - bound
            _reads([node], bound, found)
            return bound - gone
        case _:
            _reads([node], bound, found)
            return bound


def _lets_through(item: ast.withitem) -> bool:
    match item.context_expr:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _LET_THROUGH
    return False


def _try(node: ast.Try | ast.TryStar, bound: set[str], found: set[str]) -> set[str]:
    after = _block(node.orelse, _block(node.body, bound, found), found)
    for handler in node.handlers:
        if handler.type:
            _reads([handler.type], bound, found)
        gone = {handler.name} if handler.name else set()
        after &= _block(handler.body, bound | gone, found) - gone
    return after | (_block(node.finalbody, bound, found) - bound)


def _targets(targets: Iterable[ast.expr], bound: set[str], found: set[str]) -> set[str]:
    """After an assignment to these: names are bound, the rest of them is read (`a[i] = 1`)."""
    targets = list(targets)
    _reads(targets, bound, found)
    return bound | _names(targets, ast.Store)


def _names(nodes: Iterable[ast.AST], context: type[ast.expr_context]) -> set[str]:
    """The names in these that are stored, or deleted."""
    return {
        n.id
        for node in nodes
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, context)
    }


def _reads(nodes: Iterable[ast.AST], bound: set[str], found: set[str]) -> None:
    """What these read goes into `found`, unless it is bound."""
    for node in nodes:
        now, later = _read_in(node)
        found |= (now - bound) | later


def _read_in(node: ast.AST) -> tuple[set[str], set[str]]:
    """The names that are read while this is run, and those that something made by it may read later."""
    match node:
        case ast.Name():
            return ({node.id} if isinstance(node.ctx, ast.Load) else set()), set()
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            return _function(node)
        case ast.GeneratorExp():
            first, others = _comprehension(node, [node.elt])
            return first, others
        case ast.ListComp() | ast.SetComp():
            first, others = _comprehension(node, [node.elt])
            return first | others, set()
        case ast.DictComp():
            first, others = _comprehension(node, [node.key, node.value])
            return first | others, set()
        case ast.ClassDef():
            # Its body runs now, but may find its own names or the notebook's: as if later.
            now, later = _all_in([*node.decorator_list, *node.bases, *node.keywords])
            inside, in_methods = _all_in(node.body)
            return now, later | inside | in_methods
        case _:
            return _all_in(ast.iter_child_nodes(node))


def _all_in(nodes: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    now: set[str] = set()
    later: set[str] = set()
    for node in nodes:
        more_now, more_later = _read_in(node)
        now |= more_now
        later |= more_later
    return now, later


def _comprehension(
    node: ast.GeneratorExp | _AT_ONCE, results: list[ast.expr]
) -> tuple[set[str], set[str]]:
    """What the first `in` reads, at once; and what the rest reads that is not its own."""
    first, *others = node.generators
    now, later = _read_in(first.iter)
    inside, deeper = _all_in(
        [*results, *first.ifs, first.target, *others]  # (a target may read: `for a[i] in ...`)
    )
    own = _names((each.target for each in node.generators), ast.Store)
    return now, (inside | deeper) - own | later


def _function(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
) -> tuple[set[str], set[str]]:
    """At once: decorators, defaults, annotations. Later: what is not the function's own."""
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [each for each in (arguments.vararg, arguments.kwarg) if each]
    outside: list[ast.AST] = [*arguments.defaults, *(d for d in arguments.kw_defaults if d)]
    body: list[ast.AST]
    if isinstance(node, ast.Lambda):
        body = [node.body]
    else:
        outside += [*node.decorator_list, *(a.annotation for a in every if a.annotation)]
        outside += [node.returns] if node.returns else []
        body = list(node.body)
    now, later = _all_in(outside)
    inside, deeper = _all_in(body)
    own, declared = _own_names(body)
    own |= {argument.arg for argument in every}
    # `x += 1` and `del x` in it read an x: its own, or one that is declared.
    return now, later | ((inside | deeper) - own) | declared


def _own_names(body: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    """The names that a function's body binds in itself, and those it says are the notebook's."""
    own: set[str] = set()
    declared: set[str] = set()
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Global():
                declared |= {*node.names}
            case ast.Name(ctx=ast.Store()):
                own.add(node.id)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                own.add(node.name)
                continue  # what is in it is its own
            case ast.Import() | ast.ImportFrom():
                own |= {(a.asname or a.name).partition(".")[0] for a in node.names}
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                own.add(name)
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                own.add(name)
            case _ if isinstance(node, _LATER | _AT_ONCE):
                own |= _names(
                    (n for n in ast.walk(node) if isinstance(n, ast.NamedExpr)), ast.Store
                )
                continue
        waiting += ast.iter_child_nodes(node)
    return own - declared, declared
