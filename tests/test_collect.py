"""Does the LMS's zip become a class's submissions, each in its place, with nothing lost?"""

from __future__ import annotations

import dataclasses
import io
import json
import re
import shutil
import stat
import subprocess
import sys
import time
import unicodedata
import warnings
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hours import in_turn
from tiny_course import LESSON, NAME, add_lesson, headcheck, make_course

from headcheck.course.directory import Course, CourseError
from headcheck.course.roster import read_roster
from headcheck.desk.lms import collect as desk
from headcheck.desk.lms import presets
from headcheck.desk.lms.collect import plan
from headcheck.desk.lms.taken_back import note, take_back

STUDENTS = """\
id;first_name;last_name;e-mail;Canvas ID;SIS Login ID;SIS User ID
ada;Ada;Lovelace;ada@example.org;4711;alov;s0815
joerg;Jörg;Müller;jm@example.org;4712;jmue;s0816
lee;Lee;Anna;la@example.org;4713;lanna;s0817
anna;Anna;Lee;al@example.org;4714;alee;s0818
"""
BOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("collect") / "course")


@pytest.fixture
def course(empty: Path, tmp_path: Path) -> Path:
    made = Path(shutil.copytree(empty, tmp_path / "course"))
    (made / "students.csv").write_bytes(b"\xef\xbb\xbf" + STUDENTS.encode())
    return made


def zipped(course: Path, files: Mapping[str, bytes], name: str = "submissions.zip") -> Path:
    place = course.parent / name
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, data in files.items():
            archive.writestr(path, data)
    return place


def collect(course: Path, *arguments: object) -> tuple[int, str]:
    done = headcheck(course, "collect", *map(str, arguments))
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def taken(course: Path) -> set[str]:
    root = course / "submitted"
    return {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and not path.relative_to(root).parts[0].startswith(".")
    }


# ---- each LMS -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "files", "expected"),
    [
        (
            "canvas",
            {
                f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK,
                "lovelaceada_4711_90211_helper.py": b"x = 1",
                f"müllerjörg_LATE_4712_90377_{NAME}-1.ipynb": BOOK,
                "leeanna_4713_text.html": b"typed",
            },
            {f"ada/{NAME}/{NAME}.ipynb", f"ada/{NAME}/helper.py", f"joerg/{NAME}/{NAME}.ipynb"},
        ),
        (
            "moodle",
            {
                f"Ada Lovelace_1234567_assignsubmission_file/{NAME}.ipynb": BOOK,
                "Ada Lovelace_1234567_assignsubmission_file/data/a.csv": b"1",
                f"Jörg Müller_1234568_assignsubmission_file_/{NAME}.ipynb": BOOK,
                "Jörg Müller_1234568_assignsubmission_onlinetext/onlinetext.html": b"typed",
            },
            {f"ada/{NAME}/{NAME}.ipynb", f"ada/{NAME}/data/a.csv", f"joerg/{NAME}/{NAME}.ipynb"},
        ),
        (
            "moodle",  # the flat form
            {f"Ada Lovelace_1234567_assignsubmission_file_{NAME}.ipynb": BOOK},
            {f"ada/{NAME}/{NAME}.ipynb"},
        ),
        (
            "gradescope",
            {
                "assignment_80_export/submission_metadata.yml": (
                    b"submission_301:\n  :submitters:\n"
                    b"  - {:name: Ada Lovelace, :sid: 's0815', :email: ada@example.org}\n"
                    b"  - {:name: Somebody, :email: jm@example.org}\n"
                    b"  :created_at: 2026-11-20 22:58:01.12 Z\n"
                ),
                f"assignment_80_export/submission_301/{NAME}.ipynb": BOOK,
            },
            {
                f"{who}/{NAME}/{file}"
                for who in ("ada", "joerg")
                for file in (f"{NAME}.ipynb", "timestamp.txt")
            },
        ),
        (
            "brightspace",
            {
                "index.html": b"",
                f"39786-640693 - Ada Lovelace - Nov 20, 2026 958 PM/{NAME}.ipynb": BOOK,
                f"39786-640694 - alov Ada Lovelace - Nov 20, 2026 1158 PM/{NAME}.ipynb": BOOK
                + b" ",
            },
            {f"ada/{NAME}/{NAME}.ipynb", f"ada/{NAME}/timestamp.txt"},
        ),
        (
            "blackboard",
            {
                "Lesson_1_alov_attempt_2026-11-20-21-58-00.txt": b"Name: Ada Lovelace (alov)",
                f"Lesson_1_alov_attempt_2026-11-20-21-58-00_{NAME}.ipynb": BOOK + b" ",
                f"Lesson_1_alov_attempt_2026-11-20-23-58-00_{NAME}.ipynb": BOOK,
                f"Lesson_1_s0816_poging_2026-11-20-23-58-00_{NAME}.ipynb": BOOK,
            },
            {
                f"{who}/{NAME}/{file}"
                for who in ("ada", "joerg")
                for file in (f"{NAME}.ipynb", "timestamp.txt")
            },
        ),
        (
            "sakai",
            {
                "Lesson one/grades.csv": b"Display ID,ID",
                f"Lesson one/Lovelace, Ada(alov)/Submission attachment(s)/{NAME}.ipynb": BOOK,
                "Lesson one/Lovelace, Ada(alov)/comments.txt": b"",
            },
            {f"ada/{NAME}/{NAME}.ipynb"},
        ),
        (
            "plain",
            {f"ada/{NAME}/{NAME}.ipynb": BOOK, f"joerg/{NAME}.ipynb": BOOK},
            {f"ada/{NAME}/{NAME}.ipynb", f"joerg/{NAME}/{NAME}.ipynb"},
        ),
    ],
)
def test_does_everything_reach_its_place(course: Path, preset: str, files, expected) -> None:
    code, said = collect(course, zipped(course, files))
    assert f"read as {preset}" in said, said
    assert (code, taken(course)) == (0, expected), said


def test_is_the_newest_attempt_taken(course: Path) -> None:
    place = "39786-1 - Ada Lovelace - Nov 20, 2026 {} PM/" + f"{NAME}.ipynb"
    files = {place.format("1158"): b"late", place.format("958"): b"early"}
    collect(course, zipped(course, files))
    assert (course / f"submitted/ada/{NAME}/{NAME}.ipynb").read_bytes() == b"late"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *((text, "") for text in ("joerg", "JMUE", "jm@example.org", "s0816", "4712")),
        *((text, "") for text in ("Müller, Jörg", "Jörg Müller", "Mu\u0308ller Jo\u0308rg")),
        (
            "Lee Anna",
            "several students are called so; the LMS tells neither number nor e-mail of this one, so put the "
            "files into FOLDER/ID/ by hand and collect FOLDER; did you mean lee or anna?",
        ),
        ("Jorg Muler", "nobody of students.csv; did you mean joerg?"),
        ("alov", "alov: the id is that of alov, but the login is that of ada"),
    ],
)
def test_does_a_pattern_find_whom_an_lms_would_name(course: Path, text: str, said: str) -> None:
    with (course / "students.csv").open("a") as file:
        file.write("alov;Some;Body;sb@example.org;4719;sbod;s0819\n")
    download = zipped(course, {f"{text}--{NAME}.ipynb": BOOK})
    code, output = collect(course, download, NAME, "--pattern", r"(?P<student>.+)--(?P<file>.+)")
    if said:
        assert (code, taken(course)) == (1, set())
        assert said in output
    else:
        assert (code, taken(course)) == (0, {f"joerg/{NAME}/{NAME}.ipynb"}), output


