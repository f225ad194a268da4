"""Does each mistake cost exactly its exercise, and no right answer anything?

The sample class, every mutant (one typical mistake each), every variant (a right answer in another
style), the reference and the unanswered release. A tenth of the mutants and variants, and all others,
go through the real command line, as one class. The rest goes through the same check cells in one
warm process, which takes a fraction of the time. `HEADCHECK_TESTS=all` (`make test-all`) sends
everything through the command line as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from once import once
from real_course import ROOT, copy_of_the_course, headcheck
from words import inside_words

from headcheck.authoring.release import to_bytes
from headcheck.authoring.samples import Sample, compose, read_folder
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import Course

LESSONS = sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())
# Below the course's own limits, so that the endless ones cost less.
LIMITS = "\nc.Headcheck.cell_seconds = 25\nc.Headcheck.submission_seconds = 200\n"


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
EVERYTHING = os.environ.get("HEADCHECK_TESTS") == "all"
TENTH = 10


def by_the_command_line(name: str) -> bool:
    """Whether this sample is graded as a submission; a tenth of the plain ones, always the same."""
    sample = SAMPLES[name]
    plain = name.startswith(("mutants", "variants")) and not (
        sample.damage
        or sample.files
        or sample.folder
        or sample.earns
        or sample.late
        or "says" in sample.header
    )
    return EVERYTHING or not plain or zlib.crc32(name.encode()) % TENTH == 0


GRADED = [name for name in SAMPLES if by_the_command_line(name)]
JUDGED = [name for name in SAMPLES if not by_the_command_line(name)]


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = once(tmp_path_factory, "mistakes", lambda place: grade_those(tmp_path_factory, place))
    results = json.loads((folder / "results.json").read_text())
    return {result["student"]: result for result in results}


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bool]]:
    folder = once(tmp_path_factory, "judged", lambda place: judge_the_rest(tmp_path_factory, place))
    return json.loads((folder / "verdicts.json").read_text())


def judge_the_rest(factory: pytest.TempPathFactory, folder: Path) -> None:
    """In a process of its own: it imports torch before it forks, and pytest must not."""
    command = [sys.executable, str(Path(__file__).with_name("draws.py")), str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    copy_of_the_course(factory, folder)
    (folder / "names.json").write_text(json.dumps(JUDGED))
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def grade_those(factory: pytest.TempPathFactory, folder: Path) -> None:
    course = copy_of_the_course(factory, folder, settings=LIMITS)
    opened = Course.open(course)
    for student in GRADED:
        sample = SAMPLES[student]
        files = compose(sample, opened)
        if not student.startswith(("reference", "class")):
            files = {name: without_demos(data) for name, data in files.items()}
        for name, data in files.items():
            target = course / "submitted" / student / sample.lesson / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    headcheck(folder, "grade", "--json", str(folder / "results.json"))


def without_demos(data: bytes) -> bytes:
    """What a student may delete, too: the cells that show something. They train models for long."""
    try:
        notebook = nbformat.reads(data.decode(), as_version=4)
    except ValueError:
        return data
    notebook.cells = [
        cell for cell in notebook.cells if cell.cell_type != "code" or role_of(cell) != "demo"
    ]
    return to_bytes(notebook)


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("student", JUDGED)
def test_its_checks_say_what_its_file_says(judged: dict[str, Any], student: str) -> None:
    sample, passed = SAMPLES[student], judged[student]
    expected = sample.expected(dict.fromkeys(passed, 1.0))
    assert {name: float(ok) for name, ok in passed.items()} == expected, sample.what


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("student", GRADED)
def test_it_gets_what_its_file_says(graded: dict[str, Any], student: str) -> None:
    sample, result = SAMPLES[student], graded[student]
    points = {cell["grade_id"]: cell["max_score"] for cell in result["cells"]}
    scores = {cell["grade_id"]: cell["score"] for cell in result["cells"]}
    messages = {c["grade_id"]: c["message"] for c in result["cells"] if c["outcome"] != "passed"}
    assert scores == sample.expected(points), f"{sample.what}: {messages}"


@pytest.mark.timeout(1500)
def test_every_failure_speaks(graded: dict[str, Any]) -> None:
    silent = [
        (student, cell["grade_id"])
        for student, result in graded.items()
        for cell in result["cells"]
        if cell["outcome"] != "passed" and not cell["message"].strip()
    ]
    assert not silent


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("student", [n for n, s in SAMPLES.items() if "says" in s.header])
def test_the_message_names_the_mistake(graded: dict[str, Any], student: str) -> None:
    cells = graded[student]["cells"]
    messages = [cell["message"] for cell in cells if cell["outcome"] != "passed"]
    assert any(SAMPLES[student].header["says"] in message for message in messages), messages


@pytest.mark.timeout(1500)
def test_no_word_of_ours_reaches_a_student(graded: dict[str, Any]) -> None:
    leaks = {
        (student, cell["grade_id"]): found
        for student, result in graded.items()
        for cell in result["cells"]
        if (found := inside_words(cell["message"]))
    }
    assert not leaks


def test_every_graded_answer_has_its_mutants_and_variants() -> None:
    few = []
    for lesson in LESSONS[1:]:
        notebook = Course.open(ROOT).select([lesson])[0]
        for answer in answers_of(notebook.text.read_text()):
            for kind, least in (("mutants", 40 if answer == "create_head" else 6), ("variants", 2)):
                have = sum(
                    sample.lesson == lesson and any(title == answer for title, _ in sample.cells)
                    for student, sample in SAMPLES.items()
                    if student.startswith(kind)
                )
                if have < least:
                    few.append(f"{lesson}: {answer} has {have} {kind}, not {least}")
    assert not few


def answers_of(text: str) -> list[str]:
    import jupytext

    notebook = jupytext.reads(text, fmt="py:percent")
    roles = [(role_of(cell), grade_id_of(cell)) for cell in notebook.cells]
    return [name for role, name in roles if role == "answer" and name]
