"""Tests that `make test` runs again only when something they depend on has changed: two rooms of them.

Those of the engine start no command line and read no course: what they find is told by what they and
the sandbox import, by the libraries and by this machine. Those of authoring build, bundle and try out
lessons: they depend on the lessons, too, and on all of headcheck but the desk, which authoring does
not know (import-linter holds that).

A file all of whose tests have passed is kept under a key of these in pytest's cache, as the marks of
the corpus are (`kept.py`). A clean clone has no such cache, `make clean` removes it, and `pytest FILE`
and `make test-all` run everything.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hours import WITH_A_CHANGE

from headcheck import versions
from headcheck.course.files import digest

TESTS = Path(__file__).parent
# What of each file's name stands behind `test_`, and what it reads beside modules.
ENGINE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("jail", "forkserver", "isolated", "inherited_memory", "fidelity"), ()),
    **dict.fromkeys(("remote", "wire", "replay", "outputs", "fuzz_modules", "words"), ()),
    **dict.fromkeys(("expect", "more_expects", "anatomy", "checking", "same_build", "measure"), ()),
    "kinds": ("docs/authoring.md",),
    "architectures": ("source/06-assembly/06-assembly.py",),
}
AUTHORING: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("build", "audit"), ()),
    "bundle": ("docs", "README.md"),
    "book": ("docs", "README.md"),
    "own_course": ("examples",),
    "draws": ("headcheck/desk", "tests/class", "tests/mutants", "tests/variants"),  # it grades, too
}
OF_AUTHORING = (
    "headcheck",
    "source",
    "notebooks",
    "student",
    "environment.yml",
    "requirements.txt",
)
OF_AUTHORING += ("grader_config.py", "nbgrader_config.py")
THE_DESK = "headcheck/desk"
_IMPORT = re.compile(
    r"^[ \t]*(?:from|import)[ \t]+([\w.]+)(?:[ \t]+import[ \t]+(.*))?", re.MULTILINE
)
_NAME = re.compile(r"\w+")


def is_used() -> bool:
    """`make test` says so: who names files wants them run."""
    return WITH_A_CHANGE


def key_of(test: Path) -> str:
    """Changes with what may change what a file of `ENGINE` or `AUTHORING` finds."""
    files, modules = _closure(test)
    files |= versions.code_of(*modules)
    name = test.stem.removeprefix("test_")
    beside = (*ENGINE.get(name, ()), *AUTHORING.get(name, ()), "constraints.txt", "pyproject.toml")
    if name in AUTHORING:
        files |= _files(*OF_AUTHORING) - _files(THE_DESK)
    files |= _files(*beside)
    machine = (sys.version, platform.release(), os.geteuid(), shutil.which("newuidmap"))
    parts = (part for path in sorted(files) for part in (str(path), path.read_bytes()))
    return digest([repr(machine), versions.verdict(), *parts])[:24]


@cache
def _files(*names: str) -> frozenset[Path]:
    """These, and what lies in those that are folders."""
    root = TESTS.parent
    return frozenset(
        path
        for name in names
        for path in ((root / name).rglob("*") if (root / name).is_dir() else [root / name])
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & {*path.parts}
    )


def _closure(test: Path) -> tuple[set[Path], set[str]]:
    """The files in `tests/` that this one consists of, and the modules of headcheck they name."""
    files: set[Path] = set()
    modules: set[str] = set()
    waiting = [test, TESTS / "conftest.py", TESTS / "unchanged.py"]
    while waiting:
        path = waiting.pop()
        if path in files or not path.is_file():
            continue
        files.add(path)
        for module, names in _imports(path):
            if module.partition(".")[0] == "headcheck":
                modules |= {module, *(f"{module}.{name}" for name in names)}
            else:
                waiting.append(TESTS / f"{module}.py")
    return files, {module for module in modules if _is_module(module)}


def _is_module(name: str) -> bool:
    """Not something that a module holds."""
    try:
        return bool(versions.code_of(name))
    except LookupError:
        return False


def _imports(path: Path) -> Iterator[tuple[str, list[str]]]:
    for module, names in _IMPORT.findall(path.read_text(encoding="utf-8")):
        yield module, _NAME.findall(names)


class Unchanged:
    """Leaves out what passed with this key before; remembers which files pass now.

    A plugin of each process that runs tests: with `--dist loadfile` a file is run by one of them.
    """

    def __init__(self, config: pytest.Config) -> None:
        assert config.cache is not None
        self.passed_before = Path(config.cache.mkdir("engine"))
        rooms = (TESTS / f"test_{name}.py" for name in (*ENGINE, *AUTHORING))
        self.keys = {path: key_of(path) for path in rooms}
        self.left_out = {path for path in self.keys if self._place(path).exists()}
        self.not_yet: dict[Path, set[str]] = defaultdict(set)  # tests that have not passed
        self.here: set[Path] = set()

    def _place(self, path: Path) -> Path:
        return self.passed_before / f"{path.stem}.{self.keys[path]}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        left_out = [item for item in items if item.path in self.left_out]
        items[:] = [item for item in items if item.path not in self.left_out]
        for item in items:
            self.not_yet[item.path].add(item.nodeid)
        self.here = {*self.not_yet} & {*self.keys}
        if left_out:
            config.hook.pytest_deselected(items=left_out)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        path = TESTS.parent / report.nodeid.partition("::")[0]
        if report.when == "call" and report.outcome == "passed":
            self.not_yet[path].discard(report.nodeid)
        elif report.outcome != "passed":
            self.not_yet[path].add(f"{report.nodeid}: {report.outcome}")

    def pytest_sessionfinish(self) -> None:
        versions.verdict.cache_clear()
        _files.cache_clear()
        for path in self.here:
            # (Nor is kept what was edited while it ran.)
            if not self.not_yet[path] and key_of(path) == self.keys[path]:
                for old in self.passed_before.glob(f"{path.stem}.*"):
                    old.unlink(missing_ok=True)
                self._place(path).touch()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        names = ", ".join(sorted(path.stem for path in self.left_out))
        if names:
            terminalreporter.write_line(
                f"Not run again, because nothing they depend on has changed since they passed: {names} "
                f"(in {self.passed_before}; `make clean`, or `make test-all`, and they run)"
            )