def test_is_said_what_tells_two_of_one_name_apart(course: Path) -> None:
    (course / "students.csv").write_text(
        "id,first_name,last_name\nada,Ada,Lovelace\nada2,Ada,Lovelace\n"
    )
    code, said = collect(course, zipped(course, {f"lovelaceada_4799_90210_{NAME}.ipynb": BOOK}))
    assert (code, taken(course)) == (1, set())
    assert "students.csv says it, once 4799 is the canvas_id of one of them" in said


def test_are_namesakes_told_apart_and_known_once_a_person_has_sorted_them(course: Path) -> None:
    """Brightspace tells names alone. What was put right by hand would wait for ever."""
    with (course / "students.csv").open("a") as file:
        file.write("lee2;Lee;Anna;;;;\n")
    folders = [f"39786-{n} - Lee Anna - Nov {n}, 2026 958 PM" for n in (20, 21)]
    files = {f"{folder}/{NAME}.ipynb": BOOK + b" " * n for n, folder in enumerate(folders, start=1)}
    code, said = collect(course, zipped(course, files))
    assert code == 1 and all(f"Lee Anna: {folder}: several students" in said for folder in folders)
    by_hand = course.parent / "sorted"
    for who, (path, data) in zip(("lee2", "lee"), files.items(), strict=True):
        (by_hand / who).mkdir(parents=True)
        (by_hand / who / Path(path).name).write_bytes(data)
    assert collect(course, by_hand)[0] == 0
    code, said = collect(course, zipped(course, files))
    assert (code, said.count("there already")) == (0, 2), said
    new = {f"39786-22 - Lee Anna - Nov 22, 2026 958 PM/{NAME}.ipynb": BOOK + b"   "}
    assert "Lee Anna: 39786-22" in collect(course, zipped(course, files | new))[1]


def test_does_one_odd_name_not_hide_which_lms_it_was(course: Path) -> None:
    names = ("Ada Lovelace_1", "Jörg Müller_2", "Jörg _Joe_ Müller_3")
    files = {f"{name}_assignsubmission_file/{NAME}.ipynb": BOOK for name in names}
    code, said = collect(course, zipped(course, files))
    assert (code, taken(course)) == (
        1,
        {f"ada/{NAME}/{NAME}.ipynb", f"joerg/{NAME}/{NAME}.ipynb"},
    )
    assert "Jörg _Joe_ Müller_3_assignsubmission_file/" in said
    assert "its name is not like the others" in said


def test_a_pattern_of_ones_own(course: Path) -> None:
    download = zipped(course, {f"ada--{NAME}.ipynb": BOOK, "joerg--other.ipynb": BOOK})
    pattern = r"(?P<student>\w+)--(?P<file>.+)"
    code, said = collect(course, download, NAME, "--pattern", pattern)
    assert (code, taken(course)) == (
        0,
        {f"ada/{NAME}/{NAME}.ipynb", f"joerg/{NAME}/other.ipynb"},
    ), said


def test_names_that_canvas_wrote_without_saying_utf8(course: Path) -> None:
    name = f"müllerjörg_4712_90377_{NAME}.ipynb"
    (course / "students.csv").write_text("id,first_name,last_name\njoerg,Jörg,Müller\n")
    place = course.parent / "x.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr(name.encode().decode("cp437"), BOOK)
    data = place.read_bytes().replace(name.encode().decode("cp437").encode(), name.encode())
    assert zipfile.ZipFile(io.BytesIO(place.read_bytes()))
    with zipfile.ZipFile(place) as archive:
        assert archive.infolist()[0].flag_bits & 0x800  # Python says so, Canvas does not
    del data
    place.write_bytes(_without_utf8_flag(name))
    code, said = collect(course, place)
    assert (code, taken(course)) == (0, {f"joerg/{NAME}/{NAME}.ipynb"}), said


def _without_utf8_flag(name: str) -> bytes:
    """A zip whose one name is UTF-8 and does not say so."""
    raw = name.encode()
    stand_in = "x" * len(raw)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(stand_in, BOOK)
    return buffer.getvalue().replace(stand_in.encode(), raw)


# ---- who cannot be found -------------------------------------------------------------------------


def test_who_is_not_found_is_named_and_the_rest_is_taken(course: Path) -> None:
    files = {
        f"lovelaceada_4711_1_{NAME}.ipynb": BOOK,
        f"leeanna_99_2_{NAME}.ipynb": BOOK,
        f"mullerjorgg_98_3_{NAME}.ipynb": BOOK,
        f"zzz_97_4_{NAME}.ipynb": BOOK,
    }
    code, said = collect(course, zipped(course, files))
    assert code == 1
    assert "1 matched, 1 ambiguous, 2 unmatched, 0 refused. 3 of the class are not in it." in said
    assert "did you mean lee or anna?" in said
    assert "did you mean joerg?" in said
    assert taken(course) == {f"ada/{NAME}/{NAME}.ipynb"}


def test_is_a_namesake_with_another_number_nobody_of_ours(course: Path) -> None:
    code, said = collect(course, zipped(course, {f"lovelaceada_9999_1_{NAME}.ipynb": BOOK}))
    assert (code, taken(course)) == (1, set())
    assert "ada is called so, but has another canvas_id in students.csv" in said


def test_is_what_says_two_students_neithers(course: Path) -> None:
    files = {
        "submission_metadata.yml": b"submission_1:\n  :submitters:\n"
        b"  - {:name: Ada Lovelace, :sid: 's0815', :email: jm@example.org}\n",
        f"submission_1/{NAME}.ipynb": BOOK,
    }
    code, said = collect(course, zipped(course, files))
    assert (code, taken(course)) == (1, set())
    assert "the sis_id is that of ada, but the email is that of joerg" in said


def test_is_an_id_the_same_from_a_mac_and_a_slip_asked_about(course: Path) -> None:
    (course / "students.csv").write_text("id,first_name,last_name\njörg,Jörg,Müller\nada,,\n")
    apart = unicodedata.normalize("NFD", "jörg")
    files = {
        f"{apart}/{NAME}.ipynb": BOOK,
        f"adaa/{NAME}.ipynb": BOOK,
        f"Jorg Muller/{NAME}.ipynb": BOOK,
    }
    code, said = collect(course, zipped(course, files))
    assert (code, taken(course)) == (1, {f"jörg/{NAME}/{NAME}.ipynb"}), said
    assert "adaa: nobody of students.csv; did you mean ada?" in said
    assert "Jorg Muller: nobody of students.csv; did you mean jörg?" in said


def test_is_a_list_with_the_line_ends_of_an_old_mac_read(course: Path) -> None:
    text = STUDENTS.replace("\n", "\r")
    (course / "students.csv").write_bytes(text.encode("utf-16"))
    code, said = collect(course, zipped(course, {f"müllerjörg_4712_1_{NAME}.ipynb": BOOK}))
    assert (code, taken(course)) == (0, {f"joerg/{NAME}/{NAME}.ipynb"}), said


def test_are_brackets_part_of_a_name_in_sakai(course: Path) -> None:
    place = f"HW/Lovelace, Ada (Countess)(alov)/Submission attachment(s)/{NAME}.ipynb"
    code, said = collect(course, zipped(course, {place: BOOK}))
    assert (code, taken(course)) == (0, {f"ada/{NAME}/{NAME}.ipynb"}), said


