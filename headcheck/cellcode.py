"""The one reading of a cell's code: which global names it binds, and which it reads.

By its text alone; nothing is run. Everybody who asks what a cell defines asks here: repair, demos,
the build's checks, the checker. Jupyter's magics are read as what they do to names.

Both answers are generous, because both are used to keep something: a name counts as bound when some
branch binds it, and as read when some function mentions it. Where the text does not tell (it is no
Python, or reaches names by `eval` and the like), every word counts as read.
"""

from __future__ import annotations

import ast
import re
import symtable
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from headcheck.cellflow import found_by

MAX_SOURCE = 200_000  # characters of a cell that is looked into
BY_OTHER_WAYS = frozenset({"eval", "exec", "globals", "locals", "vars", "get_ipython"})

# Cell magics whose body is Python that runs among the notebook's names, and those that only look.
_RUN_BODY = frozenset({"time", "capture", "prun", "timeit"})
# `files = !ls`, `a, b = %magic`, `%time x = f()`, `!ls`; possessive, so that no line takes long.
_MAGIC = re.compile(r"([ \t]*+)((?:[\w.,* \t()\[\]]++=[ \t]*+)?)([%!])(.*)")
_TIMED = re.compile(r"(?:time|prun)[ \t]++(?!-)(.+)")
_HELP = re.compile(r"[ \t]*+\?{0,2}[\w.*%]++\?{0,2}[ \t]*+")
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class CellCode:
    """What one cell does with global names. `tree` is None when its text is no Python.

    `ever_binds`: also what is gone again at its end. `needs`: of what it reads, the names that it may
    read as another cell has left them (`cellflow`). The tree is shared: not to be changed.
    """

    binds: frozenset[str]
    ever_binds: frozenset[str]
    reads: frozenset[str]
    needs: frozenset[str]
    tree: ast.Module | None


@lru_cache(
    maxsize=512
)  # asked for what it reads and for what it binds, and a class has it in common
def read(source: str) -> CellCode:
    """The reading of one cell. Never raises, whatever the text is."""
    text, tree, spoken = _plain_python(source)
    try:
        table = _table(tree, text) if tree is not None else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        table = None
    if tree is None or table is None:
        seems = _defined_in_pieces(source)
        words = frozenset(_words(source))
        return CellCode(seems, seems, words, words, None)
    reads = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    for inner in _inside(table):
        for symbol in inner.get_symbols():
            # (A class's body that has not bound its own name yet finds the notebook's.)
            outside = symbol.is_global() or (inner.get_type() == "class" and symbol.is_local())
            if outside and symbol.is_referenced():
                reads.add(symbol.get_name())
            if symbol.is_declared_global() and symbol.is_assigned():
                binds.add(symbol.get_name())
    reads |= spoken | _changed_in_place(tree)
    try:
        needs = reads & (spoken | found_by(tree))
    except RecursionError:
        needs = reads
    if reads & BY_OTHER_WAYS:
        needs = reads = reads | _words(source)
    ever = frozenset(binds)
    return CellCode(ever - _gone(tree), ever, frozenset(reads), frozenset(needs), tree)


def binds(source: str) -> frozenset[str]:
    """Global names that a cell binds: assigned, imported, defined, in some branch of it."""
    return read(source).binds


def reads(source: str) -> frozenset[str]:
    """Global names that a cell reads, also inside functions."""
    return read(source).reads


def needs(source: str) -> frozenset[str]:
    """Global names that a cell may read as another cell has left them."""
    return read(source).needs


def unneeded(resting: Sequence[str], running: Iterable[str]) -> set[int]:
    """Places of the cells in `resting` that bind no name which a cell that runs may need.

    A cell that has to run after all may itself need what another one binds.
    """
    places = set(range(len(resting)))
    wanted = {name for source in running for name in needs(source)}
    while woken := {place for place in places if wanted & binds(resting[place])}:
        wanted |= {name for place in woken for name in needs(resting[place])}
        places -= woken
    return places


def python(source: str) -> ast.Module | None:
    """The cell as Python, magics replaced and lines kept; None when it is none, or very long."""
    return read(source).tree


def as_python(source: str) -> ast.Module | None:
    """The same for a cell that is to run, whatever its names are (which take longer to look for)."""
    return _plain_python(source)[1]


def parses(source: str) -> bool:
    """Whether the cell is Python (with magics)."""
    return read(source).tree is not None


def defines(source: str, name: str) -> bool:
    """Whether the cell binds this name."""
    return name in source and name in binds(source)  # parsing is slow, looking is not


# ---- magics --------------------------------------------------------------------------------------


def _plain_python(source: str) -> tuple[str, ast.Module | None, set[str]]:
    """The cell's text without magics, line by line; its tree; and the words that magics speak of."""
    if len(source) > MAX_SOURCE:
        return "", None, set()
    if (tree := _tree(source)) is not None:
        return source, tree, set()
    # Not IPython's own transformer: it takes minutes for a long cell with hundreds of magics, and
    # this runs in the grader itself.
    text, spoken = _without_magics(source)
    return text, _tree(text), spoken


