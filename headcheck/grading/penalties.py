"""What a late submission loses: nbgrader's rules and plugin, applied to the marks as they stand.

A due date, an extension, the course's rule or a written answer's mark can change at any time after
a submission was graded. So penalties are worked out from the gradebook again at every grading run,
for the whole course; no notebook is run for it.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from nbgrader.api import Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import func
from traitlets.config import Config

from headcheck.course.directory import CourseError


class Penalties:
    """The course's rule: `c.LateSubmissionPlugin`, or a plugin of its own."""

    def __init__(self, config: Config) -> None:
        """Raises `CourseError` when the plugin that the configuration names cannot be used."""
        # nbgrader's own log repeats every penalty as a warning.
        quiet = logging.Logger("headcheck.penalties", level=logging.CRITICAL + 1)
        try:
            step = AssignLatePenalties(config=config, log=quiet)
            step.init_plugin()
        except Exception as error:  # importing it runs another person's code
            named = config.AssignLatePenalties.get("plugin_class", "LateSubmissionPlugin")
            raise CourseError(
                f"the penalty plugin {named} cannot be used ({_one_line(error)}); "
                "c.AssignLatePenalties.plugin_class in grader_config.py names it as "
                "'module.Class', and module.py lies beside grader_config.py."
            ) from error
        self._plugin = step.plugin_inst

    def of(self, student: str, score: float, seconds_late: float) -> float | None:
        """What a notebook loses: never less than nothing, never more than it has. None in time."""
        if seconds_late <= 0:
            return None
        name = type(self._plugin).__name__
        try:
            given = self._plugin.late_submission_penalty(student, score, seconds_late)
            penalty = None if given is None else float(given)
        except Exception as error:  # another person's code
            raise CourseError(
                f"the penalty plugin {name} failed for {student} ({type(error).__name__}: "
                f"{_one_line(error)}); mend it or take it out of grader_config.py, then run the "
                "same command again. What was finished is kept."
            ) from error
        if penalty is not None and math.isnan(penalty):
            raise CourseError(f"the penalty plugin {name} gives no number for {student}.")
        return None if penalty is None else max(0.0, min(penalty, score))

    def wrong(self, session: Any, only: Sequence[str] | None = None) -> dict[str, float | None]:
        """Row of a submitted notebook -> the penalty it should have, of those that have another.

        `only`: of these submissions.
        """
        asked = (
            session.query(
                SubmittedAssignment,
                SubmittedNotebook.id,
                SubmittedNotebook.late_submission_penalty,
            )
            .select_from(SubmittedNotebook)
            .join(SubmittedNotebook.assignment)
        )
        if only is not None:
            asked = asked.filter(SubmittedAssignment.id.in_(only))
        rows = asked.all()
        late = {row: seconds for s, row, _ in rows if (seconds := seconds_late(s)) > 0}
        scores = _scores(session, None if only is None else list(late)) if late else {}
        changes = {}
        for submission, row, before in rows:
            after = self.of(submission.student_id, scores.get(row, 0.0), late.get(row, 0.0))
            if (after or 0.0) != (before or 0.0):
                changes[row] = after
        return changes


def seconds_late(submission: Any) -> float:
    """How late a submission is. nbgrader's own sum fails for an extension where nothing is due."""
    return submission.total_seconds_late if submission.assignment.duedate is not None else 0.0


def _scores(session: Any, only: Sequence[str] | None) -> dict[str, float]:
    """Row of a submitted notebook -> its score, marks by hand included; each table is read once."""
    sums = session.query(Grade.notebook_id, func.sum(Grade.score)).group_by(Grade.notebook_id)
    if only is not None:
        sums = sums.filter(Grade.notebook_id.in_(only))
    return {row: score or 0.0 for row, score in sums}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