def test_does_a_lesson_that_begins_like_another_get_its_own(course: Path) -> None:
    add_lesson(course, f"{NAME}-again", LESSON)
    files = {
        f"lovelaceada_4711_1_{NAME}-again-2.ipynb": BOOK,
        f"müllerjörg_4712_2_{NAME}.ipynb": BOOK,
    }
    code, said = collect(course, zipped(course, files))
    assert (code, taken(course)) == (
        0,
        {f"ada/{NAME}-again/{NAME}-again.ipynb", f"joerg/{NAME}/{NAME}.ipynb"},
    ), said


def test_is_it_said_who_somebody_was_when_a_name_has_changed_or_a_line_is_gone(
    course: Path,
) -> None:
    """Moodle's number of a participant stays the same, and was collected before."""
    roster = course / "students.csv"
    roster.write_text("id,first_name,last_name\nada,Ada,Lovelace\ncy,Cy,Chen\n")

    def download(ada: str) -> Path:
        names = {1234501: ada, 1234502: "Cy Chen"}
        return zipped(
            course,
            {f"{name}_{n}_assignsubmission_file/{NAME}.ipynb": BOOK for n, name in names.items()},
        )

    assert collect(course, download("Ada Lovelace"))[0] == 0
    roster.write_text("id,first_name,last_name\nada,Ada,Lovelace\n")
    code, said = collect(course, download("Ada King"))
    assert code == 1
    assert "Ada King: nobody of students.csv, but was ada when it was collected before" in said
    assert (
        "Cy Chen: nobody of students.csv; was cy when it was collected before, who is not" in said
    )


def test_without_a_roster_one_sentence_shows_one(course: Path) -> None:
    (course / "students.csv").unlink()
    code, said = collect(course, zipped(course, {f"a_1_2_{NAME}.ipynb": BOOK}))
    assert code == 2
    assert "students.csv is missing" in said
    assert "id,first_name" in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name\nAda\n", "no heading `id`"),
        # A line typed by hand, in an editor: its whole text was the id of one more student.
        (
            "id;last_name\nada;L\nbob,Müller\n",
            "line 3: its fields are not separated as those of the first line; there is a ','",
        ),
        (
            "id,last_name\nada,L\nbob;Müller\n",
            "line 3: its fields are not separated as those of the first line; there is a ';'",
        ),
        ("id\nada\nada\n", "lines 2 and 3: there are two students 'ada'; leave one"),
        ("id\nada\nbob\nADA\n", "lines 2 and 4: ada and ADA are one name"),
        ("id,email\nada,x@y\nbob,X@y\n", "lines 2 and 3: ada and bob have the same email"),
        # What a spreadsheet makes of an id or a login: rounded, a date, too narrow a column.
        ("id\n1.23E+05\n", "line 2: the id 1.23E+05 is not what was put in"),
        ("id;login\nada;x\n4712,0;y\n", "line 3: the id 4712,0 is not what was put in"),
        ("id,login\nada,3-May\n", "line 2: the login 3-May is not what was put in"),
        ("id,login\nada,03.05.2026\n", "line 2: the login 03.05.2026 is not what was put in"),
        ("id,sis_id\nada,#####\n", "line 2: the sis_id ##### is not what was put in"),
        ("id\nMar-05\n", 'If it really is that, write ="Mar-05".'),
        ("id,first_name\nada,A\0da\n", "line 2: there are zero bytes"),
        ("id\n\u200bada\n", r"line 2: the id '\u200bada' cannot be the name of a folder"),
        ("PK\x03\x04", "is an Excel workbook or a zip, not a CSV file. Save it as CSV UTF-8."),
        ("id\n../ada\n", "cannot be the name of a folder"),
        ("id,first_name\n,Ada\n", "line 2: this student has no id"),
        ("", "students.csv has no student in it"),
        ("id,first_name\n", "students.csv has no student in it"),
        ("Student,ID,Section\n    Points Possible,,\n", "It looks like Canvas's gradebook"),
        ("id,email,mail\nada,a@x,b@x\n", "email and mail could both be the email"),
        # A quote would take the next lines with it, a comma move a name into another column.
        ('id,first_name\nada,"Ada\nbob,Bob\n', "line 2: a quote is opened and never closed"),
        (
            'id,name,login\nada,Ada,a\nbob,"O\'B,b\ncy,"Cy",c\n',
            "line 3: a quote is opened there and not closed where its field ends; take that quote out",
        ),
        ("id,last_name,canvas_id\nada,Lovelace, Countess,4711\n", "line 2: there are more fields"),
        ("id,first_name\n" + "a" * 140_000, "line 2: field larger than field limit"),
    ],
)
def test_a_wrong_roster_names_its_line(course: Path, text: str, sentence: str) -> None:
    (course / "students.csv").write_text(text)
    code, said = collect(course, zipped(course, {f"a_1_2_{NAME}.ipynb": BOOK}))
    assert (code, sentence in said) == (2, True), said


# ---- nothing is lost -----------------------------------------------------------------------------


def test_collecting_again_takes_newer_attempts_and_keeps_the_earlier(course: Path) -> None:
    first = zipped(course, {f"lovelaceada_4711_1_{NAME}.ipynb": b"first"})
    collect(course, first)
    code, said = collect(course, first)
    assert "there already" in said
    second = zipped(course, {f"lovelaceada_4711_2_{NAME}-1.ipynb": b"second"}, "again.zip")
    code, said = collect(course, second)
    assert (code, "newer attempt" in said) == (0, True), said
    assert "1 submission written to" in said
    assert (course / f"submitted/ada/{NAME}/{NAME}.ipynb").read_bytes() == b"second"
    (kept,) = (course / "submitted/.earlier/ada").rglob("*.ipynb")
    assert kept.read_bytes() == b"first"


def test_is_a_number_of_one_lms_no_older_attempt_than_that_of_another(course: Path) -> None:
    collect(course, zipped(course, {f"lovelaceada_4711_90210_{NAME}.ipynb": b"in Canvas"}))
    who = b"submission_301:\n  :submitters:\n  - {:name: Ada Lovelace}\n"
    place = "assignment_80_export"
    files = {f"{place}/submission_metadata.yml": who, f"{place}/submission_301/{NAME}.ipynb": BOOK}
    code, said = collect(course, zipped(course, files, "elsewhere.zip"))
    assert (code, "newer attempt; the earlier one is kept aside" in said) == (0, True), said
    assert (course / f"submitted/ada/{NAME}/{NAME}.ipynb").read_bytes() == BOOK
    (kept,) = (course / "submitted/.earlier/ada").rglob("*.ipynb")
    assert kept.read_bytes() == b"in Canvas"


def test_does_feedback_go_back_beside_the_notebook(course: Path) -> None:
    """Canvas shows a returned file in the place of the one whose number it has."""
    files = {"lovelaceada_4711_1_a.py": b"", f"lovelaceada_4711_2_{NAME}.ipynb": BOOK}
    made = plan(Course.open(course), zipped(course, files))
    assert [arrival.claim.prefix for arrival in made.arrivals] == ["lovelaceada_4711_2_"]


