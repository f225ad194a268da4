"""Can a teaching assistant say, once and for all, that somebody is not of the course any more?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hours import in_turn
from lms_class import copy_of, read_by_a_person
from marked_course import NAME, hand_in, here, marked_course
from tiny_course import headcheck

from headcheck.course.directory import Course, CourseError
from headcheck.course.not_ours import NOT_OURS, not_ours
from headcheck.desk.todo import todo

ROSTER = "id,first_name,last_name\nada,Ada,Lovelace\npetr,Petr,Novák\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    made = marked_course(tmp_path / "course", 0)
    (made / "students.csv").write_text(ROSTER, encoding="utf-8")
    return made


def download(folder: Path, *names: str) -> Path:
    place = folder / "submissions"
    place.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        (place / f"{name}_{4711 + number}_{90210 + number}_{NAME}.ipynb").write_text("{}")
    return place


def unplaced(course: Path) -> list[str]:
    return [one.text for one in todo(Course.open(course)) if one.kind == "unplaced"]


def test_does_who_left_stop_being_named_and_come_back_when_the_line_goes(
    course: Path, tmp_path: Path
) -> None:
    place = download(tmp_path, "lovelaceada", "nobodyatall", "studenttest")
    first = here(course, "collect", str(place))
    assert first.exit_code == 1 and NOT_OURS in first.output
    list_ = course / NOT_OURS
    list_.write_text("# who is gone\nNobodyAtAll   # left in October\n")
    assert ["nobodyatall" in text for text in unplaced(course)] == [False]
    assert "studenttest" in unplaced(course)[0]
    list_.write_text("nobodyatall\nstudenttest: nobody of students.csv\n")  # as todo says it
    assert not unplaced(course)
    again = here(course, "collect", str(place), "--json", str(tmp_path / "plan.json"))
    assert again.exit_code == 0, again.output
    assert f"Left alone, as {NOT_OURS} says: nobodyatall, studenttest" in again.output
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert [one["label"] for one in plan["not_ours"]] == ["nobodyatall", "studenttest"]
    assert not plan["unmatched"] and not unplaced(course)
    list_.unlink()
    assert "2 of what was handed in had no place" in unplaced(course)[0]


def test_is_a_student_of_the_list_who_left_not_taken_and_whoever_is_called_so_taken(
    course: Path, tmp_path: Path
) -> None:
    (course / NOT_OURS).write_text("petr\nlovelaceada\n")
    done = here(course, "collect", str(download(tmp_path, "lovelaceada", "novákpetr")))
    assert done.exit_code == 0, done.output
    assert f"Left alone, as {NOT_OURS} says: petr" in done.output
    assert "of the class" not in done.output  # nobody is missing
    submitted = [path.name for path in (course / "submitted").glob("[!.]*")]
    assert submitted == ["ada"]  # who has a line in students.csv is in the course


def test_is_a_file_of_somebody_that_is_nobodys_business_no_reason_to_lose_the_rest(
    course: Path, tmp_path: Path
) -> None:
    place = download(tmp_path, "lovelaceada")
    (place / "readme of the TA.txt").write_text("-")
    (place / "lovelaceada_4711_90219_timestamp.txt").write_text("2020-01-01")
    first = here(course, "collect", str(place))
    assert first.exit_code == 1 and "readme of the TA.txt: its name is" in first.output
    assert "ada: timestamp.txt: a student cannot say when it arrived" in first.output
    (line,) = unplaced(course)
    assert "timestamp" not in line and "readme of the TA.txt" in line
    lines = "ada: timestamp.txt: a student cannot say\nreadme of the TA.txt: its name is not like the others\n"
    (course / NOT_OURS).write_text(lines)
    assert not unplaced(course)
    again = here(course, "collect", str(place))
    assert again.exit_code == 0 and "1 matched" in again.output, again.output


def test_does_nothing_wait_of_who_left_and_is_all_of_it_still_there(
    course: Path,
) -> None:
    from contextlib import closing

    from headcheck.grading.gradebook import ClassGradebook

    with closing(ClassGradebook(Course.open(course))) as gradebook:
        hand_in(gradebook, "petr", "Because.")
    assert [one.kind for one in todo(Course.open(course))] == ["written"]
    (course / NOT_OURS).write_text("petr\n")
    assert not todo(Course.open(course))
    assert (course / "submitted" / "petr" / NAME / f"{NAME}.ipynb").exists()


@in_turn
def test_does_a_mark_of_who_left_go_nowhere_but_when_asked_for(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """The LMS has no row of theirs: that was an error for ever."""
    course = copy_of(tmp_path_factory)(tmp_path)
    read_by_a_person(course, bob=1, cy=1, jon=1)
    template = tmp_path / "Grades.csv"
    rows = {"ada": 4711, "cy": 4713, "dee": 4714, "jon": 4716, "zoe": 4717}
    lines = [f"{name},{number},,A," for name, number in rows.items()]
    head = f"Student,ID,SIS Login ID,Section,{NAME} (90001)\n    Points Possible,,,,6\n"
    template.write_text(head + "\n".join(lines) + "\n")
    export = ("export", NAME, "--to", "canvas", "--template", str(template))
    before = headcheck(course, *export)
    assert "who have no row there: bob" in before.stdout
    (course / NOT_OURS).write_text("bob\nhal\n")
    after = headcheck(course, *export)
    assert (after.returncode, "bob, hal" in after.stdout) == (0, True), after.stdout
    assert "who have no row there" not in after.stdout
    pages = headcheck(course, "feedback", NAME, "--for", "canvas")
    assert f"Left out, as {NOT_OURS} says: bob, hal" in pages.stdout and "4 pages" in pages.stdout
    asked = headcheck(course, "feedback", NAME, "--for", "canvas", "--student", "bob")
    assert "1 page" in asked.stdout, asked.stdout


@pytest.mark.parametrize("name", ["Not-Ours.txt", "not-ours.txt.txt", "not_ours.txt"])
def test_is_a_list_of_nearly_that_name_said(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("petr\n")
    with pytest.raises(CourseError, match=r"call it not-ours\.txt"):
        not_ours(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("petr", ""),
        ('"Petr"  # a spreadsheet wrote it', ""),
        ("ada, petr", "'ada, petr' leaves nobody of students.csv out; if it means ada, write ada"),
        ("petr - left in May", "if it means petr, write petr alone"),
        ("petr;left", "if it means petr, write petr alone"),
        ("Novák, Petr", "if it means petr, write petr alone"),
        ("Petr Novak", "if it means petr, write petr alone"),
        ("petra", ""),  # somebody else
        ("nobody, petr", ""),
    ],
)
def test_is_a_line_that_leaves_nobody_out_said_where_it_may_be_meant_to(
    course: Path, tmp_path: Path, line: str, said: str
) -> None:
    """Zeros and pages would go out to who has left, and nothing would say so."""
    (course / NOT_OURS).write_text(f"{line}\n")
    done = here(course, "collect", str(download(tmp_path, "lovelaceada")), "--dry-run")
    assert said in done.output and ("if it means" in done.output) == bool(said)
    left = (said or "if it means") not in done.output and "petr" in not_ours(course)
    assert left == (line in ("petr", '"Petr"  # a spreadsheet wrote it'))


def test_is_it_read_as_windows_writes_it(tmp_path: Path) -> None:
    (tmp_path / NOT_OURS).write_bytes("Zoë\r\nbjörn\r\n".encode("utf-16"))
    assert "zoë" in not_ours(tmp_path) and not_ours(tmp_path).says("Björn: nobody")
    assert "zo" not in not_ours(tmp_path)


def test_is_nobody_of_the_class_said_to_have_left_for_a_notebook_of_another_name(
    course: Path, tmp_path: Path
) -> None:
    """An id in that list would take all their work away."""
    place = download(tmp_path, "lovelaceada")
    (place / "novákpetr_4712_90211_homework.ipynb").write_text("{}")
    (place / "novákpetr_4712_text.html").write_text("<p>See my other file.</p>")
    done = here(course, "collect", str(place))
    assert "which lesson is it? (homework.ipynb)" in done.output and NOT_OURS not in done.output
    typed = "1 file is no submission: submissions/novákpetr_4712_text.html: text typed into Canvas"
    assert typed.replace("submissions/", "") in done.output
