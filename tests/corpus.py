"""The corpus: the sample class, every mutant (one typical mistake each), every variant (a right answer
in another style), and of each lesson the reference and the unanswered release.

`GRADED` go through the real command line, as one class, once for a whole run (`graded_class`): of
the mutants and variants a choice in each lesson, and all that hand in more than a notebook. The others
go through the same check cells in one warm process (`draws.py`), a fraction of the time; of the
capstone's, which train, a choice. `make test` takes a smaller choice and a twelfth of the others, both
in turn (`hours.py`); `make test-all` takes all, and all through the command line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from hours import IN_THE_NIGHT, WITH_A_CHANGE, first_by_hash, part_of
from kept import code_key, earned_what_its_file_says, kept, lesson_key
from real_course import ROOT, copy_of_the_course, headcheck

from headcheck import versions
from headcheck.authoring.release import to_bytes
from headcheck.authoring.samples import Sample, compose, read_folder
from headcheck.course.demos import only_shows
from headcheck.course.directory import Course
from headcheck.course.files import digest

LESSONS = sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())
# Below the course's own limits. What never ends runs into its limit several times: each check that
# calls it, and once more alone.
LIMITS = "\nc.Headcheck.cell_seconds = {}\nc.Headcheck.submission_seconds = 200\n"
SECONDS, SECONDS_OF_THE_ENDLESS = 25, 3


def _samples() -> dict[str, Sample]:
    found = {
        f"{kind}-{sample.student}--{sample.lesson[:2]}": sample
        for kind in ("class", "mutants", "variants")
        for sample in read_folder(ROOT / "tests" / kind)
    }
    for lesson in LESSONS:
        reference = Sample(ROOT, "the reference solution", lesson, loses=())
        found[f"reference--{lesson[:2]}"] = reference
        found[f"release--{lesson[:2]}"] = replace(reference, base="release", loses=None)
    return found


SAMPLES = _samples()


def differs(name: str) -> bool:
    """Whether it is meant to get other marks than nbgrader gives."""
    return "differs" in SAMPLES[name].header


def is_endless(name: str) -> bool:
    """Whether an answer of it never ends (`endless: true` in its header)."""
    return bool(SAMPLES[name].header.get("endless"))


def _turn(lesson: str) -> str:
    """Another one with every change of what tries and is tried."""
    return digest([versions.verdict(), lesson_key(lesson)])


def _chosen() -> Iterator[str]:
    """Of each lesson two mutants, one whose message matters if there is one, and one variant.

    With a change: one mutant and one variant, whose turn it is.
    """
    for lesson in LESSONS:
        mine = [n for n, sample in SAMPLES.items() if sample.lesson == lesson and not differs(n)]
        mutants = [name for name in mine if name.startswith("mutants")]
        saying = [name for name in mutants if "says" in SAMPLES[name].header]
        turn = _turn(lesson) if WITH_A_CHANGE else ""
        first = first_by_hash(saying or mutants, 1, turn)
        yield from first
        if not WITH_A_CHANGE:
            yield from first_by_hash([name for name in mutants if name not in first], 1)
        yield from first_by_hash([n for n in mine if n.startswith("variants")], 1, turn)


SOME = list(_chosen())


def is_plain(name: str) -> bool:
    """A mutant or a variant that hands in its notebook and nothing else, in time, and ends."""
    sample = SAMPLES[name]
    odd = sample.damage or sample.files or sample.folder or sample.earns or sample.late
    odd = odd or differs(name)  # what never ends needs the limits of the real engine
    return name.startswith(("mutants", "variants")) and not odd


PARTS = 12
TRAINS = "09-capstone"  # six heads are trained for each answer to it: half of what all others cost


def _graded() -> list[str]:
    wanted = [name for name in SAMPLES if IN_THE_NIGHT or name in SOME or not is_plain(name)]
    if not WITH_A_CHANGE:
        return wanted
    of_class = [name for name in wanted if name.startswith("class")]
    for lesson in LESSONS:
        mine = [name for name in of_class if SAMPLES[name].lesson == lesson]
        in_turn = first_by_hash(mine, 1 if lesson == TRAINS else -(-len(mine) // 4), _turn(lesson))
        wanted = [name for name in wanted if name not in mine or name in in_turn]
    return wanted


GRADED = _graded()


def _judged(lesson: str) -> list[str]:
    """Of the others of one lesson, those whose turn it is."""
    mine = [n for n in SAMPLES if SAMPLES[n].lesson == lesson and is_plain(n) and n not in GRADED]
    if lesson == TRAINS:  # a fixed number: a part of so few may hold none
        return first_by_hash(mine, 3, _turn(lesson)) if WITH_A_CHANGE else first_by_hash(mine, 16)
    if not WITH_A_CHANGE:
        return mine
    # (A twelfth of a small lesson's may be none.)
    return part_of(mine, PARTS, _turn(lesson)) or first_by_hash(mine, 1, _turn(lesson))


JUDGED = [name for lesson in LESSONS for name in _judged(lesson)]
ANOTHER_TIME = set(SAMPLES) - set(GRADED) - set(JUDGED)


def graded_class(factory: pytest.TempPathFactory, config: pytest.Config) -> Path:
    """A folder with `course`, in which all `GRADED` were graded, and `results.json`."""
    return kept(
        config,
        factory,
        "the-graded-corpus",
        class_key(),
        lambda folder: _grade(factory, folder),
        _is_right,
    )


def class_key() -> list[str]:
    """What the marks of that class depend on."""
    return [code_key(), *map(lesson_key, LESSONS), *(repr(SAMPLES[name]) for name in GRADED)]


def _is_right(folder: Path) -> bool:
    results = json.loads((folder / "results.json").read_text())
    return {result["student"] for result in results} == {*GRADED} and all(
        earned_what_its_file_says(SAMPLES[result["student"]], result) for result in results
    )


def _grade(factory: pytest.TempPathFactory, folder: Path) -> None:
    course = copy_of_the_course(factory, folder)
    config = (course / "grader_config.py").read_text()
    opened = Course.open(course)
    for student in GRADED:
        for name, data in files_of(student, opened).items():
            target = course / "submitted" / student / SAMPLES[student].lesson / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    results = []
    for endless, seconds in ((True, SECONDS_OF_THE_ENDLESS), (False, SECONDS)):
        (course / "grader_config.py").write_text(config + LIMITS.format(seconds))
        mine = [f"--student={name}" for name in GRADED if is_endless(name) == endless]
        headcheck(folder, "grade", *mine, "--json", str(folder / "some.json"))
        results += json.loads((folder / "some.json").read_text())
    (folder / "results.json").write_text(json.dumps(results))


def files_of(student: str, course: Course) -> dict[str, bytes]:
    """What is handed in. The demos stay in the references, and in the class in the long run."""
    files = compose(SAMPLES[student], course)
    if student.startswith("reference") or (IN_THE_NIGHT and student.startswith("class")):
        return files
    return {name: without_demos(data) for name, data in files.items()}


def without_demos(data: bytes) -> bytes:
    """What a student may delete, too: the lesson's cells that show something. They train for long."""
    try:
        notebook = nbformat.reads(data.decode(), as_version=4)
    except ValueError:
        return data
    notebook.cells = [cell for cell in notebook.cells if not only_shows(cell)]
    return to_bytes(notebook)
