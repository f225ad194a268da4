"""The verdict of every check on a sample, over many draws of the secret sizes.

A grading draws its sizes once. This runs the check cells of one sample many times, with another
seed each time: setup cells, answers and checks in one process, forked from a warm one, without the
jail. So twenty draws cost little more than one grading. Only for samples of our own.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import multiprocessing
import os
import random
import re
import signal
import sys
import types
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from headcheck.authoring.release import reference
from headcheck.authoring.samples import Sample, compose
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import Course, Lesson

CELL_SECONDS = 15  # of processor time: some mutants have no end
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
    samples: Iterable[Sample], course: Course, seeds: Sequence[int], processes: int = 1
) -> Iterator[tuple[Sample, Verdicts]]:
    """Each sample with its verdicts, in order.

    Every sample has a process of its own, forked from one in which its lesson's setup has run. So
    samples of one lesson should stand together.
    """
    for lesson, together in groupby(samples, key=lambda sample: sample.lesson):
        mine = list(together)
        _warm(course.select([lesson])[0])
        work = [(sample, course, tuple(seeds)) for sample in mine]
        with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=1) as pool:
            yield from zip(mine, pool.imap(_verdicts, work, chunksize=1), strict=True)


_main = types.ModuleType("__main__")  # the lesson's names, as its setup cells have made them


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
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for cell in cells:
            if role_of(cell) == "setup":
                _passes(cell.source, names, "warm", 0)
        of_setup = dict(names)
        for cell in cells:
            if role_of(cell) in ("answer", "check"):
                _passes(cell.source, names, "warm", 0)
    names.clear()
    names.update(of_setup)


def _verdicts(work: tuple[Sample, Course, Sequence[int]]) -> Verdicts:
    sample, course, seeds = work
    (handed_in,) = (
        nbformat.reads(data.decode(), as_version=4)
        for name, data in compose(sample, course).items()
        if name.endswith(".ipynb")
    )
    ours = {grade_id_of(cell): cell for cell in reference(course.select([sample.lesson])[0]).cells}
    sys.modules["__main__"] = _main
    names = vars(_main)
    signal.signal(signal.SIGVTALRM, _too_long)
    found: Verdicts = {}
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for cell in handed_in.cells:
            name = grade_id_of(cell)
            if role_of(cell) == "check" and name:
                found[name] = tuple(
                    _passes(ours[name].source, names, f"{seed}/{name}", seed) for seed in seeds
                )
            elif _runs(cell):
                _passes(cell.source, names, name or "", 0)
    return found


def _runs(cell: NotebookNode) -> bool:
    """Answers and a student's own cells; not the lesson's demos, and setup has run."""
    own = cell.cell_type == "code" and cell.id.startswith("student-")
    return own or role_of(cell) == "answer"


def _passes(code: str, names: dict[str, Any], purpose: str, seed: int) -> bool:
    from headcheck.seed import set_seed

    set_seed(seed)
    _seed_everything(purpose)
    signal.setitimer(signal.ITIMER_VIRTUAL, CELL_SECONDS)
    try:
        exec(compile(_python(code), f"<{purpose}>", "exec"), names)
    except BaseException:
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return True


def _python(code: str) -> ast.Module:
    return ast.parse(re.sub(r"(?m)^([^\S\n]*)[%!].*$", r"\1pass", code))


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
    """The verdicts of the samples that `names.json` names, one draw each, into `verdicts.json`.

    `folder/course` is a built course.
    """
    from test_mistakes import SAMPLES

    names = json.loads((folder / "names.json").read_text())
    course = Course.open(folder / "course")
    samples = [SAMPLES[name] for name in names]
    found = {
        name: {check: passed[0] for check, passed in verdicts.items()}
        for name, (_, verdicts) in zip(
            names, verdicts_of(samples, course, [1], processes=os.cpu_count() or 1), strict=True
        )
    }
    (folder / "verdicts.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
