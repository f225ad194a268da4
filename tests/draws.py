"""The verdict of every check on a sample, over many draws of the secret sizes.

A grading draws its sizes once. This runs the check cells of one sample many times, with another
seed each time: setup cells, answers and checks in one process, forked from a warm one, without the
jail. So twenty draws cost little more than one grading. Only for samples of our own.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import multiprocessing
import os
import random
import signal
import sys
import types
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

# As in `headcheck.cli`: a second.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# ruff: noqa: E402

import nbformat
from nbformat import NotebookNode

from headcheck import cellcode
from headcheck.authoring.release import reference
from headcheck.authoring.samples import Sample, compose
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import Course, Lesson

CELL_SECONDS = 15  # of processor time: some mutants have no end
Said = dict[str, tuple[str | None, ...]]  # check -> None or why it failed, draw by draw
Verdicts = dict[str, tuple[bool, ...]]  # check -> passed or not, draw by draw


@dataclass(frozen=True)
class Unsteady:
    """A check that gave one sample different verdicts."""

    sample: str
    check: str
    passed: int
    draws: int

    def __str__(self) -> str:
        return f"{self.sample}: {self.check} passed in {self.passed} of {self.draws} draws"


def unsteady(sample: str, verdicts: Verdicts) -> Iterator[Unsteady]:
    """The checks whose verdict on this sample depends on the draw."""
    for check, passed in verdicts.items():
        if len(set(passed)) > 1:
            yield Unsteady(sample, check, sum(passed), len(passed))


def verdicts_of(
    samples: Iterable[Sample],
    course: Course,
    seeds: Sequence[int],
    processes: int = 1,
    *,
    only_concerned: bool = False,
) -> Iterator[tuple[Sample, Verdicts]]:
    """Each sample with its verdicts, in order; see `said_of`."""
    for sample, said in said_of(samples, course, seeds, processes, only_concerned=only_concerned):
        yield sample, {check: tuple(text is None for text in each) for check, each in said.items()}


def said_of(
    samples: Iterable[Sample],
    course: Course,
    seeds: Sequence[int],
    processes: int = 1,
    *,
    only_concerned: bool = False,
) -> Iterator[tuple[Sample, Said]]:
    """Each sample with what its checks say, in order; `only_concerned`: those that can tell
    it from the reference (`concerned`).

    Every sample has a process of its own, forked from one in which its lesson's setup has run. So
    samples of one lesson should stand together.
    """
    for lesson, together in groupby(samples, key=lambda sample: sample.lesson):
        mine = list(together)
        _warm(course.select([lesson])[0])
        compose(mine[0], course)  # the lesson is read once for all
        gc.collect()
        gc.freeze()  # else each process would copy all of this one, looking for garbage
        work = [(sample, course, tuple(seeds), only_concerned) for sample in mine]
        with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=1) as pool:
            yield from zip(mine, pool.imap(_said, work, chunksize=1), strict=True)
        gc.unfreeze()


_main = types.ModuleType("__main__")  # the lesson's names, as its setup cells have made them
_cells: list[NotebookNode] = []  # those of its reference
_checks: dict[str, str] = {}  # its check cells, hidden tests included


def _warm(lesson: Lesson) -> None:
    """Run the setup cells, and the reference once: what a lesson keeps for later is there then."""
    import matplotlib as mpl
    import torch

    mpl.use("agg")
    torch.set_num_threads(1)
    names = vars(_main)
    names.clear()
    names["__name__"] = "__main__"
    cells = reference(lesson).cells
    _checks.clear()
    _checks.update((grade_id_of(c) or "", c.source) for c in cells if role_of(c) == "check")
    _cells[:] = cells
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for cell in cells:
            if role_of(cell) == "setup":
                _run(cell.source, names, "warm", 0)
        of_setup = dict(names)
        for cell in cells:
            if role_of(cell) in ("answer", "check"):
                _run(cell.source, names, "warm", 0)
    names.clear()
    names.update(of_setup)


def concerned(sample: Sample, cells: Iterable[NotebookNode]) -> set[str]:
    """The checks that read what the sample writes, or what reads it, and so on.

    Any other says what it says of the reference. All of them when the sample is more than answers.
    """
    code = {grade_id_of(cell) or "": cell for cell in cells if cell.cell_type == "code"}
    checks = {name for name, cell in code.items() if role_of(cell) == "check"}
    own = dict(sample.cells)
    if sample.base != "reference" or not all(
        title in code and role_of(code[title]) == "answer" for title in own
    ):
        return checks
    others = {n: c.source for n, c in code.items() if role_of(c) in ("setup", "answer")} | own
    touched = {
        name
        for title in own
        for source in (own[title], code[title].source)
        for name in cellcode.read(source).ever_binds
    }
    while True:
        more = {
            name
            for source in others.values()
            if cellcode.reads(source) & touched
            for name in cellcode.read(source).ever_binds
        }
        if more <= touched:
            return {name for name in checks if cellcode.reads(code[name].source) & touched}
        touched |= more


def _said(work: tuple[Sample, Course, Sequence[int], bool]) -> Said:
    sample, course, seeds, only_concerned = work
    asked = concerned(sample, _cells) if only_concerned else _checks.keys()
    (handed_in,) = (
        nbformat.reads(data.decode(), as_version=4)
        for name, data in compose(sample, course).items()
        if name.endswith(".ipynb")
    )
    sys.modules["__main__"] = _main
    names = vars(_main)
    signal.signal(signal.SIGVTALRM, _too_long)
    found: Said = {}
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for cell in handed_in.cells:
            name = grade_id_of(cell)
            if role_of(cell) == "check" and name:
                if name not in asked:
                    continue
                found[name] = tuple(
                    _run(_checks[name], names, f"{seed}/{name}", seed) for seed in seeds
                )
            elif _runs(cell):
                _run(cell.source, names, name or "", 0)
    return found


def _runs(cell: NotebookNode) -> bool:
    """Answers and a student's own cells; not the lesson's demos, and setup has run."""
    own = cell.cell_type == "code" and cell.id.startswith("student-")
    return own or role_of(cell) == "answer"


def _run(code: str, names: dict[str, Any], purpose: str, seed: int) -> str | None:
    """What a cell that raises says, else None."""
    from headcheck.seed import set_seed

    set_seed(seed)
    _seed_everything(purpose)
    tree = cellcode.python(code)
    signal.setitimer(signal.ITIMER_VIRTUAL, CELL_SECONDS)
    try:
        exec(compile(code if tree is None else tree, f"<{purpose}>", "exec"), names)
    except BaseException as error:
        return str(error) or type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None


def _seed_everything(purpose: str) -> None:
    """As the checker's process does before each check."""
    import numpy as np
    import torch

    number = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:4], "big")
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


def _too_long(signal_number: int, frame: object) -> None:
    raise TimeoutError


def main(folder: Path) -> None:
    """What the checks say of the samples that `names.json` names, in one draw, into `found.json`.

    `folder/course` is a built course.
    """
    from corpus import SAMPLES

    names = json.loads((folder / "names.json").read_text())
    names.sort(key=lambda name: SAMPLES[name].lesson)
    course = Course.open(folder / "course")
    samples = [SAMPLES[name] for name in names]
    told = said_of(samples, course, [1], processes=os.cpu_count() or 1, only_concerned=True)
    found = {
        # `_checks` are those of the lesson that is told of now.
        name: dict.fromkeys(_checks) | {check: each[0] for check, each in said.items()}
        for name, (_, said) in zip(names, told, strict=True)
    }
    (folder / "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
