"""Is the grader's own reference out of the student's reach, and in the checker's?"""

from __future__ import annotations

from typing import Any

import pytest
from test_isolated import LIMITS, Grade, cell, graded, outcomes

from headcheck.grading.engines.student import StudentProcess
from headcheck.references import REFERENCES, files

__all__ = ["graded"]  # the fixture

MEMORY = """
import builtins, gc, sys, types
def codes(code):
    yield code
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from codes(each)
wanted = {"build_head", "SigmoidRange"}
found = {name for name in sys.modules if "head_spec" in name}
for thing in gc.get_objects():
    if isinstance(thing, types.FunctionType) and str(thing.__module__).startswith("headcheck"):
        found |= {code.co_name for code in codes(thing.__code__)} & wanted
    elif isinstance(thing, type) and str(thing.__module__).startswith("headcheck"):
        found |= {thing.__name__} & wanted
    elif type(thing) is dict:
        found |= {k for k in thing if type(k) is str and k == "build_head"}
print(sorted(found))
"""
DISK = """
import headcheck, os, sys
found = []
for top in {os.path.dirname(headcheck.__file__), *sys.path}:
    for folder, _, names in os.walk(top):
        if "headcheck" in folder or folder == top:
            for name in names:
                path = os.path.join(folder, name)
                if os.access(path, os.R_OK) and os.path.isfile(path):
                    with open(path, "rb") as file:
                        found += [path] if b"def build_head" in file.read() else []
print(found)
"""


@pytest.mark.parametrize(
    "code",
    [
        "from headcheck.heads.head_spec import build_head",
        "import headcheck.heads.head_spec as h; h.build_head",
        "from headcheck.heads import head_spec; head_spec.build_head",
        "import importlib; importlib.reload(importlib.import_module('headcheck.heads.head_spec'))",
        "import headcheck.heads.expect_head as e; e.build_head",
        "from headcheck import expect_head; expect_head(None, nf=4, n_out=2)",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', "
        "'from headcheck.heads.head_spec import build_head'], check=True)",
    ],
)
def test_can_a_student_import_it(forkserver: Any, code: str) -> None:
    with StudentProcess(forkserver, LIMITS) as student:
        run = student.run_cell(code)
        assert run.outcome == "error", run.outputs
        # And the room is as it was: what is written in its place was not written by the student.
        assert student.run_cell(f"open({str(files()[0])!r}, 'w')").outcome == "error"


@pytest.mark.parametrize("code", [MEMORY, DISK], ids=["memory", "disk"])
def test_does_a_student_find_it_by_looking(forkserver: Any, code: str) -> None:
    with StudentProcess(forkserver, LIMITS) as student:
        run = student.run_cell("from headcheck import expect_head, expect_layers\n" + code)
        assert [o.get("text") for o in run.outputs] == ["[]\n"], run.outputs


def test_is_there_something_to_find() -> None:
    """Else the search above could not fail."""
    texts = {path: path.read_text() for path in files()}
    assert len(texts) == len(REFERENCES) == 1
    assert all("def build_head" in text for text in texts.values())


def test_does_a_check_compare_with_it(graded: Grade) -> None:
    setup = "from torch import nn\nfrom headcheck import checking, expect_head"
    check = "with checking('head'):\n    expect_head(head(6, 3), nf=6, n_out=3, lin_ftrs=[])"
    right = (
        "class Both(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a, self.m = nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)\n"
        "    def forward(self, x):\n"
        "        import torch\n"
        "        return torch.cat([self.m(x), self.a(x)], 1)\n"
        "def head(nf, n_out):\n"
        "    layers = [nn.BatchNorm1d(2 * nf), nn.Dropout(0.5), nn.Linear(2 * nf, n_out, bias=False)]\n"
        "    return nn.Sequential(Both(), nn.Flatten(), *layers)"
    )
    for answer, outcome in ((right, "passed"), (right.replace("0.5", "0.4"), "failed")):
        cells = [cell(setup, "setup", "setup"), cell(answer, "answer", "head")]
        results, _, _ = graded([*cells, cell(check, "check", "test_head")])
        assert outcomes(results) == [outcome], results
