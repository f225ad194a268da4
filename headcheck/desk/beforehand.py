"""What commands of the desk do anew in each process, done once in one that others are forked from."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import nbgrader.api  # noqa: F401  (its tables are what is configured)
from sqlalchemy.orm import configure_mappers

from headcheck.desk.page import escaping
from headcheck.grading.built import checked


def do_once(releases: Iterable[Path]) -> None:
    """Compile the pages' templates, have the gradebook's tables ready, read the students' notebooks."""
    for name in escaping().list_templates():
        escaping().get_template(name)
    configure_mappers()
    for release in releases:
        with suppress(Exception):  # not built, or damaged: who grades it is told
            checked(release.read_bytes())
