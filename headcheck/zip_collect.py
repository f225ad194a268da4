"""For who collects with `nbgrader zip_collect`: the LMSs' names read as `headcheck collect` reads them.

In nbgrader_config.py:

    c.ZipCollectApp.extractor_plugin = "headcheck.zip_collect.SafeExtractor"
    c.ZipCollectApp.collector_plugin = "headcheck.zip_collect.LmsNames"

`headcheck collect` does more: it keeps what a newer attempt replaces, takes the files beside the notebook,
and remembers the names by which feedback goes back.
"""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Int, Unicode

from headcheck.course.directory import CourseError
from headcheck.course.roster import Student, read_roster
from headcheck.desk.lms import presets
from headcheck.desk.lms.archive import Damaged, open_download, shown
from headcheck.desk.lms.collect import FILE_MIB, TOTAL_MIB
from headcheck.desk.lms.matching import find
from headcheck.desk.lms.presets import Claim, without_counter


class SafeExtractor(ExtractorPlugin):
    """Unpacks the LMS's zip: what is unsafe or damaged is left out by itself, and named."""

    file_mib = Int(FILE_MIB, help="the largest file that is taken").tag(config=True)
    total_mib = Int(TOTAL_MIB, help="the most that a zip may unpack to").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Every zip of `archive_path`, and the files beside it, into `extracted_path`."""
        loose = False
        for place in sorted(Path(archive_path).iterdir()):
            if place.suffix.casefold() == ".zip":
                self._take(place, Path(extracted_path) / place.stem)
            else:
                loose = True
        if loose:
            self._take(Path(archive_path), Path(extracted_path), zips=False)

    def _take(self, place: Path, target: Path, *, zips: bool = True) -> None:
        try:
            contents = open_download(place, file_mib=self.file_mib, total_mib=self.total_mib)
        except CourseError as error:
            self.log.warning("%s", error)
            return
        for refused in contents.refused:
            self.log.warning("Left out %s: %s", refused.path, refused.why)
        for entry in contents.entries:
            if not zips and entry.path.casefold().endswith(".zip"):
                continue
            try:
                path = target / entry.path
                data = entry.read()
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            except Damaged as error:
                self.log.warning("Left out %s: %s", shown(entry.path), error)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                self.log.warning("Left out %s: a folder has its name", shown(entry.path))


class LmsNames(FileNameCollectorPlugin):
    """Says whose a file is, by the name that Canvas, Moodle, Brightspace or Sakai gave it."""

    preset = Unicode(
        "", help="canvas, moodle, brightspace, blackboard, sakai or plain; guessed"
    ).tag(config=True)

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """student_id, file_id and, where the LMS tells it, timestamp; None for no submission."""
        path = Path(submitted_file)
        if path.suffix not in self.valid_ext:
            return None
        claim = self._claim(path)
        if claim is None:
            return None
        student = self._student(claim)
        if student is None:
            self.log.warning("Nobody of students.csv is meant by %s", shown(path.name))
            return None
        found = {"student_id": student, "file_id": without_counter(claim.file)}
        if claim.when is not None:
            when = claim.when.astimezone(UTC)
            found["timestamp"] = when.strftime("%Y-%m-%d %H:%M:%S")
        return found

    def _claim(self, path: Path) -> Claim | None:
        """The name as the LMS gave it: the last parts of the path, as many as a preset needs."""
        known = [p for p in presets.PRESETS if p not in ("plain", "gradescope")]
        names = [self.preset] if self.preset else known
        for count in range(1, min(len(path.parts), 6) + 1):
            name = os.sep.join(path.parts[-count:])
            for preset in names:
                claim = presets.read_one(name, preset)
                if claim is not None and not claim.skip:
                    return claim
        return None

    def _student(self, claim: Claim) -> str | None:
        roster = self._roster()
        match = find(claim.who, roster)
        return match.student.id if match.student is not None else None

    def _roster(self) -> list[Student]:
        if not hasattr(self, "_known"):
            self._known = read_roster(Path(CourseDirectory(config=self.config).root))
        return self._known
