"""What a process imports that waits to become a command: all that commands import on their way."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PACKAGES = ("course", "desk", "grading", "authoring", "sandbox")
OTHERS = (
    *("nbgrader.apps", "nbgrader.api", "nbgrader.converters"),
    *("nbgrader.preprocessors", "nbconvert.preprocessors", "nbconvert.exporters"),
    *("IPython", "ipykernel.kernelspec", "jupyter_server.services.contents.manager", "jupytext"),
    *("psutil", "pydantic.type_adapter", "rich.markdown", "rich.traceback"),
    *("sqlalchemy.connectors", "sqlalchemy.dialects.sqlite", "typer.rich_utils", "typer._adapters"),
)


def import_everything(releases: Iterable[Path] = ()) -> None:
    """Import it, and do what a process does once. `releases`: students' notebooks of the course.

    Raises RuntimeError when it could not fork then.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's; each command gets its own environment
    for name in PACKAGES:
        package = importlib.import_module(f"headcheck.{name}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            with suppress(ImportError):  # of something that only some installations have
                importlib.import_module(found.name)
    for name in OTHERS:
        with suppress(ImportError):
            importlib.import_module(name)
    _do_once(releases)
    if "torch" in sys.modules:
        raise RuntimeError("torch was imported, which no command does")
    if (tasks := len(os.listdir("/proc/self/task"))) != 1:
        raise RuntimeError(f"{tasks} threads before the first fork, expected 1")


def _do_once(releases: Iterable[Path]) -> None:
    """What a process keeps after the first time."""
    import nbformat
    from nbformat.v4 import new_notebook

    from headcheck import versions

    for version in (versions.verdict, versions.verification, versions.release):
        version()
    nbformat.validate(new_notebook())  # compiles the schema
    importlib.import_module("headcheck.desk.beforehand").do_once(releases)
