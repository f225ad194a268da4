"""The course directory: its lessons, its files, its configuration. Light: no nbgrader, no torch."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from headcheck.moved import MOVED

if TYPE_CHECKING:
    from traitlets.config import Config

_HIDDEN_TESTS = "nbgrader.preprocessors.ClearHiddenTests"
CONFIG_FILES = ("nbgrader_config.py", "grader_config.py")


class CourseError(Exception):
    """Something in the course directory keeps us from working: one sentence with the remedy."""

    exit_code = 2  # of a command that ends with it


class UnknownAssignment(CourseError):
    """A name that is no lesson of this course."""


@dataclass(frozen=True)
class Lesson:
    """One assignment: `source/NN-name/NN-name.py` and what is generated from it."""

    course: Course
    name: str
    made: Path | None = None  # its release where that was made aside, and is to be looked at first

    @property
    def folder(self) -> Path:
        return self.course.root / "source" / self.name

    @property
    def text(self) -> Path:
        """The only hand-written form of the lesson."""
        return self.folder / f"{self.name}.py"

    @property
    def notebook(self) -> Path:
        """The instructor's notebook, generated: what nbgrader and formgrader read."""
        return self.folder / f"{self.name}.ipynb"

    @property
    def release_folder(self) -> Path:
        return self.made or self.course.release_root / self.name

    @property
    def release(self) -> Path:
        """The students' notebook, generated."""
        return self.release_folder / f"{self.name}.ipynb"

    def source_files(self) -> list[Path]:
        """The files an instructor wrote (generated notebooks and leftovers are none)."""
        leftovers = {".ipynb_checkpoints", "__pycache__"}
        return sorted(
            path
            for path in self.folder.rglob("*")
            if path.is_file() and path != self.notebook and not leftovers & set(path.parts)
        )

    def read_text(self) -> str:
        try:
            return self.text.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            where = self.text.relative_to(self.course.root)
            raise CourseError(f"{where} is not UTF-8 text ({error}); save it as UTF-8.") from None


@dataclass(frozen=True)
class Course:
    """A course directory, known by its `grader_config.py` and its `source/`."""

    root: Path

    @classmethod
    def open(cls, root: Path) -> Course:
        """The course in `root`; `CourseError` when there is none."""
        root = root.resolve()
        for needed in (*CONFIG_FILES, "source"):
            if not (root / needed).exists():
                raise CourseError(
                    f"{root} is not a course directory ({needed} is missing); "
                    "go there first or name it with --course DIR."
                )
        return cls(root)

    @cached_property
    def config(self) -> Config:
        """nbgrader's configuration of this course, exactly as nbgrader reads it."""
        from traitlets.config import PyFileConfigLoader

        try:
            config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        except Exception as error:
            raise CourseError(
                f"{self.root / 'grader_config.py'} cannot be read: {type(error).__name__}: {error}."
            ) from error
        config.CourseDirectory.root = str(self.root)
        self._names_what_is_there()
        self._keeps_solutions(config)
        return config

    def _keeps_solutions(self, config: Config) -> None:
        """Raises `CourseError` when a release would hold the lessons' texts, or their solutions."""
        ignored = list(config.CourseDirectory.get("ignore", []))
        texts = [p.name for p in (self.root / "source").glob("*/*.py") if p.stem == p.parent.name]
        copied = [name for name in texts if not any(fnmatch(name, each) for each in ignored)]
        steps = config.GenerateAssignment.get("preprocessors", [])
        if not {"headcheck.authoring.stubs.ExerciseStubs", _HIDDEN_TESTS} <= {*map(str, steps)}:
            raise CourseError(
                f"{self.root / 'grader_config.py'} or nbgrader_config.py beside it changes "
                "c.GenerateAssignment.preprocessors so that students would get the solutions or the "
                "hidden tests; take that out, and have nbgrader_config.py as `headcheck init` writes it."
            )
        if copied:
            raise CourseError(
                f"students would get {copied[0]} with all solutions: c.CourseDirectory.ignore in "
                f'{self.root / "grader_config.py"} does not name it; take that line out, or add "{copied[0]}".'
            )

    def _names_what_is_there(self) -> None:
        """Raises `CourseError` when a class is named where it was before the modules moved."""
        for name in CONFIG_FILES:
            text = (self.root / name).read_text(encoding="utf-8", errors="replace")
            for old, new in MOVED.items():
                if f"{old}." in text:
                    raise CourseError(
                        f"{self.root / name} names {old}, which is called {new} now; write that there."
                    )

    @property
    def db_url(self) -> str:
        """Where the gradebook is: SQLite in the course directory unless the configuration says.

        Raises `CourseError` where the path would be another one as an address: behind a `?` stand options,
        and `%20` is a blank. nbgrader makes the same address, so formgrader would look there, too.
        """
        named = self.config.CourseDirectory.get("db_url")
        file = str(self.root / "gradebook.db")
        if not named and ("?" in file or unquote(file) != file):
            raise CourseError(
                f"{self.root} has a ? or a % in it, with which the gradebook would be looked for elsewhere; "
                "rename that folder, or name a database with c.CourseDirectory.db_url in grader_config.py."
            )
        return str(named or f"sqlite:///{file}")

    @property
    def release_root(self) -> Path:
        return self.step_folder("release")

    def step_folder(self, step: str) -> Path:
        """Where nbgrader's configuration puts `source`, `release`, `submitted`, `autograded` or `feedback`."""
        return self.root / str(self.config.CourseDirectory.get(f"{step}_directory", step))

    def share(self) -> None:
        """What this process makes from now on is the group's to write, too, where the course is
        shared by a group (nbgrader's `c.CourseDirectory.groupshared`)."""
        if self.config.CourseDirectory.get("groupshared", False):
            os.umask(0o002)

    @property
    def private(self) -> Path:
        """Stamps and temporary files of ours; may be deleted at any time."""
        return self.root / ".headcheck"

    def lessons(self) -> list[Lesson]:
        """All lessons, in order of their names."""
        folders = sorted(path.parent for path in (self.root / "source").glob("*/*.ipynb"))
        for folder in folders:
            if (folder / f"{folder.name}.ipynb").exists():
                self._needs_text(folder)
        names = sorted(
            path.stem
            for path in (self.root / "source").glob("*/*.py")
            if path.stem == path.parent.name
        )
        return [Lesson(self, name) for name in names]

    def _needs_text(self, folder: Path) -> None:
        if not (folder / f"{folder.name}.py").exists():
            raise CourseError(
                f"source/{folder.name} has a notebook but no {folder.name}.py, the text it is made "
                f"from; make one with `jupytext --to py:percent {folder.name}.ipynb` or remove the "
                "folder."
            )

    def select(self, names: Sequence[str] = ()) -> list[Lesson]:
        """The named lessons (all when none is named); `UnknownAssignment` lists the known ones."""
        known = {lesson.name: lesson for lesson in self.lessons()}
        if not known:
            raise CourseError(f"{self.root / 'source'} holds no lesson (NN-name/NN-name.py).")
        wanted = [name.strip("/").removeprefix("source/") for name in names]
        for name in wanted:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
                near += [lesson for lesson in known if name and lesson.startswith(name)]
                hint = f"; did you mean {near[-1]}?" if near else "."
                raise UnknownAssignment(
                    f"there is no assignment {name!r} in {self.root / 'source'}{hint} "
                    f"Known: {', '.join(known)}."
                )
        return [known[name] for name in dict.fromkeys(wanted)] or list(known.values())
