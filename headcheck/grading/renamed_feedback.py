"""nbgrader's exchange looks for feedback under the name that a notebook was handed in with.

A renamed notebook is graded like any other, and its page has the lesson's name. So the page is also
released under the name that its student knows. grader_config.py names this for
`nbgrader release_feedback`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

SECRET = "submission_secret.txt"


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """nbgrader's step, and the pages of notebooks that were handed in under another name."""

    def copy_files(self) -> None:
        """Release every page."""
        super().copy_files()
        left_out = set((self.coursedir.student_id_exclude or "").split(","))
        lesson = self.coursedir.assignment_id
        pattern = Path(self.src_path).relative_to(self.coursedir.root)
        for folder in sorted(Path(self.coursedir.root).glob(str(pattern))):
            page, student = folder / f"{lesson}.html", folder.parent.name
            if student in left_out or not page.is_file() or not (folder / SECRET).is_file():
                continue
            secret = (folder / SECRET).read_text()
            for name in self._other_names(student, lesson):
                released = (
                    Path(self.dest_path) / f"{notebook_hash(secret=secret, notebook_id=name)}.html"
                )
                aside = released.with_name(f"{released.stem}-tmp.html")
                shutil.copy(page, aside)
                aside.replace(released)
                self.log.info("Feedback for student '%s' also as '%s'", student, name)

    def _other_names(self, student: str, lesson: str) -> Iterator[str]:
        """How the notebooks are called that were handed in, where none has the lesson's name."""
        where = self.coursedir.format_path(self.coursedir.submitted_directory, student, lesson)
        names = {path.stem for path in Path(where).glob("*.ipynb")}
        yield from sorted(names) if lesson not in names else ()
