"""The one place that says what a result depends on: a verdict, a verified lesson, a release.

Told by what is imported, starting from a few named modules, so that a new file counts by itself and
editing the report regrades nobody. A result made with another version is made again.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import headcheck
from headcheck.course.files import digest

_PACKAGE = Path(headcheck.__file__).parent
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(headcheck[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)"
    r"|import[ \t]+([^\n]*\bheadcheck\b[^\n]*))",
    re.MULTILINE,
)
_NAME = re.compile(r"[\w.]+")
_LIBRARIES = ("torch", "torchvision", "fastai", "numpy", "nbgrader", "nbclient", "ipykernel")
# What the two processes of a submission import at run time, by name.
_IN_THE_SANDBOX = (
    "headcheck.inside.warm",
    "headcheck.inside.student.shell",
    "headcheck.inside.checker.run_checks",
    *headcheck.HOME,
)
_MUTANTS = tuple(f"headcheck.authoring.{name}" for name in ("mutate", "kinds", "justified"))


@cache
def verdict() -> str:
    """Changes with what may change a verdict: how a submission is read, run and judged."""
    return _digest(
        (
            "headcheck.grading.submission",
            "headcheck.grading.prepare",
            "headcheck.grading.engines.isolated",
            "headcheck.grading.engines.kernel",
            *_IN_THE_SANDBOX,
        ),
        _LIBRARIES,
    )


@cache
def grid() -> str:
    """Changes with what may change a verdict, or what a worker of a cluster is told and says."""
    return _digest(
        (
            "headcheck.grading.grid.worker",
            "headcheck.grading.submission",
            "headcheck.grading.engines.isolated",
            *_IN_THE_SANDBOX,
        ),
        (*_LIBRARIES, "distributed"),
    )


@cache
def verification() -> str:
    """Changes with what may change whether a lesson, answered and unanswered, runs as it should."""
    return _digest(("headcheck.authoring.verify", *_IN_THE_SANDBOX), _LIBRARIES)


@cache
def trial() -> str:
    """Changes with what may change what the checks say of a mutant (see `authoring.audit`)."""
    return _digest(("headcheck.authoring.trial", *_IN_THE_SANDBOX), _LIBRARIES, but=_MUTANTS)


@cache
def mutants() -> str:
    """Changes with what may change which mutants there are."""
    return _digest(_MUTANTS, ())


@cache
def release() -> str:
    """Changes with what turns a lesson's text into notebooks."""
    return _digest(
        ("headcheck.authoring.release", "headcheck.authoring.stubs"),
        ("nbgrader", "jupytext", "nbformat"),
    )


def _digest(modules: tuple[str, ...], libraries: tuple[str, ...], but: tuple[str, ...] = ()) -> str:
    parts: list[bytes | str] = ["{}.{}".format(*sys.version_info)]
    for path in sorted(code_of(*modules) - {_file(name) for name in but}):
        parts += [path.relative_to(_PACKAGE).as_posix(), path.read_bytes()]
    for name in libraries:
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(f"no {name}")
    return digest(parts)


def code_of(*modules: str) -> set[Path]:
    """The files of this package that these modules consist of: they and all that they import.

    Raises `LookupError` for a module that is not there: after a move nothing may be left out in silence.
    """
    for name in modules:
        if _file(name) is None:
            raise LookupError(f"{name} is no module of headcheck any more; correct versions.py")
    found: set[Path] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        path = _file(name)
        if path is not None and path not in found:
            waiting += [name.rpartition(".")[0]]  # its package runs first
            found.add(path)
            waiting += _imports(path)
    return found


def _file(module: str) -> Path | None:
    if not module:
        return None
    place = _PACKAGE.joinpath(*module.split(".")[1:])
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _imports(path: Path) -> list[str]:
    """Modules of ours that a file imports, anywhere in it, and some names that are none.

    By its lines: to parse all that a verdict depends on took a third of a second of every command.
    """
    found = []
    for module, names, plain in _IMPORT.findall(path.read_bytes().decode()):
        found += [module, *(f"{module}.{name}" for name in _NAME.findall(names))] if module else []
        found += _NAME.findall(plain)
    return found
