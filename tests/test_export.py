"""Do marks reach the LMS's own table, each in its row, and does everything else stay to the byte?"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hours import in_turn
from lms_class import PATHS, SECRETS, copy_of, read_by_a_person
from marked_course import here
from test_grade import gradebook
from tiny_course import NAME, headcheck

from headcheck.course.directory import Course, CourseError
from headcheck.course.roster import Student
from headcheck.desk.lms.collect import manifest_file, read_manifest
from headcheck.desk.lms.export import Request, export_command
from headcheck.desk.lms.outgoing import Wishes
from headcheck.desk.lms.people import People, Several
from headcheck.desk.lms.send_back import feedback_command
from headcheck.desk.lms.sheet import as_number, read_sheet
from headcheck.desk.todo import Todo, todo
from headcheck.desk.visible import spreadsheet
from headcheck.grading.alone import alone

COLUMN = f"{NAME} (90001)"
CANVAS = f'''\
Student,ID,SIS User ID,SIS Login ID,Section,{COLUMN},Essay (90002),Current Score,Final Score
,,,,,Manual Posting,,,
    Points Possible,,,,,6.00,10.00,(read only),(read only)
"Lovelace, Ada",4711,s0815,alov,"A and B",,9.00,87.5,87.5
"Müller, Bob",4712,s0816,bmue,A,1.00,,,
"Chen, Cy",4713,s0817,cchen,A,EX,,,
"=""Okafor, Dee""",4714,s0818,doka,A,0.5,,,
"Berg, Hal",4715,s0819,hberg,A,3,,,
"Dahl, Jon",,820,,A,N/A,,,
"Ek, Zoë",4717,s0821,zek,A,4.25,,,
"Guest, Some",4788,,guest,A,2.00,,,
"Student, Test",4799,,9f3c,A,,,,
'''
MOODLE = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 1234501","Ada Lovelace",ada@example.org,"Submitted for grading - 1 day late",,6.00,Yes,"Sunday, 22 November 2026, 11:00 AM",-,
"Participant 1234502","Bob Müller",BOB@example.org,"Submitted for grading",1.00,6.00,Yes,-,-,"well, well"
"Participant 1234503","Somebody Else",,"Submitted for grading",-,6.00,Yes,-,-,
"Participant 1234504","Dee Okafor",dee@example.org,"No submission",0.5,6.00,No,-,-,
"Participant 1234507","Zoë Ek",zoe@example.org,"No submission",,6.00,Yes,-,-,
"""
NUMBERS = """\
Identifier,"Full name","ID number",Grade,"Maximum grade"
"Participant 1234501","Ada Lovelace",s0815,,6.00
"""
GERMAN = """\
ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Bewertung kann geändert werden","Zuletzt geändert (Bewertung)","Feedback als Kommentar"
Teilnehmer/in1234501,"Ada Lovelace",ada@example.org,Abgegeben,,"6,00",Ja,-,
Teilnehmer/in1234502,"Bob Müller",bob@example.org,Abgegeben,"1,00","6,00",Nein,-,
"""
EVERYBODY = {"bob": 2, "cy": 1, "jon": 2}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class with every written answer read; only hal's file could not be graded."""
    made = copy_of(tmp_path_factory)(tmp_path_factory.mktemp("export"))
    read_by_a_person(made, **EVERYBODY)
    return made


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    return copy_of(tmp_path_factory)(tmp_path)


def export(course: Path, to: str, template: str | bytes = "", **more: Any) -> tuple[int, bytes]:
    """The exit code and the file that was written."""
    place = course.parent
    file = place / "template.csv"
    file.write_bytes(template.encode() if isinstance(template, str) else template)
    wishes = {k: more.pop(k) for k in list(more) if k in Wishes.__dataclass_fields__}
    output = place / "out.csv"
    output.unlink(missing_ok=True)
    request = Request(
        to=to,
        assignments=[NAME],
        template=file if template else None,
        output=output,
        wishes=Wishes(**wishes),
        **more,
    )
    code = export_command(Course.open(course), request)
    return code, output.read_bytes() if output.exists() else b""


def cells(data: bytes, column: str, key: str = "ID") -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return {row[key]: row[column] for row in rows}


# ---- Canvas --------------------------------------------------------------------------------------


@in_turn
def test_does_canvas_get_its_own_file_back_with_the_marks_in_it_and_nothing_else(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, data = export(course, "canvas", CANVAS)
    wanted = CANVAS.replace('"A and B",,9.00', '"A and B",2.75,9.00')  # once penalised
    wanted = wanted.replace("bmue,A,1.00", "bmue,A,3").replace("doka,A,0.5", "doka,A,0")
    assert data.decode() == wanted
    said = capsys.readouterr().out
    assert f"{NAME}: 7 matched, 0 ambiguous, 0 unmatched, 1 skipped" in said
    assert "3 marks filled in" in said
    assert "replaces marks that the LMS had: bob 1.00 -> 3, dee 0.5 -> 0" in said
    assert "skipped, not final: could not be graded, see the report: hal" in said
    assert "kept as the LMS has it, EX: cy" in said
    assert "kept as the LMS has it, N/A: jon" in said
    assert "left as it is, nothing handed in: zoe" in said
    assert "there, and not in the class: Guest, Some" in said
    assert "Test" not in said
    assert code == 1  # hal has no mark


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: "\ufeff" + text, b"\xef\xbb\xbfStudent,ID"),
        (lambda text: text.replace("\n", "\r\n"), b'"A and B",2.75,9.00,87.5,87.5\r\n'),
        (lambda text: text.rstrip("\n"), b"9f3c,A,,,,"),
        (lambda text: text.replace(",", ";").replace(".", ","), b'"A and B";2,75;9,00;'),
        (lambda text: text.replace("A,1.00", 'A,"1,00"').replace("6.00", '"6,00"'), b'B","2,75",'),
        (lambda text: text.replace("A,1.00", 'A,"1.00"'), b'bmue,A,"3",'),
        (lambda text: text + "\n\n", b"9f3c,A,,,,\n\n\n"),
    ],
)
def test_is_the_files_own_form_kept(course: Path, change: Any, expected: bytes) -> None:
    template = change(CANVAS)
    _, data = export(course, "canvas", template)
    assert expected in data
    assert len(data.splitlines()) == len(template.encode().splitlines())
    before, after = template.encode().splitlines(), data.splitlines()
    assert [line[:10] for line in before] == [line[:10] for line in after]


def test_is_a_decimal_comma_put_in_quotes_where_commas_separate(course: Path) -> None:
    template = CANVAS.replace("6.00,10.00", '"6,00","10,00"').replace("1.00", '"1,00"')
    _, data = export(course, "canvas", template)
    assert b'"A and B","2,75",9.00' in data


def test_is_an_old_table_in_another_encoding_taken_and_given_back(course: Path) -> None:
    _, data = export(course, "canvas", CANVAS.encode("latin-1"))
    assert "Müller, Bob".encode("latin-1") in data
    assert "ü".encode() not in data


def test_is_the_mark_without_our_penalty_when_canvas_takes_its_own(course: Path) -> None:
    _, data = export(course, "canvas", CANVAS, penalty=False)
    assert cells(data, COLUMN)["4711"] == "5.5"


def test_are_names_in_two_columns_and_other_columns_between_taken(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = (
        f'LastName,FirstName,ID,SIS Login ID,Integration ID,Root Account,Section,"Note, mine",{COLUMN}\n'
        "    Points Possible,,,,,,,,6.0\nLovelace,Ada,4711,alov,,x.example,A,=1+1,\nMüller,Bob,,,,,A,,\n"
    )
    _, data = export(course, "canvas", template)
    wanted = template.replace("=1+1,", "=1+1,2.75").replace("Bob,,,,,A,,", "Bob,,,,,A,,3")
    assert data.decode() == wanted
    assert "not in the class" not in capsys.readouterr().out
    with pytest.raises(CourseError, match="7 in Canvas"):
        export(course, "canvas", template.replace("6.0", "7"))


def test_are_other_points_there_refused_or_scaled(course: Path) -> None:
    template = CANVAS.replace("6.00,10.00", "12.00,10.00")
    with pytest.raises(CourseError, match=r"has 6 points here and 12 in Canvas.*--scale"):
        export(course, "canvas", template)
    _, data = export(course, "canvas", template, scale=True)
    assert cells(data, COLUMN)["4711"] == "5.5"
    with pytest.raises(CourseError, match="nothing can be scaled to that"):
        export(course, "canvas", CANVAS.replace("6.00,10.00", "0,10.00"), scale=True)


def test_is_it_said_when_the_points_there_are_not_known(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without = "".join(line for line in CANVAS.splitlines(True) if "Points Possible" not in line)
    worksheet = MOODLE.replace('"Maximum grade",', '"Something",')
    for lms, template in (("canvas", without), ("moodle", worksheet)):
        _, data = export(course, lms, template)
        assert data and "how many points it has there" in capsys.readouterr().out
        with pytest.raises(CourseError, match="nothing can be scaled"):
            export(course, lms, template, scale=True)


def test_is_a_mark_with_an_unread_answer_held_back_unless_asked(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, data = export(own, "canvas", CANVAS)
    assert code == 1
    assert cells(data, COLUMN)["4712"] == "1.00"
    said = capsys.readouterr().out
    assert "skipped, not final: 1 written answer not read yet: bob, cy, jon" in said
    assert "--unfinished" in said
    with_more = CANVAS.replace("bmue,A,1.00", "bmue,A,")
    _, data = export(own, "canvas", with_more, unfinished=True)
    assert cells(data, COLUMN)["4712"] == "1"
    assert cells(data, COLUMN)["4715"] == "3"  # what could not be graded has no mark at all


def test_does_who_handed_in_nothing_get_a_zero_only_when_asked(own: Path) -> None:
    _, data = export(own, "canvas", CANVAS, missing_zero=True)
    assert cells(data, COLUMN)["4717"] == "4.25"  # a mark that somebody gave there
    empty = CANVAS.replace("zek,A,4.25", "zek,A,")
    assert cells(export(own, "canvas", empty)[1], COLUMN)["4717"] == ""
    assert cells(export(own, "canvas", empty, missing_zero=True)[1], COLUMN)["4717"] == "0"
    longer = "accommodations: [{student: zoe, days: 100000}]\n"
    (own / "dates.yaml").write_text((own / "dates.yaml").read_text() + longer)
    assert cells(export(own, "canvas", empty, missing_zero=True)[1], COLUMN)["4717"] == ""


def test_goes_no_mark_and_no_zero_out_for_work_that_is_not_graded_yet(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read_by_a_person(own, **EVERYBODY)
    for who in ("bob", "zoe"):
        folder = own / "submitted" / who / NAME
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{NAME}.ipynb").write_text('{"cells": []}')
    script = own / "submitted" / "lea" / NAME / f"{NAME}.py"  # exported in place of the notebook
    script.parent.mkdir(parents=True)
    script.write_text("x = 1")
    with (own / "students.csv").open("a") as file:
        file.write("lea,Lea,Lund,lea@example.org,4788,guest,s0899\n")
    before = cells(CANVAS.encode(), COLUMN)
    code, data = export(own, "canvas", CANVAS, missing_zero=True)
    said = capsys.readouterr().out
    after = cells(data, COLUMN)
    assert code == 1 and {after[one] == before[one] for one in ("4712", "4717")} == {True}
    assert "handed in anew, and that is not graded yet; run `headcheck grade`: bob" in said
    assert "handed in, but not graded yet; run `headcheck grade`: zoe, lea" in said
    _, data = export(own, "canvas", CANVAS, unfinished=True)
    assert cells(data, COLUMN)["4712"] != before["4712"]  # that of before, as it was asked for
    _, data = export(own, "csv")
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert next(row for row in rows if row["student"] == "zoe")["state"] == "not graded"


def test_goes_nothing_out_of_what_collect_has_taken_back(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wrong zip was graded before anybody saw it: its marks are still in the gradebook."""
    read_by_a_person(own, **EVERYBODY)
    more = own.parent / "wrong"
    (more / "zoe").mkdir(parents=True)
    (more / "zoe" / f"{NAME}.ipynb").write_text('{"cells": []}')
    assert here(own, "collect", str(more)).exit_code == 0
    assert here(own, "collect", "--undo").exit_code == 0
    assert here(own, "collect", "--undo").exit_code == 0  # the first zip, which was graded
    code, data = export(own, "canvas", CANVAS)
    said = capsys.readouterr().out
    assert code == 1 and cells(data, COLUMN) == cells(CANVAS.encode(), COLUMN)
    gone = "what was graded is not in submitted/ any more (taken back by `headcheck collect --undo`, say)"
    assert f"skipped, not final: {gone}: ada, bob, cy, dee, hal, jon" in said
    shutil.copytree(
        next((own / "submitted/.earlier/ada").glob("*/*")), own / "submitted/ada" / NAME
    )
    done = here(own, "feedback", NAME)
    assert "1 page in" in done.output and f"{gone}: bob, cy" in done.output, done.output


def test_is_who_handed_in_a_file_that_can_be_read_at_last_told_apart_from_who_did_not(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def about_hal() -> Todo:
        (found,) = [one for one in todo(Course.open(own)) if "hal" in one.students]
        return found

    assert about_hal().kind == "not-graded"
    file = own / "submitted" / "hal" / NAME / f"{NAME}.ipynb"
    file.parent.rename(own / "aside")  # what was collected by mistake, say
    assert (about_hal().do, "not there any more; collect" in about_hal().text) == ("", True)
    file.parent.mkdir()
    file.write_text('{"cells": []}')
    assert (about_hal().kind, about_hal().do) == ("handed-in", f"headcheck grade {NAME}")
    export(own, "canvas", CANVAS)
    anew = "handed in anew, and that is not graded yet; run `headcheck grade`: hal"
    assert anew in capsys.readouterr().out


def test_gets_nobody_a_zero_whose_mark_stands_under_an_earlier_id(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read_by_a_person(own, **EVERYBODY)
    roster = own / "students.csv"
    roster.write_text(roster.read_text().replace("bob,Bob", "bobby,Bob"))
    code, data = export(own, "canvas", CANVAS, missing_zero=True)
    assert (code, cells(data, COLUMN)["4712"]) == (1, "1.00")
    code, data = export(own, "canvas", CANVAS.replace(",A,1.00,", ",A,,"), missing_zero=True)
    assert (code, cells(data, COLUMN)["4712"]) == (1, "")
    said = capsys.readouterr().out
    assert "no zero while a mark of somebody else has no row: bobby" in said


def test_is_who_got_another_id_one_student_in_moodle(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gradebook has both, with one e-mail: the list says whose it is."""
    read_by_a_person(own, **EVERYBODY)
    roster = own / "students.csv"
    roster.write_text(roster.read_text().replace("bob,Bob", "bobby,Bob"))
    assert export(own, "moodle", MOODLE)[0] == 1
    said = capsys.readouterr().out
    assert "0 ambiguous" in said and "left as it is, nothing handed in: bobby" in said
    assert re.search(r"students who have no row there: .*\bbob\b", said)


def test_is_an_id_that_lost_its_zeros_asked_about(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One student would be two: one with work, one with a name."""
    roster = own / "students.csv"
    other = own / "submitted" / "00123"
    (own / "submitted" / "bob").rename(other)
    roster.write_text(roster.read_text().replace("bob,Bob", "123,Bob"))
    export(own, "canvas", CANVAS, dry_run=True)
    feedback_command(
        Course.open(own),
        [NAME],
        [],
        lms="folders",
        hold_back=False,
        penalty=True,
        to=None,
        dry_run=True,
    )
    said = capsys.readouterr().err
    assert said.count("students.csv has the id 123, the work here is of 00123: two students") == 2


def test_is_it_said_when_marks_go_out_while_somebody_grades(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of the class may have the marks of before; who was killed while grading grades no more."""
    course = Course.open(own)
    with alone(course, wait=False):
        export(own, "csv")
        assert "is grading this course, so marks may be others" in capsys.readouterr().err
    export(own, "csv")
    assert "is grading" not in capsys.readouterr().err
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = {"process": ended.pid, "user": "x", "host": socket.gethostname(), "since": "now"}
    (course.private / "grading.json").write_text(json.dumps(left))
    export(own, "csv")
    assert "is grading" not in capsys.readouterr().err


def test_are_dates_applied_again_before_marks_go_out(own: Path) -> None:
    (own / "dates.yaml").write_text(
        (own / "dates.yaml").read_text()
        + f"extensions: [{{student: ada, lesson: {NAME}, days: 1}}]\n"
    )
    before = (own / "gradebook.db").read_bytes()
    _, data = export(own, "canvas", CANVAS, dry_run=True)
    assert data == b""
    assert (own / "gradebook.db").read_bytes() == before
    _, data = export(own, "canvas", CANVAS)
    assert cells(data, COLUMN)["4711"] == "4.13"  # 4.125; halves of a hundredth go up
    with closing(gradebook(own)) as gb:
        assert gb.find_submission(NAME, "ada").late_submission_penalty == 1.375


def test_is_a_slip_in_the_dates_said_before_marks_go_out(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "dates.yaml").write_text("due: {01-dubble: 2026-11-20 12:00}\n")
    export(own, "csv", dry_run=True)
    feedback_command(
        Course.open(own),
        [],
        [],
        lms="folders",
        hold_back=False,
        penalty=True,
        to=None,
        dry_run=True,
    )
    said = "dates.yaml names the lesson 01-dubble, which this course does not have; did you mean 01-double?"
    assert capsys.readouterr().err.count(said) == 2


def test_is_an_extension_where_nothing_is_due_no_reason_to_fail(own: Path) -> None:
    (own / "dates.yaml").unlink()
    with closing(gradebook(own)) as gb:
        gb.find_assignment(NAME).duedate = None
        gb.find_submission(NAME, "ada").extension = timedelta(days=1)
        gb.db.commit()
    assert cells(export(own, "canvas", CANVAS)[1], COLUMN)["4711"] == "5.5"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("a,b\n1,2\n", "no gradebook of Canvas"),
        (MOODLE, "Is it Moodle's worksheet"),
        (CANVAS.replace(COLUMN, "Homework (90001)"), "did you mean 'Homework"),
        (CANVAS.replace(COLUMN, f"{NAME} (1),{NAME}"), "several columns fit"),
        (CANVAS.replace("6.00,10.00", "(read only),10.00"), "nothing can go there"),
        ('Student,ID,Section,"x\n1,2\n', "line 1: a quote is opened and never closed"),
        (b"PK\x03\x04....", "Excel workbook"),
        # Saved by a spreadsheet: Canvas would take 4.711E+11 for its student number 4.
        (CANVAS.replace(",4711,", ",4.711E+11,"), "template.csv, row 4: ID 4.711E.11 is not what"),
        (CANVAS.replace(",4711,", ",4E+11,"), "row 4: ID 4E.11 is not what the LMS wrote"),
        (CANVAS.replace(",4711,", ",4711.0,"), "row 4: ID 4711.0 is not what the LMS wrote"),
        (CANVAS.replace(",alov,", ",03. Mai,"), "row 4: SIS Login ID 03. Mai is not what"),
        (CANVAS.replace(",s0817,", ",Mar-05,"), "row 6: SIS User ID Mar-05 is not what"),
        (CANVAS.replace(",guest,", ",WAHR,"), "row 11: SIS Login ID WAHR is not what"),
        (CANVAS.replace(",4788,", f",{10**16},"), "row 11: ID 10+ is not what the LMS wrote"),
        ("sep=;\n" + CANVAS.replace(",", ";"), "line 1: it begins with `sep=`"),
        (CANVAS.encode("utf-16-le"), "template.csv, line 1: there are zero bytes"),
        (CANVAS.encode("utf-32"), "template.csv, line 1: there are zero bytes"),
        (
            CANVAS.replace("4711,", "4711,,"),
            "line 4: there are more fields than headings, 10 and 9",
        ),
    ],
)
def test_is_a_template_that_cannot_be_used_refused_with_the_remedy(
    course: Path, template: str | bytes, said: str
) -> None:
    with pytest.raises(CourseError, match=said):
        export(course, "canvas", template)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (NUMBERS.replace("s0815", "4.7E+15"), "row 2: ID number 4.7E.15 is not what"),
        (NUMBERS.replace("s0815", "123456789012345000"), "row 2: ID number 1234567890123450+ is"),
        (MOODLE.replace("ada@example.org", "00:15"), "row 2: Email address 00:15 is not"),
        # Cut off within a row: with and without the end of a line.
        (MOODLE[: MOODLE.index(',"No submission",,')], "row 6: the last one has 3 fields and the"),
        (MOODLE[: MOODLE.index("00,Yes")], "row 2: the last one has 6 fields"),
        (MOODLE[: MOODLE.index(",zoe@")] + "\n", "row 6: the last one has 2 fields and the"),
    ],
)
def test_is_a_worksheet_that_was_changed_on_its_way_refused_and_nothing_lost(
    course: Path, template: str, said: str
) -> None:
    lying_there = course.parent / "out.csv"
    with pytest.raises(CourseError, match=rf"template\.csv, {said}.* Export it from the LMS again"):
        export(course, "moodle", template)
    assert (course.parent / "template.csv").read_text() == template
    assert not lying_there.exists()


@pytest.mark.parametrize(
    ("template", "said"),
    [
        # Of who is not in the class, excused or without a mark of ours; of another assignment.
        (CANVAS.replace("A,2.00,,,", "A,02. Jan,,,"), r"row 11: 01-double \(90001\) 02. Jan is no"),
        (
            CANVAS.replace("A,3,,,", "A,03.01.2026,,,"),
            r"row 8: 01-double \(90001\) 03.01.2026 is no",
        ),
        (
            CANVAS.replace("A,EX,,,", "A,EX,1/2,,"),
            r"row 6: Essay \(90002\) 1/2 is no number of the",
        ),
        (CANVAS.replace("6.00,10.00", "06. Jan,10.00"), r"row 3: 01-double \(90001\) 06. Jan is"),
        (MOODLE.replace(",0.5,6.00,No", ",05. Jan,6.00,No"), "row 5: Grade 05. Jan is no number"),
        (MOODLE.replace(",-,6.00", ",#####,6.00"), "row 4: Grade ##### is no number of the LMS"),
        (MOODLE.replace("0.5,6.00", "0.5,06.01.2026"), "row 5: Maximum grade 06.01.2026 is no"),
    ],
)
def test_is_a_mark_that_a_spreadsheet_made_a_date_of_not_sent_back(
    course: Path, template: str, said: str
) -> None:
    with pytest.raises(CourseError, match=rf"template\.csv, {said}.*Export it from the LMS again"):
        export(course, "moodle" if template.startswith("Identifier") else "canvas", template)


def test_is_a_spoilt_mark_replaced_by_ours_and_a_note_left_alone(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = CANVAS.replace("A,1.00,", "A,01. Jan,").replace(",87.5,87.5", ",3-May,87.5")
    code, data = export(course, "canvas", template)
    assert (code, cells(data, COLUMN)["4712"]) == (1, "3")
    assert "bob 01. Jan -> 3" in capsys.readouterr().out


def test_is_a_mark_by_hand_that_no_question_gives_said(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read_by_a_person(own, ada=-3, bob=99)
    export(own, "csv")
    said = capsys.readouterr().err
    assert "they count as they are: ada why_twice -3 of 2, bob why_twice 99 of 2." in said
    feedback_command(Course.open(own), [NAME], ["bob"], lms="folders", hold_back=False, penalty=True, to=None, dry_run=True)  # fmt: skip
    assert "bob why_twice 99 of 2" in (said := capsys.readouterr().err) and "ada" not in said


@pytest.mark.parametrize("first", ["    Points Possible", "Points Possible", "    Punkte möglich"])
def test_are_the_points_found_where_a_sorted_table_has_them(
    course: Path, capsys: pytest.CaptureFixture[str], first: str
) -> None:
    """Canvas takes the row for the points, wherever it stands, and so for no student."""
    head, posting, points, *rows = CANVAS.splitlines(keepends=True)
    points = points.replace("    Points Possible", first)
    _, data = export(course, "canvas", "".join([head, posting, *rows, points]))
    assert cells(data, COLUMN)["4711"] == "2.75" and cells(data, COLUMN)[""] in ("6.00", "N/A")
    said = capsys.readouterr().out
    assert "does not say how many points" not in said
    assert "there, and not in the class: Guest, Some\n" in said
    others = "".join([head, posting, *rows, points.replace("6.00", "20.00")])
    with pytest.raises(CourseError, match="has 6 points here and 20 in Canvas"):
        export(course, "canvas", others)


def test_is_a_table_without_students_refused(course: Path) -> None:
    nobody = "".join(CANVAS.splitlines(keepends=True)[:3]) + '"Student, Test",4799,,9f3c,A,,,,\n'
    with pytest.raises(CourseError, match=r"template\.csv: no student is in it.* Export Entire"):
        export(course, "canvas", nobody)


def test_is_no_table_made_while_no_mark_goes_out(own: Path) -> None:
    with pytest.raises(CourseError, match=r"no mark of 01-double goes out yet, .*\(not final"):
        export(own, "canvas", students=["hal"])


def test_is_nothing_scaled_to_no_points(course: Path) -> None:
    template = CANVAS.replace("6.00,10.00", "0.00,10.00")
    with pytest.raises(CourseError, match=r"6 points here and none in Canvas.*again\.$"):
        export(course, "canvas", template)
    with pytest.raises(CourseError, match=r"no points in Canvas, so .*; give it points there"):
        export(course, "canvas", template, scale=True)


def test_is_a_login_that_is_like_a_date_taken_from_who_is_in_the_list(own: Path) -> None:
    template = CANVAS.replace(",alov,", ",Mar-05,")
    roster = own / "students.csv"
    roster.write_text(roster.read_text().replace(",alov,", ',="Mar-05",'))
    assert cells(export(own, "canvas", template)[1], COLUMN)["4711"] == "2.75"


def test_is_a_table_that_excel_saved_again_filled_in_all_the_same(course: Path) -> None:
    """Semicolons, decimal commas, numbers without their zeros, Excel's alphabet, or UTF-16 and tabs."""
    saved = io.StringIO()
    rows = list(csv.reader(io.StringIO(CANVAS.replace("s08", "8").replace(".00", ""))))
    rows[2:] = [[cell.replace(".", ",") for cell in row] for row in rows[2:]]
    csv.writer(saved, delimiter=";", lineterminator="\r\n").writerows(rows)
    roster = course / "students.csv"
    before = roster.read_text()
    roster.write_text(before.replace("s08", "008"))
    try:
        for text, encoding, sign in (
            (saved.getvalue(), "cp1252", ";"),
            (saved.getvalue(), "utf-16", "\t"),
        ):
            code, data = export(course, "canvas", text.replace(";", sign).encode(encoding))
            assert code == 1  # hal, as ever
            lines = data.decode(encoding).splitlines()
            assert lines[3].split(sign)[:6] == [
                "Lovelace, Ada",
                "4711",
                "815",
                "alov",
                "A and B",
                "2,75",
            ]
    finally:
        roster.write_text(before)


@pytest.mark.parametrize("words", ["Current Score", "Final Score", "Final Grade", "Override Score"])
def test_is_a_column_that_canvas_drops_for_its_name_refused(course: Path, words: str) -> None:
    name = f"{NAME}, {words} of the term"
    for template in (CANVAS.replace(COLUMN, f'"{name} (90001)"'), ""):
        with pytest.raises(
            CourseError, match=r"Canvas ignores the column .* rename the assignment"
        ):
            export(course, "canvas", template, column=name)


def test_is_a_table_of_another_lms_known_as_that(course: Path) -> None:
    with pytest.raises(CourseError, match="Is it Canvas's gradebook"):
        export(course, "moodle", CANVAS)


@pytest.mark.parametrize(
    ("more", "option"),
    [({"column": "x"}, "--column"), ({"scale": True}, "--scale"), ({}, "--template")],
)
def test_is_nothing_silently_left_out_of_a_table_of_ours(
    course: Path, more: dict[str, Any], option: str
) -> None:
    """`headcheck export --template FILE` without --to would fill nothing in."""
    template = "" if more else CANVAS
    with pytest.raises(CourseError, match=f"{option} is about an LMS's own table"):
        export(course, "csv", template, **more)


def test_is_one_mark_one_mark(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, data = export(course, "canvas", CANVAS)
    export(course, "canvas", data.replace(b"bmue,A,3", b"bmue,A,1"))
    assert "  1 mark filled in, 2 were there already" in capsys.readouterr().out
    assert export(course, "canvas", CANVAS, students=["ada"])[0] == 0
    assert "  1 mark filled in, 0 were there already" in capsys.readouterr().out


def test_does_a_penalty_follow_points_that_came_after_it(own: Path) -> None:
    """Late by two days, so half is lost: of an extra point, too, and of a mark taken down."""
    for extra, given, mark in ((2, None, "3.75"), (0, 0, "1.75")):
        with closing(gradebook(own)) as gb:
            grade = gb.find_grade("test_double", NAME, NAME, "ada")
            grade.extra_credit, grade.manual_score = extra, given
            gb.db.commit()
        assert cells(export(own, "canvas", CANVAS)[1], COLUMN)["4711"] == mark


def test_is_a_number_of_another_assignment_nobodys(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Moodle's numbers are of one assignment; in another worksheet bob has the one that was cy's."""
    opened = Course.open(course)
    kept = manifest_file(opened, NAME).read_bytes()
    manifest = read_manifest(opened, NAME)
    manifest.students["cy"].who["participant"] = "1234502"
    manifest_file(opened, NAME).write_text(manifest.model_dump_json())
    try:
        _, data = export(course, "moodle", MOODLE)
    finally:
        manifest_file(opened, NAME).write_bytes(kept)
    assert cells(data, "Grade", "Identifier")["Participant 1234502"] == "1.00"
    assert (
        "the participant's number is that of cy, but the email is that of bob"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("to", ["canvas", "moodle", "csv"])
def test_is_who_got_a_mark_since_named_until_it_goes_out(own: Path, to: str) -> None:
    """Left out as not read yet; once they were read nothing waited, and they had no mark in the LMS."""
    template = {"canvas": CANVAS, "moodle": MOODLE, "csv": ""}[to]

    def waits() -> list[Todo]:
        return [one for one in todo(Course.open(own)) if one.kind == "outdated"]

    export(own, to, template)
    assert waits() == []
    read_by_a_person(own, bob=2)
    (found,) = waits()
    what = "marks or comments have changed" if to == "csv" else "who had no mark there has one"
    assert found.students == ("bob",) and f"was made, {what} (bob); make it" in found.text
    export(own, to, template)
    assert waits() == []
    read_by_a_person(own, bob=1)
    (found,) = waits()
    assert "marks or comments have changed (bob);" in found.text


def test_is_nothing_forgotten_or_told_for_ever_when_the_course_moves(own: Path) -> None:
    """To another folder or computer: its own table was called changed by hand, and was out of date for ever."""

    def waits(course: Path) -> list[str]:
        return [one.text for one in todo(Course.open(course)) if one.kind == "outdated"]

    assert here(own, "export", NAME).exit_code == 0
    moved = own.rename(own.parent / "moved")
    read_by_a_person(moved, bob=2)
    assert len(waits(moved)) == 1
    done = here(moved, "export", NAME)
    assert "was changed since it was made" not in done.output
    assert waits(moved) == [] and len(list((moved / "outbox").iterdir())) == 1
    (kept,) = (moved / ".headcheck" / "went-out").iterdir()
    kept.rename(kept.with_name("as-an-earlier-version-called-it.json"))
    read_by_a_person(moved, bob=1)
    here(moved, "export", NAME)
    assert waits(moved) == []


def test_is_the_worksheet_of_another_assignment_refused(own: Path) -> None:
    """Its students and points are the same: the marks of one lesson went into another."""
    manifest = read_manifest(Course.open(own), NAME)
    for who, number in (("ada", "1239901"), ("bob", "1239902")):
        manifest.students[who].who["participant"] = number
    manifest_file(Course.open(own), NAME).write_text(manifest.model_dump_json())
    with pytest.raises(CourseError, match=r"template\.csv is the worksheet of another assignment"):
        export(own, "moodle", MOODLE)
    manifest.students["bob"].who["participant"] = "1234502"
    manifest_file(Course.open(own), NAME).write_text(manifest.model_dump_json())
    assert export(own, "moodle", MOODLE)[1]


def test_can_the_column_be_named(course: Path) -> None:
    template = CANVAS.replace(COLUMN, "Homework 1 (90001)")
    for name in ("Homework 1", "Homework 1 (90001)", "90001"):
        _, data = export(course, "canvas", template, column=name)
        assert cells(data, "Homework 1 (90001)")["4711"] == "2.75"
    bad = CANVAS.replace(COLUMN, "Final Score of 1 (90001)")
    with pytest.raises(CourseError, match="Canvas ignores the column"):
        export(course, "canvas", bad, column="Final Score of 1")
    with pytest.raises(CourseError) as error:  # no total: nothing can go there
        export(course, "canvas", template, column="Final")
    assert "did you mean 'Essay (90002)' or 'Homework 1 (90001)'? Name it" in str(error.value)


def test_is_there_a_table_for_canvas_without_a_template(course: Path) -> None:
    code, data = export(course, "canvas")
    assert cells(data, NAME) == {"4711": "2.75", "4712": "3", "4713": "3", "4714": "0", "4716": "6"}
    assert data.startswith(b"Student,ID,SIS User ID,SIS Login ID,Section,")
    assert b'"Lovelace, Ada",4711,s0815,alov,,2.75\n' in data
    assert code == 1  # one mark is not final


def test_is_who_stays_out_named_where_canvas_gave_no_table(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, data = export(own, "canvas")
    said = capsys.readouterr().out
    assert code == 1 and b"Bob" not in data
    assert "7 matched, 0 ambiguous, 0 unmatched, 4 skipped" in said, said
    assert "not final: 1 written answer not read yet: bob, cy, jon" in said
    assert "not final: could not be graded, see the report: hal" in said
    assert "left as it is, nothing handed in: zoe" in said


# ---- Moodle --------------------------------------------------------------------------------------


def test_does_moodle_get_its_worksheet_back(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = read_manifest(Course.open(course), NAME)
    manifest.students["cy"].who["participant"] = (
        "1234503"  # found by collect; the name hides nothing
    )
    manifest_file(Course.open(course), NAME).write_text(manifest.model_dump_json())
    code, data = export(course, "moodle", b"\xef\xbb\xbf" + MOODLE.encode())
    wanted = MOODLE.replace('1 day late",,6.00', '1 day late",2.75,6.00')
    wanted = wanted.replace('grading",1.00,', 'grading",3,').replace('grading",-,', 'grading",3,')
    assert data == b"\xef\xbb\xbf" + wanted.encode()
    said = capsys.readouterr().out
    assert "skipped, locked in Moodle: dee" in said
    assert "unmatched: marks of students who have no row there: jon" in said
    assert "modified more recently in Moodle" in said
    assert code == 1


def test_does_the_worksheet_speak_german(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, data = export(course, "moodle", GERMAN)
    assert data.decode() == GERMAN.replace('Abgegeben,,"6,00"', 'Abgegeben,"2,75","6,00"')
    assert "locked in Moodle: bob" in capsys.readouterr().out


def test_can_the_column_of_the_grades_be_named_in_any_language(course: Path) -> None:
    template = GERMAN.replace("Bewertung,", "Arvosana,", 1).replace("Nein", "Ja")
    with pytest.raises(CourseError, match=r"--grade-column NAME. There are: ID"):
        export(course, "moodle", template)
    _, data = export(course, "moodle", template, column="arvosana")
    assert b'Abgegeben,"2,75","6,00"' in data
    assert b'Abgegeben,"3","6,00"' in data


def test_does_moodle_get_no_mark_over_its_maximum(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read_by_a_person(own, bob=40)
    export(own, "moodle", MOODLE)
    assert "skipped, 41 is over the maximum there, 6: bob" in capsys.readouterr().out


# ---- who is who ----------------------------------------------------------------------------------

CLASS = People(
    [
        Student("lee", "Lee", "Anna", known_as={"canvas": "1", "sis": "007"}),
        Student("anna", "Anna", "Lee", known_as={"canvas": "2"}),
        Student("ada", "Ada", "Lovelace", "ada@example.org", {"login": "alov"}),
        Student("s0815"),
    ],
    {"ada": "99"},
)


@pytest.mark.parametrize(
    ("who", "student"),
    [
        ({"canvas": "1", "name": "Lee, Anna"}, "lee"),
        ({"sis": "7"}, "lee"),
        ({"login": "ALOV", "name": "Somebody"}, "ada"),
        ({"email": "ADA@example.org "}, "ada"),
        ({"participant": "99"}, "ada"),
        ({"name": "Lovelace, Ada"}, "ada"),
        ({"name": "ada lovelace", "canvas": "77"}, "ada"),
        ({"login": "s0815"}, "s0815"),
        ({"name": "Ada Lovelance"}, None),
        ({}, None),
        ({"name": "Anna Lee"}, Several),
        ({"name": "Ada Lovelace", "email": "other@example.org"}, Several),
        ({"canvas": "1", "login": "alov"}, Several),
    ],
)
def test_is_a_row_given_to_the_one_student_it_can_be(who: dict[str, str], student: Any) -> None:
    if student is Several:
        with pytest.raises(Several):
            CLASS.find(who)
    else:
        assert CLASS.find(who) == student


def test_is_a_namesake_ambiguous_and_not_said_to_have_no_row(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The remedy for who has no row would take them out of the course."""
    read_by_a_person(own, **EVERYBODY)
    roster = own / "students.csv"
    lines = roster.read_text().splitlines()
    namesakes = [line.replace("Cy,Chen", "Bob,Müller") for line in lines]
    roster.write_text("\n".join(namesakes) + "\n")
    nameless = CANVAS.replace("4712,s0816,bmue", ",,").replace(
        '"Chen, Cy",4713,s0817,cchen', '"Müller, Bob",,,'
    )
    code, _ = export(own, "canvas", nameless)
    said = capsys.readouterr().out
    assert code == 1
    assert "not filled in, bob and cy are called so: Müller, Bob; Müller, Bob" in said
    assert "no row there" not in said and "not-ours.txt" not in said
    assert (
        "(A number, login or e-mail in students.csv, as the LMS has it, says who is who.)" in said
    )


def test_are_two_rows_of_one_student_nobodys(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = CANVAS.replace('"Guest, Some",4788,,guest', '"Lovelace, A",,,alov')
    code, data = export(course, "canvas", template)
    assert code == 1
    assert "ambiguous, so not filled in, 2 rows fit: ada" in capsys.readouterr().out
    assert "2.75" not in data.decode()


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.234,5", "1234.5"), ("1,5", "1.5"), ("7", "7"), ("-2.50", "-2.50"), ("EX", None)],
)
def test_are_numbers_read_as_canvas_reads_them(text: str, number: str | None) -> None:
    assert str(as_number(text)) == str(number)


def test_is_any_table_the_same_when_nothing_is_put_in(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    for text in ('a,"b""c",\r\n"x\ny",=1,2', 'a;b\n\n"";"q" r;\n', "a\tb\rc\td\r", "ä,ö"):
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1"):
            file.write_bytes(text.encode(encoding))
            assert read_sheet(file).to_bytes() == file.read_bytes()


# ---- ours ----------------------------------------------------------------------------------------


def test_does_the_long_table_hold_every_question_and_no_formula(own: Path) -> None:
    with closing(gradebook(own)) as gb:
        comment = gb.find_comment("why_twice", NAME, NAME, "ada")
        comment.manual_comment = '=HYPERLINK("http://x";"y")'
        gb.db.commit()
    roster = own / "students.csv"
    roster.write_text(roster.read_text().replace("Bob,Müller", "@Bob,-2+3"))
    code, data = export(own, "csv")
    assert code == 0
    assert data.startswith(b"\xef\xbb\xbf"), "Excel takes it for another alphabet"
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == 6 * 4 + 1
    ada = {row["question"]: row for row in rows if row["student"] == "ada"}
    assert ada["why_twice"]["by_hand"] == "1.5"
    assert ada["why_twice"]["comment"].startswith("'=HYPERLINK")
    assert {
        (r["mark"], r["points"], r["late_penalty"], r["seconds_late"]) for r in ada.values()
    } == {("2.75", "5.5", "2.75", "169200")}
    bob = next(row for row in rows if row["student"] == "bob")
    assert (bob["first_name"], bob["last_name"]) == ("'@Bob", "'-2+3")
    assert (bob["question"], bob["outcome"], bob["state"]) == ("test_double", "failed", "not final")
    hal = next(row for row in rows if row["student"] == "hal")
    assert (hal["state"], hal["mark"]) == ("not graded", "")
    zoe = next(row for row in rows if row["student"] == "zoe")
    assert (zoe["state"], zoe["mark"], zoe["question"]) == ("not handed in", "", "")
    assert "Tapir7.ipynb" in next(row for row in rows if row["student"] == "jon")["notes"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_does_no_spreadsheet_run_what_a_text_begins_with(text: str) -> None:
    assert spreadsheet(text)[0] not in "=+-@\t\r\n"


def test_does_gradescope_get_results_that_students_may_read(course: Path) -> None:
    request = Request(to="gradescope", assignments=[NAME])
    assert export_command(Course.open(course), request) == 0
    folder = course / "outbox" / f"gradescope-{NAME}"
    found = {path.parent.name: path.read_text() for path in folder.glob("*/results.json")}
    assert set(found) == {"ada", "bob", "cy", "dee", "hal", "jon"}
    text = "".join(found.values())
    assert not [secret for secret in (*SECRETS, *PATHS) if secret in text]
    bob = json.loads(found["bob"])
    assert bob["score"] == 3
    first = bob["tests"][0]
    assert first["name"] == "double"
    assert (first["score"], first["max_score"], first["status"]) == (0, 2, "failed")
    assert (first["visibility"], first["tags"]) == ("after_published", ["failed"])
    assert "a hidden check: other numbers" in first["output"]
    assert [test["visibility"] for test in bob["tests"][1:3]] == ["visible", "visible"]
    assert json.loads(found["ada"])["score"] == 2.75
    hal = json.loads(found["hal"])
    assert "score" not in hal
    assert all("score" not in test for test in hal["tests"])


# ---- the command line ----------------------------------------------------------------------------


def test_is_an_unknown_student_asked_about(course: Path) -> None:
    for command in ("export", "feedback"):
        done = headcheck(course, command, NAME, "--student", "adda")
        assert (done.returncode, done.stdout) == (2, "")
        assert "no student 'adda' in this course; did you mean ada?" in done.stderr


def test_does_the_command_line_fill_in_the_template(course: Path) -> None:
    (course / "Grades.csv").write_text(CANVAS)
    done = headcheck(course, "export", "--to", "canvas", "--template", "Grades.csv")
    assert done.returncode == 1, done.stderr
    assert "3 marks filled in" in done.stdout
    done = headcheck(course, "export", "--to", "canvas", "--template", "Grades.csv", "--dry-run")
    assert "3 marks to fill in" in done.stdout
    assert cells((course / "outbox" / "canvas-Grades.csv").read_bytes(), COLUMN)["4711"] == "2.75"
    assert (course / "Grades.csv").read_text() == CANVAS