def test_an_older_attempt_does_not_replace_a_newer_one(course: Path) -> None:
    place = "39786-1 - Ada Lovelace - Nov 20, 2026 {} PM/" + f"{NAME}.ipynb"
    collect(course, zipped(course, {place.format("1158"): b"late"}))
    code, said = collect(course, zipped(course, {place.format("958"): b"early"}))
    assert (code, "older than what is there" in said) == (0, True), said
    assert (course / f"submitted/ada/{NAME}/{NAME}.ipynb").read_bytes() == b"late"


def test_is_a_zip_of_last_week_no_newer_attempt(course: Path) -> None:
    """Canvas counts attachments; `submissions.zip` beside `submissions (1).zip` is soon mistaken."""
    old = zipped(course, {f"lovelaceada_4711_90210_{NAME}.ipynb": b"old"}, "old.zip")
    new = {f"lovelaceada_4711_90377_{NAME}-1.ipynb": b"new", "lovelaceada_4711_90211_a.py": b""}
    collect(course, zipped(course, new, "new.zip"))
    code, said = collect(course, old)
    assert (code, "older than what is there" in said) == (0, True), said
    assert (course / f"submitted/ada/{NAME}/{NAME}.ipynb").read_bytes() == b"new"


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lovelace_1234567_assignsubmission_file/{}",
        "Lesson one/Lovelace, Ada(alov)/Submission attachment(s)/{}",
    ],
)
def test_is_an_older_zip_no_newer_attempt_where_the_lms_tells_no_times(
    course: Path, name: str
) -> None:
    """Two downloads lie there, `zip` and `zip (1)`: the wrong one is soon named."""
    name = name.format(f"{NAME}.ipynb")
    first, second = (
        zipped(course, {name: BOOK + more}, f"{n}.zip") for n, more in enumerate((b"", b" "))
    )
    for place in (first, second):
        collect(course, place)
    said = collect(course, first)[1]
    there = course / "submitted" / "ada" / NAME
    assert (there / f"{NAME}.ipynb").read_bytes() == BOOK + b" "
    assert "what is there came after it; not taken" in said
    assert f"move what is there (submitted/ada/{NAME}) away, and collect again" in said
    collect(course, "--undo")  # of the second, which then comes again and is no older one
    assert "newer attempt" in collect(course, second)[1]
    there.rename(course / "aside")  # she went back to it
    collect(course, first)
    assert (there / f"{NAME}.ipynb").read_bytes() == BOOK
    assert "newer attempt" not in collect(course, second)[1]


def test_does_what_goes_back_to_students_replace_nobodys_work(course: Path) -> None:
    """The zip from `outbox/`, put in by mistake, was everybody's newest attempt."""
    code, _ = collect(course, zipped(course, {f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK}))
    there = taken(course)
    assert (code, there) == (0, {f"ada/{NAME}/{NAME}.ipynb"})
    ours = zipped(course, {"lovelaceada_4711_90210_feedback.html": b"<html>"}, "feedback.zip")
    with pytest.raises(CourseError, match=r"feedback\.zip holds what goes back to students .*LMS"):
        plan(Course.open(course), ours, lesson=NAME)
    # Handed in without a notebook: the earlier one stays, and it is said how to take it all the same.
    page = zipped(course, {"lovelaceada_4711_90999_page.pdf": b"%PDF"}, "late.zip")
    code, said = collect(course, page, NAME)
    assert (code, taken(course)) == (1, there)
    assert f"no notebook in it (page.pdf), so the earlier one stays; if it is meant, move submitted/ada/{NAME} away" in said  # fmt: skip
    shutil.rmtree(course / "submitted" / "ada")
    assert collect(course, page, NAME)[0] == 0 and taken(course) == {f"ada/{NAME}/page.pdf"}


@pytest.mark.parametrize("name", ["Students.csv", "students.csv.csv", "students.csv.txt"])
def test_is_a_list_under_another_name_found(course: Path, name: str) -> None:
    (course / "students.csv").rename(course / name)
    with pytest.raises(CourseError, match=rf"{name} is not read, .* call it students\.csv"):
        read_roster(course)


def test_is_the_zip_of_another_lesson_not_taken_for_this_one(course: Path) -> None:
    add_lesson(course, "02-triple", LESSON)
    files = {
        f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK,
        f"müllerjörg_4712_90211_{NAME}-1.ipynb": BOOK,
    }
    with pytest.raises(
        CourseError, match=r"zip holds notebooks of 01-double and none of 02-triple"
    ):
        plan(Course.open(course), zipped(course, files), lesson="02-triple")
    files["annalee_4714_90212_02-triple.ipynb"] = BOOK  # two have mistaken the lesson, one has not
    assert len(plan(Course.open(course), zipped(course, files), lesson="02-triple").arrivals) == 3


def test_is_a_zip_in_a_zip_named(course: Path) -> None:
    inner = zipped(course, {f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK}).read_bytes()
    outer = zipped(course, {"submissions.zip": inner}, "again.zip")
    with pytest.raises(CourseError, match=r"nothing but another archive, submissions\.zip; unpack"):
        plan(Course.open(course), outer)


@pytest.mark.parametrize(
    ("heads", "found"),
    [("id;Prénom;Nom", 1), ("id;Nombre;Apellidos", 1), ("id;first;last", 0)],
)
def test_are_names_read_in_other_languages_or_missed(course: Path, heads: str, found: int) -> None:
    (course / "students.csv").write_text(f"{heads}\nada;Ada;Lovelace\n")
    names = {f"Ada Lovelace_1_assignsubmission_file/{NAME}.ipynb": BOOK}
    names |= {f"Jo Doe_2_assignsubmission_file/{NAME}.ipynb": BOOK}
    made = plan(Course.open(course), zipped(course, names))
    assert len(made.arrivals) == found
    assert ("has nobody's name: call its columns" in made.hint) != bool(found)


def test_is_a_notebook_of_another_name_of_the_lesson_that_all_others_are_of(course: Path) -> None:
    add_lesson(course, "02-halve", LESSON)
    files = {
        f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK,
        f"müllerjörg_4712_90211_{NAME}-1.ipynb": BOOK,
        "leeanna_4713_90212_My solution (final).ipynb": BOOK,
    }
    code, said = collect(course, zipped(course, files))
    assert (code, "Not taken" in said, "Nobody found" in said) == (0, False, False), said
    assert f"of {NAME}, as the others are (My solution (final).ipynb)" in said.replace("\n", " ")
    assert f"lee/{NAME}/My solution (final).ipynb" in taken(course)
    shutil.rmtree(course / "submitted")
    for doubt in ({"leanna_9_9_02-halve.ipynb": BOOK}, {}):  # of two lessons; of one name alone
        some = dict(list(files.items())[0 if doubt else 1 :]) | doubt
        code, said = collect(course, zipped(course, some, f"{len(some)}.zip"))
        assert f"lee/{NAME}/My solution (final).ipynb" not in taken(course)
        assert "Not taken\n  lee: which lesson is it? (My solution (final).ipynb)" in said
    code, said = collect(course, zipped(course, {f"ada/{NAME}.ipynb": BOOK, "lee/x.ipynb": BOOK}))
    assert "lee: which lesson is it? (x.ipynb)" in said  # a tree of one's own may hold anything


