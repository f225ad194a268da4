"""`headcheck samples`: does every sample submission of a course get the marks that it should?

The course is copied, every sample of `tests/` (docs/authoring.md) is handed in there by a student of
its own, and graded as a student's is. The course itself is only read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from headcheck.authoring.demo import copy_of_the_course
from headcheck.authoring.release import reference
from headcheck.authoring.samples import Sample, compose, read_folder
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import Course, CourseError, Lesson
from headcheck.course.files import write_whole
from headcheck.grading.classroom import Classroom
from headcheck.grading.find import find_submissions
from headcheck.grading.pool import open_pool
from headcheck.grading.record import Record

FOLDERS = ("class", "variants", "mutants", "exploits")


def samples_of(course: Course, names: Sequence[str] = ()) -> dict[str, Sample]:
    """The sample submissions of a course by the student who hands them in: `mutants-in_place`."""
    found: dict[str, Sample] = {}
    for kind in FOLDERS:
        folder = course.root / "tests" / kind
        for sample in read_folder(folder) if folder.is_dir() else ():
            if not names or sample.lesson in names:
                student = "-".join([kind, *sample.path.relative_to(folder).with_suffix("").parts])
                found[student] = sample
    return found


def wrong_marks(
    course: Course, lessons: Sequence[Lesson], *, jobs: int | None, say: Callable[[str], None]
) -> list[str]:
    """Grade every sample of these lessons in a copy; a sentence for each mark that is wrong.

    Raises `CourseError` where there is none, where one cannot be read, or this machine cannot grade.
    """
    samples = samples_of(course, [lesson.name for lesson in lessons])
    if not samples:
        raise CourseError(
            f"{course.root / 'tests'} has no sample submissions of these lessons; docs/authoring.md "
            "says how one is written."
        )
    with (
        tempfile.TemporaryDirectory(prefix="headcheck-samples-") as place,
        closing(open_pool("isolated", course, jobs)) as pool,
    ):
        copy = copy_of_the_course(course, Path(place) / "course", say=lambda _: None)
        for student, sample in samples.items():
            for name, data in compose(sample, copy).items():
                write_whole(copy.root / "submitted" / student / sample.lesson / name, data)
        submissions, _ = find_submissions(copy)
        wrong: list[str] = []
        with closing(Classroom(copy, submissions)) as classroom:
            for done in classroom.rehearse(pool):
                sample = samples[done.record.student]
                told = list(wrong_in(sample, done.record, _points(copy, sample.lesson)))
                where = sample.path.relative_to(course.root)
                say(f"{where}: {'WRONG' if told else 'as it should be'} ({sample.what})")
                wrong += [f"{where}: {text}" for text in told]
    return wrong


def _points(course: Course, lesson: str) -> dict[str, float]:
    cells = reference(Lesson(course, lesson)).cells
    return {
        str(grade_id_of(cell)): float(cell.metadata["nbgrader"]["points"])
        for cell in cells
        if role_of(cell) == "check"
    }


def wrong_in(sample: Sample, record: Record, points: Mapping[str, float]) -> list[str]:
    """What of a graded sample is not as its header says."""
    expected = sample.expected(points)
    wrong = []
    for cell in record.cells:
        if abs(cell.score - expected[cell.grade_id]) > 1e-9:
            wrong.append(
                f"{cell.grade_id} gets {cell.score:g} of {cell.max_score:g} points, and should get "
                f"{expected[cell.grade_id]:g}; the check said: {' '.join(cell.message.split()) or 'nothing'}."
            )
        elif cell.outcome == "grader-error":
            wrong.append(f"{cell.grade_id}: the grader failed: {cell.detail.strip()[-300:]}.")
    said = sample.header.get("says")
    if said and not any(str(said) in " ".join(cell.message.split()) for cell in record.cells):
        wrong.append(f"no message says {str(said)!r}.")
    return wrong
