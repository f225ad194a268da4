"""Does the leaderboard hold what the grader's check measured, and nothing a student printed?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from nbformat.v4 import new_output
from test_report import STANDINGS, cell, record
from tiny_course import LESSON, headcheck, make_course

from headcheck.desk.leaderboard import Candidate, Entry, entry_of, leaderboard
from headcheck.desk.report import render
from headcheck.desk.results import Material, leaderboards
from headcheck.grading.published import published
from headcheck.grading.record import Record

LINE = (
    'leaderboard {"parameters": 800, "accuracy": 0.7, "probe": 0.6, "margin": 0.04, "budget": 900}'
)
FORGED = LINE.replace("0.7", "1.0")


def printed(*texts: str, name: str = "stdout") -> list:
    return [new_output("stream", name=name, text=text) for text in texts]


def entry(parameters: int = 800, accuracy: float = 0.7) -> Entry:
    return Entry(parameters=parameters, accuracy=accuracy, probe=0.6, margin=0.04, budget=900)


def board(*entries: tuple[str, int, float]):
    return leaderboard(Candidate(who, entry(size, right)) for who, size, right in entries)


# ---- from a check's output ----------------------------------------------------------------------


def test_is_the_line_of_a_check_read():
    assert entry_of(published(printed("before\n", LINE[:30], LINE[30:] + "\nafter\n"))) == entry()


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        printed("nothing of that kind\n"),
        printed("  " + LINE),
        printed("my " + LINE),
        printed(LINE, name="stderr"),
        printed(FORGED + "\n", LINE + "\n"),
        printed(LINE.replace("0.7", '"0.7"')),
        printed(LINE.replace("0.7", "NaN")),
        printed(LINE.replace("0.7", "7")),
        printed(LINE.replace("800", "true")),
        printed(LINE.replace("800", "0")),
        printed(LINE.replace("}", ', "name": "<b>"}')),
        printed('leaderboard {"parameters": 800}'),
        printed("leaderboard of the class"),
        printed(LINE.replace("0.7", "1e999")),
        printed(LINE.replace("}", ', "name": "\\ud800"}')),
        printed('leaderboard {"a": ' + "[" * 2000 + "]" * 2000 + "}"),
        printed(LINE + " " * 5000),
        [new_output("execute_result", data={"text/plain": LINE})],
        [new_output("error", ename="E", evalue=LINE, traceback=[LINE])],
    ],
    ids=str,
)
def test_is_anything_else_no_entry(outputs):
    assert entry_of(published(outputs)) is None


# ---- ranks --------------------------------------------------------------------------------------


def test_do_equal_results_share_a_rank():
    places = board(("d", 1, 0.5), ("c", 9, 0.7), ("b", 9, 0.7), ("a", 7, 0.7)).places
    assert [(p.rank, p.student) for p in places] == [(1, "a"), (2, "b"), (2, "c"), (4, "d")]


def test_who_is_unbeaten():
    found = board(("big", 900, 0.8), ("worse", 700, 0.6), ("small", 300, 0.7), ("twin", 300, 0.7))
    assert [place.student for place in found.unbeaten] == ["small", "big"]


def test_do_numbers_in_the_plot_not_cover_each_other():
    found = board(("a", 800, 0.7), ("twin", 800, 0.7), ("near", 801, 0.6999), ("far", 300, 0.6))
    assert [place.student for place in found.numbered] == ["a", "far"]


def test_is_nobody_no_leaderboard():
    assert leaderboard([]) is None
    assert leaderboards([record("ada", cell("test_a", "passed"))]) == {}


@pytest.mark.parametrize(
    "entries",
    [
        [("one", 800, 0.7)],
        [("at the budget", 900, 0.6)],
        [("tiny", 1, 0.0), ("huge", 10**12, 1.0)],
    ],
)
def test_does_everything_lie_inside_the_plot(entries):
    found = board(*entries)
    plot = found.plot
    points = [(p.x, p.y) for p in found.places]
    points += [(plot.x(found.budget), plot.y(found.probe)), (plot.left, plot.y(found.needed))]
    assert all(plot.left <= x <= plot.right and plot.top <= y <= plot.bottom for x, y in points)
    assert 2 <= len(plot.parameter_ticks()) <= 13
    assert 2 <= len(plot.accuracy_ticks()) <= 11


# ---- on the page --------------------------------------------------------------------------------


def with_entry(student: str, given: Entry, *cells) -> Record:
    first, *others = cells or (cell("test_a", "passed"),)
    return record(
        student,
        first.model_copy(update={"published": {"leaderboard": given.model_dump()}}),
        *others,
    )


RECORDS = [
    with_entry("ada", entry(800, 0.75)),
    with_entry("bob", entry(5000, 0.8), cell("test_a", "passed"), cell("test_budget", "failed")),
    with_entry("cy", entry(300, 0.7)).model_copy(update={"engine": "nbgrader"}),
    record("dee", cell("test_a", "failed")),
]


def test_does_the_report_rank_only_who_kept_the_rules():
    rows = leaderboards(RECORDS)["05-create-head"].places
    assert [(row.rank, row.student, row.remarks) for row in rows] == [
        (1, "ada", ()),
        (2, "cy", ("not isolated",)),
        (None, "bob", ("lost points in test_budget",)),
    ]


def test_has_a_head_that_cannot_be_counted_no_rank():
    own = entry(200, 0.9).model_copy(update={"not_ranked": "a class of its own"})
    rows = leaderboards([*RECORDS, with_entry("eve", own)])["05-create-head"].places
    assert [row.student for row in rows if row.rank == 1] == ["ada"]
    assert (None, ("not ranked: a class of its own",)) in [(row.rank, row.remarks) for row in rows]


def test_is_the_plot_told_in_words_too():
    page = render(Material("a course", RECORDS, STANDINGS))
    svg = page[page.index('<svg viewBox="0 0 720.0 340') :].partition("</svg>")[0]
    names = re.search(r'aria-labelledby="(\S+) (\S+)"', svg)
    assert names and f'<title id="{names[1]}">' in svg and f'<desc id="{names[2]}">' in svg
    assert "75.0 % with 800 parameters" in svg
    assert "+15.0 points" in page and "lost points in test_budget" in page
    # Not by colour alone: who is ranked is a dot with a number, who is not is a cross.
    assert svg.count('<circle class="ranked"') == 2 and svg.count('<path class="unranked"') == 1
    assert "NaN" not in svg and "None" not in svg


def test_is_a_report_without_entries_without_a_leaderboard():
    assert "eaderboard" not in render(
        Material("a course", [record("ada", cell("test_a", "passed"))], {})
    )


# ---- through the real command line --------------------------------------------------------------

PUBLISHING = LESSON.replace(
    '    expect(double("a") == "aa", \'double("a")\')\n',
    f'    double(1)\n    print({LINE!r})\n    expect(double("a") == "aa", \'double("a")\')\n',
)


@pytest.mark.parametrize(
    ("engine", "expected"),
    [("isolated", {"honest": 0.7, "forger": 0.7}), ("nbgrader", {"honest": 0.7})],
)
def test_can_a_student_forge_an_entry(tmp_path: Path, engine: str, expected: dict[str, float]):
    course = make_course(tmp_path / "course", lesson=PUBLISHING)
    assert headcheck(course, "build", "--no-verify").returncode == 0
    text = (course / "notebooks/01-double/01-double.ipynb").read_text()
    for student in ("honest", "forger"):
        notebook = json.loads(text)
        for part in notebook["cells"]:
            name = part["metadata"].get("nbgrader", {}).get("grade_id")
            if name == "double":
                forging = f"    print({FORGED!r})\n" if student == "forger" else ""
                part["source"] = f"def double(x):\n{forging}    return x + x\nprint({FORGED!r})"
            if name == "seven":
                part["source"] = f"seven = 7\nprint({FORGED!r})"
            if (name or "").startswith("test_") and student == "forger":
                part["outputs"] = [dict(o) for o in printed(FORGED)]
        folder = course / "submitted" / student / "01-double"
        folder.mkdir(parents=True)
        (folder / "01-double.ipynb").write_text(json.dumps(notebook))
    done = headcheck(course, "grade", "--engine", engine)
    assert done.returncode == 0, done.stderr
    found = {}
    for path in (course / ".headcheck/graded/01-double").glob("*.json"):
        for result in Record.model_validate_json(path.read_bytes()).cells:
            if (shown := entry_of(result.published)) is not None:
                found[path.stem] = shown.accuracy
    assert found == expected
    page = (course / "report.html").read_text()
    board = page[page.index('id="leaderboard-1"') : page.index('id="class"')]
    assert "100.0 %" not in board and "70.0 %" in board
    shown = headcheck(course, "report", "--leaderboard", "board.html")
    assert shown.returncode == 0, shown.stderr
    alone = (course / "board.html").read_text()
    assert "70.0 %" in alone and "honest" not in alone
    # What somebody wrote into it, or had there before, is not written over.
    (course / "board.html").write_text(alone.replace("</h1>", " of this week</h1>"))
    (course / "index.html").write_text("<!doctype html>\n<title>The course</title>\n")
    for name, sign in (("board.html", "of this week"), ("index.html", "The course")):
        refused = headcheck(course, "report", "--leaderboard", name)
        assert refused.returncode == 2 and f"{name} is there already" in refused.stderr
        assert sign in (course / name).read_text()
