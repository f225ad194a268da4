"""Do due dates, extensions and the late rule of dates.yaml reach the marks, whenever they change?"""

from __future__ import annotations

import shutil
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from hours import in_turn
from nbgrader.api import Gradebook
from tiny_course import NAME, headcheck, make_course

from headcheck.course.dates import Dates, Late, read_dates, unknown_names
from headcheck.course.directory import Course, CourseError
from headcheck.desk.unknown_names import warn_of_unknown_names

DUE = datetime(2026, 11, 20, 22, 59)  # 23:59 in Berlin


def dates(**more: object) -> Dates:
    return Dates.model_validate(
        {"timezone": "Europe/Berlin", "due": {NAME: datetime(2026, 11, 20, 23, 59)}, **more}
    )


def test_a_due_date_is_of_its_time_zone() -> None:
    assert dates().due_utc(NAME) == DUE


@pytest.mark.parametrize(
    ("seconds", "share"), [(0, 0), (1, 0.1), (86_400, 0.1), (86_401, 0.2), (9e9, 1.0)]
)
def test_each_day_begun_costs(seconds: float, share: float) -> None:
    assert Late(per_day="10%", most=0.5, after_days=7).lost(seconds) == pytest.approx(share)
    assert Late(per_day=0.1, most="50%").lost(9e9) == 0.5


def test_the_longest_that_is_granted_counts_and_not_the_sum() -> None:
    found = dates(
        extensions=[
            {"student": "ada", "lesson": NAME, "days": 2},
            {"student": "bob", "lesson": NAME, "until": datetime(2026, 11, 21, 23, 59)},
        ],
        accommodations=[{"student": "ada", "days": 3}, {"student": "eve", "hours": 5}],
    )
    longer = {who: found.longer(who, NAME) for who in ("ada", "bob", "eve", "zed")}
    assert longer == {
        "ada": timedelta(days=3),
        "bob": timedelta(days=1),
        "eve": timedelta(hours=5),
        "zed": timedelta(),
    }


@pytest.mark.parametrize(
    ("day", "hours"),
    [(24, 49), (20, 48)],  # with the 25 hours of the 25th, and without
)
def test_is_two_days_longer_the_same_time_two_days_later(day: int, hours: int) -> None:
    found = dates(
        due={NAME: datetime(2026, 10, day, 23, 59)},
        extensions=[{"student": "ada", "lesson": NAME, "days": 2}],
        accommodations=[{"student": "eve", "days": 2}],
    )
    assert {found.longer(who, NAME) for who in ("ada", "eve")} == {timedelta(hours=hours)}
    spring = dates(due={NAME: datetime(2026, 3, 28, 23, 59)}, accommodations=[EVE])
    assert spring.longer("eve", NAME) == timedelta(days=2)  # never less than was said


EVE = {"student": "eve", "days": 2}


def test_is_an_extension_that_ends_before_the_work_is_due_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = Course.open(make_course(tmp_path / "course"))
    slip = {"student": "ada", "lesson": NAME, "until": datetime(2026, 10, 25, 23, 59)}
    warn_of_unknown_names(course, dates(extensions=[slip]), {"ada"})
    assert "gives ada until 2026-10-25 23:59 for 01-double" in capsys.readouterr().err


@pytest.mark.parametrize(("minutes", "extension"), [(-5, 0), (5, 10), (10, 10), (11, 0)])
def test_grace_is_only_for_who_needs_no_more(minutes: int, extension: int) -> None:
    found = dates(grace_minutes=10).extension("ada", NAME, DUE + timedelta(minutes=minutes))
    assert found == timedelta(minutes=extension)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("due: {x: soon}", "due > x"),
        ("due: {x: 2026-11-20 23:59 +01:00}", "no day and time that can be read; write 2026"),
        ("late: {per_day: 200%}", "late > per_day: write a share .* such as 10%"),
        ("late: {per_day: ten}", "late > per_day: write a share .* such as 10%"),
        ("due", "dates.yaml: it has to say what is due, and when."),
        ("extensions:\n- {student: a, lesson: b}", "say either `until`"),
        ("timezone: Berlin", "write Europe/Berlin"),
        ("dues: {}", "dues"),
        ("due: [", r"as YAML \(.* in line 1, column 7"),
        # In pydantic's words, and without a line: a valid dictionary, an extra input, place 0.
        (
            "due: {x: 2026-11-20 12:00}\nextensions:\n- {student: a, lesson: b, day: 2}",
            "line 3, .* mean days?",
        ),
        ("extension: []", r"line 1, extension: nothing is called so .* did you mean extensions\? "),
        (
            "\ndue:\n  x:2026-11-20 12:00",
            "line 2, due: names belong here, each with a colon, a blank",
        ),
        ("extensions:\n  student: a", "line 1, extensions: a list belongs here"),
        ("extensions: [{lesson: b, days: 2}]", "number 1 > student: this is missing"),
        (
            "extensions: [{student: [a, b], lesson: b, days: 2}]",
            "name one student; each has an entry",
        ),
        ("extensions: [{student: a, lesson: b, days: 2d}]", "'2d' is no number"),
        ("extensions: [{student: a, lesson: b, days: 2,5}]", "with a point: 2.5"),
        ("extensions: [{student: a, lesson: 05, days: 2}]", "lesson: write it in quotes; .* as 5"),
        ("grace_minutes: -5", "grace_minutes: -5 is too little; at least 0"),
        ("due:\n\tx: 2026-11-20 12:00", "that is a tab"),
        # Each of these was read, as something else than was meant, or ended in a traceback.
        ("due: {x: 2026-11-20}", "due > x: write day and time"),
        ("due: {x: 24:00}", "due > x: write day and time"),
        ("due: {x: 2026-13-01}", "a date that does not exist"),
        ("due: {x: 0001-01-01 00:00}", "the year 1 is none"),
        ("due: {x: 9999-12-31 23:59}", "the year 9999 is none"),
        ("grace_minutes: .inf", "grace_minutes"),
        ("accommodations: [{student: a, days: 1e12}]", "accommodations > number 1 > days"),
        # 83, not 00123: it was refused as no string, without a word about what to write.
        ("accommodations: [{student: 00123, days: 1}]", r'in quotes, "00123"; .* reads it as 83'),
        ("due: {x: 2026-11-20 12:00, x: 2026-11-30 12:00}", "`x` stands there twice"),
        ("extensions:\n- {student: a, lesson: b, days: 1}\nextensions: []", "stands there twice"),
    ],
)
def test_a_wrong_file_names_the_place(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "dates.yaml").write_text(text)
    with pytest.raises(CourseError, match=sentence):
        read_dates(tmp_path)


