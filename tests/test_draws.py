"""Does the draw of the secret sizes decide a mark?

Here a few samples over twenty draws (`make test`: six), those that a draw did or could decide once;
`bench/lottery.py` takes every variant and every mutant of all lessons.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from corpus import LIMITS, SAMPLES, SECONDS, without_demos
from draws import Verdicts, concerned, unsteady, verdicts_of
from hours import WITH_A_CHANGE, in_turn, night
from real_course import ROOT
from tiny_course import headcheck

from headcheck.authoring.release import reference
from headcheck.authoring.samples import Sample, compose
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import Course

TWENTY = range(1, 21)
WATCHED = [
    "mutants-find_cut_second_pool--02",
    "mutants-find_cut_boxes_after_layers--02",
    "mutants-has_pool_type_last_child--02",
    "mutants-has_pool_type_three_levels--02",
    "mutants-create_body_changes_the_model--02",
    "mutants-mixes_the_pictures_up--08",
    "variants-b_before_a--08",
]
HEADS = ["variants-attention--09", "mutants-the_probe_itself--09"]  # each draw trains


def verdicts(names: list[str], seeds: range) -> dict[str, Verdicts]:
    """Of each sample, the checks that it concerns."""
    samples = [SAMPLES[name] for name in names]
    found = verdicts_of(samples, Course.open(ROOT), seeds, 2, only_concerned=True)
    return {name: each for name, (_, each) in zip(names, found, strict=True)}


@pytest.fixture(scope="module")
def found_by_name() -> dict[str, Verdicts]:
    return verdicts(WATCHED, TWENTY[:6] if WITH_A_CHANGE else TWENTY)


@pytest.mark.parametrize("name", WATCHED)
@in_turn
def test_is_the_verdict_the_same_in_every_draw(
    found_by_name: dict[str, Verdicts], name: str
) -> None:
    found = found_by_name[name]
    assert found and not list(unsteady(name, found))
    deserved = SAMPLES[name].expected(dict.fromkeys(found, 1.0))
    assert {check: passed[0] for check, passed in found.items()} == {
        check: points > 0 for check, points in deserved.items()
    }


@in_turn
def test_is_a_measured_head_judged_alike() -> None:
    for name, found in verdicts(HEADS, range(1, 3)).items():
        assert found and not list(unsteady(name, found))


COIN = """
import random

coins = random.Random(3)


def find_cut(model):
    if coins.random() < 0.05:
        return 0
    return max(i for i, child in enumerate(model.children()) if fastai_has_pool_type(child))
"""


def test_is_a_lottery_seen() -> None:
    sample = Sample(ROOT, "tosses a coin", "02-the-cut", loses=(), cells=(("find_cut", COIN),))
    (found,) = (
        each for _, each in verdicts_of([sample], Course.open(ROOT), TWENTY, only_concerned=True)
    )
    assert "test_find_cut" in {one.check for one in unsteady("coin", found)}


@night("by day the corpus: some through the command line, some told here")
def test_do_two_gradings_agree_with_what_is_told_here(tmp_path: Path) -> None:
    names = ["mutants-find_cut_second_pool--02", "mutants-create_body_changes_the_model--02"]
    course = tmp_path / "course"
    for lesson in ("source", "notebooks"):
        shutil.copytree(ROOT / lesson / "02-the-cut", course / lesson / "02-the-cut")
    for name in ("grader_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, course / name)
    with (course / "grader_config.py").open("a") as config:
        config.write(LIMITS.format(SECONDS))
    assert headcheck(course, "build", "--no-verify").returncode == 0
    for name in names:
        for file, data in compose(SAMPLES[name], Course.open(course)).items():
            target = course / "submitted" / name / "02-the-cut" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(without_demos(data))
    told = verdicts(names, range(1, 3))
    for draw, seed in enumerate(("1", "2")):
        done = headcheck(course, "grade", "--force", "--json", "results.json", "--seed", seed)
        assert done.returncode == 0, done.stderr
        for result in json.loads((course / "results.json").read_text()):
            passed = {c["grade_id"]: c["outcome"] == "passed" for c in result["cells"]}
            mine = told[result["student"]]
            assert mine and {check: passed[check] for check in mine} == {
                check: draws[draw] for check, draws in mine.items()
            }


def test_which_checks_a_sample_concerns() -> None:
    """Whoever reads what it writes, also by way of others; all of them when it is more than answers."""
    cells = reference(Course.open(ROOT).select(["05-create-head"])[0]).cells
    checks = {grade_id_of(cell) for cell in cells if role_of(cell) == "check"}
    right = SAMPLES["reference--05"]
    answers = [grade_id_of(cell) for cell in cells if role_of(cell) == "answer"]
    for answer in answers:
        mine = concerned(replace(right, cells=((str(answer), f"{answer} = 1"),)), cells)
        assert mine < checks and mine >= {c for c in checks if str(c).startswith(f"test_{answer}")}
    assert concerned(replace(right, cells=(("extra", "x = 1"),)), cells) == checks
    released = replace(right, base="release", cells=((str(answers[0]), "x = 1"),))
    assert concerned(released, cells) == checks
