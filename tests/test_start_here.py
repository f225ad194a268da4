"""Does lesson 00 recognise the usual broken installations, and name the remedy?"""

import re
from pathlib import Path

import jupytext
import pytest

LESSON = Path(__file__).parents[1] / "source/00-start-here/00-start-here.py"
GOOD = {
    "python": "3.11.7",
    "torch": "2.14.1+cpu",
    "torchvision": "0.29.1",
    "fastai": "2.8.12",
    "headcheck": "0.1.0",
}


@pytest.fixture(scope="module")
def diagnose():
    """The function of that name in the lesson's first cell; the cell's last line is not run."""
    cells = jupytext.read(LESSON, fmt="py:percent").cells
    source = next(c.source for c in cells if c.cell_type == "code" and "def diagnose" in c.source)
    names: dict = {}
    exec(source.replace("say(*look_around())", ""), names)
    return names["diagnose"]


def test_nothing_is_said_about_a_fitting_installation(diagnose):
    assert diagnose(GOOD, {}) == []


@pytest.mark.parametrize(
    ("found", "errors", "problem", "remedy"),
    [
        ({"torch": "2.15.0"}, {"torchvision": "RuntimeError: nms"}, "do not belong", "torchvision"),
        ({"fastai": "1.0.61"}, {}, "old library", "fastai>=2.8.1"),
        ({"fastai": "2.7.18"}, {}, "not the version", "fastai>=2.8.1"),
        ({"fastai": "2.9.0"}, {}, "not the version", "fastai>=2.8.1"),
        ({"fastai": None}, {}, "not installed", "requirements.txt"),
        ({"python": "3.9.2"}, {}, "Python 3.9.2", "environment.yml"),
        ({}, {"fastai": "ImportError: cannot import name 'x'"}, "importing it fails", "pip"),
    ],
)
def test_a_broken_installation_gets_one_problem_and_its_remedy(
    diagnose, found, errors, problem, remedy
):
    wrong = diagnose({**GOOD, **found}, errors)
    assert len(wrong) == 1
    assert problem in wrong[0][0]
    assert remedy in wrong[0][1]


def test_a_remedy_names_no_file_that_students_do_not_get(diagnose):
    given = {"requirements.txt", "environment.yml"}
    broken = [
        ({**GOOD, **dict.fromkeys(GOOD.keys() - {"python"})}, {}),
        (GOOD, {"torchvision": "RuntimeError: nms"}),
        ({**GOOD, "fastai": "2.9.0"}, {}),
    ]
    for found, errors in broken:
        for _, remedy in diagnose(found, errors):
            assert set(re.findall(r"\b\w+\.(?:txt|yml|toml)\b", remedy)) <= given


def test_who_has_installed_it_for_another_python_is_told_how_to_start_from_the_right_one(diagnose):
    ((_, remedy),) = diagnose({**GOOD, "torch": None, "fastai": None}, {})
    assert "Jupyter runs on another Python" in remedy and "course/bin/activate" in remedy