@pytest.mark.parametrize("name", ["dates.yml", "Dates.yaml", "dates.yaml.txt", "dates.yaml.yaml"])
def test_is_a_file_that_nobody_would_read_named(tmp_path: Path, name: str) -> None:
    assert read_dates(tmp_path) is None
    (tmp_path / name).write_text("timezone: UTC")
    with pytest.raises(CourseError, match=rf"{name} is not read, .* call it dates\.yaml"):
        read_dates(tmp_path)
    (tmp_path / "dates.yaml").write_text("timezone: UTC")
    assert read_dates(tmp_path) is not None


def test_is_another_encoding_named(tmp_path: Path) -> None:
    (tmp_path / "dates.yaml").write_text("timezone: UTC", encoding="utf-16")
    with pytest.raises(CourseError, match=r"dates\.yaml is no text in UTF-8; save it"):
        read_dates(tmp_path)


@pytest.mark.parametrize(
    ("due", "utc"),
    [
        ("2026-10-25 02:30", datetime(2026, 10, 25, 1, 30)),  # twice
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 30)),  # never
        ("2026-10-25 02:30+02:00", datetime(2026, 10, 25, 0, 30)),  # said which
    ],
)
def test_is_nobody_late_by_the_hour_that_the_clock_changes(due: str, utc: datetime) -> None:
    dates = Dates.model_validate({"timezone": "Europe/Berlin", "due": {"x": due}})
    assert dates.due_utc("x") == utc


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_is_a_name_the_same_however_its_letters_are_made(form: Literal["NFC", "NFD"]) -> None:
    """A file that was written on a Mac, and ids that were not (or the other way round)."""
    other = {"NFC": "NFD", "NFD": "NFC"}[form]
    written, known = unicodedata.normalize(form, "jörg"), unicodedata.normalize(other, "jörg")
    dates = Dates.model_validate({"accommodations": [{"student": written, "days": 2}]})
    assert dates.longer(known, "x") == timedelta(days=2)
    assert unknown_names(dates, set(), {known}) == []


# ---- through the command line ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def late_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two submissions, both right, two days and an hour late; a third student handed in nothing."""
    course = make_course(tmp_path_factory.mktemp("dates") / "course")
    assert headcheck(course, "build", "--no-verify").returncode == 0
    (course / "students.csv").write_text("id,first_name\nada,Ada\nbob,Bob\nzoe,Zoe\n")
    reference = course / "source" / NAME / f"{NAME}.ipynb"
    for student in ("ada", "bob"):
        folder = course / "submitted" / student / NAME
        folder.mkdir(parents=True)
        shutil.copy(reference, folder)
        (folder / "timestamp.txt").write_text("2026-11-22 23:59:00 UTC")
    return course


def grade(course: Path, text: str) -> tuple[str, dict[str, float]]:
    (course / "dates.yaml").write_text(text)
    done = headcheck(course, "grade", "--engine", "nbgrader")
    assert done.returncode == 0, done.stdout + done.stderr
    with Gradebook(f"sqlite:///{course}/gradebook.db", "body-and-head") as gradebook:
        scores = {
            s.student.id: s.score - (s.late_submission_penalty or 0.0)
            for s in gradebook.assignment_submissions(NAME)
        }
    return done.stdout + done.stderr, scores


@in_turn
def test_every_change_of_the_file_counts_at_the_next_grading(late_class: Path) -> None:
    due = f"due: {{{NAME}: 2026-11-20 23:59}}\n"
    said, scores = grade(late_class, due)
    assert scores == {"ada": 4.0, "bob": 4.0}, said  # late costs nothing yet
    assert "zoe" in said
    rule = f"{due}late: {{per_day: 25%}}\n"
    said, scores = grade(late_class, rule)
    assert scores == {"ada": 2.0, "bob": 2.0}, said  # two days late
    assert "did not change and were not graded again" in said
    ada = f"extensions: [{{student: ada, lesson: {NAME}, days: 1}}, {{student: nobody, lesson: x, days: 1}}]"
    said, scores = grade(late_class, rule + ada)
    assert scores == {"ada": 3.0, "bob": 2.0}, said
    assert "names the student nobody" in said
    said, scores = grade(late_class, rule)
    assert scores == {"ada": 2.0, "bob": 2.0}, said  # two days late


def test_who_handed_in_nothing_has_no_row_that_lowers_an_average(late_class: Path) -> None:
    text = f"due: {{{NAME}: 2026-11-20 23:59}}\naccommodations: [{{student: zoe, days: 3}}]\n"
    _, scores = grade(late_class, text)
    assert "zoe" not in scores
    with Gradebook(f"sqlite:///{late_class}/gradebook.db", "body-and-head") as gradebook:
        assert gradebook.find_student("zoe").first_name == "Zoe"
