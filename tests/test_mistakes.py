"""Does each mistake cost exactly its exercise, and no right answer anything?

`corpus.py` says which samples there are, and which of them go through the real command line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from corpus import ANOTHER_TIME, GRADED, JUDGED, LESSONS, SAMPLES, graded_class
from hours import IN_THE_NIGHT
from kept import lesson_key
from once import CLASS_SECONDS, once
from real_course import ROOT, copy_of_the_course
from words import inside_words

from headcheck import versions
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import Course
from headcheck.course.files import digest

Said = dict[str, str | None]  # check -> None when it passed, else its message
SAYING = [name for name, sample in SAMPLES.items() if "says" in sample.header]


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> dict[str, Any]:
    folder = graded_class(tmp_path_factory, pytestconfig)
    results = json.loads((folder / "results.json").read_text())
    return {result["student"]: result for result in results}


# ---- in one warm process -------------------------------------------------------------------------


@pytest.fixture(scope="session")
def judged(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> dict[str, Said]:
    assert request.config.cache is not None
    kept = Path(request.config.cache.mkdir("corpus"))
    folder = once(
        tmp_path_factory, "judged", lambda place: judge_the_rest(tmp_path_factory, place, kept)
    )
    return json.loads((folder / "said.json").read_text())


def judge_the_rest(factory: pytest.TempPathFactory, folder: Path, kept: Path) -> None:
    """What the checks say of each; kept, where it is right, until code or sample changes."""
    keys = _keys()
    known = {name: kept / f"{name}.{key}.json" for name, key in keys.items()}
    new = [name for name in JUDGED if not known[name].exists()]
    if len(new) < len(JUDGED):
        warnings.warn(
            f"{len(JUDGED) - len(new)} of {len(JUDGED)} verdicts of the warm process are kept from "
            f"an earlier run, because nothing they depend on has changed ({kept}; `make clean`, or "
            "`make test-all`, makes them again)",
            stacklevel=2,
        )
    said = {name: json.loads(known[name].read_text()) for name in {*JUDGED} - {*new}}
    if new:
        said |= _judge(factory, folder, new)
    for name in new:
        if _as_expected(name, said[name]):
            for old in kept.glob(f"{name}.*.json"):
                old.unlink(missing_ok=True)
            known[name].write_text(json.dumps(said[name]))
    (folder / "said.json").write_text(json.dumps(said))


def _as_expected(name: str, said: Said) -> bool:
    expected = SAMPLES[name].expected(dict.fromkeys(said, 1.0))
    return {check: float(text is None) for check, text in said.items()} == expected


def _keys() -> dict[str, str]:
    """What the verdict on each sample depends on."""
    how = [
        Path(__file__).with_name("draws.py"),
        *sorted(versions.code_of("headcheck.authoring.samples")),
    ]
    code = digest([versions.verdict(), *(path.read_bytes() for path in how)])
    samples = {name: SAMPLES[name] for name in JUDGED}
    return {n: digest([code, lesson_key(s.lesson), repr(s)])[:24] for n, s in samples.items()}


def _judge(factory: pytest.TempPathFactory, folder: Path, names: list[str]) -> dict[str, Said]:
    """In a process of its own: it imports torch before it forks, and pytest must not."""
    command = [sys.executable, str(Path(__file__).with_name("draws.py")), str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    copy_of_the_course(factory, folder)
    (folder / "names.json").write_text(json.dumps(names))
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads((folder / "found.json").read_text())


@pytest.mark.timeout(CLASS_SECONDS)
@pytest.mark.parametrize("student", JUDGED)
def test_its_checks_say_what_its_file_says(judged: dict[str, Said], student: str) -> None:
    sample, said = SAMPLES[student], judged[student]
    assert _as_expected(student, said), f"{sample.what}: {said}"
    messages = [text for text in said.values() if text is not None]
    assert all(message.strip() for message in messages), "a failure that says nothing"
    if "says" in sample.header:
        assert any(sample.header["says"] in message for message in messages), messages


# ---- through the command line --------------------------------------------------------------------


@pytest.mark.timeout(CLASS_SECONDS)
@pytest.mark.parametrize("student", GRADED)
def test_it_gets_what_its_file_says(graded: dict[str, Any], student: str) -> None:
    sample, result = SAMPLES[student], graded[student]
    points = {cell["grade_id"]: cell["max_score"] for cell in result["cells"]}
    scores = {cell["grade_id"]: cell["score"] for cell in result["cells"]}
    messages = {c["grade_id"]: c["message"] for c in result["cells"] if c["outcome"] != "passed"}
    assert scores == sample.expected(points), f"{sample.what}: {messages}"


@pytest.mark.timeout(CLASS_SECONDS)
def test_every_failure_speaks(graded: dict[str, Any]) -> None:
    silent = [
        (student, cell["grade_id"])
        for student, result in graded.items()
        for cell in result["cells"]
        if cell["outcome"] != "passed" and not cell["message"].strip()
    ]
    assert not silent


@pytest.mark.timeout(CLASS_SECONDS)
@pytest.mark.parametrize("student", [name for name in SAYING if name in GRADED])
def test_the_message_names_the_mistake(graded: dict[str, Any], student: str) -> None:
    cells = graded[student]["cells"]
    messages = [cell["message"] for cell in cells if cell["outcome"] != "passed"]
    assert any(SAMPLES[student].header["says"] in message for message in messages), messages


@pytest.mark.timeout(CLASS_SECONDS)
def test_no_word_of_ours_reaches_a_student(graded: dict[str, Any]) -> None:
    leaks = {
        (student, cell["grade_id"]): found
        for student, result in graded.items()
        for cell in result["cells"]
        if (found := inside_words(cell["message"]))
    }
    assert not leaks


# ---- the corpus itself ---------------------------------------------------------------------------


def test_every_sample_is_graded_or_judged() -> None:
    assert {*GRADED, *JUDGED, *ANOTHER_TIME} == {*SAMPLES}
    if IN_THE_NIGHT:  # all of them through the real command line
        assert {*GRADED} == {*SAMPLES} and not JUDGED
    else:
        assert {SAMPLES[name].lesson for name in JUDGED} >= {*LESSONS[1:]}


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
