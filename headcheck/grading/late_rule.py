"""The late rule of `dates.yaml` as nbgrader's own plugin, so that it holds in every door."""

from __future__ import annotations

from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin

from headcheck.course.dates import DATES, Dates, read_dates


class LateRule(LateSubmissionPlugin):
    """`late:` of dates.yaml; `c.LateSubmissionPlugin.penalty_method` when the file has none."""

    _read: tuple[tuple[Path, int, int], Dates | None] | None = None

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Points that a notebook loses. Raises `CourseError` for a file that cannot be read."""
        dates = self._dates(Path(CourseDirectory(config=self.config).root))
        if dates is None or dates.late is None:
            return super().late_submission_penalty(student_id, score, total_seconds_late)
        return score * dates.late.lost(total_seconds_late)

    def _dates(self, root: Path) -> Dates | None:
        """Read once for a class, and again when somebody has changed the file meanwhile."""
        try:
            found = (root / DATES).stat()
            state = (root, found.st_mtime_ns, found.st_size)
        except OSError:
            state = (root, 0, 0)
        if self._read is None or self._read[0] != state:
            self._read = state, read_dates(root)
        return self._read[1]
