"""Does the draw of the secret sizes decide a mark?

Here a few samples over twenty draws, those that a draw did or could decide once; `bench/lottery.py`
takes every variant and every mutant of all lessons.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from draws import Verdicts, unsteady, verdicts_of
from real_course import ROOT, headcheck
from test_mistakes import LIMITS, SAMPLES, without_demos

from headcheck.authoring.samples import Sample, compose
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


def verdicts(name: str, seeds: range) -> Verdicts:
    ((_, found),) = verdicts_of([SAMPLES[name]], Course.open(ROOT), seeds)
    return found


@pytest.mark.parametrize("name", WATCHED)
def test_is_the_verdict_the_same_in_twenty_draws(name: str) -> None:
    found = verdicts(name, TWENTY)
    assert not list(unsteady(name, found))
    deserved = SAMPLES[name].expected(dict.fromkeys(found, 1.0))
    assert {check: passed[0] for check, passed in found.items()} == {
        check: points > 0 for check, points in deserved.items()
    }


@pytest.mark.parametrize("name", HEADS)
def test_is_a_measured_head_judged_alike(name: str) -> None:
    found = verdicts(name, range(1, 5))
    assert not list(unsteady(name, found))


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
    ((_, found),) = verdicts_of([sample], Course.open(ROOT), TWENTY)
    assert "test_find_cut" in {one.check for one in unsteady("coin", found)}


@pytest.mark.timeout(600)
def test_do_two_gradings_agree_with_what_is_told_here(tmp_path: Path) -> None:
    names = ["mutants-find_cut_second_pool--02", "mutants-create_body_changes_the_model--02"]
    course = tmp_path / "course"
    for lesson in ("source", "notebooks"):
        shutil.copytree(ROOT / lesson / "02-the-cut", course / lesson / "02-the-cut")
    for name in ("grader_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, course / name)
    with (course / "grader_config.py").open("a") as config:
        config.write(LIMITS)
    headcheck(tmp_path, "build", "--no-verify")
    for name in names:
        for file, data in compose(SAMPLES[name], Course.open(course)).items():
            target = course / "submitted" / name / "02-the-cut" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(without_demos(data))
    told = {name: verdicts(name, range(1, 3)) for name in names}
    for draw, seed in enumerate((1, 2)):
        headcheck(tmp_path, "grade", "--force", "--json", str(tmp_path / "results.json"), seed=seed)
        for result in json.loads((tmp_path / "results.json").read_text()):
            passed = {c["grade_id"]: c["outcome"] == "passed" for c in result["cells"]}
            assert passed == {c: v[draw] for c, v in told[result["student"]].items()}