def test_are_two_files_of_one_name_both_kept_in_sight(course: Path) -> None:
    files = {f"lovelaceada_4711_{n}_{NAME}.ipynb": f"{n}".encode() for n in (1, 2)}
    files |= {f"müllerjörg_4712_{n}_{NAME}.ipynb": b"twice the same" for n in (3, 4)}
    code, said = collect(course, zipped(course, files))
    assert code == 1
    assert f"lovelaceada: two different files are called {NAME}.ipynb; unpack, keep one" in said
    assert taken(course) == {f"joerg/{NAME}/{NAME}.ipynb"}


def test_is_nothing_guessed_between_two_attempts_of_one_minute(course: Path) -> None:
    place = "39786-{} - Ada Lovelace - Nov 20, 2026 1158 PM/" + f"{NAME}.ipynb"
    files = {place.format(n): f"{n}".encode() for n in (1, 2)}
    code, said = collect(course, zipped(course, files))
    assert (code, taken(course)) == (1, set())
    assert "ada: there are 2 submissions and the newest are of one time" in said


def test_is_a_local_time_that_of_the_course_and_not_of_the_machine(course: Path) -> None:
    (course / "dates.yaml").write_text("timezone: Asia/Kathmandu\n")
    place = f"39786-1 - Ada Lovelace - Nov 20, 2026 1158 PM/{NAME}.ipynb"
    collect(course, zipped(course, {place: BOOK}))
    stamp = (course / f"submitted/ada/{NAME}/timestamp.txt").read_text()
    assert stamp == "2026-11-20 18:13:00 UTC\n"


def test_a_dry_run_writes_nothing(course: Path) -> None:
    download = zipped(course, {f"lovelaceada_4711_1_{NAME}.ipynb": BOOK})
    code, said = collect(course, download, "--dry-run", "--json", course / "plan.json")
    assert (code, "1 matched" in said) == (0, True)
    assert not (course / "submitted").exists()
    assert json.loads((course / "plan.json").read_text())["matched"][0]["student"] == "ada"


def test_the_manifest_knows_how_to_send_feedback_back(course: Path) -> None:
    collect(course, zipped(course, {f"lovelaceada_LATE_4711_90210_{NAME}.ipynb": BOOK}))
    said = json.loads((course / f"submitted/.collected/{NAME}.json").read_text())["students"]["ada"]
    assert (said["prefix"], said["preset"]) == ("lovelaceada_LATE_4711_90210_", "canvas")
    assert said["late"] is True


def test_does_feedback_find_its_way_when_only_the_number_is_new(course: Path) -> None:
    """Handed in again without a change: Canvas knows the newer attachment alone."""
    for number, what in (("90210", "new"), ("90377", "there already")):
        download = zipped(course, {f"lovelaceada_4711_{number}_{NAME}.ipynb": BOOK})
        assert what in collect(course, download)[1]
        said = json.loads((course / f"submitted/.collected/{NAME}.json").read_text())
        assert said["students"]["ada"]["prefix"] == f"lovelaceada_4711_{number}_"


def test_is_it_said_that_no_penalty_comes_of_a_word(course: Path) -> None:
    """LATE without a time: our own penalty cannot be worked out."""
    download = zipped(course, {f"lovelaceada_LATE_4711_1_{NAME}.ipynb": BOOK})
    assert "does not say how late" not in collect(course, download, "--dry-run")[1]
    (course / "dates.yaml").write_text(
        f"late: {{per_day: 10%}}\ndue: {{{NAME}: 2026-11-20 12:00}}\n"
    )
    said = " ".join(collect(course, download, "--dry-run")[1].split())
    assert "Late by the LMS, which does not say how late: ada. dates.yaml takes nothing off" in said


@pytest.mark.parametrize(
    ("files", "arguments", "sentence"),
    [
        ({}, (), "submissions.zip: it holds no file that could be taken"),
        (
            {f"lovelaceada_4711_1_{NAME}.ipynb": BOOK},
            ("--preset", "moodle"),
            "moodle does not name files like lovelaceada_4711_1_01-double.ipynb; they look like those "
            "of canvas",
        ),
        (
            {f"lovelaceada_4711_1_{NAME}.ipynb": BOOK},
            ("--pattern", r"(?P<student>\w+)/x"),
            "fits none of the names",
        ),
    ],
)
def test_is_what_no_name_fits_one_sentence_and_nothing_remembered(
    course: Path, files, arguments: tuple[str, ...], sentence: str
) -> None:
    code, said = collect(course, zipped(course, files), *arguments)
    assert (code, sentence in " ".join(said.split())) == (2, True), said
    assert not (course / "submitted").exists()


