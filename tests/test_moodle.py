"""Does everybody behind Moodle's numbers and groups get their submission, their mark and their page?"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from lms_class import copy_of
from tiny_course import NAME, headcheck, make_course

from headcheck.course.directory import Course, CourseError
from headcheck.desk.lms.collect import Plan, plan

STUDENTS = """\
id,first_name,last_name,email
ada,Ada,Lovelace,ada@example.org
anna1,Anna,Lee,anna.one@example.org
anna2,Anna,Lee,anna.two@example.org
joerg,Jörg,Müller,jm@example.org
"""
HEAD = 'Identifier,"Full name","Email address",Status,Group,Grade,"Maximum grade","Last modified (grade)"\n'
ALONE = (HEAD.replace("Group,", "")) + (
    '"Participant 101","Ada Lovelace",ada@example.org,Submitted,,6.00,-\n'
    '"Participant 102","Anna Lee",anna.one@example.org,Submitted,,6.00,-\n'
    '"Participant 103","Anna Lee",anna.two@example.org,Submitted,,6.00,-\n'
)
TEAMS = HEAD + (
    '"Participant 101","Ada Lovelace",ada@example.org,Submitted,Team_Blue,,6.00,-\n'
    '"Participant 77","Anna Lee",anna.one@example.org,Submitted,Team_Blue,,6.00,-\n'
    '"Participant 103","Anna Lee",anna.two@example.org,Submitted,"Default group",,6.00,-\n'
    '"Participant 104","Jörg Müller",jm@example.org,Submitted,"Default group",,6.00,-\n'
)
BOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
FILE = f"assignsubmission_file/{NAME}.ipynb"
# The number of the group is that of a participant who is in it, too: they are counted apart.
IN_TEAMS = {f"Team Blue_77_{FILE}": BOOK, f"Default group_{FILE}": BOOK}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_course(tmp_path_factory.mktemp("moodle") / "course")
    (made / "students.csv").write_text(STUDENTS)
    return made


def zipped(place: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return place


def planned(
    course: Path, place: Path, files: Mapping[str, bytes], worksheet: str | bytes = "", **more: Any
) -> Plan:
    sheet = place / "Grades.csv"
    sheet.write_bytes(worksheet.encode() if isinstance(worksheet, str) else worksheet)
    return plan(
        Course.open(course),
        zipped(place / "submissions.zip", files),
        worksheet=sheet if worksheet else None,
        **more,
    )


def students(made: Plan) -> list[str]:
    return [arrival.student for arrival in made.arrivals]


def why(made: Plan) -> dict[str, str]:
    return {one.label: one.why for one in (*made.ambiguous, *made.unmatched)}


TWO_ANNAS = {f"Anna Lee_102_{FILE}": BOOK, f"Anna Lee_103_{FILE}": BOOK + b" "}


def test_are_two_of_one_name_told_apart_by_the_worksheet(course: Path, tmp_path: Path) -> None:
    without = planned(course, tmp_path, TWO_ANNAS)
    assert students(without) == []
    assert "--worksheet" in without.hint
    made = planned(course, tmp_path, TWO_ANNAS, ALONE)
    assert {a.student: a.claim.who["participant"] for a in made.arrivals} == {
        "anna1": "102",
        "anna2": "103",
    }
    assert made.complete


def test_is_a_namesake_of_another_course_not_taken_for_ours(course: Path, tmp_path: Path) -> None:
    stranger = (
        ALONE.replace("anna.two@", "somebody@").replace("Anna", "Ada").replace("Lee", "Lovelace")
    )
    files = {f"Ada Lovelace_101_{FILE}": BOOK, f"Ada Lovelace_103_{FILE}": BOOK}
    made = planned(course, tmp_path, files, stranger)
    assert students(made) == ["ada"]
    assert why(made) == {"Ada Lovelace": "ada is called so, but has another email"}


@pytest.mark.parametrize(
    "sheet",
    [
        TEAMS,
        TEAMS.replace(",Group,", ",Csoport,"),  # a language that we do not have
        "\ufeff" + TEAMS.replace(",", ";"),
    ],
)
def test_does_one_file_of_a_group_count_for_everybody_in_it(
    course: Path, tmp_path: Path, sheet: str
) -> None:
    made = planned(course, tmp_path, IN_TEAMS, sheet)
    assert made.complete, why(made)
    assert {a.student: a.claim.prefix for a in made.arrivals} == {
        "ada": "Ada Lovelace_101_assignsubmission_file_",
        "anna1": "Anna Lee_77_assignsubmission_file_",
        "anna2": "Anna Lee_103_assignsubmission_file_",
        "joerg": "Jörg Müller_104_assignsubmission_file_",
    }


def test_is_what_a_worksheet_cannot_tell_named(course: Path, tmp_path: Path) -> None:
    files = IN_TEAMS | {f"Team Red_78_{FILE}": BOOK}
    stranger = TEAMS.replace("Jörg Müller", "Who Else").replace("jm@", "we@")
    made = planned(course, tmp_path, files, stranger)
    assert students(made) == ["ada", "anna1", "anna2"]
    assert why(made) == {
        "Default group, Who Else": "nobody of students.csv",
        "Team Red": "no group of the worksheet is called so",
    }
    blue = TEAMS.replace('Submitted,"Default group"', 'Submitted,"Team Blue"', 1)
    assert "several groups of this name" in why(planned(course, tmp_path, files, blue))["Team Blue"]


def test_are_namesakes_who_are_not_ours_not_called_hidden(course: Path, tmp_path: Path) -> None:
    files = {f"Jo Doe_{number}_{FILE}": BOOK for number in (101, 102)}
    made = planned(course, tmp_path, files | {f"Ada Lovelace_103_{FILE}": BOOK})
    assert [(one.label, one.why) for one in made.unmatched] == [
        ("Jo Doe", "nobody of students.csv")
    ] * 2


def test_are_hidden_names_said_to_be_hidden(course: Path, tmp_path: Path) -> None:
    blind = 'Identifier,Status,Grade,"Maximum grade"\n"Participant 101",Submitted,,6.00\n'
    for sheet in ("", blind):
        made = planned(course, tmp_path, {f"Participant_101_{FILE}": BOOK}, sheet)
        assert why(made) == {
            "participant 101": "Moodle hides the name; reveal the students' identities there and "
            "download again"
        }


@pytest.mark.parametrize(
    ("files", "sheet", "sentence"),
    [
        (
            TWO_ANNAS,
            ALONE.replace("Participant 1", "Participant 9"),
            "knows none of the 2 submissions",
        ),
        (TWO_ANNAS, "id,name\nada,Ada\n", "is no grading worksheet of Moodle"),
        (TWO_ANNAS, b"PK\x03\x04", "is an Excel workbook"),
        (TWO_ANNAS, ALONE[:-25], "row 4: the last one has 3 fields and the headings are 7"),
        (
            TWO_ANNAS,
            ALONE.replace("Email address", "Username").replace("ada@example.org", "5-Mar"),
            "Username 5-Mar is not",
        ),
        ({f"leeanna_1_2_{NAME}.ipynb": BOOK}, ALONE, "is read as canvas"),
    ],
)
def test_is_a_wrong_worksheet_refused_with_the_remedy(
    course: Path, tmp_path: Path, files: Mapping[str, bytes], sheet: str | bytes, sentence: str
) -> None:
    with pytest.raises(CourseError, match=sentence):
        planned(course, tmp_path, files, sheet)


def test_do_mark_and_page_go_to_each_of_a_group(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """By the command line, into a class that is graded; bob and cy are one group."""
    course = copy_of(tmp_path_factory)(tmp_path)
    sheet = tmp_path / "Grades.csv"
    sheet.write_text(
        HEAD + '"Participant 12","Bob Müller",bob@example.org,Submitted,Owls,,6.00,-\n'
        '"Participant 13","Cy Chen",cy@example.org,Submitted,Owls,,6.00,-\n'
    )
    download = zipped(tmp_path / "team.zip", {f"Owls_5_{FILE}": BOOK})
    done = headcheck(course, "collect", str(download), NAME, "--worksheet", str(sheet))
    assert done.returncode == 0, done.stdout + done.stderr
    for who in ("bob", "cy"):
        assert (course / "submitted" / who / NAME / f"{NAME}.ipynb").read_bytes() == BOOK
    done = headcheck(
        course, "feedback", NAME, "--for", "moodle", "--student", "bob", "--student", "cy"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (bundle,) = (course / "outbox").glob("*.zip")
    assert set(zipfile.ZipFile(bundle).namelist()) == {
        "Bob Müller_12_assignsubmission_file/feedback.html",
        "Cy Chen_13_assignsubmission_file/feedback.html",
    }
    out = tmp_path / "out.csv"
    arguments = ("--to", "moodle", "--template", str(sheet), "--unfinished", "--output", str(out))
    done = headcheck(course, "export", NAME, *arguments)
    rows = csv.DictReader(io.StringIO(out.read_text()))
    assert {row["Identifier"]: row["Grade"] for row in rows} == {
        "Participant 12": "1",
        "Participant 13": "2",
    }, done.stdout


def test_is_collecting_a_group_again_no_newer_attempt(course: Path, tmp_path: Path) -> None:
    sheet, download = tmp_path / "Grades.csv", zipped(tmp_path / "team.zip", IN_TEAMS)
    sheet.write_text(TEAMS)
    plan_file = tmp_path / "plan.json"
    for what in ("new", "same"):
        arguments = (str(download), NAME, "--worksheet", str(sheet), "--json", str(plan_file))
        done = headcheck(course, "collect", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        found = json.loads(plan_file.read_text())["matched"]
        assert [one["what"] for one in found] == [what] * 4


@pytest.mark.parametrize(
    "names", [("Partecipante", "Partecipante"), ("Osallistuja", "Osallistuja"), ("Katılımcı",)]
)
def test_is_a_hidden_name_known_in_any_language(
    course: Path, tmp_path: Path, names: tuple[str, ...]
) -> None:
    """By the word, or, where several participants are called so, by that."""
    files = {f"{name}_{101 + n}_{FILE}": BOOK for n, name in enumerate(names)}
    made = planned(course, tmp_path, files)
    assert all("Moodle hides the name" in one.why for one in made.unmatched)
    assert len(made.unmatched) == len(names)
