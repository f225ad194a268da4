"""Is a command at the desk there at once, or does it load torch first?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hours import in_turn
from lms_class import copy_of
from tiny_course import NAME

VERBS = [
    ("collect", "../download", NAME),
    ("todo",),
    ("show", "bob", NAME, "--no-run"),
    ("regrade", "--undo"),
    ("feedback", "--for", "canvas"),
    ("export", "--to", "csv"),
    ("export", "--to", "gradescope"),
    ("export", NAME, "--to", "canvas"),
    ("report", "--csv", "tables", "--leaderboard", "board.html"),
    ("similarity",),
    ("review", "nothing-of-this-name"),
]
ASK = """\
import sys
from typer.testing import CliRunner
from headcheck.cli import app
for words in {verbs!r}:
    done = CliRunner().invoke(app, words)
    assert done.exit_code in (0, 1, 2), (words, done.output, done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
    assert "torch" not in sys.modules, words
import headcheck.desk.review.server
assert "torch" not in sys.modules, "review"
"""


@in_turn
def test_does_no_verb_of_the_desk_load_torch(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    course = copy_of(tmp_path_factory)(tmp_path)
    download = tmp_path / "download"
    download.mkdir()
    (download / f"lovelaceada_4711_90299_{NAME}.ipynb").write_text("{}")
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(verbs=VERBS)], cwd=course, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
