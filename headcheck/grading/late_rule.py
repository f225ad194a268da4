"""The late rule of `dates.yaml` as nbgrader's own plugin, so that it holds in every door."""

from __future__ import annotations

from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin

from headcheck.course.dates import read_dates


class LateRule(LateSubmissionPlugin):
    """`late:` of dates.yaml; `c.LateSubmissionPlugin.penalty_method` when the file has none."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Points that a notebook loses. Raises `CourseError` for a file that cannot be read."""
        dates = read_dates(Path(CourseDirectory(config=self.config).root))
        if dates is None or dates.late is None:
            return super().late_submission_penalty(student_id, score, total_seconds_late)
        return score * dates.late.lost(total_seconds_late)