def test_is_the_work_for_each_more_student_that_of_the_one_before(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Manifests are read and written once for a download, however many are in it."""
    calls = {"read": 0, "write": 0}
    read, write = desk.read_manifest, desk.write_whole

    def reads(*arguments: object) -> object:
        calls["read"] += 1
        return read(*arguments)

    def writes(path: Path, data: bytes) -> object:
        calls["write"] += path.parent.name == ".collected"  # and not in a submission
        return write(path, data)

    monkeypatch.setattr(desk, "read_manifest", reads)
    monkeypatch.setattr(desk, "write_whole", writes)
    names = ("lovelaceada_4711", "müllerjörg_4712", "leeanna_4713", "annalee_4714")
    files = {f"{name}_{n}_{NAME}.ipynb": BOOK for n, name in enumerate(names)}
    opened = Course.open(course)
    for _ in range(2):  # again, when all is there already
        calls.update(read=0, write=0)
        made = desk.plan(opened, zipped(course, files))
        assert not list(desk.carry_out(opened, made, datetime.now(UTC)))
        assert (len(made.arrivals), calls) == (4, {"read": 2, "write": 1})


def test_is_what_an_ended_collect_has_written_known(course: Path) -> None:
    opened = Course.open(course)
    names = ("lovelaceada_4711", "müllerjörg_4712", "leeanna_4713")
    files = {f"{name}_{n}_{NAME}.ipynb": BOOK for n, name in enumerate(names)}
    made = desk.plan(opened, zipped(course, files))
    (broken,) = [one for one in made.arrivals if one.student == "lee"]
    cut = dataclasses.replace(made, arrivals=[a for a in made.arrivals if a is not broken])
    folder = course / "submitted" / ".collected"
    list(desk.carry_out(opened, cut, datetime.now(UTC)))
    # As if it had been ended before the end: the journal is there, its last line half written.
    whole = folder / f"{NAME}.json"
    students = json.loads(whole.read_text())["students"]
    lines = [json.dumps({"students": {who: one}}) for who, one in students.items()]
    whole.unlink()
    (folder / f"{NAME}.begun").write_text("\n".join([*lines, lines[0][:40]]))
    assert desk.read_manifest(opened, NAME).students.keys() == {"ada", "joerg"}
    again = desk.plan(opened, zipped(course, files))
    assert {one.student: one.what for one in again.arrivals} == {
        "ada": "same",
        "joerg": "same",
        "lee": "new",
    }
    list(desk.carry_out(opened, again, datetime.now(UTC)))
    assert json.loads(whole.read_text())["students"].keys() == {"ada", "joerg", "lee"}
    assert not (folder / f"{NAME}.begun").exists()


def test_does_undo_put_back_what_the_wrong_zip_replaced(course: Path) -> None:
    """Whose right attempt would be older from then on than what the wrong one brought."""
    right = {
        f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK,
        f"müllerjörg_4712_90211_{NAME}.ipynb": BOOK,
    }
    wrong = {
        f"lovelaceada_4711_95000_{NAME}.ipynb": BOOK + b" ",
        f"leeanna_4713_95001_{NAME}.ipynb": BOOK,
        f"nobodyatall_4790_95002_{NAME}.ipynb": BOOK,
    }
    collect(course, zipped(course, right))
    before = {path: path.read_bytes() for path in _collected(course)}
    assert collect(course, zipped(course, wrong, "other.zip"), NAME)[0] == 1
    assert taken(course) == {f"{who}/{NAME}/{NAME}.ipynb" for who in ("ada", "joerg", "lee")}
    assert "nothing else" in collect(course, zipped(course, right), "--undo")[1]
    assert (
        collect(course, zipped(course, wrong, "other.zip"), NAME)[0] == 1
    )  # the same: nothing to undo
    code, said = collect(course, "--undo")
    assert (code, "2 submissions as before other.zip was collected" in said) == (0, True), said
    assert "Had handed in nothing before: lee" in said and "gradebook" not in said
    after = {path: path.read_bytes() for path in _collected(course)}
    assert {k: v for k, v in after.items() if k.name != "unplaced.json"} == before
    assert "nobodyatall" not in (course / "submitted/.collected/unplaced.json").read_text()
    aside = [path.read_bytes() for path in (course / "submitted/.earlier").rglob("*.ipynb")]
    assert sorted(aside) == [BOOK, BOOK + b" "]  # what went is there
    code, said = collect(course, zipped(course, right))
    assert code == 0 and "there already" in said and "older" not in said
    collect(course, "--undo")
    assert taken(course) == set()
    assert "can be taken back" in collect(course, "--undo")[1]


def _collected(course: Path) -> list[Path]:
    """What was handed in, and what is known of it."""
    places = [p for p in (course / "submitted").rglob("*") if p.is_file()]
    return [p for p in places if ".earlier" not in p.parts and p.suffix != ".before"]


def test_does_it_wait_again_after_undo_what_had_no_place_before(course: Path) -> None:
    """The same zip again a day later (Canvas calls both alike), and another that knew one of them."""
    first = {
        f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK,
        f"nobodyatall_4790_1_{NAME}.ipynb": BOOK,
    }
    collect(course, zipped(course, first))
    waits = (course / "submitted/.collected/unplaced.json").read_bytes()
    second = first | {f"lovelaceada_4711_90300_{NAME}.ipynb": BOOK + b" "}
    del second[f"lovelaceada_4711_90210_{NAME}.ipynb"]
    collect(course, zipped(course, second, "submissions (1).zip"))
    assert b"submissions (1).zip" in (course / "submitted/.collected/unplaced.json").read_bytes()
    collect(course, "--undo")
    assert (course / "submitted/.collected/unplaced.json").read_bytes() == waits


def test_does_undo_also_take_back_a_collect_that_was_ended(course: Path) -> None:
    first = {f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK}
    collect(course, zipped(course, first))
    second = {
        f"lovelaceada_4711_95000_{NAME}.ipynb": BOOK + b" ",
        f"müllerjörg_4712_95001_{NAME}.ipynb": BOOK,
    }
    opened, now = Course.open(course), datetime.now(UTC)
    made = desk.plan(opened, zipped(course, second))
    note(opened, made, now)
    ended = dataclasses.replace(made, arrivals=[a for a in made.arrivals if a.student == "ada"])
    assert not list(desk.carry_out(opened, ended, now))
    undone = take_back(opened)
    assert (undone.back, undone.gone) == (["ada"], [])
    assert (course / f"submitted/ada/{NAME}/{NAME}.ipynb").read_bytes() == BOOK
    assert desk.read_manifest(opened, NAME).students["ada"].rank == made_rank(opened, first)


def made_rank(course: Course, files: Mapping[str, bytes]) -> str:
    (arrival,) = desk.plan(course, zipped(course.root, files)).arrivals
    return arrival.claim.rank


# ---- hostile zips --------------------------------------------------------------------------------


def test_one_bad_entry_is_refused_and_the_rest_taken(course: Path) -> None:
    good = f"ada/{NAME}/{NAME}.ipynb"
    place = zipped(
        course,
        {
            good: BOOK,
            f"../../{NAME}.ipynb": BOOK,
            f"/etc/{NAME}.ipynb": BOOK,
            f"C:\\x\\{NAME}.ipynb": BOOK,
            f"joerg/{NAME}/\x1b[2J.ipynb": BOOK,
            f"joerg/{NAME}/zeros.bin": b"\0" * (30 << 20),
            f"joerg/{NAME}/{'x' * 300}.txt": b"",
            f"__MACOSX/ada/._{NAME}.ipynb": b"",
        },
    )
    link = zipfile.ZipInfo(f"joerg/{NAME}/link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(place, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    code, said = collect(course, place, "--preset", "plain")
    assert code == 1
    assert "\x1b[2J" not in said
    for why in ("leads out of", "control characters", "would become 30 MiB", "a link", "too long"):
        assert why in said, why
    assert taken(course) == {good}
    assert not list(course.parent.glob(f"{NAME}.ipynb"))


def test_is_it_said_why_nothing_of_a_zip_was_taken(course: Path) -> None:
    name = f"lovelaceada_4711_90210_{NAME}.ipynb"
    code, said = collect(course, zipped(course, {name: BOOK + b" " * (30 << 20)}))
    assert (code, f"nothing in it was taken. {name}: " in said) == (2, True), said
    assert "if that is somebody's work, unpack the zip and collect the folder" in said


def test_are_nested_encrypted_and_twofold_entries_what_they_are(course: Path) -> None:
    """A zip in the zip is a file like any other: nothing follows it."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("../../evil.txt", b"evil")
    place = f"ada/{NAME}"
    download = zipped(
        course,
        {
            f"{place}/{NAME}.ipynb": BOOK,
            f"{place}/more.zip": inner.getvalue(),
            f"{place}/{NAME}.IPYNB": b"a second one, for a disk that knows no capitals",
            f"{place}/secret.txt": b"x",
        },
    )
    data = bytearray(download.read_bytes())
    last = data.rindex(b"PK\x01\x02")
    data[last + 8] |= 1  # the flag of an encrypted entry
    download.write_bytes(data)
    code, said = collect(course, download)
    assert code == 1
    assert "there is another entry of this name" in said and "it is encrypted" in said
    assert taken(course) == {f"{place}/{NAME}.ipynb", f"{place}/more.zip"}
    assert (course / "submitted" / place / "more.zip").read_bytes() == inner.getvalue()


@in_turn
def test_do_two_people_collect_one_after_the_other(course: Path) -> None:
    download = zipped(course, {f"lovelaceada_4711_1_{NAME}.ipynb": BOOK})
    command = [sys.executable, "-m", "headcheck.cli", "collect", str(download)]
    with desk.one_at_a_time(Course.open(course)):
        second = subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE)
        assert collect(course, download, "--dry-run")[0] == 0  # looking waits for nobody
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(timeout=3)
        assert not (course / "submitted").exists()
    second.communicate(timeout=300)
    assert (second.returncode, taken(course)) == (0, {f"ada/{NAME}/{NAME}.ipynb"})


