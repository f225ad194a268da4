"""Can a teacher begin a course of their own, and does it need torch where nothing in it does?

What is built and graded here runs with a torch that cannot be imported.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from hours import in_turn
from tiny_course import ROOT, headcheck
from warm_python import run_module

from headcheck.authoring import own_course, sample_marks, verify
from headcheck.course.directory import Course, CourseError
from headcheck.course.libraries import USUAL, libraries_of
from headcheck.grading.record import Record
from headcheck.grading.work import CellResult
from headcheck.sandbox import forkserver

EXAMPLE = ROOT / "examples" / "penguins"


@pytest.fixture(scope="module")
def without_torch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which Python finds no torch and no fastai."""
    folder = tmp_path_factory.mktemp("nothing")
    for name in ("torch", "fastai", "torchvision", "sklearn"):
        (folder / f"{name}.py").write_text(
            f'raise ModuleNotFoundError("No module named {name}", name="{name}")\n'
        )
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("courses") / "words"
    begun = headcheck(folder.parent, "init", "words")
    assert begun.returncode == 0, begun.stderr
    return folder


@pytest.fixture(scope="module")
def built(words: Path, without_torch: dict[str, str]) -> subprocess.CompletedProcess[str]:
    text = words / "source" / "01-first" / "01-first.py"
    whole = text.read_text().replace(
        "from headcheck import",
        "import sys\n\nassert 'torch' not in sys.modules\nfrom headcheck import",
        1,
    )
    text.write_text(whole)
    return run_module(words, "headcheck.cli", "build", "--draws", "2", environment=without_torch)


# ---- a new course --------------------------------------------------------------------------------


