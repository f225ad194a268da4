"""Does the guide's week hold what the command line has, in its own words?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from headcheck.cli import app
from headcheck.desk.lms.presets import PRESETS

DOCS = Path(__file__).parents[1] / "docs"
GUIDE = (DOCS / "ta-guide.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^\$ headcheck (\w+)", GUIDE, re.MULTILINE)))


def test_the_week_shows_every_command_from_roster_to_export() -> None:
    week = {"collect", "grade", "todo", "review", "show", "regrade", "feedback", "export", "report"}
    assert week <= set(COMMANDS)
    for step in ("--preview", "--apply", "--undo"):
        assert re.search(rf"^\$ headcheck regrade .*{step}", GUIDE, re.MULTILINE), step
    assert set(COMMANDS) <= set(get_command(app).commands)  # type: ignore[attr-defined]


def test_every_command_in_it_has_said_something() -> None:
    for block in re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL):
        assert [line for line in block.splitlines() if not line.startswith("$ ")], block
    for trouble in ("Traceback", "Usage:", "No such file", "/tmp/", "PROBLEM"):
        assert trouble not in GUIDE


@pytest.mark.parametrize("lms", [preset for preset in PRESETS if preset != "plain"])
def test_has_each_lms_a_page_with_the_way_in_and_out(lms: str) -> None:
    page = (DOCS / f"lms-{lms}.md").read_text(encoding="utf-8")
    for verb in ("collect", "grade", "feedback", "export"):
        assert f"headcheck {verb} " in page, verb
    options = set(re.findall(r"--(?:for|to) (\w+)", page))
    assert options <= {"canvas", "moodle", "sakai", "csv", "gradescope"}


@pytest.mark.parametrize("verb", get_command(app).commands)  # type: ignore[attr-defined]
def test_each_has_help_with_an_example(verb: str) -> None:
    said = CliRunner().invoke(app, [verb, "--help"])
    assert said.exit_code == 0
    # A usage line has it, too.
    assert re.search(rf"headcheck\s+{verb}", said.output.partition("Usage:")[2].partition("\n")[2])
