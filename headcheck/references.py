"""Modules of this package that hold a finished exercise: in grading the checker alone has them.

Where writing a function is the exercise, the one that an answer is compared with must not be one
import away. So the room in which student code runs has a note in place of such a file (see
`sandbox.room`), no process that others are forked from imports it, and the owner sends its text to
each checker process over a line of its own.

On a student's own machine nothing is hidden: they have fastai's source as well.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import headcheck

REFERENCES = ("headcheck.heads.head_spec",)
NOTE = 'raise ImportError("the reference is not here: while grading, only check cells have it")\n'

_PACKAGE = Path(headcheck.__file__).parent


def files() -> list[Path]:
    """Where these modules are on this machine."""
    return [_PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py") for name in REFERENCES]


@cache
def sources() -> dict[str, str]:
    """The text of each, by module name."""
    return {name: path.read_text() for name, path in zip(REFERENCES, files(), strict=True)}


def install(texts: Mapping[str, str]) -> None:
    """Make modules of these texts in this process, as if they had been imported from files."""
    for name, text in texts.items():
        module = types.ModuleType(name)
        sys.modules[name] = module
        exec(compile(text, f"<{name}>", "exec"), vars(module))
        package, _, short = name.rpartition(".")
        setattr(importlib.import_module(package), short, module)