@in_turn
def test_a_new_course_is_verified_without_torch(built, words):
    assert built.returncode == 0, built.stderr
    assert "right when it is graded" in built.stdout and "verified" in built.stdout
    released = nbformat.read(words / "notebooks" / "01-first" / "01-first.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in released.cells)
    assert "counts[word] = " not in text and "a longer text" not in text


@in_turn
def test_its_samples_get_the_marks_they_should(built, words, without_torch):
    done = run_module(words, "headcheck.cli", "samples", environment=without_torch)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("as it should be") == 5
    assert not (words / "submitted").exists() and not (words / "autograded").exists()


def test_a_wrong_mark_of_a_sample_is_said(built, words):
    course = Course.open(words)
    samples = sample_marks.samples_of(course)
    right = samples["variants-01-first-counter"]
    record = Record.model_construct(
        cells=[
            CellResult(
                notebook="01-first",
                grade_id="test_count_words",
                score=0,
                max_score=3,
                outcome="failed",
                message="✗ count_words",
            )
        ]
    )
    points = {"test_count_words": 3.0, "test_most_frequent": 3.0}
    (wrong,) = sample_marks.wrong_in(right, record, points)
    assert "gets 0 of 3 points, and should get 3" in wrong


@pytest.mark.parametrize("kind", own_course.KINDS)
def test_every_kind_keeps_the_rules_of_a_lesson(kind, tmp_path):
    course = own_course.init(tmp_path / "course", kind)
    own_course.new_lesson(course, "another")
    for lesson in course.lessons():
        assert verify.contract(lesson) == []
    assert libraries_of(course.config) == own_course.KINDS[kind].libraries
    assert len(sample_marks.samples_of(course)) >= 8
    written = "\n".join(p.read_text() for p in course.root.rglob("*") if p.is_file())
    assert "_NAME" not in written.replace("COURSE_NAME_", "") and "LIBRARIES_USED" not in written


def test_what_a_course_needs_is_in_the_package():
    """The wheel takes what stands in package-data, and nothing else."""
    listed = [path for path in own_course.TEMPLATES.glob("*/*.txt")]
    assert len(listed) == sum(path.is_file() for path in own_course.TEMPLATES.rglob("*"))
    assert (own_course.TEMPLATES / "course" / "nbgrader_config.py.txt").read_bytes() == (
        ROOT / "nbgrader_config.py"
    ).read_bytes()


# ---- nothing is written over ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["init", "full"], "is not empty"),
        (["init", "full/file"], "is a file"),
        (["new-lesson", "first"], "there is a lesson 01-first already"),
        (["new-lesson", "01-first"], "there is a lesson 01-first already"),
        (["new-lesson", "01-second"], "has the number 01 already"),
        (["new-lesson", "Sort it!"], "is no name for a lesson"),
        (["new-lesson", "../out"], "is no name for a lesson"),
        (["new-lesson", "x", "--course", "full"], "is not a course directory"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(words, arguments, says):
    (words / "full").mkdir(exist_ok=True)
    (words / "full" / "file").write_text("a person's")
    before = sorted(words.rglob("*"))
    done = headcheck(words, *arguments)
    assert done.returncode == 2 and says in done.stderr
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert sorted(words.rglob("*")) == before
    assert (words / "full" / "file").read_text() == "a person's"


def test_a_lesson_whose_samples_are_there_already_is_not_begun(tmp_path):
    course = own_course.init(tmp_path / "course", "plain")
    mine = course.root / "tests" / "mutants" / "02-sorting" / "capitals.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(CourseError, match="there already; nothing was written"):
        own_course.new_lesson(course, "sorting")
    assert mine.read_text() == "mine" and not (course.root / "source" / "02-sorting").exists()


def test_a_clone_without_files_yet_may_become_a_course(tmp_path):
    (tmp_path / "course" / ".git").mkdir(parents=True)
    own_course.init(tmp_path / "course", "plain")


# ---- libraries -----------------------------------------------------------------------------------


def configured(folder: Path, line: str) -> Course:
    course = own_course.init(folder, "plain")
    config = course.root / "grader_config.py"
    kept = [each for each in config.read_text().splitlines() if "libraries" not in each]
    config.write_text("\n".join([*kept, line]) + "\n")
    return Course.open(folder)


def test_a_course_that_says_nothing_uses_what_it_always_did(tmp_path):
    assert libraries_of(configured(tmp_path / "a", "").config) == USUAL == forkserver.LIBRARIES


@pytest.mark.parametrize("value", ['"numpy"', '["num py"]', "[1]", '["a..b"]', '["; rm"]'])
def test_what_is_no_module_is_refused(value, tmp_path):
    course = configured(tmp_path / "a", f"c.Headcheck.libraries = {value}")
    if value == '"numpy"':  # one name alone is plain enough
        assert libraries_of(course.config) == ("numpy",)
        return
    with pytest.raises(CourseError, match=r"c\.Headcheck\.libraries"):
        libraries_of(course.config)


def test_a_library_that_is_not_installed_is_named():
    with pytest.raises(forkserver.ForkserverError) as error:
        forkserver.Forkserver.start([], ["no_such_library"])
    assert "no_such_library" in error.value.reason and "libraries" in error.value.remedy


def test_a_lesson_that_brings_torch_along_is_told_to_name_it(tmp_path, without_torch):
    course = own_course.init(tmp_path / "course", "plain")
    text = course.lessons()[0].text
    brings = "import sys, types\n\nsys.modules['torch'] = types.ModuleType('torch')\nfrom headcheck import"
    text.write_text(text.read_text().replace("from headcheck import", brings, 1))
    done = run_module(
        course.root, "headcheck.cli", "build", "--draws", "1", environment=without_torch
    )
    assert done.returncode == 1
    assert "uses torch, which c.Headcheck.libraries" in done.stderr


# ---- the example ---------------------------------------------------------------------------------


@in_turn
def test_the_example_is_graded_and_audited_without_torch(tmp_path, without_torch):
    course = tmp_path / "penguins"
    shutil.copytree(EXAMPLE, course)
    assert "exploits-01-first-patches_numpy" in sample_marks.samples_of(Course.open(course))
    for command in (["samples"], ["audit", "--check"]):
        done = run_module(course, "headcheck.cli", *command, environment=without_torch)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_is_what_init_writes(tmp_path):
    """So that it cannot be a better course than the one that a teacher gets."""
    made = own_course.init(tmp_path / "penguins", "pandas").root
    for path in made.rglob("*"):
        if path.is_file():
            assert (EXAMPLE / path.relative_to(made)).read_bytes() == path.read_bytes()


# ---- an empty configuration ----------------------------------------------------------------------


def test_an_empty_configuration_publishes_no_solution(tmp_path):
    course = own_course.init(tmp_path / "course", "plain").root
    (course / "source" / "01-first").rename(course / "source" / "sorting")
    (course / "source" / "sorting" / "01-first.py").rename(
        course / "source" / "sorting" / "sorting.py"
    )
    (course / "grader_config.py").write_text("")
    done = headcheck(course, "build", "--no-verify")
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (course / "notebooks").rglob("*.*")) == ["sorting.ipynb"]
    shutil.rmtree(course / "notebooks")
    plain = run_module(
        course,
        "nbgrader",
        "generate_assignment",
        "sorting",
        "--force",
        environment=dict(os.environ),
    )
    assert plain.returncode == 0, plain.stderr
    released = [p for p in (course / "notebooks").rglob("*.*") if p.is_file()]
    assert [p.name for p in released] == ["sorting.ipynb"]
    assert "counts[word] = " not in released[0].read_text()


@pytest.mark.parametrize(
    "config, says",
    [
        ("c = get_config()\nc.CourseDirectory.ignore = ['.*']\n", "c.CourseDirectory.ignore"),
        ("c = get_config()\nc.GenerateAssignment.preprocessors = []\n", "preprocessors"),
    ],
)
def test_a_configuration_that_would_publish_solutions_is_refused(config, says, tmp_path):
    course = own_course.init(tmp_path / "course", "plain").root
    (course / "grader_config.py").write_text(config)
    done = headcheck(course, "build", "--no-verify")
    assert done.returncode == 2 and says in done.stderr and "solutions" in done.stderr
    assert not (course / "notebooks").exists()


def test_an_nbgrader_config_that_loads_nothing_is_refused(tmp_path):
    course = own_course.init(tmp_path / "course", "plain").root
    (course / "nbgrader_config.py").write_text("")
    done = headcheck(course, "build", "--no-verify")
    assert done.returncode == 2 and "solutions" in done.stderr


def test_a_missing_configuration_stops_plain_nbgrader(tmp_path):
    course = own_course.init(tmp_path / "course", "plain").root
    assert headcheck(course, "build", "--no-verify").returncode == 0
    shutil.rmtree(course / "notebooks")
    (course / "grader_config.py").unlink()
    done = run_module(
        course,
        "nbgrader",
        "generate_assignment",
        "01-first",
        "--force",
        environment=dict(os.environ),
    )
    assert done.returncode != 0 and "grader_config.py is missing" in done.stdout + done.stderr
    assert not any(
        p.suffix == ".py" for p in course.glob("*/01-first/*") if "source" not in p.parts
    )