def test_a_damaged_entry_costs_only_itself(course: Path) -> None:
    place = course.parent / "damaged.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"ada/{NAME}/{NAME}.ipynb", BOOK)
        archive.writestr(f"joerg/{NAME}/{NAME}.ipynb", b"the contents of this one are changed")
    place.write_bytes(place.read_bytes().replace(b"contents of this", b"CONTENTS of this"))
    code, said = collect(course, place)
    assert (code, "cannot be unpacked" in said) == (1, True), said
    assert f"ada/{NAME}/{NAME}.ipynb" in taken(course)
    whole = course / "submitted" / "joerg" / NAME / f"{NAME}.ipynb"  # by hand, from the student
    whole.write_bytes(BOOK)
    for path in (course / "submitted" / ".collected").iterdir():
        path.unlink()
    code, said = collect(course, place)
    assert (code, "cannot be unpacked" in said) == (1, True), said
    assert [path.read_bytes() for path in (course / "submitted/.earlier").rglob("*.ipynb")] == [
        BOOK
    ]


def test_a_student_cannot_say_when_it_arrived(course: Path) -> None:
    base = "Ada Lovelace_1234567_assignsubmission_file/"
    files = {f"{base}{NAME}.ipynb": BOOK, f"{base}timestamp.txt": b"2020-01-01 00:00:00 UTC"}
    code, said = collect(course, zipped(course, files))
    assert (code, "cannot say when it arrived" in said) == (0, True)
    assert taken(course) == {f"ada/{NAME}/{NAME}.ipynb"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"PK\x03\x04", "the download may have broken off. Download it again"),
        (b"\n<!DOCTYPE html><p>Sign in", "it is a web page. Sign in to the LMS"),
        (b"anything", "as a zip file (File is not a zip file); download it again"),
        (b"", "is empty (0 bytes)"),
        (b"\x1f\x8b\x08", "another kind of archive; unpack it"),
    ],
)
def test_what_is_no_zip_is_named(course: Path, data: bytes, sentence: str) -> None:
    place = course.parent / "half.zip"
    place.write_bytes(data)
    code, said = collect(course, place)
    assert (code, sentence in said, "half.zip" in said) == (2, True, True), said


@pytest.mark.parametrize("place", [".", "submitted"])
def test_is_what_was_collected_already_no_download(course: Path, place: str) -> None:
    (course / "submitted" / "ada").mkdir(parents=True)
    with pytest.raises(CourseError, match="collected already"):
        plan(Course.open(course), course / place)


def test_is_nothing_written_through_a_link_which_grading_does_not_follow(course: Path) -> None:
    elsewhere = course.parent / "elsewhere"
    elsewhere.mkdir()
    (course / "submitted").mkdir()
    (course / "submitted" / "ada").symlink_to(elsewhere)
    code, said = collect(course, zipped(course, {f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK}))
    assert (code, "submitted/ada is a link" in said) == (1, True), said
    assert not any(elsewhere.iterdir())


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("39786-640693 - Ada Lovelace - Kas 20, 2026 1158 PM/", ()),
        ("alov/Kas 20/", ("--pattern", "(?P<student>[^/]+)/(?P<timestamp>[^/]+)/")),
    ],
)
def test_is_a_time_that_cannot_be_read_said(course: Path, name: str, more: tuple[str]) -> None:
    (course / "students.csv").write_text("id,first_name,last_name\nalov,Ada,Lovelace\n")
    _, said = collect(course, zipped(course, {f"{name}{NAME}.ipynb": BOOK}), *more)
    assert "cannot be read ('Kas 20" in said and "alov" in said, said
    assert "and download submissions.zip again" in said


@pytest.mark.parametrize(
    "text",
    [
        "Nov 20, 2026 958 PM",
        "20. Nov. 2026 2158",
        "20.11.2026 21.58 Uhr",
        "20 nov. 2026 21 h 58",
        "20 de noviembre de 2026 958\u00a0p.\u00a0m.",
        "2026-11-20 2158",
    ],
)
def test_is_a_time_of_brightspace_read_in_these_languages(text: str) -> None:
    claim = presets.read_one(f"39786-64 - Ada - Maria Ek - {text}/{NAME}.ipynb", "brightspace")
    assert claim is not None
    assert (claim.who, claim.when) == ({"name": "Ada - Maria Ek"}, datetime(2026, 11, 20, 21, 58))


def test_is_a_month_one_from_a_mac_and_with_its_accents() -> None:
    for form in ("NFC", "NFD"):
        day = unicodedata.normalize(form, "1er août 2026 905")
        claim = presets.read_one(f"39786-64 - Ada Ek - {day}/{NAME}.ipynb", "brightspace")
        assert claim is not None and claim.when == datetime(2026, 8, 1, 9, 5)


@pytest.mark.parametrize("machine", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_is_the_time_the_same_in_whatever_zone_the_machine_is(
    course: Path, machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the hour that Berlin's clocks show twice. Without `dates.yaml` it is said what was taken."""
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    (course / "students.csv").write_text(
        "id,first_name,last_name\nada,Ada,Lovelace\nbob,Bob,Lee\ncy,Cy,Ek\n"
    )
    files = {
        f"1-2 - Ada Lovelace - Oct 25, 2026 230 AM/{NAME}.ipynb": BOOK,
        f"1-3 - Bob Lee - Nov 20, 2026 1158 PM/{NAME}.ipynb": BOOK,
    }
    zone = {f"cy/2026-11-20T23:58+0530/{NAME}.ipynb": BOOK}
    pattern = "(?P<student>[^/]+)/(?P<timestamp>[^/]+)/"
    try:
        _, said = collect(course, zipped(course, files), "--dry-run")
        assert "are read in this machine's, " in said and "`timezone` in dates.yaml" in said
        (course / "dates.yaml").write_text("timezone: Europe/Berlin\n")
        _, said = collect(course, zipped(course, files))
        assert "machine's" not in said
        _, said = collect(course, zipped(course, zone, "zone.zip"), "--pattern", pattern)
        assert "machine's" not in said
    finally:
        monkeypatch.undo()
        time.tzset()
    stamps = {
        who: (course / f"submitted/{who}/{NAME}/timestamp.txt").read_text().strip()
        for who in ("ada", "bob", "cy")
    }
    assert stamps == {
        "ada": "2026-10-25 00:30:00 UTC",  # the earlier of both, in the student's favour
        "bob": "2026-11-20 22:58:00 UTC",
        "cy": "2026-11-20 18:28:00 UTC",
    }


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id,canvas_id\nada,4711\n", "utf-16-le"),
        ("id,canvas_id\nada,4711\n", "utf-32"),
    ],
)
def test_is_a_list_in_an_alphabet_that_it_does_not_name_refused(
    course: Path, text: str, encoding: str
) -> None:
    (course / "students.csv").write_bytes(text.encode(encoding))
    with pytest.raises(CourseError, match=r"students.csv, line 1: .* Save it as CSV UTF-8."):
        read_roster(course)


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nid;sis_id\n00123;00815\n",
        'id,sis_id\n"=""00123""","=""00815"""\n',
        "id\tsis_id\r\n00123\t00815\r\n",
    ],
)
def test_is_what_keeps_a_list_whole_in_a_spreadsheet_read(course: Path, text: str) -> None:
    (course / "students.csv").write_text(text, newline="")
    assert [(one.id, one.known_as) for one in read_roster(course)] == [("00123", {"sis": "00815"})]


