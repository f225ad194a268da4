"""What the code of a cell defines, by its text alone."""

from __future__ import annotations

import ast
import re

MAX_SOURCE = 200_000  # characters of a cell that is looked into

# A line that is none of Python's: `%time f()`, `!ls`, `files = !ls`.
_MAGIC = re.compile(r"(?m)^([ \t]*+)(?:[\w.,* ]++=[ \t]*+)?[%!].*$")


def python(source: str) -> ast.Module | None:
    # Not IPython's own transformer: it takes minutes for a long cell with hundreds of magics, and
    # this runs in the grader itself.
    if len(source) > MAX_SOURCE or source.lstrip().startswith("%%"):
        return None
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parses(source: str) -> bool:
    return python(source) is not None


def defines(source: str, name: str) -> bool:
    return name in source and name in names(source)  # parsing is slow, looking is not


def names(source: str) -> set[str]:
    """The names that a cell defines at its top level."""
    tree = python(source)
    if tree is None:
        return set(re.findall(r"^(?:def|class)\s+(\w+)", source, re.MULTILINE))
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return names
