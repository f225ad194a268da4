"""Tables for spreadsheets: every program opens them as a table, and none runs what is in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from headcheck.desk.visible import spreadsheet

Cell = str | float | None  # numbers stay numbers, also negative ones


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table as CSV text. Encode it as `utf-8-sig`, or Excel takes it for another alphabet."""
    out = io.StringIO()
    table = csv.writer(out)
    for row in (headings, *rows):
        table.writerow([spreadsheet(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()
