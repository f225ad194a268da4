"""Does somebody who reports a fault find out at once which headcheck it was?"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

from typer.testing import CliRunner

import headcheck
from headcheck.cli import app

HEAVY = ("torch", "nbgrader", "nbformat", "pydantic", "rich.table", "headcheck.course.directory")


def test_does_it_say_which_version_it_is_and_of_which_python() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0, done.output
    python = ".".join(map(str, sys.version_info[:3]))
    for said in (f"headcheck {headcheck.__version__} ", python, f"nbgrader {version('nbgrader')}"):
        assert said in done.output
    assert done.output.count("\n") == 1


def test_is_nothing_that_takes_time_imported_for_it() -> None:
    code = (
        "import sys\nfrom headcheck.start import main\nsys.argv = ['headcheck', '--version']\n"
        f"try:\n    main()\nfinally:\n    print([n for n in {HEAVY} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["[]"], done.stdout
