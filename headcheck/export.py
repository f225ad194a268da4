"""The same exports for `nbgrader export`, for who stays with nbgrader.

    nbgrader export --exporter=headcheck.export.Canvas --Canvas.template=Grades.csv --to marks.csv

`Canvas` and `Moodle` fill in the LMS's own file, `Long` writes every question, `Gradescope` a folder of
results.json. `--assignment` and `--student` choose, as always.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin, ExportPlugin
from traitlets import Bool, Unicode

from headcheck.course.dates import read_dates
from headcheck.course.directory import Course, CourseError
from headcheck.desk.lms.export import Request, export_command
from headcheck.desk.lms.outgoing import Wishes
from headcheck.grading.gradebook import ClassGradebook


class Standard(CsvExportPlugin):
    """nbgrader's own table, after due dates, extensions and late penalties were brought up to date."""

    def export(self, gradebook: Any) -> None:
        """Write the file; a sentence and exit code 2 when the penalties cannot be worked out."""
        with _in_words():
            course = _course_of(self, gradebook)
            with closing(ClassGradebook(course)) as ours:
                ours.settle(read_dates(course.root), keep=True)
            gradebook.db.expire_all()
        super().export(gradebook)


class _Export(ExportPlugin):
    """What ours have in common."""

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
        with _in_words():
            code = export_command(_course_of(self, gradebook), request)
        if code:
            sys.exit(code)


def _course_of(plugin: ExportPlugin, gradebook: Any) -> Course:
    course = Course.open(Path(CourseDirectory(config=plugin.config).root))
    url = gradebook.engine.url.render_as_string(hide_password=False)
    course.config.CourseDirectory.db_url = url  # also that of --db
    return course


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except CourseError as error:
        print(f"headcheck: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


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
