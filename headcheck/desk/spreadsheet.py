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
        table.writerow(map(_written, row))
    return out.getvalue()


def _written(cell: Cell) -> Cell:
    """Of a number no more than a sum of decimals is exact to: 0.3, not 0.30000000000000004."""
    if isinstance(cell, float):
        return round(cell, 10)
    return spreadsheet(cell) if isinstance(cell, str) else cell