# Python 3.11 counts the depth of a tree for all threads together, and two that parse at a time may make
# it raise SystemError ("AST constructor recursion depth mismatch"); whoever grades has several threads.
_ONE_AT_A_TIME = threading.Lock()


def _parsed(text: str) -> ast.Module:
    with _ONE_AT_A_TIME:
        return ast.parse(text)


def _tree(text: str) -> ast.Module | None:
    try:
        return _parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _without_magics(source: str) -> tuple[str, set[str]]:
    lines, spoken = source.split("\n"), set[str]()
    first = next((n for n, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].startswith("%%"):
        magic, *rest = lines[first][2:].split() or [""]
        if magic not in _RUN_BODY:
            return "", set(_words("\n".join(lines[first:])))
        out = [word for word in rest if word.isidentifier()] if magic == "capture" else []
        lines[first] = "; ".join(f"{name} = None" for name in out) or "pass"
        spoken |= set(_words(" ".join(rest)))
    number = 0
    while number < len(lines):
        found = _MAGIC.fullmatch(lines[number])
        if found is None:
            if _HELP.fullmatch(lines[number]) and "?" in lines[number]:
                spoken |= set(_words(lines[number]))
                lines[number] = "pass"
            number += 1
            continue
        indent, target, sign, text = found.groups()
        while text.endswith("\\") and number + 1 < len(lines):
            lines[number], number = "", number + 1
            text += lines[number]
        timed = _TIMED.fullmatch(text) if sign == "%" and not target else None
        spoken |= set(_words(text)) if timed is None else set()
        lines[number] = indent + (timed[1] if timed else f"{target} None" if target else "pass")
        number += 1
    return "\n".join(lines), spoken


# ---- names ---------------------------------------------------------------------------------------


def _table(tree: ast.Module, text: str) -> symtable.SymbolTable:
    if sys.version_info >= (3, 12) and any(isinstance(n, _COMPREHENSIONS) for n in ast.walk(tree)):
        text = ast.unparse(_AsGenerators().visit(_parsed(text)))
    return symtable.symtable(text, "<cell>", "exec")


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)


class _AsGenerators(ast.NodeTransformer):
    """Comprehensions as generators: from Python 3.12 on only those keep their names for themselves."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)


def _inside(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for inner in table.get_children():
        yield inner
        yield from _inside(inner)


def _changed_in_place(tree: ast.Module) -> set[str]:
    """`x += 1` and `del x` need an x, though Python's own table does not call that reading.

    In a function that x is its own, unless something in the cell says `global x`.
    """
    declared = {n for node in ast.walk(tree) if isinstance(node, ast.Global) for n in node.names}
    found: set[str] = set()
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]  # (no recursion: a cell may be very deep)
    while waiting:
        node, in_function = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            in_function = True
        elif isinstance(node, ast.ClassDef):  # its body finds what is outside of it
            in_function = False
        waiting += [(child, in_function) for child in ast.iter_child_nodes(node)]
        names: list[ast.AST] = []
        if isinstance(node, ast.AugAssign):
            names = [node.target]
        elif isinstance(node, ast.Delete):
            names = [name for target in node.targets for name in ast.walk(target)]
        found |= {
            name.id
            for name in names
            if isinstance(name, ast.Name)
            and not isinstance(name.ctx, ast.Load)
            and (not in_function or name.id in declared)
        }
    return found


def _gone(tree: ast.Module) -> set[str]:
    """Names that are not there afterwards: `del x` at the end, `except E as error`, a bare `x: int`."""
    gone: set[str] = set()
    for number, statement in enumerate(tree.body):
        if isinstance(statement, ast.Delete):
            deleted = {
                n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)
            }
            gone |= {name for name in deleted if not _bound_in(tree.body[number + 1 :], name)}
    passing = {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.name}
    passing |= {
        n.target.id
        for n in ast.walk(tree)
        if isinstance(n, ast.AnnAssign) and n.value is None and isinstance(n.target, ast.Name)
    }
    return gone | {name for name in passing if not _bound_in(tree.body, name)}


def _bound_in(body: Sequence[ast.stmt], name: str) -> bool:
    """Whether these statements bind `name`, anywhere in them, to something that stays."""
    for statement in body:
        bare = {
            id(n.target)
            for n in ast.walk(statement)
            if isinstance(n, ast.AnnAssign) and n.value is None
        }
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
                if id(node) not in bare:
                    return True
            elif (
                getattr(node, "name", None) == name and not isinstance(node, ast.ExceptHandler)
            ) or (isinstance(node, ast.MatchMapping) and node.rest == name):
                return True
            if isinstance(node, ast.alias) and (node.asname or node.name.partition(".")[0]) == name:
                return True
    return False


def _defined_in_pieces(source: str) -> frozenset[str]:
    """What a text that is no Python seems to define."""
    return frozenset(re.findall(r"^(?:async[ ]+)?(?:def|class)\s+(\w+)", source, re.MULTILINE))


def _words(source: str) -> set[str]:
    return set(_WORD.findall(source))
