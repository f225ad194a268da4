"""The same exports for `nbgrader export`, for who stays with nbgrader.

    nbgrader export --exporter=headcheck.export.Canvas --Canvas.template=Grades.csv --to marks.csv

`Canvas` and `Moodle` fill in the LMS's own file, `Long` writes every question, `Gradescope` a folder of
results.json. `--assignment` and `--student` choose, as always.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Unicode

from headcheck.course.directory import Course, CourseError
from headcheck.desk.lms.export import Request, export_command
from headcheck.desk.lms.outgoing import Wishes


class _Export(ExportPlugin):
    """What all have in common."""

    what: ClassVar[str]
    template = Unicode("", help="the table that the LMS exported").tag(config=True)
    column = Unicode("", help="where the marks go in it").tag(config=True)
    penalty = Bool(True, help="False: the LMS takes its own late penalty").tag(config=True)
    unfinished = Bool(False, help="also marks with unread written answers").tag(config=True)
    missing_zero = Bool(False, help="a zero for who handed in nothing").tag(config=True)
    scale = Bool(False, help="scale marks to the points of the LMS").tag(config=True)

    def export(self, gradebook: Any) -> None:
        """Write the file; a sentence and exit code 2 for what cannot be done, 1 as `headcheck export`."""
        request = Request(
            to=self.what,
            assignments=[str(name) for name in self.assignment],
            students=[str(name) for name in self.student],
            template=Path(self.template) if self.template else None,
            column=self.column or None,
            output=Path(self.to) if self.to else None,
            wishes=Wishes(self.penalty, self.unfinished, self.missing_zero, self.scale),
        )
        try:
            course = Course.open(Path(CourseDirectory(config=self.config).root))
            url = gradebook.engine.url.render_as_string(hide_password=False)
            course.config.CourseDirectory.db_url = url  # also that of --db
            code = export_command(course, request)
        except CourseError as error:
            print(f"headcheck: {error}", file=sys.stderr)
            sys.exit(error.exit_code)
        if code:
            sys.exit(code)


class Canvas(_Export):
    """Canvas's gradebook, filled in."""

    what = "canvas"


class Moodle(_Export):
    """Moodle's offline grading worksheet, filled in."""

    what = "moodle"


class Long(_Export):
    """One long table with every question."""

    what = "csv"


class Gradescope(_Export):
    """A folder with a results.json for each student."""

    what = "gradescope"