SPOILT = """\
4711.0|4711,00|1.2E+11|1E+05|4.7E-11|4,7E-11|123456789012345000|TRUE|FALSE|WAHR|FALSCH|VRAI|VERDADERO|FALSO
1/2/26|1.2.26|2026-05-03|Mar-05|May-26|05. Mrz|Mrz 05|5-Mar-26|1. Januar 2026|May 3, 2026
00:15|12:15:00|12:15 AM|1/2/26 0:15|#NAME?|#REF!|#DIV/0!|#NV|Err:502
WAAR|ONWAAR|FALSKT|PRAWDA|YANLIŞ|ИСТИНА|#N/B|#Н/Д|#¿NOMBRE?|#NOM ?|#YOK|5月3日|2026年5月3日|05월 03일|2026. 5. 3.
5-mei|03-mrt|3-mag|5-Out|3. maj|05.lip|1-Şub|03.май|Mag-05|Şub 05|Янв 05|03.05.2026.|2026.05.03.
Sept. 5|Sept 5 2026|May 3|5-août|05-dic|05/2026|1/2|03-05-2026|1.0E10|2026-11-28T00:00:00|2026-11-28T00:00:00.000Z"""


@pytest.mark.parametrize("text", re.split(r"[|\n]", SPOILT))
def test_is_what_a_spreadsheet_made_of_an_id_named(course: Path, text: str) -> None:
    (course / "students.csv").write_text(f'id;login\nada;"{text}"\n')
    with pytest.raises(CourseError, match=r"line 2: .* made of it"):
        read_roster(course)
    # Who says that it is text is believed.
    (course / "students.csv").write_text(f'id;login\nada;="{text}"\n')
    assert read_roster(course)[0].known_as == {"login": text}


def test_is_an_id_that_is_like_one_of_those_taken(course: Path) -> None:
    like = "jan-05|may12|true|12e-34|7E-12|45.67.8912|1.2|#4711|Julia-05|1e5|1234567890123456"
    like += "|VERO|SANT|TOSI|waar|lisa-05|Gent-05|5-magda|2026.117|20260503|s5月|12-34-56-78"
    # Excel would have made zeros of the last digits of both.
    ids = [*like.split("|"), "123456789012345000", "123456789012345001"]
    rows = "".join(f"s{number};{one}\n" for number, one in enumerate(ids))
    (course / "students.csv").write_text(f"id;login\n{rows}")
    assert [one.known_as["login"] for one in read_roster(course)] == ids


@pytest.mark.parametrize(
    "column",
    ["12/2026|117/2026|3/2026|", "1/2|2/2|alov", "03-05-2026|117-44-2026", "1.0E10|2.7E31"],
)
def test_is_a_number_that_most_are_like_no_date(course: Path, column: str) -> None:
    ids = column.split("|")
    rows = "".join(f"s{number};{one}\n" for number, one in enumerate(ids))
    (course / "students.csv").write_text(f"id;sis_id\n{rows}")
    assert [one.known_as.get("sis", "") for one in read_roster(course)] == ids
    # One alone among others is.
    (course / "students.csv").write_text(f"id;sis_id\na;{ids[0]}\nb;s0815\nc;s0816\n")
    with pytest.raises(CourseError, match=r"line 2: .* made of it"):
        read_roster(course)


ON_A_FULL_DISK = """\
mkdir small && mount -t tmpfs -o size=2m none small && cp -r course/. small && cd small
dd if=/dev/zero of=filler bs=4096 2>/dev/null
"$1" -m headcheck.cli collect ../submissions.zip
echo "code $?" >&2
rm filler && "$1" -m headcheck.cli collect ../submissions.zip | tail -1
"""


@in_turn
def test_is_a_full_disk_one_sentence_and_does_the_next_collect_go_on(course: Path) -> None:
    room = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*room, "true"]).returncode:
        pytest.skip("needs a file system of its own (unshare)")
    zipped(course, {f"lovelaceada_4711_90210_{NAME}.ipynb": BOOK * 2000})
    done = subprocess.run(
        [*room, ON_A_FULL_DISK, "sh", sys.executable],
        cwd=course.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr.count("\n") == 2 and done.stderr.endswith("code 2\n"), done.stderr
    assert "is full. Free some space" in done.stderr
    assert done.stdout.strip().splitlines()[-1].startswith("1 submission written to ")


def test_does_one_empty_entry_of_gradescopes_list_lose_nobody_else(course: Path) -> None:
    place = "assignment_80_export"
    who = b"submission_1:\n  :submitters:\n  - {:name: Ada Lovelace}\nsubmission_2: ~\nsubmission_3: gone\n"
    files = {f"{place}/submission_{number}/{NAME}.ipynb": BOOK for number in (1, 2, 3)}
    code, said = collect(course, zipped(course, {f"{place}/submission_metadata.yml": who, **files}))
    assert (code, taken(course)) == (1, {f"ada/{NAME}/{NAME}.ipynb"}), said
    assert (
        "2: nobody of students.csv, as Gradescope names none for it" in said and "3: nobody" in said
    )


def test_are_gradescopes_times_shown_by_the_clock_by_which_work_is_due(course: Path) -> None:
    """They are UTC: 22:58 looked like an hour before 23:59, and was a minute before."""
    (course / "dates.yaml").write_text("timezone: Europe/Berlin\n")
    who = b"submission_1:\n  :submitters:\n  - {:name: Ada Lovelace}\n  :created_at: 2026-11-20 22:58:01.12 Z\n"
    place = "assignment_80_export"
    files = {f"{place}/submission_metadata.yml": who, f"{place}/submission_1/{NAME}.ipynb": BOOK}
    code, said = collect(course, zipped(course, files))
    assert code == 0 and "2026-11-20 23:58" in said, said
    stamp = course / "submitted" / "ada" / NAME / "timestamp.txt"
    assert stamp.read_text() == "2026-11-20 22:58:01 UTC\n"


@pytest.mark.parametrize(
    "text", [b"", b"gone\n", b"- submission_1\n", b"submission_1: 2026-13-45\n"]
)
def test_is_a_list_of_gradescope_that_lists_nobody_damaged(course: Path, text: bytes) -> None:
    files = {
        f"assignment_80_export/submission_1/{NAME}.ipynb": BOOK,
        "assignment_80_export/submission_metadata.yml": text,
    }
    with pytest.raises(
        CourseError, match=r"submission_metadata.yml in .* download from Gradescope"
    ):
        plan(Course.open(course), zipped(course, files))


def test_is_it_said_that_the_list_of_gradescope_is_not_there(course: Path) -> None:
    made = plan(Course.open(course), zipped(course, {f"submission_1/{NAME}.ipynb": BOOK}))
    assert "submissions.zip has no submission_metadata.yml" in made.hint
    who = b"submission_1:\n  :submitters: 5\n"
    files = {f"x/submission_1/{NAME}.ipynb": BOOK, "x/submission_metadata.yml": who}
    assert not plan(Course.open(course), zipped(course, files)).hint


def test_does_a_damaged_list_of_gradescope_say_where(course: Path) -> None:
    files = {
        f"assignment_80_export/submission_1/{NAME}.ipynb": b"{}",
        "assignment_80_export/submission_metadata.yml": b"submission_1:\n  :submitters: [\n",
    }
    code, said = collect(course, zipped(course, files))
    assert code == 2
    assert "submission_metadata.yml in" in said and "line 3, column 1" in said
    assert "download from Gradescope again" in said
