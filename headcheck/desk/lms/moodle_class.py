"""Who is behind the numbers and groups of a Moodle download: its grading worksheet says so.

A folder is called after a full name and the number of a participant, or, when groups hand in
together, after the group. Names may be two students' or hidden, and Moodle takes feedback back by
the number of a participant only, so the worksheet is needed wherever the name does not decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headcheck.course.directory import CourseError
from headcheck.course.roster import Student, plain_name
from headcheck.desk.lms.moodle_sheet import identities, number_of, team_columns
from headcheck.desk.lms.presets import Claim
from headcheck.desk.lms.sheet import read_sheet, spoilt_by_a_spreadsheet

HOW = (
    "Moodle's grading worksheet says who is behind a number and in a group: the assignment, "
    "Submissions, Download grading worksheet; then headcheck collect FILE --worksheet WORKSHEET"
)


class NotThere(ValueError):
    """The worksheet does not know this folder; half a sentence."""


@dataclass(frozen=True)
class MoodleClass:
    """What one worksheet knows."""

    facts: Mapping[str, Mapping[str, str]]  # number of a participant -> what is known of them
    teams: Mapping[
        str, Mapping[str, tuple[str, ...]]
    ]  # folded name -> name -> its members' numbers
    in_teams: bool  # the worksheet has a column of groups, so groups hand in together

    def behind(self, claim: Claim) -> list[Claim]:
        """The claim once for each student who handed this in, with number and prefix of their own.

        Raises `NotThere`.
        """
        number, name = claim.who.get("participant", ""), claim.who.get("name", "")
        teams = self.teams.get(_folded(name), {}) if name else {}
        known = self.facts.get(number)
        if teams and not (known is not None and _is_name(name, known.get("name", ""))):
            if len(teams) > 1:
                raise NotThere(f"the worksheet has several groups of this name: {', '.join(teams)}")
            (members,) = teams.values()
            return [self._of(claim, member) for member in members]
        if self.in_teams:
            raise NotThere("no group of the worksheet is called so")
        if known is None:
            raise NotThere("the worksheet does not have this participant")
        return [self._of(claim, number)]

    def _of(self, claim: Claim, number: str) -> Claim:
        facts = dict(self.facts[number])
        name = (
            re.sub(r'[\x00-\x1f_/\\:*?"<>|]', " ", facts.get("name", "")).strip() or "participant"
        )
        prefix = f"{name}_{number}_assignsubmission_file_"
        return Claim(
            facts | {"participant": number},
            claim.file,
            claim.attempt,
            late=claim.late,
            prefix=prefix,
        )


def read_moodle_class(worksheet: Path, roster: Sequence[Student]) -> MoodleClass:
    """Raises `CourseError` when this is no worksheet."""
    if not worksheet.is_file():
        raise CourseError(
            f"{worksheet} does not exist; --worksheet names Moodle's grading worksheet."
        )
    sheet = read_sheet(worksheet)
    who, certain, columns = identities(sheet), *team_columns(sheet)
    spoilt_by_a_spreadsheet(sheet, [0, *who], worksheet, roster)
    facts: dict[str, Mapping[str, str]] = {}
    teams: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in sheet.rows[1:]:
        number = number_of(row)
        if number is None:
            continue
        known = {kind: row.value(column).strip() for column, kind in who.items()}
        facts[number] = {kind: text for kind, text in known.items() if text}
        for column in columns:
            if team := row.value(column).strip():
                named = teams.setdefault(_folded(team), {})
                named[team] = (*named.get(team, ()), number)
    if not facts:
        raise CourseError(
            f"{worksheet} is no grading worksheet of Moodle: its first column should end in numbers "
            "(Participant 1234567). In Moodle: the assignment, Submissions, Download grading worksheet."
        )
    return MoodleClass(facts, teams, certain)


def _folded(name: str) -> str:
    """As Moodle makes a file's name of a group's, without regard to case and blanks."""
    return re.sub(r"""[\s_&<>"`|':\\/.]+""", " ", name).strip().casefold()


def _is_name(folder: str, name: str) -> bool:
    """Some installations put the user name before the full name."""
    return bool(plain_name(name)) and plain_name(folder).endswith(plain_name(name))
