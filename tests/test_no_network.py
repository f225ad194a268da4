"""Is `!pip install` in a notebook answered at once, and does it cost nobody anything?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from hours import in_turn
from nbformat.v4 import new_code_cell
from tiny_course import NAME, headcheck, make_course

from headcheck.inside.student.no_network import SAID, fetches

FETCHING = """\
pip install timm
pip install -q 'timm>=1.0'
pip install torch>=2
pip install timm > log.txt 2>&1
pip3 --quiet install timm
python3 -m pip install timm
/usr/bin/python3.11 -m pip download timm
sudo -H apt-get -y install graphviz
apt update
conda env create -f environment.yml
DEBUG=1 uv pip install timm
""".splitlines()
OTHERS = """\
pip list
pip show install
pip install timm && python make_data.py
pip install timm; python make_data.py
pip install timm | python make_data.py
(pip install timm)
python make_data.py & pip install timm
python install.py
echo pip install timm
pip install 'timm
pip install timm\\npython make_data.py
""".splitlines()


@pytest.mark.parametrize("command", FETCHING)
def test_is_a_command_that_only_fetches_known(command: str) -> None:
    assert fetches(command)


@pytest.mark.parametrize("command", [*OTHERS, ""])
def test_does_a_command_that_may_do_more_still_run(command: str) -> None:
    assert not fetches(command.replace("\\n", "\n"))


@pytest.mark.skipif(sys.platform != "linux", reason="the isolated engine needs Linux")
@in_turn
def test_do_all_ways_of_installing_cost_no_points_and_no_time(tmp_path: Path) -> None:
    """A retry of pip's would take longer than a cell may."""
    course = make_course(tmp_path / "course")
    with (course / "grader_config.py").open("a") as file:
        file.write("\nc.Headcheck.cell_seconds = 12\n")
    assert headcheck(course, "build", "--no-verify").returncode == 0
    notebook = nbformat.read(course / "notebooks" / NAME / f"{NAME}.ipynb", as_version=4)
    ways = [
        "!pip install timm",
        "%pip install timm",
        "%conda install timm",
        "%mamba install timm",
        "%uv pip install timm",
        "!sudo apt-get install graphviz",
        "!pip install timm; echo 'and this'",
        "%%bash\npip install timm || echo 'not there'",
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'pip', 'install', 'timm']).returncode",
    ]
    answers = {
        # In one cell with an answer, as in many a notebook from the web.
        "double": "%conda install timm\n%pip install timm\n\ndef double(x):\n    return 2 * x",
        "seven": "!pip install timm\nseven = 7",
    }
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = answers.get(name, cell.source)
    notebook.cells[1:1] = [new_code_cell(way) for way in ways]
    folder = course / "submitted" / "ada" / NAME
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    done = headcheck(course, "grade", "--json", "out.json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads((course / "out.json").read_text())
    assert result["score"] == result["max_score"] == 4
    graded = nbformat.read(course / "autograded" / "ada" / NAME / f"{NAME}.ipynb", as_version=4)
    shown = {
        cell.source: "".join(o.get("text", "") for o in cell.outputs)
        for cell in graded.cells
        if cell.cell_type == "code"
    }
    for way in ways[:6]:
        assert SAID in shown[way], way
        assert "restart the kernel" not in shown[way]
    assert "and this" in shown[ways[6]]
    assert "not there" in shown[ways[7]]
    for way in ways:
        assert "longer than" not in shown[way]
