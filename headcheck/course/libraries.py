"""The libraries that a course's lessons use: `c.Headcheck.libraries` in grader_config.py.

Each is imported once, before anything is graded, and what it holds may be handed to answers by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from headcheck.course.directory import CourseError

if TYPE_CHECKING:
    from traitlets.config import Config

NONE = "none"
USUAL = ("torch", "torchvision", "fastai.vision.all")  # where a course says nothing


def libraries_of(config: Config) -> tuple[str, ...]:
    """What grader_config.py names. Raises `CourseError` for what is no list of modules."""
    given = config.Headcheck.get("libraries", USUAL)
    names = tuple(given) if isinstance(given, list | tuple) else (given,)
    for name in names:
        if not (isinstance(name, str) and all(part.isidentifier() for part in name.split("."))):
            raise CourseError(
                f"grader_config.py, c.Headcheck.libraries: {name!r} is no module; write a list such "
                'as ["numpy", "pandas"], or [] where a course uses none.'
            )
    return names


def named(given: Sequence[str] | None) -> tuple[str, ...]:
    """Those of a command line; `none` is the word for an empty list there. Nothing: the usual ones."""
    if given is None:
        return USUAL
    return tuple(name for name in given if name != NONE)


def options_for(libraries: Sequence[str]) -> str:
    """What a command line says to mean these: the inverse of `named`."""
    if tuple(libraries) == USUAL:
        return ""
    return "".join(f" --library {name}" for name in libraries or [NONE])


def versions_of(libraries: tuple[str, ...]) -> list[str]:
    """Each library with its version: a result depends on it."""
    found = []
    for name in libraries:
        try:
            found.append(f"{name} {version(name.partition('.')[0])}")
        except PackageNotFoundError:  # of Python itself, or called otherwise where it is installed
            found.append(name)
    return found
