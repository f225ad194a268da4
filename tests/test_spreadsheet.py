"""Does a spreadsheet open our tables, and run nothing that is in them?"""

from __future__ import annotations

import csv
import io

import pytest

from headcheck.desk.spreadsheet import as_csv


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u2003=1", "\u00a0@x", "＝1"],
)
def test_is_a_formula_only_text(text: str) -> None:
    ((_, row),) = [list(csv.reader(io.StringIO(as_csv(["name"], [[text]]), newline="")))]
    assert row[0].startswith(("'", "\\"))


def test_do_words_and_numbers_stay_what_they_are() -> None:
    text = as_csv(["name", "points"], [["Müller, Jörg", -1.5], ["a\nb", None]])
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows == [["name", "points"], ["Müller, Jörg", "-1.5"], ["a\nb", ""]]
