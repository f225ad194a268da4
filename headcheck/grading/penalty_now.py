"""nbgrader's own feedback with the late penalty as it is now.

A mark by hand in formgrader, an extension, another due date: nbgrader works a penalty out when it
grades, and never again. grader_config.py names this step for `nbgrader generate_feedback`, which is
formgrader's button, too.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from headcheck.course.dates import read_dates
from headcheck.course.directory import Course, CourseError
from headcheck.grading.gradebook import ClassGradebook


class PenaltyNow(NbGraderPreprocessor):
    """Before the marks of one submission are read, its penalty is worked out again."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        ids = resources["nbgrader"]
        try:
            course = Course.open(Path(CourseDirectory(config=self.config).root))
        except CourseError:
            self.log.debug("not one of our course directories: the penalty is left as it is")
            return nb, resources
        course.config.CourseDirectory.db_url = ids["db_url"]  # also that of --db
        with closing(ClassGradebook(course)) as gradebook:
            gradebook.settle_one(read_dates(course.root), ids["student"], ids["assignment"])
        return nb, resources
