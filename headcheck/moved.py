"""Modules that a course's grader_config.py names and that stand elsewhere now: one clear error."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec

MOVED = {
    "headcheck.stubs": "headcheck.authoring.stubs",
    "headcheck.grading.preprocessor": "headcheck.grading.nbgrader_steps",
}


class _Moved(MetaPathFinder):
    """Asked last, so only for what nobody found."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name in MOVED:
            raise ModuleNotFoundError(
                f"{name} is called {MOVED[name]} now: write that in grader_config.py", name=name
            )
        return None


def tell() -> None:
    """From now on, importing one of them says where it went."""
    if not any(isinstance(finder, _Moved) for finder in sys.meta_path):
        sys.meta_path.append(_Moved())
