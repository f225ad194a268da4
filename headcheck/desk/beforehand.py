"""What commands of the desk do anew in each process, done once in one that others are forked from."""

from __future__ import annotations

import nbgrader.api  # noqa: F401  (its tables are what is configured)
from sqlalchemy.orm import configure_mappers

from headcheck.desk.figures import histogram
from headcheck.desk.numbers import Spread
from headcheck.desk.page import escaping


def do_once() -> None:
    """Compile the templates, draw a figure, have the gradebook's tables ready."""
    for name in escaping().list_templates():
        escaping().get_template(name)
    histogram(Spread([0.0, 0.5, 1.0], 0.5, 0.5, 0.0, 1.0, 0.5, zeros=1, full=1), "none")
    configure_mappers()
