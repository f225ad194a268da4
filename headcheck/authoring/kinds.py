"""What the expressions of an answer are when it runs: tensors, modules, numbers.

`watched` writes a call around each expression of the text; `kinds_of` says what one value is.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import Any

from headcheck.authoring.mutate import solution_lines, where

WATCH = "__headcheck_sees__"


def watched(source: str) -> ast.Module:
    """The cell with every expression of its solution handed to `WATCH(key, value)`, which returns it."""
    tree = ast.parse(source)
    _Watched(solution_lines(source)).visit(tree)
    return ast.fix_missing_locations(tree)


class _Watched(ast.NodeTransformer):
    def __init__(self, lines: set[int]) -> None:
        self.lines = lines

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.JoinedStr | ast.Constant | ast.Lambda):
            return node
        if isinstance(node, ast.FunctionDef):
            node.body = [self.visit(statement) for statement in node.body]  # type: ignore[misc]
            return node
        if isinstance(node, ast.AnnAssign):
            node.value = self.visit(node.value) if node.value else None  # type: ignore[assignment]
            return node
        self.generic_visit(node)
        if not isinstance(node, ast.expr) or node.lineno not in self.lines:
            return node
        if isinstance(node, ast.Starred | ast.Slice | ast.NamedExpr) or not isinstance(
            getattr(node, "ctx", ast.Load()), ast.Load
        ):
            return node
        seen = ast.Call(ast.Name(WATCH, ast.Load()), [ast.Constant(where(node)), node], [])
        return ast.copy_location(seen, node)


def kinds_of(value: object) -> Iterator[str]:
    """The kinds of `mutate` that a value has; none for what no change is known for."""
    torch: Any = sys.modules.get("torch")  # a lesson without it has none of its kinds
    if torch is not None and isinstance(value, torch.Tensor):
        if value.is_floating_point() and not isinstance(value, torch.nn.Parameter):
            yield "tensor" if value.ndim else "scalar"
            if value.requires_grad:
                yield "tracked"
            if value.ndim == 4:
                yield "maps"
    elif torch is not None and isinstance(value, torch.nn.Module):
        yield "module"
        if any(True for _ in value.parameters()):
            yield "learns"
        if isinstance([value, *value.modules()][-1], torch.nn.Linear):
            yield "scores"
    elif isinstance(value, bool):
        yield "bool"
    elif isinstance(value, int | float):
        yield type(value).__name__
    elif isinstance(value, list | tuple) and len(value) > 1:
        yield "list"
