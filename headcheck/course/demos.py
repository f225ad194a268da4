"""Demo cells that need not run for a grade: pictures, tables and experiments that are only looked at.

The lesson's author tags such a cell `only-shows`: nothing that is graded depends on what it does.
Running them is most of the work of grading a lesson, and their results are known. One is left out
only when the student left it as it was handed out and no cell that does run reads a name it binds.
So an answer that leans on a demo's name works in grading as it did in the student's Jupyter.
"""

from __future__ import annotations

import ast
import re
import symtable
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from nbformat import NotebookNode
from nbformat.v4 import new_output

from headcheck.course.cells import role_of

ONLY_SHOWS = "only-shows"  # the author's tag
SKIP = "skip-execution"  # nbclient's tag: its execute step passes over such a cell
LAST = "runs-last"  # our tag: shown when everything that counts is over (see `grading.unasked`)
BY_OTHER_WAYS = {"eval", "exec", "globals", "locals", "vars", "get_ipython"}
SAID = "Not run for the grade: this cell only shows something, and it is as it was handed out.\n"


def set_aside(
    notebook: NotebookNode, handed_out: Sequence[NotebookNode], demos: Literal["needed", "all"]
) -> None:
    """Tag the demo cells of a repaired submission that need not run for a grade (in place).

    `handed_out`: the cells as students got them. `demos`: "needed" tags them with `SKIP`, "all"
    with `LAST`.
    """
    tag = SKIP if demos == "needed" else LAST
    given = {_text(cell) for cell in handed_out if only_shows(cell)}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    may_rest = [c for c in code if role_of(c) == "demo" and _text(c) in given]
    runs = [c for c in code if role_of(c) != "check" and not any(c is each for each in may_rest)]
    for cell in without_reader(may_rest, runs):
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), tag]


def only_shows(cell: NotebookNode) -> bool:
    """Whether the author says so."""
    return ONLY_SHOWS in cell.metadata.get("tags", []) and role_of(cell) == "demo"


def is_left_out(cell: NotebookNode) -> bool:
    return SKIP in cell.metadata.get("tags", []) and role_of(cell) == "demo"


def runs_last(cell: NotebookNode) -> bool:
    return LAST in cell.metadata.get("tags", []) and role_of(cell) == "demo"


def say_so(notebook: NotebookNode) -> None:
    """Where outputs would stand, the reason why there are none."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_left_out(cell):
            cell.outputs = [new_output("stream", name="stdout", text=SAID)]


def without_reader(
    may_rest: Sequence[NotebookNode], runs: Sequence[NotebookNode]
) -> list[NotebookNode]:
    """Those of `may_rest` that bind no name which a cell that runs reads."""
    resting, wanted = list(may_rest), {name for cell in runs for name in read_by(cell.source)}
    while True:
        # A demo that has to run may itself read what another one binds.
        woken = [cell for cell in resting if wanted & bound_by(cell.source)]
        if not woken:
            return resting
        wanted |= {name for cell in woken for name in read_by(cell.source)}
        resting = [cell for cell in resting if not any(cell is each for each in woken)]


def read_by(source: str) -> set[str]:
    """Global names that a cell reads. When its text does not tell: every word in it."""
    table = _table(source)
    if table is None:
        return _words(source)
    names = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    for inner in _inside(table):
        names |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced()}
    return names | _words(source) if names & BY_OTHER_WAYS else names


def bound_by(source: str) -> set[str]:
    """Global names that a cell binds: assigned, imported, defined."""
    table = _table(source)
    if table is None:
        return _words(source)
    names = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    for inner in _inside(table):
        names |= {s.get_name() for s in inner.get_symbols() if s.is_declared_global()}
    return names


@lru_cache(
    maxsize=256
)  # asked for what it reads and for what it binds, and a class has it in common
def _table(source: str) -> symtable.SymbolTable | None:
    try:
        if sys.version_info >= (3, 12):
            source = ast.unparse(_AsGenerators().visit(ast.parse(source)))
        return symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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


def _words(source: str) -> set[str]:
    return set(re.findall(r"\w+", source))


def _text(cell: NotebookNode) -> str:
    return "\n".join(line.rstrip() for line in cell.source.strip().splitlines())
